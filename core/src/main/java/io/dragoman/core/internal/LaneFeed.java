// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.Lane;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore.Place;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * New records of many logs on their way to the subscribers of patterns on one lane: one task for
 * the lane, whatever has queued.
 *
 * <p>What waits is bounded: when a lane does not keep up, everything waiting is dropped, since all
 * of it can be read from the logs again, and its subscribers are told to.
 */
final class LaneFeed {
  private static final int WAITING_BYTES_MAX = 2 << 20;

  /**
   * Records for the same subscribers.
   *
   * @param records in the order of storing
   */
  record Push(List<PatternGroup> groups, List<LogRecord> records, long bytes) {}

  private record Waiting(Durability durability, Push push) {}

  private final Lane lane;
  private final CoreMetrics metrics;
  private final SnapshotSet<FilterCursor> cursors = new SnapshotSet<>();

  // Guarded by this.
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private Place lastOffered = new Place(0, 0);
  private boolean dropped;
  private boolean scheduled;

  /** Used on the lane only. */
  private Place lastSeen = lastOffered;

  LaneFeed(Lane lane, CoreMetrics metrics) {
    this.lane = lane;
    this.metrics = metrics;
  }

  Lane lane() {
    return lane;
  }

  void add(FilterCursor cursor) {
    cursors.add(cursor);
  }

  /** Removes a subscriber; gives whether it was the last one. */
  boolean remove(FilterCursor cursor) {
    return cursors.removeLast(cursor);
  }

  /**
   * Records have become safe; from engine threads, for each durability in order.
   *
   * @param last the time of the last of them, wanted here or not
   */
  void offer(Durability durability, List<Push> pushes, long last) {
    synchronized (this) {
      long bytes = pushes.stream().mapToLong(Push::bytes).sum();
      if (waitingBytes + bytes > WAITING_BYTES_MAX && !waiting.isEmpty()) {
        metrics.logPushesDropped().add(waiting.size());
        waiting.clear();
        waitingBytes = 0;
        dropped = true;
      }
      pushes.forEach(push -> waiting.add(new Waiting(durability, push)));
      waitingBytes += bytes;
      lastOffered = lastOffered.with(durability, last);
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    lane.execute(this::drain);
  }

  /**
   * Up to where this lane has heard of records that its subscribers want. Everything behind it will
   * be pushed. On the lane.
   */
  Place lastSeen() {
    return lastSeen;
  }

  private void drain() {
    List<Waiting> taken;
    boolean missing;
    synchronized (this) {
      taken = List.copyOf(waiting);
      missing = dropped;
      waiting.clear();
      waitingBytes = 0;
      dropped = false;
      scheduled = false;
      lastSeen = lastOffered;
    }
    if (missing) {
      cursors.snapshot().forEach(FilterCursor::onDropped);
    }
    for (Waiting each : taken) {
      for (PatternGroup group : each.push.groups) {
        for (FilterCursor cursor : group.cursors()) {
          cursor.onAppended(each.durability, each.push.records);
        }
      }
    }
  }
}
