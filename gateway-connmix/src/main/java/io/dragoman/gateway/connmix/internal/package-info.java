// SPDX-License-Identifier: Apache-2.0
/**
 * How the connmix gateway works: {@code ApiInput} and {@code ApiReplies} are the JSON of backends,
 * {@code Methods} what they may ask for whatever way it came, {@code ApiSocket} (WebSocket) and
 * {@code MeshEndpoint} (HTTP) the ways, {@code Consumption} the queues they consume.
 */
@NullMarked
package io.dragoman.gateway.connmix.internal;

import org.jspecify.annotations.NullMarked;
