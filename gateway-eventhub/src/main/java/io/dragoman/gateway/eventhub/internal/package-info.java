// SPDX-License-Identifier: Apache-2.0
/**
 * How the Eventhub gateway works. Three layers, each using only those above it:
 *
 * <ol>
 *   <li>the dialect's rules, whatever the encoding: {@code EventIds}, {@code Caller}, {@code
 *       HistoryRequest}, {@code Publishing}, {@code Following}
 *   <li>JSON: {@code RpcInput} in, {@code JsonText}, {@code Replies} and {@code ResultBatch} out
 *   <li>the interfaces: {@code ClientSocket} and {@code Methods} (WebSocket), {@code
 *       EventStreamEndpoint} (SSE), {@code PublishEndpoint} (HTTP)
 * </ol>
 */
@NullMarked
package io.dragoman.gateway.eventhub.internal;

import org.jspecify.annotations.NullMarked;
