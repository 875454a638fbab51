// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A channel that was made or stored to, or of which this node knows live traffic.
 *
 * @param made null when only its traffic is known
 * @param counted what passed through it since the node started; null when nothing did
 */
public record ChannelOverview(
    Kind kind, String name, @Nullable ChannelInfo made, ChannelStats.@Nullable Entry counted) {
  private static final long ACTIVE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** When it was made or something last passed, whichever is later; unix milliseconds. */
  public long lastActivityMillis() {
    long madeAt = made == null ? 0 : TimeUnit.NANOSECONDS.toMillis(made.createdAtNanos());
    return Math.max(madeAt, counted == null ? 0 : counted.lastSeenMillis());
  }

  /** Whether somebody receives now, or something happened within the last minute. */
  public boolean active(long nowMillis) {
    boolean received = counted != null && counted.receivers() > 0;
    return received || nowMillis - lastActivityMillis() <= ACTIVE_MILLIS;
  }
}
