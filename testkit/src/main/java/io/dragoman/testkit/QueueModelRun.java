// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.DelayedMessage;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
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
import io.dragoman.testkit.ModelStep.How;
import io.dragoman.testkit.ModelStep.Queue;
import io.dragoman.testkit.ModelStep.Sent;
import io.dragoman.testkit.QueueModel.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The queue half of one random sequence: does each step to the engine and to the model.
 *
 * <p>Two things happening at one instant have no order. Therefore operations are a millisecond off
 * the whole seconds of the earlier ones, and leases end 300 ms and more after whole seconds, a
 * millisecond more each; the clock stops a moment after each due time until the engine has done
 * what is due.
 */
final class QueueModelRun {
  private static final long MILLI = 1_000_000L;
  private static final int IMPATIENT_LOOKS = 20;

  private final Supplier<Engine> engine;
  private final QueueClient queues;
  private final ManualClock clock;
  private final String suffix;
  private final List<String> did;
  private final QueueModel model;
  private final Map<Item, Receipt> receipts = new HashMap<>();
  private final List<Receipt> used = new ArrayList<>();
  private int messages;
  private int leases;

  /**
   * @param did where to note what a step came to
   */
  QueueModelRun(Supplier<Engine> engine, ManualClock clock, String suffix, List<String> did) {
    this.engine = engine;
    this.queues = new QueueClient(engine);
    this.clock = clock;
    this.suffix = suffix;
    this.did = did;
    this.model = new QueueModel(clock.unixNanos());
  }

  String name(Queue queue) {
    return queue.name() + suffix;
  }

  QueueSend message(Sent sent) {
    return Samples.send(name(sent.queue()), "m" + ++messages, policy(sent));
  }

  /** A message was sent by other means. */
  void sent(QueueSend send) {
    model.send(send.message().channel(), Samples.body(send.message()), send.policy());
  }

  private QueuePolicy policy(Sent sent) {
    return new QueuePolicy(
        sent.expirationSeconds(),
        sent.delaySeconds(),
        sent.maxReceiveCount(),
        sent.toDead() ? name(Queue.DEAD) : "");
  }

  void send(List<Sent> what) {
    List<QueueSend> batch = what.stream().map(this::message).toList();
    List<Item> items =
        batch.stream()
            .map(s -> model.send(s.message().channel(), Samples.body(s.message()), s.policy()))
            .toList();
    List<SendReceipt> sent = queues.sendBatch(batch);
    for (int i = 0; i < items.size(); i++) {
      did.add("sent " + items.get(i).view());
      assertThat(sent.get(i).expiresAtNanos()).isEqualTo(items.get(i).expiresAtNanos);
      assertThat(sent.get(i).deliverAtNanos()).isEqualTo(items.get(i).deliverAtNanos);
    }
  }

  void receive(Queue queue, int max, int leaseSeconds) {
    receive(queue, max, leaseSeconds == 0 ? ReceiveOptions.UNTIL_SETTLED : lease(leaseSeconds));
  }

  private List<Item> receive(Queue queue, int max, long lease) {
    Received received =
        Outcomes.ok(
            queues.store().receive(name(queue), new ReceiveOptions(max, 0, lease)).result());
    List<Item> expected = model.receive(name(queue), max, leaseEnd(lease));
    did.add("received " + expected.stream().map(Item::view).toList());
    assertThat(received.deliveries().stream().map(d -> QueueModel.view(d.message())).toList())
        .isEqualTo(expected.stream().map(Item::view).toList());
    assertThat(received.expired()).as("expired").isEqualTo(model.reportExpired(name(queue)));
    for (int i = 0; i < expected.size(); i++) {
      Delivery delivery = received.deliveries().get(i);
      assertThat(delivery.message().message().channel()).isEqualTo(name(queue));
      receipts.put(expected.get(i), delivery.receipt());
    }
    return expected;
  }

