// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.spi.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Looks through a data directory that no broker is using: reads every file and every message, says
 * what is damaged and whose messages are lost, and, when asked to, builds a sound store of what can
 * be read. What was damaged is never changed or deleted, but moved aside.
 *
 * <p>It works on a copy of the small files and on hard links to the tables, which RocksDB never
 * changes; they take no room.
 */
public final class StoreDoctor {
  private static final Pattern TABLE = Pattern.compile("(\\d{6,18})\\.sst");
  private static final int MISSING_TABLES_MAX = 10_000;

  /**
   * What was found.
   *
   * @param damage what is wrong with which file; empty when all is sound
   * @param losses whose messages are lost
   * @param notes what is no damage but worth knowing
   * @param messages how many messages can be read
   * @param aside where what was damaged is now, after a repair
   */
  public record Report(
      List<String> damage,
      List<Loss> losses,
      List<String> notes,
      long messages,
      @Nullable Path aside) {

    public boolean sound() {
      return damage.isEmpty() && losses.isEmpty();
    }
  }

  /** Opens the store that a repair writes to. */
  interface Opener {
    Store open(Path path, EmbeddedOptions options) throws EngineException, IOException;
  }

  private final EmbeddedOptions options;
  private final boolean repair;
  private final Opener opener;
  private final DataDirectory directory;
  private final List<String> damage = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Path work;
  private final Replacement replacement;
  private StoreCheck.@Nullable Index index;
  private boolean formatDamaged;

  private StoreDoctor(
      EmbeddedOptions options, boolean repair, DataDirectory directory, Opener opener) {
    this.options = options;
    this.repair = repair;
    this.opener = opener;
    this.directory = directory;
    work = work(directory);
    replacement = new Replacement(directory);
  }

  /**
   * Looks through the directory of these options.
   *
   * @param repair whether to make it usable again without what is lost
   * @throws EngineException if there is no such directory, a broker uses it, or nothing can be read
   */
  public static Report examine(EmbeddedOptions options, boolean repair) throws EngineException {
    return examine(options, repair, Store::open);
  }

  static Report examine(EmbeddedOptions options, boolean repair, Opener opener)
      throws EngineException {
    Path data = options.dataDir();
    if (!Files.isDirectory(data)) {
      throw new EngineException("there is no data directory " + data);
    }
    try (DataDirectory directory = DataDirectory.lock(data)) {
      StoreDoctor doctor = new StoreDoctor(options, repair, directory, opener);
      try {
        return doctor.examine();
      } finally {
        delete(doctor.work);
      }
    } catch (IOException | RocksDBException e) {
      throw new EngineException("cannot look through " + data + ": " + e.getMessage(), e);
    }
  }

  private static Path work(DataDirectory directory) {
    return directory.path().resolve("doctor.work");
  }

  /** Removes what a doctor that was killed left: its links keep tables from being freed. */
  static void clear(DataDirectory directory) throws IOException {
    delete(work(directory));
  }

  private Report examine() throws IOException, RocksDBException, EngineException {
    if (replacement.finish()) {
      notes.add("a repair that was interrupted is now complete");
    }
    delete(work);
    delete(replacement.fresh());
    checkFormat();
    Tallies.Account account = Tallies.read(directory.tally());
    for (String place : account.damage()) {
      damage.add("tally: " + place + " cannot be read; it is made anew at the next start");
    }
    StoreCheck check = StoreCheck.of(directory, account);
    if (check.empty()) {
      return report(List.of(), 0, repairFormatOnly());
    }
    check.damage().forEach(found -> damage.add(found.toString()));
    for (StoreCheck.Tail tail : check.tails()) {
      notes.add(
          StoreCheck.name(tail.file())
              + " has a torn end from byte "
              + tail.from()
              + " on, in which nothing was acknowledged; the next start cuts it off");
    }
    checkCopy(account);
    Files.createDirectories(work);
    linkTables();
    if (!copyIndex(check, account)) {
      return report(Loss.ofAll(account), 0, null);
    }
    MissingChanges missing = null;
    if (!check.logDamage().isEmpty()) {
      missing = missingChanges(account);
      notes.add(
          "positions of durable subscribers that only the damaged part of the log held are lost:"
              + " these subscribers receive again what they had, or begin anew");
    }
    copyLogs(check);
    try (Opened opened = open()) {
      boolean tables = verifyTables(opened.store());
      return examine(opened.store(), account, check, missing, tables);
    }
  }

