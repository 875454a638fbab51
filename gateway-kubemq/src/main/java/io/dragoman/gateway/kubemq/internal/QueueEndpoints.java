// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.ResponseListener;
import java.util.List;

/**
 * {@code /queue/send}, {@code send_batch}, {@code receive} and {@code ack_all}. Errors of these
 * calls are part of the data of a success, except for a batch without messages.
 */
final class QueueEndpoints {
  private static final ResponseListener NOBODY = ok -> {};

  private final GatewayContext context;
  private final QueueRules rules;
  private final InterfaceStats stats;
  private final Queues queues;

  QueueEndpoints(GatewayContext context) {
    this.context = context;
    this.rules = context.queueRules();
    this.stats = context.restStats();
    this.queues = context.broker().queues();
  }

  void send(HttpExchange exchange, QueueSend asked) {
    Caller caller = context.entrance().caller(exchange);
    RoutedSend routed = context.routing().queueMessage(caller, asked);
    if (routed != null) {
      send(exchange, asked, routed);
      return;
    }
    KubemqError error = caller.queueMessage(asked);
    if (error != null) {
      sent(exchange, asked, SendResult.failed(asked.message().id(), error.text()));
      return;
    }
    stats.opened(Use.QUEUE_SENDERS);
    LaneStep.of(
        queues.send(List.of(rules.send(asked))),
        exchange.lane(),
        QueueRules.SEND_FAULT,
        outcomes -> {
          stats.closed(Use.QUEUE_SENDERS);
          sent(exchange, asked, QueueRules.result(asked, QueueRules.outcome(outcomes, 0)));
        });
  }

  private void sent(HttpExchange exchange, QueueSend asked, SendResult result) {
    stats.settled(Kind.QUEUE, asked.message(), !result.isError());
    answer(exchange, result);
  }

  private static void answer(HttpExchange exchange, SendResult result) {
    JsonWriter out = RestReplies.ok(exchange);
    RestReplies.send(exchange, JsonEncoders.sendResult(out, result));
  }

  private void send(HttpExchange exchange, QueueSend asked, RoutedSend routed) {
    if (!routed.error().isEmpty()) {
      routed.count(stats, false);
      answer(exchange, SendResult.failed(asked.message().id(), routed.error()));
      return;
    }
    stats.opened(Use.QUEUE_SENDERS);
    LaneStep.of(
        routed.start(),
        exchange.lane(),
        outcome -> {
          stats.closed(Use.QUEUE_SENDERS);
          routed.count(stats, outcome.isOk());
          answer(exchange, QueueRules.result(asked, routed.receipt(outcome)));
        });
  }

  void sendBatch(HttpExchange exchange, Inputs.Batch batch) {
    if (batch.messages().isEmpty()) {
      RestReplies.failed(exchange, QueueRules.NO_MESSAGES);
      return;
    }
    stats.opened(Use.QUEUE_SENDERS);
    BatchSend send = new BatchSend(context, context.entrance().caller(exchange), batch);
    LaneStep.of(
        send.start(),
        exchange.lane(),
        QueueRules.SEND_FAULT,
        outcomes -> {
          stats.closed(Use.QUEUE_SENDERS);
          List<SendResult> results = send.results(outcomes);
          send.count(stats, results);
          JsonWriter out = RestReplies.ok(exchange);
          RestReplies.send(exchange, JsonEncoders.batchResult(out, batch.id(), results));
        });
  }

  void receive(HttpExchange exchange, Inputs.Receive receive) {
    KubemqError error = context.entrance().caller(exchange).receive(receive);
    if (error != null) {
      failed(exchange, receive.requestId(), receive.peek(), error.text());
    } else if (receive.peek()) {
      peek(exchange, receive);
    } else {
      take(exchange, receive);
    }
  }

