// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.QueueRules.QueueFigures;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.QueuesInfoRequest;
import io.dragoman.kubemq.protocol.QueuesInfoResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.transport.ResponseListener;
import java.util.List;

/**
 * The queue calls that have one request and one answer. Their errors are part of the answer, except
 * for a batch without messages.
 */
final class GrpcQueues {
  private static final ResponseListener NOBODY = ok -> {};

  private final GatewayContext context;
  private final QueueRules rules;
  private final InterfaceStats stats;
  private final Queues queues;
  private final ChannelFigures figures;

  GrpcQueues(GatewayContext context) {
    this.context = context;
    this.rules = context.queueRules();
    this.stats = context.grpcStats();
    this.queues = context.broker().queues();
    this.figures = new ChannelFigures(context.broker());
  }

  void send(
      io.dragoman.kubemq.protocol.QueueMessage request, GrpcAnswer<SendQueueMessageResult> answer) {
    QueueSend asked = GrpcDecoders.queueMessage(request);
    RoutedSend routed = context.routing().queueMessage(answer.caller(), asked);
    if (routed != null) {
      send(answer, asked, routed);
      return;
    }
    KubemqError error = answer.caller().queueMessage(asked);
    if (error != null) {
      sent(answer, asked, SendResult.failed(asked.message().id(), error.text()));
      return;
    }
    stats.opened(Use.QUEUE_SENDERS);
    answer.await(
        queues.send(List.of(rules.send(asked))),
        QueueRules.SEND_FAULT,
        outcomes -> {
          stats.closed(Use.QUEUE_SENDERS);
          sent(answer, asked, QueueRules.result(asked, QueueRules.outcome(outcomes, 0)));
        });
  }

  private void sent(GrpcAnswer<SendQueueMessageResult> answer, QueueSend asked, SendResult result) {
    stats.settled(Kind.QUEUE, asked.message(), !result.isError());
    answer.send(GrpcEncoders.sendResult(result));
  }

  private void send(GrpcAnswer<SendQueueMessageResult> answer, QueueSend asked, RoutedSend routed) {
    if (!routed.error().isEmpty()) {
      routed.count(stats, false);
      answer.send(GrpcEncoders.sendResult(SendResult.failed(asked.message().id(), routed.error())));
      return;
    }
    stats.opened(Use.QUEUE_SENDERS);
    answer.await(
        routed.start(),
        outcome -> {
          stats.closed(Use.QUEUE_SENDERS);
          routed.count(stats, outcome.isOk());
          answer.send(GrpcEncoders.sendResult(QueueRules.result(asked, routed.receipt(outcome))));
        });
  }

  void sendBatch(QueueMessagesBatchRequest request, GrpcAnswer<QueueMessagesBatchResponse> answer) {
    if (request.getMessagesCount() == 0) {
      answer.fail(GrpcErrors.EMPTY_BATCH);
      return;
    }
    Inputs.Batch batch = GrpcDecoders.batch(request);
    stats.opened(Use.QUEUE_SENDERS);
    BatchSend send = new BatchSend(context, answer.caller(), batch);
    answer.await(
        send.start(),
        QueueRules.SEND_FAULT,
        outcomes -> {
          stats.closed(Use.QUEUE_SENDERS);
          List<SendResult> results = send.results(outcomes);
          send.count(stats, results);
          answer.send(GrpcEncoders.batchResult(batch.id(), results));
        });
  }

  void receive(
      ReceiveQueueMessagesRequest request, GrpcAnswer<ReceiveQueueMessagesResponse> answer) {
    Inputs.Receive receive = GrpcDecoders.receive(request);
    KubemqError error = answer.caller().receive(receive);
    if (error != null) {
      answer.send(GrpcEncoders.receiveFailed(receive, error.text()));
    } else if (receive.peek()) {
      peek(receive, answer);
    } else {
      take(receive, answer);
    }
  }

  private void take(Inputs.Receive receive, GrpcAnswer<ReceiveQueueMessagesResponse> answer) {
    Call<Received> call = queues.receive(receive.channel(), rules.autoAcknowledged(receive));
    begin(answer, call);
    answer.await(call.result(), outcome -> taken(receive, answer, outcome));
  }

