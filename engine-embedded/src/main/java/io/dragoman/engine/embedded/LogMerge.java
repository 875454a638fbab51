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
 * costs depends on how many are taken, not on how long the logs are. On one reader thread; made
 * after the views that are added.
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

  /** Where one log's records come from. */
  private abstract static class Source {
    final LogView view;
    private final ArrayDeque<Item> read = new ArrayDeque<>();
    private int piece;

    /** No record to come is before this, in the order of the merge. */
    long bound;

    /** Of equal ones no record to come was stored after this. */
    long boundTimestamp;

    private boolean ended;
    private int bytes;

    Source(LogView view, int piece, long bound, long boundTimestamp) {
      this.view = view;
      this.piece = piece;
      this.bound = bound;
      this.boundTimestamp = boundTimestamp;
    }

    /** Reads on, as long as {@link #take} wants more; at the end says so with {@link #end}. */
    abstract void readPiece() throws RocksDBException;

    void end() {
      ended = true;
    }

    /** Takes in the next one; gives whether there is room for more. */
    boolean take(Item item) {
      if (item.timestamp <= view.stampMax()) {
        read.add(item);
        bytes += item.record.length;
      }
      return read.size() < piece && bytes < PIECE_BYTES_MAX;
    }

    /** Whether there is one to be had; reads if need be. */
    boolean fill() throws RocksDBException {
      while (read.isEmpty() && !ended) {
        bytes = 0;
        readPiece();
        piece = Math.min(PIECE_MAX, piece * 2);
      }
      Item head = read.peek();
      if (head != null) {
        bound = head.order;
        boundTimestamp = head.timestamp;
      }
      return head != null;
    }

    Item next() {
      return read.remove();
    }

    boolean loaded() {
      return !read.isEmpty();
    }
  }

  private final Store store;
  private final Store.Walk walk;
  private final int firstPiece;
  private final PriorityQueue<Source> sources;

  private LogMerge(Store store, int firstPiece, Comparator<Source> order) {
    this.store = store;
    this.walk = store.walkLogs();
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

  @Override
  public void close() {
    walk.close();
  }

  /** The next record; null when there is none left. */
  @Nullable Item next() throws RocksDBException {
    Source source = sources.poll();
    while (source != null) {
      boolean known = source.loaded();
      if (known || source.fill()) {
        if (known) {
          Item item = source.next();
          if (source.loaded()) {
            source.fill();
          }
          sources.add(source);
          return item;
        }
        sources.add(source);
      }
      source = sources.poll();
    }
    return null;
  }

  /** Adds a log by the order of storing, newest first. */
  void addByStorage(LogView view) {
    add(view, view.first(), view.last(), false);
  }

  /** Adds a log by the times of events, newest first, down to a time. */
  void addByTime(LogView view, long sinceMillis) {
    long indexedFrom = view.indexedFrom();
    boolean indexed = indexedFrom != 0 && indexedFrom <= view.last();
    add(view, view.first(), indexed ? indexedFrom - 1 : view.last(), true);
    if (indexed) {
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
  void addFrom(LogView view, long nanos) throws RocksDBException {
    int number = view.log().number;
    long sequence = LogTimes.firstAtOrAfter(walk, view, nanos);
    boolean there =
        sequence <= view.last()
            && walk.seek(Keys.message(number, sequence))
            && Keys.channelOf(walk.key()) == number;
    if (there) {
      sources.add(new Forward(view, sequence, Front.timestamp(walk.value(), nanos)));
    }
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
  private final class Backward extends Source {
    private final boolean byTime;
    private final long first;
    private long at;

    Backward(LogView view, long first, long last, boolean byTime) {
      super(view, firstPiece, byTime ? millisOf(view.newest()) : view.newest(), view.newest());
      this.byTime = byTime;
      this.first = first;
      this.at = last;
    }

    // Never looks before the first: there may be any number of removed records.
    @Override
    void readPiece() throws RocksDBException {
      int number = view.log().number;
      boolean there = walk.seekBack(Keys.message(number, at));
      boolean more = true;
      while (more && there) {
        long sequence = Keys.sequenceOf(walk.key());
        there = Keys.channelOf(walk.key()) == number && sequence >= first;
        if (there) {
          at = sequence - 1;
          Item item = item(view, sequence, walk.value(), byTime, null);
          more = item == null || take(item);
          there = at >= first && (!more || walk.back());
        }
      }
      if (!there) {
        end();
      }
    }
  }

  /** By the index of the times of events, from the latest on. */
  private final class ByIndex extends Source {
    private final byte[] begin;
    private byte[] at;

    ByIndex(LogView view, long sinceMillis) {
      // Which is the latest is not known without looking.
      super(view, firstPiece, Long.MAX_VALUE, Long.MAX_VALUE);
      this.begin = Keys.timed(view.log().number, sinceMillis, 0);
      this.at = Store.after(Keys.timedPrefix(view.log().number));
    }

    @Override
    void readPiece() throws RocksDBException {
      try (Store.Walk times = store.walk(store.index, begin, at)) {
        boolean there = times.seekBack(at);
        boolean more = true;
        while (there && more) {
          byte[] key = times.key();
          at = key;
          Item item = item(key);
          more = item == null || take(item);
          there = !more || times.back();
        }
        if (!there) {
          end();
        }
      }
    }

    private @Nullable Item item(byte[] key) throws RocksDBException {
      long sequence = Keys.timedSequence(key);
      if (sequence < view.first() || sequence > view.last()) {
        return null;
      }
      byte[] record = store.get(store.log, Keys.message(view.log().number, sequence));
      return record == null
          ? null
          : LogMerge.item(view, sequence, record, true, Keys.timedMillis(key));
    }
  }

  /** From a sequence to the last. */
  private final class Forward extends Source {
    private long at;

    Forward(LogView view, long first, long bound) {
      super(view, firstPiece, bound, bound);
      this.at = first;
    }

    @Override
    void readPiece() throws RocksDBException {
      int number = view.log().number;
      boolean there = walk.seek(Keys.message(number, at));
      boolean more = true;
      while (more && there) {
        long sequence = Keys.sequenceOf(walk.key());
        there = Keys.channelOf(walk.key()) == number && sequence <= view.last();
        if (there) {
          at = sequence + 1;
          Item item = item(view, sequence, walk.value(), false, null);
          more = item == null || take(item);
          there = at <= view.last() && (!more || walk.next());
        }
      }
      if (!there) {
        end();
      }
    }
  }
}
