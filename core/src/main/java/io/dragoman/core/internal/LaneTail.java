// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Result;
import io.dragoman.core.spi.LogStore.Piece;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * New records of one channel on their way to the subscribers of one lane: one task for the lane,
 * whatever has queued, and the same lists for all of them.
 *
 * <p>What waits is bounded: when a lane does not keep up, everything waiting is dropped, since all
 * of it can be read from the log again. Subscribers notice the gap and read.
 */
final class LaneTail {
  private static final int WAITING_BYTES_MAX = 2 << 20;

  /** Records that became safe together, and what they take. */
  private record Pushed(List<LogRecord> records, long bytes) {}

  private final Lane lane;
  private final int batchMax;
  private final SnapshotSet<LogCursor> cursors = new SnapshotSet<>();

  // Guarded by this.
  private final Deque<Pushed> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private long lastOffered;
  private boolean scheduled;

  // All below is used on the lane only.
  private long lastSeen;

  /** Reads under way, by where they begin. */
  private final Map<Long, Reading> readings = new HashMap<>(4);

  private static final class Reading {
    final List<LogCursor> cursors = new ArrayList<>();

    /** The last sequence that was known when it began. */
    final long seen;

    Reading(long seen) {
      this.seen = seen;
    }
  }

  /**
   * @param batchMax records at most that a subscriber is given at once
   */
  LaneTail(Lane lane, int batchMax) {
    this.lane = lane;
    this.batchMax = batchMax;
  }

  void add(LogCursor cursor) {
    cursors.add(cursor);
  }

  /** Removes a subscriber; gives whether it was the last one. */
  boolean remove(LogCursor cursor) {
    return cursors.removeLast(cursor);
  }

  /** Records have become safe; from engine threads, in order. */
  void offer(List<LogRecord> records, long bytes) {
    synchronized (this) {
      if (waitingBytes + bytes > WAITING_BYTES_MAX) {
        waiting.clear();
        waitingBytes = 0;
      }
      waiting.add(new Pushed(records, bytes));
      waitingBytes += bytes;
      lastOffered = LogContext.lastOf(records);
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    lane.execute(this::drain);
  }

  /**
   * The last sequence this lane has heard of; 0 before the first. Everything after it will be
   * pushed. On the lane.
   */
  long lastSeen() {
    return lastSeen;
  }

  /**
   * Reads from a sequence for a subscriber. All who ask for the same one meanwhile share the read
   * and the list it gives, as those do that fell behind together. On the lane.
   */
  void read(long from, LogCursor cursor, Supplier<CompletionStage<Result<Piece>>> reader) {
    Reading under = readings.get(from);
    if (under != null) {
      under.cursors.add(cursor);
      return;
    }
    CompletionStage<Result<Piece>> outcome = reader.get();
    Reading begun = new Reading(lastSeen);
    begun.cursors.add(cursor);
    readings.put(from, begun);
    outcome.whenComplete(
        (result, failure) ->
            lane.execute(
                () -> {
                  readings.remove(from);
                  Result<Piece> read = failure == null ? result : cursor.fault(failure);
                  begun.cursors.forEach(each -> each.onRead(read, begun.seen));
                }));
  }

  private void drain() {
    List<Pushed> taken;
    synchronized (this) {
      taken = List.copyOf(waiting);
      waiting.clear();
      waitingBytes = 0;
      scheduled = false;
      lastSeen = lastOffered;
    }
    for (int from = 0; from < taken.size(); ) {
      int to = alongWith(taken, from);
      List<LogRecord> records = joined(taken.subList(from, to));
      for (LogCursor cursor : cursors.snapshot()) {
        cursor.onTail(records);
      }
      from = to;
    }
  }

  /**
   * The end of what can be given at once with the one at this index: each costs every subscriber a
   * pass. Only what follows without a gap, which a subscriber could not see within a list.
   */
  private int alongWith(List<Pushed> taken, int from) {
    Pushed last = taken.get(from);
    long bytes = last.bytes;
    int count = last.records.size();
    int to = from + 1;
    for (; to < taken.size(); to++) {
      Pushed next = taken.get(to);
      bytes += next.bytes;
      count += next.records.size();
      boolean follows = LogContext.firstOf(next.records) == LogContext.lastOf(last.records) + 1;
      if (!follows || bytes > LogContext.BATCH_BYTES_MAX || count > batchMax) {
        break;
      }
      last = next;
    }
    return to;
  }

  private static List<LogRecord> joined(List<Pushed> some) {
    return some.size() == 1
        ? some.get(0).records
        : some.stream().flatMap(each -> each.records.stream()).toList();
  }
}
