// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import org.jspecify.annotations.Nullable;

/**
 * What a subscriber of one log or of many asks for.
 *
 * @param filter one name, or a pattern, which also covers logs that do not exist yet
 * @param start where history begins; null: no history
 * @param limit records of history at most
 */
public record LogFollow(ChannelFilter filter, @Nullable HistoryStart start, int limit) {}
