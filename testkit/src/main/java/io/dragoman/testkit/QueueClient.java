// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Call;
import io.dragoman.core.DelayedMessage;
import io.dragoman.core.Delivery;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.QueueStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A queue store called the way a test thinks: waiting for answers, which must not be refusals. */
final class QueueClient {
  private static final Duration NO_WAIT = Duration.ZERO;

  private final Supplier<Engine> engine;

  QueueClient(Supplier<Engine> engine) {
    this.engine = engine;
  }

  /** The store itself, for calls that wait or are to be refused. */
  QueueStore store() {
    return engine.get().queues();
  }

  SendReceipt send(String queue, String body) {
    return send(queue, body, QueuePolicy.NONE);
  }

  SendReceipt send(String queue, String body, QueuePolicy policy) {
    return sendBatch(List.of(Samples.send(queue, body, policy))).get(0);
  }

  /** Sends each on its own, one after the other. */
  void sendEach(String queue, String... bodies) {
    for (String body : bodies) {
      send(queue, body);
    }
  }

  /** Sends all in one call. */
  List<SendReceipt> sendAll(String queue, String... bodies) {
    return sendBatch(Arrays.stream(bodies).map(body -> Samples.send(queue, body)).toList());
  }

  List<SendReceipt> sendBatch(List<QueueSend> messages) {
    List<Result<SendReceipt>> results = Outcomes.of(store().send(messages));
    assertThat(results).hasSameSizeAs(messages);
    return results.stream().map(Result::orThrow).toList();
  }

  /** Takes what is there, held until settled. */
  List<Delivery> take(String queue, int max) {
    return receive(queue, max, NO_WAIT).deliveries();
  }

  /** Takes what is there under a lease. */
  List<Delivery> lease(String queue, int max, Duration lease) {
    ReceiveOptions options = new ReceiveOptions(max, 0, lease.toNanos());
    return Outcomes.ok(store().receive(queue, options).result()).deliveries();
  }

  /** Waits for exactly one message, held until settled. */
  Delivery await(String queue) {
    List<Delivery> deliveries = await(queue, 1);
    return deliveries.get(0);
  }

  /** Waits for exactly so many messages, held until settled. */
  List<Delivery> await(String queue, int count) {
    List<Delivery> deliveries = receive(queue, count, Duration.ofSeconds(15)).deliveries();
    assertThat(deliveries).as("deliveries from %s", queue).hasSize(count);
    return deliveries;
  }

  Received receive(String queue, int max, Duration wait) {
    return Outcomes.ok(waiting(queue, max, wait).result());
  }

  /** A receive that is under way. */
  Call<Received> waiting(String queue, int max, Duration wait) {
    return store()
        .receive(queue, new ReceiveOptions(max, wait.toNanos(), ReceiveOptions.UNTIL_SETTLED));
  }

  /** Asserts that nothing can be received now or in the next moment. */
  void assertNothing(String queue) {
    assertThat(receive(queue, 1, Duration.ofMillis(150)).deliveries())
        .as("deliveries from %s", queue)
        .isEmpty();
  }

  Settled settle(Delivery delivery, Settlement settlement) {
    return settle(delivery.receipt(), settlement);
  }

  Settled settle(Receipt receipt, Settlement settlement) {
    List<Settled> settled = Outcomes.ok(store().settle(List.of(receipt), settlement));
    assertThat(settled).hasSize(1);
    return settled.get(0);
  }

  List<Settled> settle(List<Delivery> deliveries, Settlement settlement) {
    List<Receipt> receipts = deliveries.stream().map(Delivery::receipt).toList();
    return Outcomes.ok(store().settle(receipts, settlement));
  }

  /** Settles deliveries that must all still be held. */
  void done(List<Delivery> deliveries, Settlement settlement) {
    assertThat(settle(deliveries, settlement))
        .isEqualTo(Collections.nCopies(deliveries.size(), Settled.DONE));
  }

  void done(Delivery delivery, Settlement settlement) {
    assertThat(settle(delivery, settlement)).isEqualTo(Settled.DONE);
  }

  Peeked peek(String queue, int max) {
    return Outcomes.ok(store().peek(queue, max, 0).result());
  }

  /** The bodies of what waits, as a peek sees them. */
  List<String> waitingBodies(String queue) {
    return peek(queue, 1_000).messages().stream().map(Samples::body).toList();
  }

  long ackAll(String queue) {
    return Outcomes.ok(store().ackAll(queue, 0).result());
  }

  List<DelayedMessage> delayed(String queue) {
    return Outcomes.ok(store().delayed(queue, null, 1_000, 64 << 20)).messages();
  }

  Stream<QueueMessage> delayedMessages(String queue) {
    return delayed(queue).stream().map(DelayedMessage::message);
  }

  int redrive(String deadLetterQueue, int max) {
    return redrive(deadLetterQueue, RedriveStep.ofAtMost(max)).moved();
  }

  Redriven redrive(String deadLetterQueue, RedriveStep step) {
    return Outcomes.ok(store().redrive(deadLetterQueue, step));
  }

  QueuePage browse(String queue, long fromSequence, int max) {
    return Outcomes.ok(store().browse(queue, fromSequence, max, 1 << 20));
  }

  QueueInfo info(String queue) {
    return Outcomes.ok(store().info(queue));
  }
}
