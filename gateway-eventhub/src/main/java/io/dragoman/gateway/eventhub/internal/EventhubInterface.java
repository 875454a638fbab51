// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.gateway.eventhub.EventhubOptions;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;
import io.dragoman.transport.WebSocketOptions;

/** The routes of this dialect. */
public final class EventhubInterface {
  private final GatewayContext context;
  private final EventStreamEndpoint streams;
  private final PublishEndpoint publish;
  private final Entrance entrance;

  /** Serves this dialect with this context. */
  public EventhubInterface(GatewayContext context) {
    this.context = context;
    this.entrance = context.entrance();
    this.streams = new EventStreamEndpoint(context);
    this.publish = new PublishEndpoint(context);
  }

  /** The routes that go on any listener. */
  public void addTo(Routes.Builder routes) {
    routes
        .prefix("POST", PublishEndpoint.PREFIX, entrance.guard(publish::handle))
        .anyWebSocket(entrance.guardOpening(this::webSocket))
        .eventStream(entrance.guardOpening(streams::handle));
  }

  /** What a listener of this dialect alone says besides. */
  public void addOwn(Routes.Builder routes) {
    // What is no WebSocket and no event stream; without a token one is not even told so.
    HttpHandler refused =
        entrance.guard((exchange, caller) -> Answers.page(exchange, 400, "Invalid request."));
    routes
        .fallback(
            exchange -> {
              if (exchange.method().equals("GET")) {
                refused.handle(exchange);
              } else if (exchange.method().equals("OPTIONS")) {
                Answers.options(exchange);
              } else {
                Answers.methodNotAllowed(exchange);
              }
            })
        .methodNotAllowed(
            exchange -> {
              if (exchange.method().equals("OPTIONS")) {
                Answers.options(exchange);
              } else {
                Answers.methodNotAllowed(exchange);
              }
            });
  }

  private void webSocket(HttpExchange exchange, Caller caller) {
    exchange.acceptWebSocket(options(), new ClientSocket(context, caller));
  }

  private WebSocketOptions options() {
    EventhubOptions options = context.options();
    int high = options.sendBufferBytes();
    return WebSocketOptions.defaults()
        .withMessageBytesMax(options.messageBytesMax())
        .withSubprotocolEcho()
        .withPingMillis(options.pingMillis())
        .withPendingBytes(
            high,
            Math.max(1, high / 2),
            Math.max(WebSocketOptions.defaults().pendingBytesMax(), 4L * high));
  }
}
