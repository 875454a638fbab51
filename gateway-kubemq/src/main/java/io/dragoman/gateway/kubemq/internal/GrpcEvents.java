// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.LaneStep;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.kubemq.protocol.Event;
import io.grpc.Status;

/** {@code SendEvent}. */
final class GrpcEvents {
  private static final io.dragoman.core.Result<?> FAULT =
      io.dragoman.core.Result.refused(LaneStep.FAULT);

  private final GatewayContext context;
  private final InterfaceStats stats;

  GrpcEvents(GatewayContext context) {
    this.context = context;
    this.stats = context.grpcStats();
  }

  void send(Event request, GrpcAnswer<io.dragoman.kubemq.protocol.Result> answer) {
    Inputs.Event event = GrpcDecoders.event(request);
    RoutedSend routed = context.routing().event(answer.caller(), event);
    if (routed != null) {
      send(answer, event, routed);
      return;
    }
    KubemqError error = answer.caller().event(event);
    if (error != null) {
      fail(answer, event, GrpcErrors.refused(error));
      return;
    }
    stats.opened(Use.EVENTS_SENDERS);
    answer.await(
        EventRules.send(context.broker(), answer.caller(), event),
        FAULT,
        outcome -> sent(answer, event, outcome));
  }

  private void send(
      GrpcAnswer<io.dragoman.kubemq.protocol.Result> answer,
      Inputs.Event event,
      RoutedSend routed) {
    if (!routed.error().isEmpty()) {
      routed.count(stats, false);
      answer.fail(GrpcErrors.refused(routed.error()));
      return;
    }
    stats.opened(Use.EVENTS_SENDERS);
    answer.await(
        routed.start(),
        outcome -> {
          stats.closed(Use.EVENTS_SENDERS);
          routed.count(stats, outcome.isOk());
          if (outcome.isOk()) {
            answer.send(GrpcEncoders.eventSent(event.message().id()));
          } else {
            answer.fail(GrpcErrors.refused(KubemqErrorMapper.text(outcome)));
          }
        });
  }

  private void sent(
      GrpcAnswer<io.dragoman.kubemq.protocol.Result> answer,
      Inputs.Event event,
      io.dragoman.core.Result<?> outcome) {
    stats.closed(Use.EVENTS_SENDERS);
    if (outcome.isOk()) {
      stats.sent(EventRules.kind(event), event.message());
      answer.send(GrpcEncoders.eventSent(event.message().id()));
    } else {
      fail(answer, event, GrpcErrors.refused(KubemqErrorMapper.text(outcome)));
    }
  }

  private void fail(GrpcAnswer<?> answer, Inputs.Event event, Status status) {
    stats.sendFailed(EventRules.kind(event), event.message());
    answer.fail(status);
  }
}
