// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBufUtil;
import java.util.function.BiFunction;

/** The dialect's REST and WebSocket interface. */
public final class RestInterface {
  private final GatewayContext context;

  public RestInterface(GatewayContext context) {
    this.context = context;
  }

  /** All routes of the interface. */
  public Routes routes() {
    EventEndpoints events = new EventEndpoints(context);
    RequestEndpoints requests = new RequestEndpoints(context);
    QueueEndpoints queues = new QueueEndpoints(context);
    SubscribeEndpoints subscriptions = new SubscribeEndpoints(context);
    Routes.Builder routes =
        Routes.builder()
            .errors(RestReplies::error)
            .get("/", open(RestInterface::greet))
            .exact("GET", "/ping", ready(this::ping))
            .exact("GET", "/queue/info", ready(new QueueInfoEndpoint(context)))
            .webSocket("/subscribe/events", ready(subscriptions::events))
            .webSocket("/subscribe/requests", ready(subscriptions::requests))
            .webSocket("/send/stream", ready(stream(SendStream::new)))
            .webSocket("/queue/stream", ready(stream(QueueStream::new)));
    post(routes, "/send/event", JsonDecoders::event, events::send);
    post(routes, "/send/request", JsonDecoders::request, requests::request);
    post(routes, "/send/response", JsonDecoders::response, requests::response);
    post(routes, "/queue/send", JsonDecoders::queueMessage, queues::send);
    post(routes, "/queue/send_batch", JsonDecoders::batch, queues::sendBatch);
    post(routes, "/queue/receive", JsonDecoders::receive, queues::receive);
    post(routes, "/queue/ack_all", JsonDecoders::ackAll, queues::ackAll);
    return routes.build();
  }

  private <T> void post(
      Routes.Builder routes, String path, JsonInput.Shape<T> shape, JsonEndpoint.Action<T> action) {
    routes.exact("POST", path, ready(new JsonEndpoint<>(shape, action, context.largeBodies())));
  }

  private HttpHandler ready(HttpHandler handler) {
    return open(context.entrance().guard(handler));
  }

  /** For everybody. */
  private HttpHandler open(HttpHandler handler) {
    HttpHandler opened =
        exchange -> {
          if (context.accepting()) {
            handler.handle(exchange);
          } else {
            RestReplies.notReady(exchange);
          }
        };
    return opened.wantingBodyIf(handler::wantsBody);
  }

  private HttpHandler stream(BiFunction<GatewayContext, Caller, WebSocketHandler> handler) {
    return exchange -> {
      if (exchange.upgradeRequested()) {
        Caller caller = context.entrance().caller(exchange);
        WebSockets.accept(context, exchange, handler.apply(context, caller));
      } else {
        RestReplies.notWebSocket(exchange);
      }
    };
  }

  private static void greet(HttpExchange exchange) {
    exchange.respond(200, RestReplies.TEXT, ByteBufUtil.writeAscii(exchange.allocator(), "hi"));
  }

  private void ping(HttpExchange exchange) {
    JsonWriter out =
        RestReplies.ok(exchange)
            .beginObject()
            .text(Field.HOST, context.options().hostName())
            .text(Field.VERSION, context.options().version())
            .number(Field.SERVER_START_TIME, context.startedAtSeconds())
            .number(Field.SERVER_UP_TIME_SECONDS, context.upSeconds())
            .endObject();
    RestReplies.send(exchange, out);
  }
}
