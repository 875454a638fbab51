// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Records of many logs in one order, read in small pieces from those whose turn it is: what it
 * costs depends on how many are taken, not on how long the logs are, nor on how many they are. A
 * log that cannot be read ends there, and the others go on. On one reader thread at a time; made
 * after the views that are added. Between two uses it can be closed, so that the store need not
 * keep what is removed meanwhile; it then goes on with what is left.
 */
final class LogMerge implements AutoCloseable {
  private static final int PIECE_MAX = 256;
  private static final int PIECE_BYTES_MAX = 256 << 10;

  /**
   * A record as it is stored.
   *
   * @param order what the merge goes by
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by it
  record Item(LogState log, long sequence, long order, long timestamp, byte[] record) {}

  /** Why a log could not be read to its end. */
  record Failure(LogState log, RocksDBException cause) {}

  /** Where one log's records come from. */
  private abstract class Source {
    final LogView view;

    /** The last sequence that is looked at; below 0 until it was looked for. */
    private long last = -1;

    /** No record to come is before this, in the order of the merge. */
    long bound;

    /** Of equal ones no record to come was stored after this. */
    long boundTimestamp;

    Source(LogView view, long bound, long boundTimestamp) {
      this.view = view;
      this.bound = bound;
      this.boundTimestamp = boundTimestamp;
    }

    /**
     * The last one stored early enough. What is behind it can be any number of records: all that
     * became safe while one stored before them did not.
     */
    final long last() throws RocksDBException {
      if (last < 0) {
        last = view.lastInTime(store, walk());
      }
      return last;
    }

    /** Whether the next one is known, so that the bounds are its own. */
    abstract boolean loaded();

    /** Finds the next one, reading if need be and the turn allows it; false when there is none. */
    abstract boolean fill(Turn turn) throws RocksDBException;

    /** Takes the next one; null when it is gone since it was found. */
    abstract @Nullable Item next() throws RocksDBException;
  }

  /** A log's records as they lie, read with what is in them. */
  private abstract class Stored extends Source {
    private final ArrayDeque<Item> read = new ArrayDeque<>();
    private int piece;
    private boolean ended;
    private int bytes;

    Stored(LogView view, int piece, long bound, long boundTimestamp) {
      super(view, bound, boundTimestamp);
      this.piece = piece;
    }

    /** Reads on, as long as {@link #take} wants more; at the end says so with {@link #end}. */
    abstract void readPiece() throws RocksDBException;

    /** Reads the next record for itself; gives whether there is room for more. */
    abstract boolean readOne() throws RocksDBException;

    private void readSingly() throws RocksDBException {
      try {
        int tried = 0;
        while (!ended && tried++ < PIECE_MAX && readOne()) {
          // One after the other.
        }
      } catch (RocksDBException e) {
        if (read.isEmpty()) {
          throw e;
        }
      }
    }

    void end() {
      ended = true;
    }

    /** Takes in the next one; gives whether there is room for more. */
    boolean take(@Nullable Item item) {
      if (item != null) {
        read.add(item);
        bytes += item.record.length;
      }
      return read.size() < piece && bytes < PIECE_BYTES_MAX;
    }

    @Override
    boolean loaded() {
      return !read.isEmpty();
    }

    @Override
    boolean fill(Turn turn) throws RocksDBException {
      while (read.isEmpty() && !ended) {
        bytes = 0;
        try {
          readPiece();
        } catch (RocksDBException e) {
          // An iterator fails by what lies beside the log, too. What it has read is sound.
          close();
          if (read.isEmpty()) {
            readSingly();
          }
        }
        piece = Math.min(PIECE_MAX, piece * 2);
      }
      toHead();
      return !read.isEmpty();
    }

    @Override
    Item next() {
      Item next = read.remove();
      toHead();
      return next;
    }

    private void toHead() {
      Item head = read.peek();
      if (head != null) {
        bound = head.order;
        boundTimestamp = head.timestamp;
      }
    }
  }

  private final Store store;
  private final int firstPiece;
  private final PriorityQueue<Source> sources;
  private Store.@Nullable Walk walk;
  private @Nullable Failure failure;

  private LogMerge(Store store, int firstPiece, Comparator<Source> order) {
    this.store = store;
    this.firstPiece = Math.max(1, Math.min(PIECE_MAX, firstPiece));
    this.sources = new PriorityQueue<>(order);
  }

