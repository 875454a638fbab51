// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.security.Principal;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WebSocketOptions;

/** What the WebSockets of this dialect have in common. */
final class WebSockets {
  /** The close code for an orderly end. */
  static final int NORMAL = 1000;

  /** The close code for an end that the client did not ask for. */
  static final int GOING_AWAY = 1001;

  /** The close code for those who may not stay. */
  static final int POLICY_VIOLATION = 1008;

  private WebSockets() {}

  /** Opens a socket, until the token of whoever asked for it expires. */
  static void accept(GatewayContext context, HttpExchange exchange, WebSocketHandler handler) {
    Caller caller = context.entrance().caller(exchange);
    boolean ever = caller.principal().expiresAtSeconds() == Principal.NEVER;
    exchange.acceptWebSocket(
        options(context.options()),
        ever ? handler : new ExpiringSocket(context.entrance(), caller, handler));
  }

  /** A socket counts as slow from the subscriber's bound on; nothing here sends far beyond it. */
  static WebSocketOptions options(KubemqOptions options) {
    int high = options.subscriberBufferBytes();
    WebSocketOptions defaults = WebSocketOptions.defaults();
    return defaults
        .withMessageBytesMax(options.jsonBytesMax())
        .withPendingBytes(
            high, Math.max(1, high / 2), Math.max(defaults.pendingBytesMax(), 4L * high));
  }
}
