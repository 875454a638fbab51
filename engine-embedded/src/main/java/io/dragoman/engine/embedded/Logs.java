// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Clock;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore.AppendSink;
import io.dragoman.core.spi.LogStore.TailListener;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * What happens to logs on the writer thread, and who follows them. Followers are kept by name,
 * since one may follow a log before it exists.
 */
final class Logs {
  private static final long SECOND = 1_000_000_000L;

  private final Store store;
  private final Writer writer;
  private final ChannelTable channels;
  private final ConcurrentHashMap<String, CopyOnWriteArrayList<TailListener>> followers =
      new ConcurrentHashMap<>();

  private final Clock clock;
  private final EngineMetrics meters;
  private final LogExpiry expiry;

  /** What has not one time more than once; see {@link #knows}. */
  private volatile long uniqueFrom;

  /** Whether that is in the store. Writer thread only. */
  private boolean marked;

  private final AtomicInteger wanting = new AtomicInteger();

  /** What readers have of the beginnings of logs, in order to remove it: a handful. */
  private final Set<Front> fronts = ConcurrentHashMap.newKeySet();

  private volatile @Nullable AppendSink sink;

  /** The time of the last record, of any log. Writer thread only. */
  private long lastStamp;

  private final LogOrder order = new LogOrder(this);

  // Each moved by the one thread that makes records of its durability safe.
  private volatile long safeSync;
  private volatile long safeAsync;

  Logs(
      Store store,
      Writer writer,
      Readers readers,
      ChannelTable channels,
      Clock clock,
      EngineMetrics meters) {
    this.store = store;
    this.writer = writer;
    this.channels = channels;
    this.clock = clock;
    this.meters = meters;
    this.expiry = new LogExpiry(store, writer, readers, channels, this);
  }

  LogExpiry expirySweep() {
    return expiry;
  }

  /** The time by which records expire, from any thread. */
  long now() {
    return clock.unixNanos();
  }

  /** All logs have been loaded; before the writer starts. */
  void loaded() throws RocksDBException {
    long last = 0;
    for (LogState log : channels.logs()) {
      last = Math.max(last, log.lastTimestamp);
    }
    byte[] marks = store.get(store.meta, Keys.STAMPS);
    marked = marks != null;
    if (marks != null) {
      Input in = new Input(marks);
      uniqueFrom = in.nextLong();
      lastStamp = even(Math.max(last, in.nextLong()));
    } else {
      // A store of an early version, or a new one, whose first record may be stored right now.
      uniqueFrom = last != 0 ? even(last) : even(clock.unixNanos()) - 2;
      lastStamp = uniqueFrom;
    }
    safeSync = lastStamp;
    safeAsync = lastStamp;
    order.begin(lastStamp);
  }

  LogOrder order() {
    return order;
  }

  Family metaFamily() {
    return store.meta;
  }

  /** Appends to the log that the message names, made if need be. Writer thread only. */
  LogPosition append(Message message, byte[] record) {
    LogState log = channels.openLog(message.channel(), this);
    long timestamp = nextStamp();
    return append(log, new LogRecord(message, log.nextSequence, timestamp), record);
  }

  /** The same with a time or a lifetime. Writer thread only. */
  LogPosition append(LogAppend append, byte[] record) {
    LogState log = channels.openLog(append.message().channel(), this);
    long timestamp = nextStamp();
    long sequence = log.nextSequence;
    long expiresAt = expiresAt(timestamp, append.ttlSeconds());
    Records.setLogExpiresAt(record, expiresAt);
    if (expiresAt != 0) {
      expiry.add(expiresAt, log.number, sequence);
    }
    if (append.eventTimeMillis() != 0 && log.indexedFrom == 0) {
      log.indexedFrom = sequence;
    }
    return append(
        log,
        new LogRecord(append.message(), sequence, timestamp, append.eventTimeMillis(), expiresAt),
        record);
  }