  /**
   * Records in reverse order.
   *
   * @param wanted how many will probably be taken of a log
   */
  static LogMerge newestFirst(Store store, int wanted) {
    return new LogMerge(
        store,
        wanted,
        Comparator.<Source>comparingLong(source -> source.bound)
            .thenComparingLong(source -> source.boundTimestamp)
            .reversed());
  }

  /** Records in the order of storing. */
  static LogMerge oldestFirst(Store store, int wanted) {
    return new LogMerge(store, wanted, Comparator.comparingLong((Source source) -> source.bound));
  }

  /** Lets go of the store, until it is used again. */
  @Override
  public void close() {
    if (walk != null) {
      walk.close();
      walk = null;
    }
  }

  private Store.Walk walk() {
    if (walk == null) {
      walk = store.walkLogs();
    }
    return walk;
  }

  /** The next record; null when there is none left. Not of logs that are added by time. */
  @Nullable Item next() {
    return next(new Turn());
  }

  /**
   * The next record; null when there is none left, or none was found in this turn.
   *
   * @param turn what is passed over in an index counts in it
   */
  @Nullable Item next(Turn turn) {
    Source source = sources.poll();
    while (source != null) {
      Item item = null;
      try {
        if (source.loaded()) {
          item = source.next();
          sources.add(source);
        } else if (source.fill(turn)) {
          sources.add(source);
        }
      } catch (RocksDBException e) {
        failed(source.view, e);
      }
      if (item != null || turn.isOver()) {
        return item;
      }
      source = sources.poll();
    }
    return null;
  }

  private void failed(LogView view, RocksDBException e) {
    if (failure == null) {
      failure = new Failure(view.log(), e);
    }
  }

  /** The first log that could not be read to its end; null when all can so far. */
  @Nullable Failure failure() {
    return failure;
  }

  /** Adds a log by the order of storing, newest first. */
  void addByStorage(LogView view) {
    add(view, view.first(), view.last(), false);
  }

  /** Adds a log by the times of events, newest first, down to a time. */
  void addByTime(LogView view, long sinceMillis) {
    long indexedFrom = view.indexedFrom();
    boolean indexed = indexedFrom != 0 && indexedFrom <= view.last();
    if (millisOf(view.newest()) >= sinceMillis) {
      add(view, view.first(), indexed ? indexedFrom - 1 : view.last(), true);
    }
    if (indexed && view.latestMillis() >= sinceMillis) {
      sources.add(new ByIndex(view, sinceMillis));
    }
  }

  private void add(LogView view, long first, long last, boolean byTime) {
    if (first <= last) {
      sources.add(new Backward(view, first, last, byTime));
    }
  }

  /**
   * Adds a log from a time of storing on. Only the first record's time is taken down: of thousands
   * of logs the records themselves would be too much.
   */
  void addFrom(LogView view, long nanos) {
    try {
      long sequence = LogTimes.firstAtOrAfter(store, walk(), view, nanos);
      if (sequence <= view.last()) {
        long bound = bound(view, sequence, nanos);
        if (bound <= view.stampMax()) {
          sources.add(new Forward(view, sequence, bound));
        }
      }
    } catch (RocksDBException e) {
      close();
      failed(view, e);
    }
  }

  // The time of the first record, or the one from which it was looked for.
  private long bound(LogView view, long sequence, long nanos) throws RocksDBException {
    byte[] head = new byte[Records.LOG_HEAD];
    int length = store.head(store.log, Keys.message(view.log().number, sequence), head);
    return length < 0 ? nanos : Front.timestamp(head, nanos);
  }

  private static @Nullable Item item(
      LogView view, long sequence, byte[] record, boolean byTime, @Nullable Long millis) {
    try {
      long timestamp = Records.timestamp(record);
      long order = millis != null ? millis : byTime ? millisOf(timestamp) : timestamp;
      return new Item(view.log(), sequence, order, timestamp, record);
    } catch (CorruptRecordException e) {
      return null;
    }
  }

