// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Kind;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.gateway.kubemq.internal.Inputs.SubscribeType;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Query;
import org.jspecify.annotations.Nullable;

/**
 * {@code /subscribe/events} and {@code /subscribe/requests}. Whatever can be refused is refused
 * before the upgrade, with an ordinary answer that clients can read.
 */
final class SubscribeEndpoints {
  private final GatewayContext context;
  private final Broker broker;

  SubscribeEndpoints(GatewayContext context) {
    this.context = context;
    this.broker = context.broker();
  }

  void events(HttpExchange exchange) {
    Inputs.Subscribe subscribe = subscribe(exchange.rawQuery());
    if (!refused(exchange, context.entrance().caller(exchange).subscribeToEvents(subscribe))) {
      if (subscribe.type() == SubscribeType.EVENTS) {
        live(exchange, subscribe);
      } else {
        stored(exchange, subscribe);
      }
    }
  }

  void requests(HttpExchange exchange) {
    Inputs.Subscribe subscribe = subscribe(exchange.rawQuery());
    if (!refused(exchange, context.entrance().caller(exchange).subscribeToRequests(subscribe))) {
      serve(exchange, subscribe);
    }
  }

  private static boolean refused(HttpExchange exchange, @Nullable KubemqError error) {
    if (error != null) {
      RestReplies.failed(exchange, error.text());
    } else if (!exchange.upgradeRequested()) {
      RestReplies.notWebSocket(exchange);
    } else {
      return false;
    }
    return true;
  }

  private void live(HttpExchange exchange, Inputs.Subscribe subscribe) {
    EventsSocket socket = new EventsSocket(context, subscribe.channel(), exchange.allocator());
    accept(
        exchange,
        socket,
        broker
            .events()
            .subscribe(
                SubscribeRules.filter(subscribe),
                SubscribeRules.group(subscribe),
                exchange.lane(),
                socket));
  }

  private void serve(HttpExchange exchange, Inputs.Subscribe subscribe) {
    Kind kind = RequestRules.kind(subscribe);
    RequestsSocket socket = new RequestsSocket(context, kind, subscribe.channel());
    accept(
        exchange,
        socket,
        broker
            .requests()
            .serve(
                kind,
                SubscribeRules.filter(subscribe),
                SubscribeRules.group(subscribe),
                exchange.lane(),
                socket));
  }

  private static void accept(
      HttpExchange exchange, SubscriberSocket socket, Result<Subscription> outcome) {
    if (outcome instanceof Result.Ok<Subscription> ok) {
      socket.accept(exchange, ok.value());
    } else {
      RestReplies.failed(exchange, KubemqErrorMapper.text(outcome));
    }
  }

  private void stored(HttpExchange exchange, Inputs.Subscribe subscribe) {
    LogSocket socket = new LogSocket(context, subscribe.channel(), exchange.lane());
    LaneStep.of(
        broker
            .logs()
            .subscribe(
                SubscribeRules.log(subscribe, broker.clock().unixNanos()), exchange.lane(), socket),
        exchange.lane(),
        outcome -> accept(exchange, socket, outcome));
  }

  private static void accept(
      HttpExchange exchange, LogSocket socket, Result<LogSubscription> outcome) {
    if (outcome instanceof Result.Ok<LogSubscription> ok) {
      socket.accept(exchange, ok.value());
    } else {
      RestReplies.failed(exchange, KubemqErrorMapper.text(outcome));
    }
  }

  private static Inputs.Subscribe subscribe(String query) {
    return new Inputs.Subscribe(
        type(parameter(query, "subscribe_type")),
        parameter(query, "client_id"),
        parameter(query, "channel"),
        parameter(query, "group"),
        (int) Math.max(-1, Math.min(number(query, "events_store_type_data"), Integer.MAX_VALUE)),
        number(query, "events_store_type_value"));
  }

  private static SubscribeType type(String text) {
    return switch (text) {
      case "events" -> SubscribeType.EVENTS;
      // The second is what the oldest Go client says.
      case "events_store", "persistence" -> SubscribeType.EVENTS_STORE;
      case "commands" -> SubscribeType.COMMANDS;
      case "queries" -> SubscribeType.QUERIES;
      default -> SubscribeType.UNDEFINED;
    };
  }

  private static String parameter(String query, String name) {
    String value = Query.find(query, name);
    return value == null ? "" : value;
  }

  /** What is no number is 0, as in the reference. */
  private static long number(String query, String name) {
    try {
      return Long.parseLong(parameter(query, name));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
