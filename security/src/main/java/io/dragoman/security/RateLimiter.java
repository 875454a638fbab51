// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Metrics;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Counts what subjects publish, in fixed windows (spec: eventhub §5). A window belongs to a subject
 * and the entry of its rate limits that applies, begins with the first allowed publish, and counts
 * allowed ones only. All connections of the node share it. Safe from any thread; never blocks.
 *
 * <p>Windows that are over are forgotten. At most {@link #WINDOWS_MAX} can be under way; those for
 * whom there is no room may not publish.
 */
public final class RateLimiter {
  static final int WINDOWS_MAX = 200_000;

  /** Between two looks for windows that are over, when there is no room. */
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Key(String topic, String subject) {}

  /** Never changed, always replaced. */
  private record Window(long endNanos, long count) {}

  private final ConcurrentHashMap<Key, Window> windows = new ConcurrentHashMap<>();
  private final AtomicLong nextSweep;
  private final LongSupplier nanos;
  private final int windowsMax;
  private final Metrics.Counter refused;

  public RateLimiter(Metrics metrics) {
    this(metrics, System::nanoTime, WINDOWS_MAX);
  }

  /**
   * @param nanos monotonic time
   */
  RateLimiter(Metrics metrics, LongSupplier nanos, int windowsMax) {
    this.nanos = nanos;
    this.windowsMax = windowsMax;
    this.nextSweep = new AtomicLong(nanos.getAsLong());
    this.refused =
        metrics.counter(
            "dragoman_rate_limited_total", "Publishes refused by the rate limit of their token");
    metrics.gauge(
        "dragoman_rate_limit_windows", "Rate limits that are being counted", windows::size);
  }

  /** Whether this may be published now; if so, it counts. */
  public boolean tryPublish(Principal principal, String topic) {
    RateLimit limit = principal.rateLimit(topic);
    if (limit == null || !limit.isLimit()) {
      return true;
    }
    boolean allowed = count(new Key(limit.topic(), principal.subject()), limit);
    if (!allowed) {
      refused.increment();
    }
    return allowed;
  }

  private boolean count(Key key, RateLimit limit) {
    long now = nanos.getAsLong();
    if (windows.size() >= windowsMax && !windows.containsKey(key) && !makeRoom(now)) {
      return false;
    }
    boolean[] allowed = new boolean[1];
    windows.compute(
        key,
        (k, window) -> {
          boolean over = window == null || window.endNanos - now <= 0;
          allowed[0] = over || window.count < limit.max();
          if (over) {
            long length = TimeUnit.SECONDS.toNanos(limit.intervalSeconds());
            return new Window(now + Math.min(length, Long.MAX_VALUE / 2), 1);
          }
          return allowed[0] ? new Window(window.endNanos, window.count + 1) : window;
        });
    return allowed[0];
  }

  private boolean makeRoom(long now) {
    long due = nextSweep.get();
    if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
      windows.values().removeIf(window -> window.endNanos - now <= 0);
    }
    return windows.size() < windowsMax;
  }
}
