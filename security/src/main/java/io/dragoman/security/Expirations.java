// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Lane;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/**
 * What is to be ended when a token expires. Compared with the wall clock at every tick, so a clock
 * that is set while something waits changes when it ends. Safe from any thread; takes no lock that
 * an event loop could wait for long.
 */
final class Expirations {
  private final ConcurrentSkipListMap<Long, Set<Entry>> bySecond = new ConcurrentSkipListMap<>();
  private final LongSupplier nowSeconds;

  Expirations(LongSupplier nowSeconds) {
    this.nowSeconds = nowSeconds;
  }

  private final class Entry implements Watch {
    private final long second;
    private final Lane lane;
    private final Runnable end;

    Entry(long second, Lane lane, Runnable end) {
      this.second = second;
      this.lane = lane;
      this.end = end;
    }

    @Override
    public void cancel() {
      bySecond.computeIfPresent(
          second,
          (key, entries) -> {
            entries.remove(this);
            return entries.isEmpty() ? null : entries;
          });
    }
  }

  /** Runs the task on the lane once the wall clock has reached this second. */
  Watch add(long second, Lane lane, Runnable end) {
    Entry entry = new Entry(second, lane, end);
    bySecond.compute(
        second,
        (key, entries) -> {
          Set<Entry> all = entries == null ? ConcurrentHashMap.newKeySet() : entries;
          all.add(entry);
          return all;
        });
    return entry;
  }

  /** Ends what is due. To be called often, by one thread. */
  void tick() {
    long now = nowSeconds.getAsLong();
    for (Map.Entry<Long, Set<Entry>> due = bySecond.firstEntry();
        due != null && due.getKey() <= now;
        due = bySecond.firstEntry()) {
      Set<Entry> entries = bySecond.remove(due.getKey());
      if (entries != null) {
        entries.forEach(each -> each.lane.execute(each.end));
      }
    }
  }
}
