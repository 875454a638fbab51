// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.QueueSend;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.PingResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;

/**
 * The calls of the gRPC interface. Each runs on the event loop of its connection, which is the
 * call's lane: whatever it waits for comes back there.
 */
final class GrpcCalls extends kubemqGrpc.kubemqImplBase {
  private final GatewayContext context;
  private final Supplier<Lane> lanes;
  private final InterfaceStats stats;

  GrpcCalls(GatewayContext context, Supplier<Lane> lanes) {
    this.context = context;
    this.lanes = lanes;
    this.stats = context.grpcStats();
  }

  @Override
  public void ping(Empty request, StreamObserver<PingResult> answer) {
    answer.onNext(
        PingResult.newBuilder()
            .setHost(context.options().hostName())
            .setVersion(context.options().version())
            .setServerStartTime(context.startedAtSeconds())
            .setServerUpTimeSeconds(context.upSeconds())
            .build());
    answer.onCompleted();
  }

  @Override
  public void sendQueueMessage(
      QueueMessage request, StreamObserver<SendQueueMessageResult> answer) {
    QueueSend asked = GrpcDecoders.queueMessage(request);
    KubemqError error = context.checks().queueMessage(asked);
    if (error != null) {
      sent(answer, asked, SendResult.failed(asked.message().id(), error.text()));
      return;
    }
    stats.opened(Use.QUEUE_SENDERS);
    LaneStep.of(
        context.broker().queues().send(List.of(context.queueRules().send(asked))),
        lanes.get(),
        QueueRules.SEND_FAULT,
        outcomes -> {
          stats.closed(Use.QUEUE_SENDERS);
          sent(answer, asked, QueueRules.result(asked, QueueRules.outcome(outcomes, 0)));
        });
  }

  private void sent(
      StreamObserver<SendQueueMessageResult> answer, QueueSend asked, SendResult result) {
    if (result.isError()) {
      stats.sendFailed(Kind.QUEUE, asked.message());
    } else {
      stats.sent(Kind.QUEUE, asked.message());
    }
    answer.onNext(GrpcEncoders.sendResult(result));
    answer.onCompleted();
  }
}
