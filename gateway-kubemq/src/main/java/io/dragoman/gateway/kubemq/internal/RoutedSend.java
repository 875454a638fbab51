// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Dispatch.Destination;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One message to several channels. It is checked for each of them as if it were sent there alone,
 * and goes to all or to none; each receiver sees its own channel. Immutable; safe from any thread.
 */
final class RoutedSend {
  private final GatewayContext context;
  private final QueueSend send;
  private final List<Destination> destinations;
  private final String error;
  private final int visits;

  private RoutedSend(
      GatewayContext context,
      QueueSend send,
      List<Destination> destinations,
      String error,
      int visits) {
    this.context = context;
    this.send = send;
    this.destinations = destinations;
    this.error = error;
    this.visits = visits;
  }

  /** One that leads nowhere. */
  static RoutedSend refused(GatewayContext context, Message message, String error, int visits) {
    QueueSend send = new QueueSend(message, QueuePolicy.NONE);
    return new RoutedSend(context, send, List.of(), error, visits);
  }

  /** Checks a message for all its destinations. */
  static RoutedSend to(
      GatewayContext context,
      Caller caller,
      QueueSend asked,
      List<Destination> destinations,
      int visits) {
    KubemqError error = null;
    for (Destination each : destinations) {
      error = error == null ? check(caller, asked, each) : error;
    }
    for (Destination each : destinations) {
      error = error == null && each.kind() != Kind.QUEUE ? caller.takeEvent(each.channel()) : error;
    }
    QueueSend signed =
        destinations.stream().allMatch(each -> each.kind() == Kind.QUEUE)
            ? asked
            : new QueueSend(caller.signed(asked.message()), asked.policy());
    return new RoutedSend(
        context,
        context.queueRules().send(signed),
        destinations,
        error == null ? "" : error.text(),
        visits);
  }

  private static @Nullable KubemqError check(
      Caller caller, QueueSend asked, Destination destination) {
    Message message = on(asked.message(), destination);
    return destination.kind() == Kind.QUEUE
        ? caller.queueMessage(new QueueSend(message, asked.policy()))
        : caller.eventOfMany(new Inputs.Event(message, destination.kind() == Kind.LOG));
  }

  private static Message on(Message message, Destination destination) {
    return message.toBuilder().channel(destination.channel()).build();
  }

  /** What is wrong with it; empty if it can be sent. */
  String error() {
    return error;
  }

  /** How much was looked through to find where it leads. */
  int visits() {
    return visits;
  }

  /** What it takes while it is on its way, roughly, in bytes: each destination has its record. */
  long weight() {
    return (long) send.message().weight() * Math.max(1, destinations.size());
  }

  /** Sends what has no error. One receipt per destination. */
  CompletionStage<Result<List<SendReceipt>>> start() {
    return context.broker().dispatch().dispatch(send.message(), send.policy(), destinations);
  }

  /**
   * What the sender of a queue message is told: the receipt of the first queue, if there is one.
   */
  Result<SendReceipt> receipt(Result<List<SendReceipt>> outcome) {
    return outcome.map(
        receipts -> {
          for (int i = 0; i < receipts.size(); i++) {
            if (destinations.get(i).kind() == Kind.QUEUE) {
              return receipts.get(i);
            }
          }
          return receipts.get(0);
        });
  }

  /** Counts what became of it, for each channel. */
  void count(InterfaceStats stats, boolean sent) {
    if (destinations.isEmpty()) {
      stats.sendFailed(send.message());
    }
    for (Destination each : destinations) {
      stats.settled(each.kind(), on(send.message(), each), sent);
    }
  }
}