  private Report examine(
      Store store,
      Tallies.Account account,
      StoreCheck check,
      @Nullable MissingChanges missing,
      boolean tables)
      throws IOException, RocksDBException, EngineException {
    Rebuild rebuild = new Rebuild(store, account, missing, damage);
    rebuild.readChannels();
    boolean contents = !tables || !check.logDamage().isEmpty();
    rebuild.readMessages(null);
    contents |= !rebuild.losses().isEmpty() || rebuild.incomplete();
    Path aside = null;
    if (repair && contents) {
      aside = rebuildInto(rebuild);
    } else if (repair && !damage.isEmpty()) {
      aside = mend(check, account);
    }
    return report(rebuild.losses(), rebuild.messages(), aside);
  }

  private Report report(List<Loss> losses, long messages, @Nullable Path aside) throws IOException {
    Report report =
        new Report(List.copyOf(damage), List.copyOf(losses), List.copyOf(notes), messages, aside);
    if (aside != null) {
      List<String> lines = new ArrayList<>(report.damage());
      losses.forEach(loss -> lines.add(loss.toString()));
      Files.write(aside.resolve("report.txt"), lines, StandardCharsets.UTF_8);
    }
    return report;
  }

  private void checkFormat() throws IOException, EngineException {
    int version = directory.formatVersion();
    if (version == 0) {
      formatDamaged = true;
      damage.add("format: does not say which format this is");
    } else if (version > 1) {
      throw new EngineException(
          "the directory was made by a newer version, whose doctor must look at it");
    }
  }

  private void checkCopy(Tallies.Account account) throws IOException {
    Tallies.Manifest known = account.head().manifest();
    if (known.number() != 0 && !StoreCheck.copySound(directory, known)) {
      damage.add(
          "manifest: this copy of the store's manifest is missing or damaged; it is made anew at"
              + " the next start");
    }
  }

  private void linkTables() throws IOException {
    for (Path table : tables()) {
      Path to = work.resolve(StoreCheck.name(table));
      try {
        Files.createLink(to, table);
      } catch (UnsupportedOperationException | IOException e) {
        Files.copy(table, to);
      }
    }
  }

  private List<Path> tables() throws IOException {
    return Files.isDirectory(directory.store())
        ? StoreCheck.withSuffix(directory.store(), ".sst")
        : List.of();
  }

  private boolean copyIndex(StoreCheck check, Tallies.Account account) throws IOException {
    Path manifest = StoreCheck.manifest(directory.store());
    if (check.indexDamage().isEmpty() && manifest != null) {
      Files.copy(manifest, work.resolve(StoreCheck.name(manifest)));
      Files.copy(directory.store().resolve("CURRENT"), work.resolve("CURRENT"));
      StoreCheck.Tail torn = check.manifestTail();
      if (torn != null) {
        StoreCheck.truncate(work.resolve(StoreCheck.name(manifest)), torn.from());
      }
      return true;
    }
    index = StoreCheck.soundIndex(directory, account.head().manifest());
    if (index == null) {
      damage.add(
          "there is no sound copy of the store's manifest, without which its files cannot be put"
              + " together; restore a backup");
      return false;
    }
    putIndex(work);
    return true;
  }