  void settle(int which, How how, Sent target, int leaseSeconds) {
    List<Item> held = model.held();
    if (held.isEmpty()) {
      return;
    }
    Item item = held.get(which % held.size());
    // What expired while it was held is not moved but dropped; how that is answered is for others.
    boolean ack = how == How.ACK || how == How.MOVE && item.expired(clock.unixNanos());
    if (ack) {
      settle(item, Settlement.ACK, () -> model.ack(item));
    } else {
      switch (how) {
        case NACK -> settle(item, Settlement.NACK, () -> model.nack(item));
        case RELEASE -> settle(item, Settlement.RELEASE, () -> model.release(item));
        case MOVE -> {
          String to = name(target.queue());
          settle(item, new Settlement.MoveTo(to), () -> model.move(item, to));
        }
        case REPLACE -> {
          QueueSend replacement = message(target);
          settle(item, new Settlement.Replace(replacement), () -> replace(item, replacement));
        }
        default -> {
          long lease = lease(1 + leaseSeconds);
          settle(item, new Settlement.Extend(lease), () -> model.extend(item, leaseEnd(lease)));
        }
      }
    }
  }

  private void replace(Item item, QueueSend replacement) {
    model.ack(item);
    sent(replacement);
  }

  private void settle(Item item, Settlement settlement, Runnable inModel) {
    did.add(settlement + " of " + item.view());
    Receipt receipt = receipt(item);
    assertThat(queues.settle(receipt, settlement)).isEqualTo(Settled.DONE);
    inModel.run();
    if (!model.isHeld(item)) {
      receipts.remove(item);
      used.add(receipt);
    }
  }

  void settleStale(int which, How how) {
    if (used.isEmpty()) {
      return;
    }
    Receipt receipt = used.get(which % used.size());
    Settlement settlement =
        switch (how) {
          case ACK, REPLACE -> Settlement.ACK;
          case NACK -> Settlement.NACK;
          case RELEASE -> Settlement.RELEASE;
          case MOVE -> new Settlement.MoveTo(name(Queue.DEAD));
          case EXTEND -> new Settlement.Extend(lease(1));
        };
    assertThat(queues.settle(receipt, settlement)).isEqualTo(Settled.STALE);
  }

  void peek(Queue queue, int max) {
    Peeked peeked = queues.peek(name(queue), max);
    assertThat(peeked.messages().stream().map(Samples::body).toList())
        .isEqualTo(model.waiting(name(queue), max).stream().map(item -> item.body).toList());
    assertThat(peeked.expired()).as("expired").isEqualTo(model.reportExpired(name(queue)));
  }

  void ackAll(Queue queue) {
    assertThat(queues.ackAll(name(queue))).isEqualTo(model.ackAll(name(queue)));
  }

  void cancelDelayed(Queue queue, int which) {
    Item item = ofDelayed(queue, which);
    if (item != null) {
      did.add("cancel " + item.view());
      Receipt handle = delayed(queue).get(model.delayed(name(queue)).indexOf(item)).handle();
      assertThat(Outcomes.ok(queues.store().cancelDelayed(handle))).isEqualTo(Settled.DONE);
      model.cancelDelayed(item);
      assertThat(Outcomes.ok(queues.store().cancelDelayed(handle))).isEqualTo(Settled.STALE);
    }
  }

  void deliverNow(Queue queue, int which) {
    Item item = ofDelayed(queue, which);
    if (item != null) {
      did.add("deliver now " + item.view());
      Receipt handle = delayed(queue).get(model.delayed(name(queue)).indexOf(item)).handle();
      assertThat(Outcomes.ok(queues.store().deliverNow(handle))).isEqualTo(Settled.DONE);
      model.deliverNow(item);
      assertThat(Outcomes.ok(queues.store().deliverNow(handle))).isEqualTo(Settled.STALE);
    }
  }

  private Item ofDelayed(Queue queue, int which) {
    List<Item> expected = model.delayed(name(queue));
    assertThat(delayed(queue).stream().map(d -> Samples.body(d.message())).toList())
        .isEqualTo(expected.stream().map(item -> item.body).toList());
    return expected.isEmpty() ? null : expected.get(which % expected.size());
  }

  private List<DelayedMessage> delayed(Queue queue) {
    return queues.delayed(name(queue));
  }

