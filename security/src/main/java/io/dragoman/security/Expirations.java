// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Lane;
import java.util.Comparator;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What is to be ended when a token expires. Compared with the wall clock at every tick, so a clock
 * that is set while something waits changes when it ends. Safe from any thread, without locks.
 */
final class Expirations {
  private static final Comparator<Entry> SOONEST =
      Comparator.<Entry>comparingLong(each -> each.second).thenComparingLong(each -> each.number);

  private final ConcurrentSkipListSet<Entry> waiting = new ConcurrentSkipListSet<>(SOONEST);
  private final AtomicLong numbers = new AtomicLong();
  private final LongSupplier nowSeconds;

  Expirations(LongSupplier nowSeconds) {
    this.nowSeconds = nowSeconds;
  }

  /** One task; the number tells those of one second apart. */
  private final class Entry implements Watch {
    private final long second;
    private final long number = numbers.incrementAndGet();
    private final Lane lane;
    private final Runnable end;

    Entry(long second, Lane lane, Runnable end) {
      this.second = second;
      this.lane = lane;
      this.end = end;
    }

    @Override
    public void cancel() {
      waiting.remove(this);
    }
  }

  /** Runs the task on the lane once the wall clock has reached this second. */
  Watch add(long second, Lane lane, Runnable end) {
    Entry entry = new Entry(second, lane, end);
    waiting.add(entry);
    return entry;
  }

  /** Ends what is due. To be called often, by one thread. */
  void tick() {
    long now = nowSeconds.getAsLong();
    for (Entry each : waiting) {
      if (each.second > now) {
        return;
      }
      if (waiting.remove(each)) {
        each.lane.execute(each.end);
      }
    }
  }

  /** How many wait. */
  int size() {
    return waiting.size();
  }
}
