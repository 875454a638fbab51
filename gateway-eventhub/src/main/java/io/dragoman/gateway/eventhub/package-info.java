// SPDX-License-Identifier: Apache-2.0
/**
 * The Eventhub dialect: JSON-RPC over WebSockets, event streams, and publishing over HTTP. See
 * {@link io.dragoman.gateway.eventhub.EventhubGateway}.
 */
@NullMarked
package io.dragoman.gateway.eventhub;

import org.jspecify.annotations.NullMarked;
