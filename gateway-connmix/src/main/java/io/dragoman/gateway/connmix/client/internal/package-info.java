// SPDX-License-Identifier: Apache-2.0
/**
 * How client listeners work. {@code ClientSession} is one connection, of which {@code
 * WebSocketSession} and {@code TcpSession} are the kinds; {@code PushFrames} is what is pushed to
 * many of them, encoded once. {@code RuleHandler} does with a client what the configuration says:
 * {@code Admissions} let it in, {@code Outbox} brings what it does to topics, {@code ClientVerbs}
 * are what it may do by itself.
 */
@NullMarked
package io.dragoman.gateway.connmix.client.internal;

import org.jspecify.annotations.NullMarked;
