// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;

/**
 * A part of a queue as somebody saw it who takes nothing.
 *
 * @param messages oldest first; {@code receiveCount} is how often each was handed out so far
 * @param next the sequence at which to look on; 0 when the end was reached
 */
public record QueuePage(List<QueueMessage> messages, long next) {}
