// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.Lane;
import io.dragoman.core.LogRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * New records of many logs on their way to the subscribers of patterns on one lane: one task for
 * the lane, whatever has queued.
 *
 * <p>What waits is bounded: when a lane does not keep up, everything waiting is dropped, since all
 * of it can be read from the logs again, and its subscribers are told to. As much is kept for those
 * that read, since what is pushed meanwhile follows what they find.
 */
final class LaneFeed {
  private static final int WAITING_BYTES_MAX = 2 << 20;

  /**
   * Records for the same subscribers.
   *
   * @param records in the order of storing
   */
  record Push(List<PatternGroup> groups, List<LogRecord> records, long bytes) {}

  private final Lane lane;
  private final CoreMetrics metrics;
  private final SnapshotSet<FilterCursor> cursors = new SnapshotSet<>();

  // Guarded by this.
  private final Deque<Push> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private long lastOffered;
  private boolean dropped;
  private boolean scheduled;

  // All below is used on the lane only.
  private long lastSeen;

  /** What was pushed since the first read that is under way began, but for its oldest part. */
  private final Deque<Push> kept = new ArrayDeque<>();

  private long keptBytes;

  /** How many pushes were kept before those, and are gone. */
  private long keptBefore;

  private int keepers;

  private List<LogRecord> cutFrom = List.of();
  private List<LogRecord> cut = List.of();

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
   * Records have become safe; from engine threads, in order.
   *
   * @param last the time of the last of them, wanted here or not
   */
  void offer(List<Push> pushes, long last) {
    synchronized (this) {
      long bytes = pushes.stream().mapToLong(Push::bytes).sum();
      if (waitingBytes + bytes > WAITING_BYTES_MAX && !waiting.isEmpty()) {
        metrics.logPushesDropped().add(waiting.size());
        waiting.clear();
        waitingBytes = 0;
        dropped = true;
      }
      waiting.addAll(pushes);
      waitingBytes += bytes;
      lastOffered = last;
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    lane.execute(this::drain);
  }

  /** Records up to this time of storing are not pushed and must be read; from engine threads. */
  void missed(long last) {
    synchronized (this) {
      // With what waits, since that came before.
      metrics.logPushesDropped().add(waiting.size() + 1);
      waiting.clear();
      waitingBytes = 0;
      dropped = true;
      lastOffered = Math.max(lastOffered, last);
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
  long lastSeen() {
    return lastSeen;
  }

  /** Keeps what is pushed, until {@link #keepNoMore}; gives the first one's number. */
  long keep() {
    keepers++;
    return keptBefore + kept.size();
  }

  void keepNoMore() {
    keepers--;
    if (keepers == 0) {
      forgetKept();
    }
  }

  /** Whether everything that was pushed since this number has been kept. */
  boolean keepsFrom(long number) {
    return number >= keptBefore;
  }

  /** Gives what was kept, in order. */
  void eachKeptFrom(long number, Consumer<Push> then) {
    kept.stream().skip(Math.max(0, number - keptBefore)).forEach(then);
  }

  private void keep(Push pushed) {
    kept.add(pushed);
    keptBytes += pushed.bytes;
    while (keptBytes > WAITING_BYTES_MAX) {
      keptBytes -= kept.remove().bytes;
      keptBefore++;
    }
  }

  private void forgetKept() {
    keptBefore += kept.size();
    kept.clear();
    keptBytes = 0;
  }

  /**
   * Those stored after a time: the list itself when that is all of it, or else one list for all who
   * ask for the same one after the other.
   */
  List<LogRecord> behind(long nanos, List<LogRecord> records) {
    int skipped = 0;
    while (skipped < records.size() && records.get(skipped).timestampNanos() <= nanos) {
      skipped++;
    }
    if (skipped == 0 || skipped == records.size()) {
      return skipped == 0 ? records : List.of();
    }
    if (cutFrom != records || cut.size() != records.size() - skipped) {
      cutFrom = records;
      cut = records.subList(skipped, records.size());
    }
    return cut;
  }

  private void drain() {
    long before = lastSeen;
    List<Push> taken;
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
      forgetKept();
      // What was dropped comes next, and no number stands for it.
      keptBefore++;
      cursors.snapshot().forEach(cursor -> cursor.onDropped(before));
    }
    for (Push each : taken) {
      if (keepers > 0) {
        keep(each);
      }
      for (PatternGroup group : each.groups) {
        for (FilterCursor cursor : group.cursors()) {
          cursor.onAppended(each.records);
        }
      }
    }
  }
}