  private LogPosition append(LogState log, LogRecord appended, byte[] record) {
    long sequence = appended.sequence();
    long timestamp = appended.timestampNanos();
    log.nextSequence++;
    log.lastTimestamp = timestamp;
    Records.setTimestamp(record, timestamp);
    writer.batch().put(store.log, Keys.message(log.number, sequence), record);
    if (log.indexedFrom != 0) {
      writer.batch().put(store.index, Keys.timed(log.number, appended.timeMillis(), sequence));
      log.latestMillis = Math.max(log.latestMillis, appended.timeMillis());
    }
    log.storedBytes += record.length;
    Durability durability = log.durability();
    log.appended(appended, writer.group(durability).logs(this, durability));
    writer.touch(log);
    return new LogPosition(sequence, timestamp);
  }

  // Even, so that there are moments between records; never the same twice, so that it names one.
  private long nextStamp() {
    if (!marked) {
      marked = true;
      mark();
    }
    lastStamp = Math.max(lastStamp + 2, even(writer.now()));
    return lastStamp;
  }

  // Times go on from here though no log may be left that has the last one.
  private void mark() {
    Bytes marks = new Bytes(16);
    marks.putLong(uniqueFrom);
    marks.putLong(lastStamp);
    writer.batch().put(store.meta, Keys.STAMPS, marks.toArray());
  }

  /**
   * Whether a time of storing, or the moment behind one, can be of this store's records. Early
   * versions gave the same time to several, so theirs say nothing. From any thread.
   */
  boolean knows(long stamp) {
    return stamp > uniqueFrom && stamp <= Math.max(safeSync, safeAsync) + 1;
  }

  private static long even(long nanos) {
    return nanos + 1 & ~1L;
  }

  // What ends beyond all time does not end.
  private static long expiresAt(long timestamp, long ttlSeconds) {
    return ttlSeconds == 0 || ttlSeconds > (Long.MAX_VALUE - timestamp) / SECOND
        ? 0
        : timestamp + ttlSeconds * SECOND;
  }

  /**
   * Up to where all records are safe. From any thread; what is before it can be read already.
   * Records of one durability may be safe behind it: who reads many logs does not see them yet.
   */
  long safe() {
    return order.safe();
  }

  void safeUpTo(Durability durability, long stamp) {
    if (durability == Durability.SYNC) {
      safeSync = stamp;
    } else {
      safeAsync = stamp;
    }
  }

  /**
   * Begins to read the front of a log: from now on it is told what is replaced, until it is {@link
   * #done}. From any thread.
   */
  Front front(LogState log) {
    Front front = new Front(log, now());
    fronts.add(front);
    // What was replaced before, and not told to it, must be read as it is.
    VarHandle.fullFence();
    return front;
  }

  /** A front is not needed any more. From any thread. */
  void done(Front front) {
    fronts.remove(front);
  }

  /** A record was replaced, and that is written. Writer thread only. */
  void replaced(LogState log, long sequence) {
    VarHandle.fullFence();
    for (Front front : fronts) {
      front.replaced(log, sequence);
    }
  }

  /**
   * Removes from the front of a log what is still there. Writer thread only.
   *
   * @return how many were removed that had not expired
   */
  long trim(LogState log, Front front) {
    return trim(log, front.there(), front.before());
  }

  /**
   * Removes the first records. Writer thread only.
   *
   * @param there the first that are there, as they are
   * @param before the first sequence that stays
   * @return how many were removed that had not expired
   */
  long trim(LogState log, List<Front.Entry> there, long before) {
    long from = log.firstSequence;
    if (before <= from || log.deleted) {
      return 0;
    }
    writer
        .batch()
        .deleteRange(store.log, Keys.message(log.number, from), Keys.message(log.number, before));
    long bytes = 0;
    long stubs = 0;
    long expired = 0;
    long trimmedUpTo = log.trimmedUpTo;
    long goneMillis = log.goneMillis;
    for (Front.Entry each : there) {
      bytes += each.bytes();
      trimmedUpTo = Math.max(trimmedUpTo, each.timestamp());
      if (each.stub()) {
        stubs++;
        continue;
      }
      expired += each.over() ? 1 : 0;
      goneMillis = Math.max(goneMillis, each.millis());
      if (log.indexedFrom != 0 && each.sequence() >= log.indexedFrom) {
        writer.batch().delete(store.index, Keys.timed(log.number, each.millis(), each.sequence()));
      }
    }
    // Also what a repair found lost.
    long removed = before - from - stubs - expired;
    log.firstSequence = before;
    log.storedBytes -= bytes;
    log.trimmed += removed;
    log.stubs -= stubs;
    log.expired += expired;
    log.trimmedUpTo = trimmedUpTo;
    log.goneMillis = goneMillis;
    if (log.indexedFrom != 0 && log.count() == 0) {
      log.indexedFrom = 0;
    }
    writer.touch(log);
    meters.trimmed.add(removed);
    meters.logExpired.add(expired);
    return removed;
  }

