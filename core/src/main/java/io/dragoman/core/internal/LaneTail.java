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

  private final Lane lane;
  private final SnapshotSet<LogCursor> cursors = new SnapshotSet<>();

  // Guarded by this.
  private final Deque<List<LogRecord>> waiting = new ArrayDeque<>();
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

  LaneTail(Lane lane) {
    this.lane = lane;
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
      waiting.add(records);
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
    List<List<LogRecord>> taken;
    synchronized (this) {
      taken = List.copyOf(waiting);
      waiting.clear();
      waitingBytes = 0;
      scheduled = false;
      lastSeen = lastOffered;
    }
    for (List<LogRecord> records : taken) {
      for (LogCursor cursor : cursors.snapshot()) {
        cursor.onTail(records);
      }
    }
  }
}