  void redrive(int max) {
    String dead = name(Queue.DEAD);
    Result<Redriven> result = Outcomes.of(queues.store().redrive(dead, RedriveStep.ofAtMost(max)));
    int moved = result instanceof Result.Ok<Redriven> ok ? ok.value().moved() : 0;
    assertThat(moved).isEqualTo(model.redrive(dead, max));
  }

  void delete(Queue queue) {
    for (Item item : model.held()) {
      if (item.queue.equals(name(queue))) {
        used.add(receipt(item));
        receipts.remove(item);
      }
    }
    Outcomes.ok(engine.get().channels().delete(Kind.QUEUE, name(queue)));
    model.delete(name(queue));
  }

  /** The engine is another one, on the files of the first. */
  void restarted() {
    model.restart();
    receipts.clear();
    // Receipts die with the process; one kept over a restart may name what it never held.
    used.clear();
    assertFigures();
  }

  /** Lets the clock go on, with a stop at each due time. */
  void advance(int seconds, Runnable atStop) {
    long target = clock.unixNanos() + seconds * 1_000L * MILLI + MILLI;
    OptionalLong due = model.nextDue();
    while (due.isPresent() && due.getAsLong() < target) {
      stopAt(due.getAsLong() + MILLI / 10);
      due = model.nextDue();
    }
    stopAt(target);
    atStop.run();
  }

  private void stopAt(long time) {
    List<Item> held = model.held();
    clock.set(time);
    model.advanceTo(time);
    for (Item item : held) {
      if (!model.isHeld(item)) {
        used.add(receipt(item));
        receipts.remove(item);
      }
    }
    assertFigures();
  }

  void assertFigures() {
    for (Queue queue : Queue.values()) {
      QueueInfo expected = model.info(name(queue));
      // Asking wakes the engine, so what is due is nearly always done after a few questions.
      boolean equal = false;
      for (int i = 0; i < IMPATIENT_LOOKS && !equal; i++) {
        equal = figures(queue).equals(expected);
      }
      if (!equal) {
        eventually(() -> assertThat(figures(queue)).isEqualTo(expected));
      }
    }
  }

  /** The figures that the model knows. A queue that was never used has none. */
  private QueueInfo figures(Queue queue) {
    String name = name(queue);
    Result<QueueInfo> result = Outcomes.of(queues.store().info(name));
    if (result instanceof Result.Refused<QueueInfo> refused) {
      assertThat(refused.error().code()).isEqualTo(ErrorCode.NOT_FOUND);
      return new QueueInfo(name, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    QueueInfo info = result.orThrow();
    long first = model.info(name).firstSequence();
    boolean lower =
        model.hasHoles(name) && 0 < info.firstSequence() && info.firstSequence() < first;
    return new QueueInfo(
        name,
        lower ? first : info.firstSequence(),
        info.lastSequence(),
        info.entered(),
        info.waiting(),
        info.inFlight(),
        info.delayed(),
        0,
        info.expired(),
        info.deadLettered(),
        0);
  }

  /** Empties and removes the queues, so that what is left over shows. */
  void finish() {
    assertFigures();
    for (Item item : model.held()) {
      settle(item, Settlement.RELEASE, () -> model.release(item));
    }
    for (Queue queue : Queue.values()) {
      for (Item item : receive(queue, 1_000, ReceiveOptions.UNTIL_SETTLED)) {
        settle(item, Settlement.ACK, () -> model.ack(item));
      }
      while (!model.delayed(name(queue)).isEmpty()) {
        cancelDelayed(queue, 0);
      }
    }
    assertFigures();
    for (Queue queue : Queue.values()) {
      delete(queue);
    }
  }

  private long lease(int seconds) {
    return seconds * 1_000L * MILLI + (300 + ++leases) * MILLI;
  }

  private long leaseEnd(long lease) {
    return lease == ReceiveOptions.UNTIL_SETTLED ? lease : clock.unixNanos() + lease;
  }

  private Receipt receipt(Item item) {
    Receipt receipt = receipts.get(item);
    if (receipt == null) {
      throw new AssertionError("no receipt for " + item.view());
    }
    return receipt;
  }
}
