// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.LaneStep;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.transport.HttpExchange;

/** {@code /send/event}. */
final class EventEndpoints {
  private static final Result<?> FAULT = Result.refused(LaneStep.FAULT);

  private final GatewayContext context;
  private final InterfaceStats stats;

  EventEndpoints(GatewayContext context) {
    this.context = context;
    this.stats = context.restStats();
  }

  void send(HttpExchange exchange, Inputs.Event event) {
    Caller caller = context.entrance().caller(exchange);
    RoutedSend routed = context.routing().event(caller, event);
    if (routed != null) {
      send(exchange, event, routed);
      return;
    }
    KubemqError error = caller.event(event);
    if (error != null) {
      fail(exchange, event, error.text());
      return;
    }
    stats.opened(Use.EVENTS_SENDERS);
    LaneStep.of(
        EventRules.send(context.broker(), caller, event),
        exchange.lane(),
        FAULT,
        outcome -> sent(exchange, event, outcome));
  }

  private void sent(HttpExchange exchange, Inputs.Event event, Result<?> outcome) {
    stats.closed(Use.EVENTS_SENDERS);
    if (outcome.isOk()) {
      stats.sent(EventRules.kind(event), event.message());
      succeed(exchange, event);
    } else {
      fail(exchange, event, KubemqErrorMapper.text(outcome));
    }
  }

  private static void succeed(HttpExchange exchange, Inputs.Event event) {
    JsonWriter out = RestReplies.ok(exchange);
    RestReplies.send(exchange, JsonEncoders.eventSent(out, event.message().id()));
  }

  private void send(HttpExchange exchange, Inputs.Event event, RoutedSend routed) {
    if (!routed.error().isEmpty()) {
      routed.count(stats, false);
      RestReplies.failed(exchange, routed.error());
      return;
    }
    stats.opened(Use.EVENTS_SENDERS);
    LaneStep.of(
        routed.start(),
        exchange.lane(),
        outcome -> {
          stats.closed(Use.EVENTS_SENDERS);
          routed.count(stats, outcome.isOk());
          if (outcome.isOk()) {
            succeed(exchange, event);
          } else {
            RestReplies.failed(exchange, KubemqErrorMapper.text(outcome));
          }
        });
  }

  private void fail(HttpExchange exchange, Inputs.Event event, String error) {
    stats.sendFailed(EventRules.kind(event), event.message());
    RestReplies.failed(exchange, error);
  }
}
