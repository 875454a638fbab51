// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;

/**
 * Reclaims the space of log records whose lifetime is over; that they are not delivered any more
 * does not wait for it. An index by time says which; a reader looks them up. At a log's front they
 * are removed; among others each leaves a stub of a few bytes, so that sequences have no gaps,
 * which goes when it has come to the front. Writer thread only, but for the reading.
 */
final class LogExpiry implements Writer.Duty {
  private static final long RETRY = TimeUnit.SECONDS.toNanos(1);
  private static final int SCAN_MAX = 1000;
  private static final int FRONT_MAX = 20_000;

  /** Behind all entries. */
  private static final byte[] END = {'x' + 1};

  /** What is to be done about an entry that is due. */
  private enum Then {
    /** Its record is gone: the entry goes. */
    FORGET,
    /** Its record goes with the front of its log, and the entry with it. */
    WITH_FRONT,
    REPLACE
  }

  /** An entry that is due, and its record's times and size if it is to be replaced. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Due(
      byte[] key, LogState log, Then then, long timestamp, long eventTime, int bytes) {
    long sequence() {
      return (long) Keys.LONG.get(key, 13);
    }
  }

  /** What a look has found: entries, the fronts of their logs, and when it next has to look. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Found(
      List<byte[]> stale, List<Due> due, Map<LogState, Front> fronts, byte[] next, long upcoming) {}

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final ChannelTable channels;
  private final Logs logs;

  /** Where the next look begins, so that it does not pass over what was removed. */
  private byte[] cursor = Keys.logExpiry(0, 0, 0);

  private long nextDue;
  private boolean looking;
  private long notedWhileLooking = Long.MAX_VALUE;

  LogExpiry(Store store, Writer writer, Readers readers, ChannelTable channels, Logs logs) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.channels = channels;
    this.logs = logs;
  }

  /** Notes that a record of this batch expires at this time. */
  void add(long due, int channel, long sequence) {
    byte[] key = Keys.logExpiry(due, channel, sequence);
    writer.batch().put(store.index, key);
    if (java.util.Arrays.compareUnsigned(key, cursor) < 0) {
      cursor = key;
    }
    if (looking) {
      notedWhileLooking = Math.min(notedWhileLooking, due);
    } else {
      nextDue = Math.min(nextDue, due);
    }
  }

  @Override
  public long nextDue() {
    return looking ? Long.MAX_VALUE : nextDue;
  }

  @Override
  public void perform(long now) {
    if (writer.refusesAll() != null) {
      nextDue = Long.MAX_VALUE;
      return;
    }
    // What this turn has added must be there to be found.
    writer.commit(0);
    looking = true;
    notedWhileLooking = Long.MAX_VALUE;
    byte[] from = cursor;
    readers.read(
        () -> {
          Found found = look(from, now);
          writer.submit(() -> expire(found, from));
        },
        failure ->
            writer.submit(
                () -> {
                  looking = false;
                  nextDue = writer.now() + RETRY;
                }));
  }

  private Found look(byte[] from, long now) throws RocksDBException {
    List<byte[]> keys = new ArrayList<>();
    long[] upcoming = {Long.MAX_VALUE};
    store.scan(
        store.index,
        from,
        END,
        (key, value) -> {
          long due = (long) Keys.LONG.get(key, 1);
          if (due > now || keys.size() == SCAN_MAX) {
            upcoming[0] = due;
            return false;
          }
          keys.add(key);
          return true;
        });
    List<byte[]> stale = new ArrayList<>();
    List<Due> due = new ArrayList<>();
    Map<LogState, Front> fronts = new HashMap<>();
    for (byte[] key : keys) {
      LogState log = channels.log((int) Keys.INT.get(key, 9));
      if (log == null) {
        stale.add(key);
        continue;
      }
      Front front = fronts.get(log);
      if (front == null) {
        front = expiredFront(log, now);
        fronts.put(log, front);
      }
      due.add(due(key, log, front));
    }
    byte[] next = keys.isEmpty() ? from : keys.get(keys.size() - 1);
    return new Found(stale, due, fronts, next, upcoming[0]);
  }

  private Front expiredFront(LogState log, long now) throws RocksDBException {
    Front front = new Front(log, now);
    int[] count = {0};
    store.scan(
        store.log,
        Keys.message(log.number, front.first()),
        Keys.message(log.number, front.end()),
        (key, record) -> {
          if (count[0]++ == FRONT_MAX || !Records.isOver(record, now)) {
            return false;
          }
          front.add(Keys.sequenceOf(key), record);
          return true;
        });
    return front;
  }

  private Due due(byte[] key, LogState log, Front front) throws RocksDBException {
    long sequence = (long) Keys.LONG.get(key, 13);
    if (sequence >= front.first() && sequence < front.before()) {
      return new Due(key, log, Then.WITH_FRONT, 0, 0, 0);
    }
    byte[] record = store.get(store.log, Keys.message(log.number, sequence));
    if (record == null || Records.logExpiresAt(record) == 0) {
      return new Due(key, log, Then.FORGET, 0, 0, 0);
    }
    return new Due(
        key,
        log,
        Then.REPLACE,
        Records.timestamp(record),
        Records.eventTime(record),
        record.length);
  }

  private void expire(Found found, byte[] from) {
    looking = false;
    if (writer.refusesAll() != null) {
      nextDue = Long.MAX_VALUE;
      return;
    }
    boolean again = false;
    found.stale.forEach(key -> writer.batch().delete(store.index, key));
    for (Map.Entry<LogState, Front> each : found.fronts.entrySet()) {
      again |= !trim(each.getKey(), each.getValue());
    }
    Set<LogState> replaced = new HashSet<>();
    for (Due due : found.due) {
      again |= !expire(due, replaced);
    }
    // Once it is written: whoever reads sizes from now on reads the new ones.
    writer.commit(0);
    replaced.forEach(LogState::replaced);
    boolean behind = notedWhileLooking > (long) Keys.LONG.get(found.next, 1);
    if (!again && behind && java.util.Arrays.equals(cursor, from)) {
      cursor = found.next;
    }
    nextDue = again ? writer.now() : Math.min(found.upcoming, notedWhileLooking);
  }

  // False: it has changed meanwhile, look again.
  private boolean trim(LogState log, Front front) {
    if (log.deleted || front.before() == front.first()) {
      return true;
    }
    if (!front.holds()) {
      return false;
    }
    logs.trim(log, front);
    return true;
  }

  // False: it is not safe yet, or is still there though it should have gone: look again.
  private boolean expire(Due due, Set<LogState> replaced) {
    LogState log = due.log;
    long sequence = due.sequence();
    boolean there = due.then != Then.FORGET && !log.deleted && sequence >= log.firstSequence;
    if (there && (due.then == Then.WITH_FRONT || sequence > log.safeSequence)) {
      return false;
    }
    if (there) {
      logs.expire(log, sequence, due.timestamp, due.eventTime, due.bytes);
      replaced.add(log);
    }
    writer.batch().delete(store.index, due.key);
    return true;
  }
}