  private void putIndex(Path store) throws IOException {
    StoreCheck.Index from = java.util.Objects.requireNonNull(index);
    Path to = store.resolve(from.name());
    if (!to.equals(from.file())) {
      Files.copy(from.file(), to, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.writeString(store.resolve("CURRENT"), from.name() + "\n");
  }

  // Without the log first, to know how far the channels were before it.
  private MissingChanges missingChanges(Tallies.Account account)
      throws IOException, RocksDBException {
    try (Opened base = open()) {
      Rebuild reading = new Rebuild(base.store(), Tallies.NOTHING, null, new ArrayList<>());
      reading.readChannels();
      MissingChanges missing = new MissingChanges(base.store(), account, reading.nextNumber());
      reading.states(missing);
      for (Path log : StoreCheck.logs(directory.store())) {
        RecordLog.read(log, sound(entry -> missing.batch(entry.bytes())));
      }
      return missing;
    }
  }

  private void copyLogs(StoreCheck check) throws IOException {
    StoreCheck.Tail tail = check.tail();
    boolean cut = false;
    for (Path log : StoreCheck.logs(directory.store())) {
      boolean last = tail != null && tail.file().equals(log);
      RecordLog.Output out = new RecordLog.Output();
      if (!cut) {
        RecordLog.read(
            log,
            sound(
                entry -> {
                  if (!last || entry.from() < java.util.Objects.requireNonNull(tail).from()) {
                    out.add(entry.bytes());
                  }
                }));
      }
      cut |= last;
      Files.write(work.resolve(StoreCheck.name(log)), out.bytes());
    }
  }

  private static RecordLog.Visitor sound(java.util.function.Consumer<RecordLog.Entry> entries) {
    return new RecordLog.Visitor() {
      @Override
      public void entry(RecordLog.Entry entry) {
        if (entry.length() >= 12) {
          entries.accept(entry);
        }
      }

      @Override
      public void hole(long from, long to) {
        // Told by the check before.
      }
    };
  }

  /** The store as opened for reading. */
  private record Opened(Store store) implements AutoCloseable {
    @Override
    public void close() {
      store.closeWithoutFlush();
    }
  }

  // An empty file in place of a missing one lets the others be read.
  private Opened open() throws IOException, RocksDBException {
    Set<String> stoodIn = new HashSet<>();
    for (int i = 0; ; i++) {
      try {
        return new Opened(Store.openDamaged(work, options));
      } catch (RocksDBException e) {
        Matcher named = TABLE.matcher(String.valueOf(e.getMessage()));
        boolean missing = named.find() && !Files.exists(work.resolve(named.group()));
        if (!missing || i == MISSING_TABLES_MAX || !stoodIn.add(named.group())) {
          throw e;
        }
        Files.createFile(work.resolve(named.group()));
      }
    }
  }

  private boolean verifyTables(Store store) {
    boolean sound = true;
    for (String table : store.tables()) {
      try {
        if (!Files.exists(directory.store().resolve(table))) {
          throw new RocksDBException("is missing");
        }
        Store.verifyTable(work.resolve(table));
      } catch (RocksDBException e) {
        sound = false;
        damage.add("store/" + table + ": " + plain(e));
      }
    }
    return sound;
  }

  private String plain(RocksDBException e) {
    return String.valueOf(e.getMessage()).replace(work + "/", "");
  }

  private Path rebuildInto(Rebuild rebuild) throws IOException, RocksDBException, EngineException {
    Store store = opener.open(replacement.fresh(), options);
    try {
      rebuild.readMessages(store);
    } catch (RocksDBException | RuntimeException e) {
      store.closeWithoutFlush();
      throw e;
    }
    store.closeFlushed();
    Path aside = aside();
    replacement.install(aside);
    mendFormat(aside);
    return aside;
  }

  // No message is touched: the files are put right where they are.
  private Path mend(StoreCheck check, Tallies.Account account) throws IOException {
    Path aside = aside();
    if (!check.indexDamage().isEmpty()) {
      Path manifest = StoreCheck.manifest(directory.store());
      if (manifest != null && Files.exists(manifest)) {
        Files.copy(manifest, aside.resolve(StoreCheck.name(manifest)));
      }
      Path current = directory.store().resolve("CURRENT");
      if (Files.exists(current)) {
        Files.copy(current, aside.resolve("CURRENT"));
      }
      putIndex(directory.store());
      DataDirectory.force(directory.store());
    }
    if (!account.damage().isEmpty()) {
      move(directory.tally(), aside.resolve("tally"));
    }
    mendFormat(aside);
    return aside;
  }

  private @Nullable Path repairFormatOnly() throws IOException {
    if (!repair || damage.isEmpty()) {
      return null;
    }
    Path aside = aside();
    mendFormat(aside);
    return aside;
  }

  private void mendFormat(Path aside) throws IOException {
    if (formatDamaged) {
      move(directory.path().resolve("format"), aside.resolve("format"));
      directory.writeFormat();
    }
  }

  private Path aside() throws IOException {
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    Path aside = directory.path().resolve("damaged-" + time);
    for (int i = 2; Files.exists(aside); i++) {
      aside = directory.path().resolve("damaged-" + time + "-" + i);
    }
    return Files.createDirectory(aside);
  }

  private static void move(Path from, Path to) throws IOException {
    if (Files.exists(from)) {
      Files.move(from, to);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
