// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import org.jspecify.annotations.Nullable;

/**
 * What a subscriber of one log or of many asks for.
 *
 * @param filter one name, or a pattern, which also covers logs that do not exist yet
 * @param start where history begins; null: no history
 * @param limit records of history at most
 * @param fromFirst whether what follows begins with the first record there is, and not with the
 *     next; without history
 */
public record LogFollow(
    ChannelFilter filter, @Nullable HistoryStart start, int limit, boolean fromFirst) {

  /** Checks that nothing is asked for twice. */
  public LogFollow {
    if (fromFirst && start != null) {
      throw new IllegalArgumentException("history of what is to follow: " + filter.text());
    }
  }

  /** What follows is what is appended from now on. */
  public LogFollow(ChannelFilter filter, @Nullable HistoryStart start, int limit) {
    this(filter, start, limit, false);
  }

  /** What follows is everything there is, and then what is appended. */
  public static LogFollow fromFirst(ChannelFilter filter) {
    return new LogFollow(filter, null, 0, true);
  }
}
