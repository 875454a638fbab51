// SPDX-License-Identifier: Apache-2.0
/**
 * The listeners that clients of connmix connect to, over WebSocket or TCP. {@link
 * io.dragoman.gateway.connmix.client.ClientGateway} holds their connections and pushes to them;
 * what happens with what they do is up to a {@link
 * io.dragoman.gateway.connmix.client.ClientHandler}: the rules of the configuration, or something
 * else.
 */
@NullMarked
package io.dragoman.gateway.connmix.client;

import org.jspecify.annotations.NullMarked;