  /** Leaves of a record that has expired only its place. Writer thread only. */
  void expire(LogState log, long sequence, long timestamp, long eventTime, int bytes) {
    byte[] stub = Records.expired(timestamp);
    long millis = eventTime != 0 ? eventTime : TimeUnit.NANOSECONDS.toMillis(timestamp);
    writer.batch().put(store.log, Keys.message(log.number, sequence), stub);
    if (log.indexedFrom != 0 && sequence >= log.indexedFrom) {
      writer.batch().delete(store.index, Keys.timed(log.number, millis, sequence));
    }
    log.storedBytes -= bytes - stub.length;
    log.stubs++;
    log.expired++;
    log.goneMillis = Math.max(log.goneMillis, millis);
    writer.touch(log);
    meters.logExpired.increment();
  }

  /** Deletes a log with all its records and positions. Writer thread only. */
  void deleted(LogState log) {
    synchronized (log) {
      log.deleted = true;
    }
    marked = true;
    mark();
    byte[] prefix = Keys.prefix(log.number);
    writer.batch().deleteRange(store.log, prefix, Store.after(prefix));
    writer.batch().deleteRange(store.position, prefix, Store.after(prefix));
    if (log.indexedFrom != 0) {
      byte[] timed = Keys.timedPrefix(log.number);
      writer.batch().deleteRange(store.index, timed, Store.after(timed));
    }
    CopyOnWriteArrayList<TailListener> listeners = followers.get(log.name);
    if (listeners != null) {
      listeners.forEach(TailListener::onDeleted);
    }
  }

  void attach(AppendSink to) {
    sink = to;
  }

  /** Somebody wants the records of all logs, until it is closed. */
  Subscription want() {
    wanting.incrementAndGet();
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        wanting.decrementAndGet();
      }
    };
  }

  boolean wanted() {
    return wanting.get() > 0;
  }

  /** Tells that records up to a time of storing were not told of. */
  void missed(long stamp) {
    AppendSink to = sink;
    if (to != null) {
      to.onMissed(stamp);
    }
  }

  /** Tells of the records of many logs. */
  void publish(List<LogRecord> records) {
    AppendSink to = sink;
    if (to != null) {
      to.onAppended(records);
    }
  }

  /** Those that have not expired, which is all unless the disk took its time. */
  List<LogRecord> alive(List<LogRecord> records) {
    boolean mortal = false;
    for (LogRecord each : records) {
      mortal |= each.expiresAtNanos() != 0;
    }
    if (!mortal) {
      return Collections.unmodifiableList(records);
    }
    long now = now();
    return records.stream()
        .filter(each -> each.expiresAtNanos() == 0 || each.expiresAtNanos() > now)
        .toList();
  }

  Subscription follow(String name, TailListener listener) {
    followers.compute(
        name,
        (key, existing) -> {
          CopyOnWriteArrayList<TailListener> listeners =
              existing == null ? new CopyOnWriteArrayList<>() : existing;
          listeners.add(listener);
          return listeners;
        });
    return () -> unfollow(name, listener);
  }

  /**
   * Tells followers of records that are safe now; on the thread that made them safe. A deletion
   * waits for it, and nothing is told after: who follows the name from then on follows another log.
   */
  void publish(LogState log, List<LogRecord> records) {
    synchronized (log) {
      CopyOnWriteArrayList<TailListener> listeners = log.deleted ? null : followers.get(log.name);
      if (listeners != null) {
        listeners.forEach(listener -> listener.onAppended(records));
      }
    }
  }

  @SuppressWarnings("NullAway") // null removes the entry
  private void unfollow(String name, TailListener listener) {
    followers.computeIfPresent(
        name,
        (key, listeners) -> {
          listeners.remove(listener);
          return listeners.isEmpty() ? null : listeners;
        });
  }
}
