// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.spi.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstFileReader;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * RocksDB as this engine uses it. Writing is for the writer thread, syncing for the syncer, reading
 * for any thread; nothing may be called after {@link #close}.
 */
final class Store implements Disk {
  /**
   * By level. What has just been flushed is consumed soon or rewritten soon: compressing it costs
   * more than writing it. What stays is compressed when it moves down.
   */
  private static final List<CompressionType> COMPRESSION =
      List.of(CompressionType.NO_COMPRESSION, CompressionType.LZ4_COMPRESSION);

  private static final List<String> FAMILIES =
      List.of("meta", "queue", "log", "delayed", "expiry", "position", "index", "kv");
  private static final long MIB = 1 << 20;

  private final RocksDB db;
  private final List<ColumnFamilyHandle> handles;
  private final Map<String, Family> families = new HashMap<>();
  private final WriteOptions writeOptions = new WriteOptions();
  private final Deque<AbstractNativeReference> owned = new ArrayDeque<>();

  private volatile @Nullable Tallies tallies;

  final Family meta;
  final Family queue;
  final Family log;
  final Family delayed;
  final Family expiry;
  final Family position;
  final Family index;
  final Family keys;

  private Store(RocksDB db, List<ColumnFamilyHandle> handles, Deque<AbstractNativeReference> owned)
      throws RocksDBException {
    this.db = db;
    this.handles = List.copyOf(handles);
    this.owned.addAll(owned);
    for (ColumnFamilyHandle handle : handles) {
      String name = new String(handle.getName(), StandardCharsets.UTF_8);
      families.put(name, new Family(name, handle.getID(), handle));
    }
    meta = family("meta");
    queue = family("queue");
    log = family("log");
    delayed = family("delayed");
    expiry = family("expiry");
    position = family("position");
    index = family("index");
    keys = family("kv");
  }

  static Store open(Path path, EmbeddedOptions options) throws EngineException {
    // From java.library.path when it was unpacked there, else from the jar by a temporary file.
    RocksDB.loadLibrary();
    Deque<AbstractNativeReference> owned = new ArrayDeque<>();
    try {
      Files.createDirectories(path);
      Cache cache = cache(options, owned);
      WriteBufferManager memtables =
          own(owned, new WriteBufferManager(options.memtableBytes(), cache));
      DBOptions dbOptions = own(owned, dbOptions(options, memtables));
      ColumnFamilyOptions familyOptions = familyOptions(options, cache, owned);
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db =
          RocksDB.open(dbOptions, path.toString(), descriptors(familyOptions, FAMILIES), handles);
      return new Store(db, handles, owned);
    } catch (RocksDBException e) {
      owned.descendingIterator().forEachRemaining(AbstractNativeReference::close);
      throw new EngineException(explain(path, e), e);
    } catch (IOException e) {
      throw new EngineException("cannot make " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a store for reading in which files may be unreadable; reading them then fails. RocksDB
   * looks at neither sizes nor contents of the files while opening.
   */
  static Store openDamaged(Path path, EmbeddedOptions options) throws RocksDBException {
    RocksDB.loadLibrary();
    Deque<AbstractNativeReference> owned = new ArrayDeque<>();
    try {
      Cache cache = cache(options, owned);
      WriteBufferManager memtables =
          own(owned, new WriteBufferManager(options.memtableBytes(), cache));
      DBOptions dbOptions =
          own(
              owned,
              dbOptions(options, memtables)
                  .setParanoidChecks(false)
                  .setSkipCheckingSstFileSizesOnDbOpen(true));
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db =
          RocksDB.openReadOnly(
              dbOptions,
              path.toString(),
              descriptors(familyOptions(options, cache, owned), there(path)),
              handles);
      return new Store(db, handles, owned);
    } catch (RocksDBException e) {
      owned.descendingIterator().forEachRemaining(AbstractNativeReference::close);
      throw e;
    }
  }

  // A store that was not opened since a family was added does not have it, and gets it when it is
  // opened for writing.
  private static List<String> there(Path path) throws RocksDBException {
    try (Options options = new Options()) {
      List<String> names =
          RocksDB.listColumnFamilies(options, path.toString()).stream()
              .map(name -> new String(name, StandardCharsets.UTF_8))
              .toList();
      return FAMILIES.stream().filter(names::contains).toList();
    }
  }

  /** The names of the table files that the store consists of. */
  List<String> tables() {
    return db.getLiveFilesMetaData().stream()
        .map(table -> table.fileName().replace("/", ""))
        .sorted()
        .toList();
  }

  /** Reads a whole table file; throws when a block of it is damaged. */
  static void verifyTable(Path file) throws RocksDBException {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(file.toString());
      reader.verifyChecksum();
    }
  }

  @Override
  public void write(Batch batch) throws RocksDBException {
    try (WriteBatch nativeBatch = new WriteBatch(batch.toArray())) {
      db.write(writeOptions, nativeBatch);
    }
  }

  @Override
  public void sync() throws RocksDBException {
    db.syncWal();
  }

  @Override
  public long sequence() {
    return db.getLatestSequenceNumber();
  }

  /** Where to take down what is safe; before anything is synced. */
  void account(Tallies account) {
    tallies = account;
  }

  @Override
  public void safe(List<Tallies.Channel> changed, long sequence) {
    Tallies account = tallies;
    if (account != null) {
      changed.forEach(account::put);
      account.safe(sequence);
    }
  }

  byte @Nullable [] get(Family family, byte[] key) throws RocksDBException {
    ColumnFamilyHandle handle = family.handle();
    return handle == null ? null : db.get(handle, key);
  }

  /**
   * Reads the beginning of a value.
   *
   * @param into as much as wanted, and as there is
   * @return the length of the whole value; -1 when there is none
   */
  int head(Family family, byte[] key, byte[] into) throws RocksDBException {
    ColumnFamilyHandle handle = family.handle();
    return handle == null ? RocksDB.NOT_FOUND : db.get(handle, key, into);
  }

  /** What to do with each key and value of a scan; false ends it. */
  interface Visitor {
    boolean visit(byte[] key, byte[] value);
  }

  /**
   * Visits keys from one up to, not including, another, as they are at the time of the call.
   *
   * @throws RocksDBException when the store is damaged; what was visited before is sound
   */
  void scan(Family family, byte[] from, byte[] to, Visitor visitor) throws RocksDBException {
    ColumnFamilyHandle handle = family.handle();
    if (handle == null) {
      return;
    }
    try (Slice end = new Slice(to);
        ReadOptions read = new ReadOptions().setIterateUpperBound(end);
        RocksIterator iterator = db.newIterator(handle, read)) {
      for (iterator.seek(from); iterator.isValid(); iterator.next()) {
        if (!visitor.visit(iterator.key(), iterator.value())) {
          return;
        }
      }
      iterator.status();
    }
  }

  /** Keys and values between two keys, from the last to the first, or from any to any. */
  final class Walk implements AutoCloseable {
    private final ReadOptions read;
    private final Slice begin;
    private final Slice end;
    private final RocksIterator iterator;

    private Walk(Family family, byte[] from, byte[] to) {
      begin = new Slice(from);
      end = new Slice(to);
      read = new ReadOptions().setIterateLowerBound(begin).setIterateUpperBound(end);
      iterator = db.newIterator(family.open(), read);
    }

    /** Goes to the first at or after a key; false when there is none. */
    boolean seek(byte[] key) throws RocksDBException {
      iterator.seek(key);
      return there();
    }

    /** Goes to the last at or before a key; false when there is none. */
    boolean seekBack(byte[] key) throws RocksDBException {
      iterator.seekForPrev(key);
      return there();
    }

    boolean next() throws RocksDBException {
      iterator.next();
      return there();
    }

    boolean back() throws RocksDBException {
      iterator.prev();
      return there();
    }

    byte[] key() {
      return iterator.key();
    }

    byte[] value() {
      return iterator.value();
    }

    private boolean there() throws RocksDBException {
      boolean valid = iterator.isValid();
      if (!valid) {
        iterator.status();
      }
      return valid;
    }

    @Override
    public void close() {
      iterator.close();
      read.close();
      end.close();
      begin.close();
    }
  }

  /** Walks over the messages of all logs, as they are now. */
  Walk walkLogs() {
    return walk(log, Keys.prefix(0), Keys.prefix(Integer.MAX_VALUE));
  }

  /** Walks over the keys from one up to, not including, another, as they are now. */
  Walk walk(Family family, byte[] from, byte[] to) {
    return new Walk(family, from, to);
  }

  /** Flushes, so that the next start has little to replay, and closes. */
  void close() {
    try {
      closeFlushed();
    } catch (RocksDBException e) {
      Loggers.STORAGE.warn("closed without flush: {}", e.getMessage());
    }
  }

  /** Closes also when flushing fails, which means that not all that was written is in tables. */
  void closeFlushed() throws RocksDBException {
    try {
      flush();
      db.syncWal();
    } finally {
      closeWithoutFlush();
    }
  }

  /** Writes to tables what is only in the log and in memory, and waits for that. */
  void flush() throws RocksDBException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      db.flush(flush, handles);
    }
  }

  void closeWithoutFlush() {
    handles.forEach(ColumnFamilyHandle::close);
    db.close();
    writeOptions.close();
    owned.descendingIterator().forEachRemaining(AbstractNativeReference::close);
  }

  /** The first key behind all keys that start with these bytes. */
  static byte[] after(byte[] prefix) {
    byte[] end = prefix.clone();
    for (int i = end.length - 1; i >= 0; i--) {
      if (++end[i] != 0) {
        return end;
      }
    }
    throw new IllegalArgumentException("nothing sorts behind a prefix of all ones");
  }

  private Family family(String name) {
    Family family = families.get(name);
    return family != null ? family : Family.absent(name);
  }

  private static List<ColumnFamilyDescriptor> descriptors(
      ColumnFamilyOptions options, List<String> names) {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options));
    for (String name : names) {
      descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.UTF_8), options));
    }
    return descriptors;
  }

  /** One bound for all that RocksDB holds: what recent writes take is taken from the cache. */
  private static Cache cache(EmbeddedOptions options, Deque<AbstractNativeReference> owned) {
    return own(owned, new LRUCache(options.blockCacheBytes() + options.memtableBytes()));
  }

  // The tail of the write-ahead log may be torn by a power cut: what is torn was never synced, so
  // never acknowledged, and is dropped. Anything else that does not add up is damage, and opening
  // fails rather than drop acknowledged records behind it without a word, as the default would.
  private static DBOptions dbOptions(EmbeddedOptions options, WriteBufferManager memtables) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setParanoidChecks(true)
        // All families are flushed together, so that what is lost is lost of all of them alike and
        // the channels' figures tell it.
        .setAtomicFlush(true)
        .setMaxManifestFileSize(16 * MIB)
        .setWriteBufferManager(memtables)
        .setMaxTotalWalSize(2 * options.memtableBytes())
        .setMaxBackgroundJobs(2)
        .setMaxOpenFiles(512)
        .setBytesPerSync(MIB)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(2);
  }

  private static ColumnFamilyOptions familyOptions(
      EmbeddedOptions options, Cache cache, Deque<AbstractNativeReference> owned) {
    BloomFilter bloom = own(owned, new BloomFilter(10, false));
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setFilterPolicy(bloom)
            .setBlockSize(16 << 10)
            .setFormatVersion(5)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    return own(
        owned,
        new ColumnFamilyOptions()
            .setTableFormatConfig(table)
            .setCompressionPerLevel(COMPRESSION)
            .setWriteBufferSize(options.memtableBytes() / 2)
            .setMaxWriteBufferNumber(3)
            .setLevelCompactionDynamicLevelBytes(true));
  }

  private static <T extends AbstractNativeReference> T own(
      Deque<AbstractNativeReference> owned, T reference) {
    owned.add(reference);
    return reference;
  }

  private static String explain(Path path, RocksDBException e) {
    String text = String.valueOf(e.getMessage());
    boolean damaged =
        e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption
            || text.contains("No such file");
    return damaged
        ? Damaged.text(
            java.util.Objects.requireNonNull(path.getParent()),
            List.of(new StoreCheck.Damage("store", text)))
        : "cannot open the store in " + path + ": " + text;
  }
}
