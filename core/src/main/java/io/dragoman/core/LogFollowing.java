// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import org.jspecify.annotations.Nullable;

/**
 * A subscription of one log or of many that has begun, paused: {@link LogSubscription#resume()}
 * lets what follows the history come, without gap and without repeating.
 *
 * @param history what was asked for; null when none was
 * @param placeNanos where it begins: all records to come were stored after this, and those stored
 *     before are in the history, or were not asked for, or are what the history says is missing;
 *     unix nanoseconds
 */
public record LogFollowing(
    @Nullable LogHistory history, LogSubscription subscription, long placeNanos) {}
