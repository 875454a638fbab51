// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.transport.Routes;
import io.dragoman.transport.TcpHandler;

/** What listeners for clients serve. */
public final class Endpoints {

  private Endpoints() {}

  /** The routes of WebSocket clients. */
  public static Routes routes(EndpointContext context) {
    String path = context.options().path();
    String below = path.endsWith("/") ? path : path + "/";
    return Routes.builder()
        .webSocket(path, exchange -> WebSocketSession.handle(context, exchange))
        .webSocketPrefix(below, exchange -> WebSocketSession.handle(context, exchange))
        .build();
  }

  /** What hears of one TCP client. */
  public static TcpHandler tcp(EndpointContext context) {
    return TcpSession.handler(context);
  }
}
