// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The first records of a log as they were read in order to remove them: everything that their
 * removal changes. For one thread at a time.
 */
final class Front {
  private final LogState log;
  private final long first;
  private final int replacements;
  private final long end;
  private final long indexedFrom;
  private final long now;
  private final List<byte[]> indexed = new ArrayList<>();
  private long before;
  private long bytes;
  private long stubs;
  private long expired;
  private long lastTimestamp;
  private long latestMillis;

  /**
   * @param now by which is told what has expired
   */
  Front(LogState log, long now) {
    this.log = log;
    this.now = now;
    // First of all: what is replaced from here on is noticed.
    this.replacements = log.replacements;
    this.first = log.firstSequence;
    // In this order: up to the end it is known which are in the index.
    this.end = log.safeSequence + 1;
    this.indexedFrom = log.indexedFrom;
    this.before = first;
  }

  /** Whether the log is still as it was when this was begun. Writer thread only. */
  boolean holds() {
    return log.firstSequence == first && log.replacements == replacements && !log.deleted;
  }

  long first() {
    return first;
  }

  /** Behind the last sequence that may be taken in. */
  long end() {
    return end;
  }

  /** Takes in the next record. */
  void add(long sequence, byte[] record) {
    before = sequence + 1;
    bytes += record.length;
    lastTimestamp = timestamp(record, lastTimestamp);
    if (Records.isExpired(record)) {
      stubs++;
      return;
    }
    if (Records.isOver(record, now)) {
      expired++;
    }
    long eventTime = Records.eventTime(record);
    long millis = eventTime != 0 ? eventTime : TimeUnit.NANOSECONDS.toMillis(lastTimestamp);
    latestMillis = Math.max(latestMillis, millis);
    if (indexedFrom != 0 && sequence >= indexedFrom) {
      indexed.add(Keys.timed(log.number, millis, sequence));
    }
  }

  /** Everything before a sequence goes, also where a repair has found records lost. */
  void upTo(long sequence) {
    before = Math.max(before, sequence);
  }

  /** What a record says of its time; a damaged one goes with the one before it. */
  static long timestamp(byte[] record, long before) {
    try {
      return Records.timestamp(record);
    } catch (CorruptRecordException e) {
      return before;
    }
  }

  /** The first sequence that stays. */
  long before() {
    return before;
  }

  long bytes() {
    return bytes;
  }

  /** How many are only what was left of expired ones. */
  long stubs() {
    return stubs;
  }

  /** How many others have expired. */
  long expired() {
    return expired;
  }

  long lastTimestamp() {
    return lastTimestamp;
  }

  /** The latest time of an event among them. */
  long latestMillis() {
    return latestMillis;
  }

  /** Their keys in the index by time. */
  List<byte[]> indexed() {
    return indexed;
  }
}
