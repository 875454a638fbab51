// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of what a queue holds back.
 *
 * @param messages soonest first
 * @param next the handle behind which to look on; null when the end was reached
 */
public record DelayedPage(List<DelayedMessage> messages, @Nullable Receipt next) {}