  private void taken(
      Inputs.Receive receive,
      GrpcAnswer<ReceiveQueueMessagesResponse> answer,
      Result<Received> outcome) {
    stats.closed(Use.QUEUE_RECEIVERS);
    if (outcome instanceof Result.Ok<Received> ok) {
      List<Delivery> deliveries = ok.value().deliveries();
      List<QueueMessage> messages = QueueRules.messages(deliveries);
      stats.received(messages);
      answer.send(
          GrpcEncoders.received(receive, messages, ok.value().expired()), settling(deliveries));
    } else {
      answer.send(GrpcEncoders.receiveFailed(receive, KubemqErrorMapper.text(outcome)));
    }
  }

  private void peek(Inputs.Receive receive, GrpcAnswer<ReceiveQueueMessagesResponse> answer) {
    Call<Peeked> call =
        queues.peek(
            receive.channel(), receive.messagesMax(), rules.waitNanos(receive.waitSeconds()));
    begin(answer, call);
    answer.await(call.result(), outcome -> peeked(receive, answer, outcome));
  }

  private void peeked(
      Inputs.Receive receive,
      GrpcAnswer<ReceiveQueueMessagesResponse> answer,
      Result<Peeked> outcome) {
    stats.closed(Use.QUEUE_RECEIVERS);
    if (outcome instanceof Result.Ok<Peeked> ok) {
      answer.send(GrpcEncoders.received(receive, ok.value().messages(), ok.value().expired()));
    } else {
      answer.send(GrpcEncoders.receiveFailed(receive, KubemqErrorMapper.text(outcome)));
    }
  }

  /**
   * For calls that may wait long: a client that goes away ends them, and nothing is held for them.
   */
  private void begin(GrpcAnswer<?> answer, Call<?> call) {
    stats.opened(Use.QUEUE_RECEIVERS);
    answer.waits(call::cancel);
  }

  /** Messages count as consumed only once they are on their way to the client. */
  private ResponseListener settling(List<Delivery> deliveries) {
    if (deliveries.isEmpty()) {
      return NOBODY;
    }
    List<Receipt> receipts = QueueRules.receipts(deliveries);
    return ok -> queues.settle(receipts, ok ? Settlement.ACK : Settlement.RELEASE);
  }

  void ackAll(AckAllQueueMessagesRequest request, GrpcAnswer<AckAllQueueMessagesResponse> answer) {
    Inputs.AckAll ackAll = GrpcDecoders.ackAll(request);
    KubemqError error = answer.caller().ackAll(ackAll);
    if (error != null) {
      answer.send(GrpcEncoders.ackAllFailed(ackAll.requestId(), error.text()));
      return;
    }
    Call<Long> call = queues.ackAll(ackAll.channel(), rules.waitNanos(ackAll.waitSeconds()));
    begin(answer, call);
    answer.await(call.result(), outcome -> ackedAll(ackAll, answer, outcome));
  }

  private void ackedAll(
      Inputs.AckAll ackAll, GrpcAnswer<AckAllQueueMessagesResponse> answer, Result<Long> outcome) {
    stats.closed(Use.QUEUE_RECEIVERS);
    answer.send(
        outcome instanceof Result.Ok<Long> ok
            ? GrpcEncoders.ackedAll(ackAll.requestId(), ok.value())
            : GrpcEncoders.ackAllFailed(ackAll.requestId(), KubemqErrorMapper.text(outcome)));
  }

  void info(QueuesInfoRequest request, GrpcAnswer<QueuesInfoResponse> answer) {
    Inputs.QueuesInfo asked = GrpcDecoders.queuesInfo(request);
    KubemqError error = answer.caller().overview();
    if (error != null) {
      answer.fail(error);
      return;
    }
    answer.await(
        figures.queues(QueueRules.queueNames(asked.queueName())),
        outcome -> told(asked, answer, outcome));
  }

  private static void told(
      Inputs.QueuesInfo asked,
      GrpcAnswer<QueuesInfoResponse> answer,
      Result<List<QueueFigures>> outcome) {
    if (outcome instanceof Result.Ok<List<QueueFigures>> ok) {
      answer.send(GrpcEncoders.queuesInfo(asked.requestId(), ok.value()));
    } else {
      answer.fail(GrpcErrors.refused(KubemqErrorMapper.text(outcome)));
    }
  }
}
