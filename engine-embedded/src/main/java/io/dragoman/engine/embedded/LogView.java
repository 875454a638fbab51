// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import org.rocksdb.RocksDBException;

/**
 * What of a log can be read at one moment.
 *
 * @param last the last that is safe; before {@code first} when there is none
 * @param indexedFrom from where on records are in the index by time; 0 when none are
 * @param latestMillis no time in the index is after this
 * @param stampMax nothing that was stored later is looked at
 */
record LogView(
    LogState log, long first, long last, long indexedFrom, long latestMillis, long stampMax) {

  /** Everything that is safe. */
  static LogView of(LogState log) {
    return of(log, Long.MAX_VALUE);
  }

  /** What is safe and was stored up to a place that was known before. */
  static LogView of(LogState log, long stampMax) {
    // In this order: up to the last it is known which are in the index.
    long last = log.safeSequence;
    long indexedFrom = log.indexedFrom;
    long latestMillis = log.latestMillis;
    return new LogView(log, log.firstSequence, last, indexedFrom, latestMillis, stampMax);
  }

  /** The same without what comes after a sequence. */
  LogView upTo(long sequence) {
    return new LogView(log, first, sequence, indexedFrom, latestMillis, stampMax);
  }

  /**
   * The last that was not stored too late; before {@code first} when there is none.
   *
   * @param walk over all logs, begun after this was taken
   */
  long lastInTime(Store store, Store.Walk walk) throws RocksDBException {
    return log.safeTimestamp <= stampMax
        ? last
        : LogTimes.firstAtOrAfter(store, walk, this, stampMax + 1) - 1;
  }

  /** No record here was stored after this. */
  long newest() {
    return Math.min(log.safeTimestamp, stampMax);
  }
}
