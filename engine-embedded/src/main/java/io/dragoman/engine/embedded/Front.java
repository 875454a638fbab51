// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The first records of a log as a reader found them, in order to remove them. Meanwhile others may
 * remove some of them, and an expiry may leave stubs of some: that does not undo what was read. The
 * writer takes of it what is there then, as it is then ({@link #there}), so whoever trims gets on
 * however busy a log is.
 *
 * <p>Filled by one reader, then handed to the writer.
 */
final class Front {

  /**
   * A record to be removed.
   *
   * @param timestamp when it was stored, unix nanoseconds; of a damaged one that of the one before
   * @param millis the time of its event
   * @param stub whether it is only what was left of an expired one
   * @param over whether it is more, and has expired
   */
  record Entry(long sequence, long timestamp, long millis, int bytes, boolean stub, boolean over) {

    private Entry replaced() {
      return new Entry(sequence, timestamp, millis, Records.EXPIRED_BYTES, true, false);
    }
  }

  private final LogState log;
  private final long first;
  private final long end;
  private final long now;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<Long> replaced = new HashSet<>();
  private long before;
  private long bytes;
  private long lastTimestamp;

  /**
   * @param now by which is told what has expired
   */
  Front(LogState log, long now) {
    this.log = log;
    this.now = now;
    this.first = log.firstSequence;
    this.end = log.safeSequence + 1;
    this.before = first;
  }

  long first() {
    return first;
  }

  /** Behind the last sequence that may be taken in. */
  long end() {
    return end;
  }

  /** The key of the first record in the store. */
  byte[] firstKey() {
    return Keys.message(log.number, first);
  }

  /** The key behind the last that may be taken in. */
  byte[] endKey() {
    return Keys.message(log.number, end);
  }

  /** Takes in the next record. */
  void add(long sequence, byte[] record) {
    add(entry(sequence, record));
  }

  /** What there is to say of the record that comes next. */
  Entry entry(long sequence, byte[] record) {
    long timestamp = timestamp(record, lastTimestamp);
    long eventTime = Records.eventTime(record);
    long millis = eventTime != 0 ? eventTime : TimeUnit.NANOSECONDS.toMillis(timestamp);
    boolean stub = Records.isExpired(record);
    boolean over = !stub && Records.isOver(record, now);
    return new Entry(sequence, timestamp, millis, record.length, stub, over);
  }

  void add(Entry entry) {
    entries.add(entry);
    before = entry.sequence + 1;
    bytes += entry.bytes;
    lastTimestamp = entry.timestamp;
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

  /** The first sequence that was not taken in. */
  long before() {
    return before;
  }

  /** How many records were read. */
  int count() {
    return entries.size();
  }

  /** Bytes that were read. */
  long bytes() {
    return bytes;
  }

  /** Of a record of this log only a stub is left now. Writer thread only. */
  void replaced(LogState of, long sequence) {
    if (of == log && sequence < end) {
      replaced.add(sequence);
    }
  }

  /** What was taken in and is still there, as it is now. Writer thread only. */
  List<Entry> there() {
    List<Entry> there = new ArrayList<>(entries.size());
    for (Entry each : entries) {
      if (each.sequence >= log.firstSequence) {
        there.add(!each.stub && replaced.contains(each.sequence) ? each.replaced() : each);
      }
    }
    return there;
  }
}
