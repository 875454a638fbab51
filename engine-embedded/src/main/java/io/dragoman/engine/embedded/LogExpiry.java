// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Reclaims the space of log records whose lifetime is over; that they are not delivered any more
 * does not wait for it. An index by time says which; a reader looks them up. At a log's front they
 * are removed; among others each leaves a stub of a few bytes, so that sequences have no gaps,
 * which goes when it has come to the front. Writer thread only, but for the reading.
 */
final class LogExpiry implements Writer.Duty {
  private static final long RETRY = TimeUnit.SECONDS.toNanos(1);

  /** How long to leave alone what cannot be read. */
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

  /** How long to wait for the disk. */
  private static final long UNSAFE_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int SCAN_MAX = 1000;

  // Of all logs together: so much the writer may have to remove, and a reader to read, at a time.
  private static final int RECORDS_MAX = 5_000;
  private static final long BYTES_MAX = 8 << 20;

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
      return sequenceOf(key);
    }
  }

  /** What a look has found: entries, the fronts of their logs, and when it next has to look. */
  private static final class Found {
    final List<byte[]> stale = new ArrayList<>();
    final List<Due> due = new ArrayList<>();
    final Map<LogState, Front> fronts = new HashMap<>();
    final Set<LogState> unreadable = new HashSet<>();
    int recordsLeft = RECORDS_MAX;
    long bytesLeft = BYTES_MAX;

    /** A log that has more at its front than there was room for. */
    @Nullable LogState unfinished;

    byte[] next;
    long upcoming = Long.MAX_VALUE;

    Found(byte[] from) {
      next = from;
    }

    boolean full() {
      return recordsLeft <= 0 || bytesLeft <= 0;
    }
  }

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final ChannelTable channels;
  private final Logs logs;

  /** Where the next look begins, so that it does not pass over what was removed. */
  private byte[] cursor = Keys.logExpiry(0, 0, 0);

  private long nextDue;
  private boolean looking;
  private @Nullable LogState unfinished;
  private long retryPause;
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
    LogState begun = unfinished;
    readers.read(
        () -> {
          Found found = look(from, begun, now);
          writer.submit(() -> expire(found, from));
        },
        failure ->
            writer.submit(
                () -> {
                  looking = false;
                  retryPause = Math.min(Math.max(RETRY, 2 * retryPause), PAUSE);
                  nextDue = writer.now() + retryPause;
                }));
  }

  private Found look(byte[] from, @Nullable LogState begun, long now) {
    Found found = new Found(from);
    if (begun != null) {
      found.fronts.put(begun, expiredFront(begun, found, now));
    }
    for (byte[] key : dueKeys(found, now)) {
      if (found.full()) {
        // There is more to be done at once.
        found.upcoming = dueOf(key);
        break;
      }
      look(key, found, now);
      found.next = Keys.logExpiry(dueOf(key), channelOf(key), sequenceOf(key) + 1);
    }
    return found;
  }

  private List<byte[]> dueKeys(Found found, long now) {
    List<byte[]> keys = new ArrayList<>();
    try {
      store.scan(
          store.index,
          found.next,
          END,
          (key, value) -> {
            long due = dueOf(key);
            if (due > now || keys.size() == SCAN_MAX) {
              found.upcoming = due;
              return false;
            }
            keys.add(key);
            return true;
          });
    } catch (RocksDBException e) {
      // The next look begins with what cannot be read. Then all that is due by now is passed over
      // until the next start, so that what comes due later is found.
      found.upcoming = now;
      if (keys.isEmpty()) {
        readers.unreadable(e);
        found.next = Keys.logExpiry(now, 0, 0);
        found.upcoming = now + PAUSE;
      }
    }
    return keys;
  }

  // What cannot be read costs no other log: it is passed over until the next start.
  private void look(byte[] key, Found found, long now) {
    LogState log = channels.log(channelOf(key));
    if (log == null) {
      found.stale.add(key);
      return;
    }
    Front front = found.fronts.get(log);
    if (front == null) {
      front = expiredFront(log, found, now);
      found.fronts.put(log, front);
    }
    try {
      Due due = due(key, log, front);
      found.due.add(due);
      found.bytesLeft -= due.bytes;
    } catch (RocksDBException e) {
      unreadable(log, found, e);
    }
  }

  private Front expiredFront(LogState log, Found found, long now) {
    Front front = new Front(log, now);
    if (now < log.frontNotBefore) {
      return front;
    }
    try {
      store.scan(
          store.log,
          front.firstKey(),
          front.endKey(),
          (key, record) -> {
            if (!Records.isOver(record, now)) {
              return false;
            }
            if (found.full()) {
              found.unfinished = log;
              return false;
            }
            front.add(Keys.sequenceOf(key), record);
            found.recordsLeft--;
            found.bytesLeft -= record.length;
            return true;
          });
    } catch (RocksDBException e) {
      log.frontNotBefore = now + PAUSE;
      unreadable(log, found, e);
    }
    return front;
  }

  private void unreadable(LogState log, Found found, RocksDBException failure) {
    if (found.unreadable.add(log)) {
      readers.unreadable(failure);
    }
  }

  private Due due(byte[] key, LogState log, Front front) throws RocksDBException {
    long sequence = sequenceOf(key);
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
    retryPause = 0;
    unfinished = found.unfinished;
    if (writer.refusesAll() != null) {
      nextDue = Long.MAX_VALUE;
      return;
    }
    found.stale.forEach(key -> writer.batch().delete(store.index, key));
    found.fronts.forEach(logs::trim);
    boolean unsafe = false;
    List<Due> replaced = new ArrayList<>();
    for (Due due : found.due) {
      unsafe |= !expire(due, replaced);
    }
    // Once it is written: who reads sizes from now on reads the new ones, others must be told.
    writer.commit(0);
    replaced.forEach(due -> logs.replaced(due.log, due.sequence()));
    boolean behind = notedWhileLooking > dueOf(found.next);
    if (!unsafe && behind && java.util.Arrays.equals(cursor, from)) {
      cursor = found.next;
    }
    if (unsafe) {
      nextDue = writer.now() + UNSAFE_PAUSE;
    } else if (unfinished != null) {
      nextDue = writer.now();
    } else {
      nextDue = Math.min(found.upcoming, notedWhileLooking);
    }
  }

  // False: it is not safe yet, look again.
  private boolean expire(Due due, List<Due> replaced) {
    LogState log = due.log;
    long sequence = due.sequence();
    boolean there = due.then == Then.REPLACE && !log.deleted && sequence >= log.firstSequence;
    if (there && sequence > log.safeSequence) {
      return false;
    }
    if (there) {
      logs.expire(log, sequence, due.timestamp, due.eventTime, due.bytes);
      replaced.add(due);
    }
    writer.batch().delete(store.index, due.key);
    return true;
  }

  private static long dueOf(byte[] key) {
    return (long) Keys.LONG.get(key, 1);
  }

  private static int channelOf(byte[] key) {
    return (int) Keys.INT.get(key, 9);
  }

  private static long sequenceOf(byte[] key) {
    return (long) Keys.LONG.get(key, 13);
  }
}