  private static long millisOf(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /** From the last sequence to the first. */
  private final class Backward extends Stored {
    private final boolean byTime;
    private final long first;
    private final long from;

    /** Where to go on; below 0 before the beginning. */
    private long at = -1;

    Backward(LogView view, long first, long from, boolean byTime) {
      super(view, firstPiece, byTime ? millisOf(view.newest()) : view.newest(), view.newest());
      this.byTime = byTime;
      this.first = first;
      this.from = from;
    }

    private boolean isMore() throws RocksDBException {
      if (at < 0) {
        at = Math.min(from, last());
      }
      return at >= first;
    }

    // Never looks before the first: there may be any number of removed records.
    @Override
    void readPiece() throws RocksDBException {
      int number = view.log().number;
      Store.Walk walk = walk();
      boolean there = isMore() && walk.seekBack(Keys.message(number, at));
      boolean more = true;
      while (more && there) {
        long sequence = Keys.sequenceOf(walk.key());
        there = Keys.channelOf(walk.key()) == number && sequence >= first;
        if (there) {
          more = take(item(view, sequence, walk.value(), byTime, null));
          at = sequence - 1;
          there = at >= first && (!more || walk.back());
        }
      }
      if (!there) {
        end();
      }
    }

    @Override
    boolean readOne() throws RocksDBException {
      if (!isMore()) {
        end();
        return false;
      }
      byte[] record = store.get(store.log, Keys.message(view.log().number, at));
      boolean more = record == null || take(item(view, at, record, byTime, null));
      at--;
      return more;
    }
  }

  /**
   * By the index of the times of events, from the latest on. What waits for its turn is only keys,
   * and of the next one when it was stored: there may be thousands of these, and records are large.
   */
  private final class ByIndex extends Source {
    private final ArrayDeque<byte[]> keys = new ArrayDeque<>();
    private final byte[] begin;
    private byte[] at;
    private int piece = firstPiece;
    private boolean loaded;
    private boolean ended;

    ByIndex(LogView view, long sinceMillis) {
      super(view, view.latestMillis(), Long.MAX_VALUE);
      this.begin = Keys.timed(view.log().number, sinceMillis, 0);
      this.at = Store.after(Keys.timedPrefix(view.log().number));
    }

    @Override
    boolean loaded() {
      return loaded;
    }

    @Override
    boolean fill(Turn turn) throws RocksDBException {
      while (!loaded && !turn.isOver()) {
        if (keys.isEmpty() && ended) {
          return false;
        }
        if (keys.isEmpty()) {
          readPiece();
        } else if (!load(keys.element())) {
          turn.pass(keys.remove());
        }
      }
      return true;
    }

    private void readPiece() throws RocksDBException {
      try (Store.Walk times = store.walk(store.index, begin, at)) {
        boolean there = times.seekBack(at);
        while (there && keys.size() < piece) {
          at = times.key();
          keys.add(at);
          there = keys.size() == piece || times.back();
        }
        ended = !there;
      } catch (RocksDBException e) {
        // What was read is sound.
        if (keys.isEmpty()) {
          throw e;
        }
      }
      piece = Math.min(PIECE_MAX, piece * 2);
    }

    // False when it is not one of those that are looked at.
    private boolean load(byte[] key) throws RocksDBException {
      long sequence = Keys.timedSequence(key);
      if (sequence < view.first() || sequence > last()) {
        return false;
      }
      byte[] head = new byte[Records.LOG_HEAD];
      int length = store.head(store.log, Keys.message(view.log().number, sequence), head);
      loaded = length >= 0;
      bound = Keys.timedMillis(key);
      boundTimestamp = loaded ? Front.timestamp(head, 0) : Long.MAX_VALUE;
      return loaded;
    }

    @Override
    @Nullable Item next() throws RocksDBException {
      byte[] key = keys.remove();
      loaded = false;
      if (!keys.isEmpty()) {
        bound = Keys.timedMillis(keys.element());
      }
      boundTimestamp = Long.MAX_VALUE;
      long sequence = Keys.timedSequence(key);
      byte[] record = store.get(store.log, Keys.message(view.log().number, sequence));
      return record == null ? null : item(view, sequence, record, true, Keys.timedMillis(key));
    }
  }

  /** From a sequence to the last. */
  private final class Forward extends Stored {
    private long at;

    Forward(LogView view, long first, long bound) {
      super(view, firstPiece, bound, bound);
      this.at = first;
    }

    @Override
    void readPiece() throws RocksDBException {
      int number = view.log().number;
      Store.Walk walk = walk();
      boolean there = at <= last() && walk.seek(Keys.message(number, at));
      boolean more = true;
      while (more && there) {
        long sequence = Keys.sequenceOf(walk.key());
        there = Keys.channelOf(walk.key()) == number && sequence <= last();
        if (there) {
          more = take(item(view, sequence, walk.value(), false, null));
          at = sequence + 1;
          there = at <= last() && (!more || walk.next());
        }
      }
      if (!there) {
        end();
      }
    }

    @Override
    boolean readOne() throws RocksDBException {
      if (at > last()) {
        end();
        return false;
      }
      byte[] record = store.get(store.log, Keys.message(view.log().number, at));
      boolean more = record == null || take(item(view, at, record, false, null));
      at++;
      return more;
    }
  }
}
