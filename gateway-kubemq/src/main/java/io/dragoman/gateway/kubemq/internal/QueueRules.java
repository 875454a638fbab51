// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Delivery;
import io.dragoman.core.LaneStep;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.gateway.kubemq.KubemqOptions.QueueLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What queue calls of this dialect mean to the core, and what its answers mean to clients. */
final class QueueRules {
  static final String NO_MESSAGES = "no messages to send";

  /**
   * The most that one answer holds of messages, though one may be larger. Clients take 100 MiB;
   * what the encoding adds must fit in as well.
   */
  static final long ANSWER_BYTES_MAX = 64L << 20;

  /** What stands for the outcomes of a send that had a fault as a whole. */
  static final List<Result<SendReceipt>> SEND_FAULT = List.of();

  private final QueueLimits limits;

  QueueRules(QueueLimits limits) {
    this.limits = limits;
  }

  /**
   * What became of one sent message.
   *
   * @param error empty when it was stored; the times are 0 otherwise
   */
  record SendResult(
      String messageId, long sentAt, long expirationAt, long delayedTo, String error) {
    static SendResult failed(String messageId, String error) {
      return new SendResult(messageId, 0, 0, 0, error);
    }

    boolean isError() {
      return !error.isEmpty();
    }
  }

  /** The figures of one queue as this dialect shows them. */
  record QueueFigures(
      String name,
      long messages,
      long bytes,
      long firstSequence,
      long lastSequence,
      long sent,
      long delivered,
      long waiting,
      long subscribers) {}

  /** A message as it is to be stored: without a limit of its own, the configured one holds. */
  QueueSend send(QueueSend asked) {
    QueuePolicy policy = asked.policy();
    if (policy.maxReceiveCount() != 0) {
      return asked;
    }
    QueuePolicy limited =
        new QueuePolicy(
            policy.expirationSeconds(),
            policy.delaySeconds(),
            limits.receiveCountMax(),
            policy.deadLetterQueue());
    return new QueueSend(asked.message(), limited, asked.waitingMax());
  }

  /** The result of sending one message that had passed the checks. */
  static SendResult result(QueueSend sent, Result<SendReceipt> outcome) {
    if (outcome instanceof Result.Ok<SendReceipt> ok) {
      SendReceipt receipt = ok.value();
      return new SendResult(
          receipt.messageId(),
          receipt.sentAtNanos(),
          receipt.expiresAtNanos(),
          receipt.deliverAtNanos(),
          "");
    }
    return SendResult.failed(sent.message().id(), KubemqErrorMapper.text(outcome));
  }

  /** An outcome for each message, also when the call as a whole had a fault. */
  static Result<SendReceipt> outcome(List<Result<SendReceipt>> outcomes, int index) {
    return index < outcomes.size() ? outcomes.get(index) : Result.refused(LaneStep.FAULT);
  }

  long waitNanos(int waitSeconds) {
    return TimeUnit.SECONDS.toNanos(waitSeconds == 0 ? limits.waitSecondsDefault() : waitSeconds);
  }

  long visibilityNanos(int visibilitySeconds) {
    return TimeUnit.SECONDS.toNanos(
        visibilitySeconds == 0 ? limits.visibilitySecondsDefault() : visibilitySeconds);
  }

  /**
   * Auto-acknowledged messages are held until the client has them, and settled then. What does not
   * fit into one answer stays in the queue, and nobody waits for it.
   */
  ReceiveOptions autoAcknowledged(Inputs.Receive receive) {
    return new ReceiveOptions(
        receive.messagesMax(),
        waitNanos(receive.waitSeconds()),
        ReceiveOptions.UNTIL_SETTLED,
        ANSWER_BYTES_MAX);
  }

  /** One message for a transaction. */
  ReceiveOptions leased(Inputs.StreamRequest request) {
    return new ReceiveOptions(
        1, waitNanos(request.waitSeconds()), visibilityNanos(request.visibilitySeconds()));
  }

  static List<QueueMessage> messages(List<Delivery> deliveries) {
    List<QueueMessage> messages = new ArrayList<>(deliveries.size());
    for (Delivery delivery : deliveries) {
      messages.add(delivery.message());
    }
    return messages;
  }

  static List<Receipt> receipts(List<Delivery> deliveries) {
    List<Receipt> receipts = new ArrayList<>(deliveries.size());
    for (Delivery delivery : deliveries) {
      receipts.add(delivery.receipt());
    }
    return receipts;
  }

  /** The queues somebody asked for; empty means all. */
  static List<String> queueNames(String queueName) {
    return List.of(queueName.split(";", -1)).stream()
        .map(String::trim)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }

  /**
   * All consumers of a queue are one subscriber in this dialect: there from the first consumption
   * on. What was consumed is gone, so {@code messages} is what is still there, unlike in the
   * reference.
   */
  static QueueFigures figures(QueueInfo info) {
    long waiting = info.waiting() + info.inFlight();
    long delivered = Math.max(0, info.entered() - waiting);
    boolean consumed = delivered > 0 || info.inFlight() > 0;
    return new QueueFigures(
        info.queue(),
        waiting,
        info.bytes(),
        info.firstSequence(),
        info.lastSequence(),
        info.entered(),
        delivered,
        waiting,
        Math.max(info.waitingReceivers(), consumed ? 1 : 0));
  }

  /** Sums over queues. */
  record Totals(long sent, long delivered, long waiting) {}

  static Totals totals(List<QueueFigures> queues) {
    long sent = 0;
    long delivered = 0;
    long waiting = 0;
    for (QueueFigures queue : queues) {
      sent += queue.sent();
      delivered += queue.delivered();
      waiting += queue.waiting();
    }
    return new Totals(sent, delivered, waiting);
  }

  /** A message that is only looked at shows as if it were being received, as in the reference. */
  static int receiveCount(QueueMessage message) {
    return Math.max(1, message.receiveCount());
  }

  /** A delay that is over is no longer part of the policy. */
  static int delaySeconds(QueueMessage message) {
    return message.deliverAtNanos() == 0 ? 0 : message.policy().delaySeconds();
  }

  /** Queues that never held a message are not shown. */
  static boolean isShown(QueueInfo info) {
    return info.lastSequence() > 0;
  }
}