  private void take(HttpExchange exchange, Inputs.Receive receive) {
    Call<Received> call = queues.receive(receive.channel(), rules.autoAcknowledged(receive));
    begin(exchange, call);
    LaneStep.of(call.result(), exchange.lane(), outcome -> taken(exchange, receive, outcome));
  }

  private void taken(HttpExchange exchange, Inputs.Receive receive, Result<Received> outcome) {
    stats.closed(Use.QUEUE_RECEIVERS);
    if (outcome instanceof Result.Ok<Received> ok) {
      List<Delivery> deliveries = ok.value().deliveries();
      List<QueueMessage> messages = QueueRules.messages(deliveries);
      stats.received(messages);
      answer(exchange, receive, messages, ok.value().expired(), settling(deliveries));
    } else {
      failed(exchange, receive.requestId(), false, KubemqErrorMapper.text(outcome));
    }
  }

  private void peek(HttpExchange exchange, Inputs.Receive receive) {
    Call<Peeked> call =
        queues.peek(
            receive.channel(), receive.messagesMax(), rules.waitNanos(receive.waitSeconds()));
    begin(exchange, call);
    LaneStep.of(call.result(), exchange.lane(), outcome -> peeked(exchange, receive, outcome));
  }

  private void peeked(HttpExchange exchange, Inputs.Receive receive, Result<Peeked> outcome) {
    stats.closed(Use.QUEUE_RECEIVERS);
    if (outcome instanceof Result.Ok<Peeked> ok) {
      answer(exchange, receive, ok.value().messages(), ok.value().expired(), NOBODY);
    } else {
      failed(exchange, receive.requestId(), true, KubemqErrorMapper.text(outcome));
    }
  }

  /**
   * For calls that may wait long: a client that goes away ends them, and nothing is held for them.
   */
  private void begin(HttpExchange exchange, Call<?> call) {
    stats.opened(Use.QUEUE_RECEIVERS);
    exchange.onDisconnect(call::cancel);
    exchange.releaseBody();
  }

  private static void answer(
      HttpExchange exchange,
      Inputs.Receive receive,
      List<QueueMessage> messages,
      int expired,
      ResponseListener written) {
    JsonWriter out = RestReplies.ok(exchange);
    JsonEncoders.received(out, receive.requestId(), messages, expired, receive.peek());
    RestReplies.send(exchange, out, written);
  }

  /** Messages count as consumed only once they are on their way to the client. */
  private ResponseListener settling(List<Delivery> deliveries) {
    if (deliveries.isEmpty()) {
      return NOBODY;
    }
    List<Receipt> receipts = QueueRules.receipts(deliveries);
    return ok -> queues.settle(receipts, ok ? Settlement.ACK : Settlement.RELEASE);
  }

  void ackAll(HttpExchange exchange, Inputs.AckAll ackAll) {
    KubemqError error = context.entrance().caller(exchange).ackAll(ackAll);
    if (error != null) {
      failed(exchange, ackAll.requestId(), false, error.text());
      return;
    }
    Call<Long> call = queues.ackAll(ackAll.channel(), rules.waitNanos(ackAll.waitSeconds()));
    begin(exchange, call);
    LaneStep.of(call.result(), exchange.lane(), outcome -> ackedAll(exchange, ackAll, outcome));
  }

  private void ackedAll(HttpExchange exchange, Inputs.AckAll ackAll, Result<Long> outcome) {
    stats.closed(Use.QUEUE_RECEIVERS);
    if (outcome instanceof Result.Ok<Long> ok) {
      JsonWriter out = RestReplies.ok(exchange);
      RestReplies.send(exchange, JsonEncoders.ackedAll(out, ackAll.requestId(), ok.value()));
    } else {
      failed(exchange, ackAll.requestId(), false, KubemqErrorMapper.text(outcome));
    }
  }

  private static void failed(HttpExchange exchange, String requestId, boolean peek, String error) {
    JsonWriter out = RestReplies.ok(exchange);
    RestReplies.send(exchange, JsonEncoders.queueCallFailed(out, requestId, peek, error));
  }
}
