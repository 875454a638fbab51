// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import org.rocksdb.RocksDBException;

/** Finds records by when they were stored, which never goes back within a log. On any thread. */
final class LogTimes {
  private LogTimes() {}

  /**
   * The sequence of the first record stored at this time or later; behind the last when there is
   * none. Looks back from the end in growing steps, since it is mostly asked for what is recent.
   *
   * @param walk over all logs, begun after the view was taken
   */
  static long firstAtOrAfter(Store store, Store.Walk walk, LogView view, long nanos)
      throws RocksDBException {
    try {
      return byWalking(walk, view, nanos);
    } catch (RocksDBException e) {
      // A walk fails by what lies beside the log, too.
      return singly(store, view, nanos);
    }
  }

  private static long singly(Store store, LogView view, long nanos) throws RocksDBException {
    long low = view.first();
    long high = view.last() + 1;
    while (low < high) {
      long probe = (low + high) >>> 1;
      long found = probe;
      long timestamp = timestamp(store, view, found);
      while (timestamp < 0 && ++found < high) {
        timestamp = timestamp(store, view, found);
      }
      if (found >= high || timestamp >= nanos) {
        high = probe;
      } else {
        low = found + 1;
      }
    }
    return low;
  }

  // Below 0 when it is not there, or damaged.
  private static long timestamp(Store store, LogView view, long sequence) throws RocksDBException {
    byte[] head = new byte[Records.LOG_HEAD];
    int length = store.head(store.log, Keys.message(view.log().number, sequence), head);
    return length < 0 ? -1 : Front.timestamp(head, -1);
  }

  private static long byWalking(Store.Walk walk, LogView view, long nanos) throws RocksDBException {
    int number = view.log().number;
    long low = view.first();
    long high = view.last() + 1;
    boolean stepping = true;
    long step = 1;
    while (low < high) {
      long probe = stepping ? Math.max(low, high - step) : (low + high) >>> 1;
      step *= 2;
      long found = soundFrom(walk, number, probe, high);
      if (found >= high || Records.timestamp(walk.value()) >= nanos) {
        high = probe;
      } else {
        low = found + 1;
        stepping = false;
      }
    }
    return low;
  }

  // Sequences may be missing that a repair found lost, and records may be damaged: the next one
  // there that is sound tells.
  private static long soundFrom(Store.Walk walk, int number, long from, long high)
      throws RocksDBException {
    boolean there = walk.seek(Keys.message(number, from));
    while (there && Keys.channelOf(walk.key()) == number) {
      long sequence = Keys.sequenceOf(walk.key());
      if (sequence >= high || Front.timestamp(walk.value(), -1) >= 0) {
        return sequence;
      }
      there = walk.next();
    }
    return high;
  }
}
