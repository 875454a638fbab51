// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static io.dragoman.testkit.Samples.bodies;
import static io.dragoman.testkit.Samples.body;
import static io.dragoman.testkit.Samples.delayed;
import static io.dragoman.testkit.Samples.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Call;
import io.dragoman.core.DelayedMessage;
import io.dragoman.core.Delivery;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Durability;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that are held back. */
public abstract class DelayContract extends EngineContract {

  protected DelayContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldHoldMessageBackUntilItIsDue() {
    // given
    queues.send("q", "a", delayed(10));
    clock.advance(Duration.ofMillis(9_999));
    queues.assertNothing("q");

    // when
    clock.advance(Duration.ofMillis(1));

    // then
    assertThat(body(queues.await("q"))).isEqualTo("a");
  }

  @Test
  void shouldDeliverDueMessageAsIfItHadNeverBeenDelayed() {
    // given
    QueuePolicy policy = new QueuePolicy(60, 10, 3, "dead");
    QueueSend sent = new QueueSend(Samples.fullMessage("q"), policy);
    SendReceipt receipt = queues.sendBatch(List.of(sent)).get(0);
    queues.send("q", "before");

    // when
    clock.advance(Duration.ofSeconds(15));

    // then
    QueueMessage message = queues.await("q", 2).get(1).message();
    QueueContract.assertSame(message.message(), sent.message());
    assertThat(message.policy()).isEqualTo(new QueuePolicy(60, 0, 3, "dead"));
    assertThat(message.deliverAtNanos()).isZero();
    assertThat(message.receiveCount()).isEqualTo(1);
    assertThat(message.sequence()).isEqualTo(2);
    assertThat(message.timestampNanos()).isBetween(receipt.deliverAtNanos(), clock.unixNanos());
    assertThat(message.expiresAtNanos()).isEqualTo(receipt.expiresAtNanos());
  }

  @Test
  void shouldPutDueMessagesInOrderOfDueTimeThenArrival() {
    // given
    queues.send("q", "5 first", delayed(5));
    queues.send("q", "3", delayed(3));
    queues.send("q", "5 second", delayed(5));
    queues.send("q", "7", delayed(7));
    queues.send("q", "5 third", delayed(5));
    queues.send("q", "at once");

    // when
    clock.advance(Duration.ofSeconds(10));

    // then
    List<Delivery> deliveries = queues.await("q", 6);
    assertThat(bodies(deliveries))
        .containsExactly("at once", "3", "5 first", "5 second", "5 third", "7");
    assertThat(sequences(deliveries)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void shouldPutDueMessageBehindWhatWasSentMeanwhile() {
    // given
    queues.send("q", "delayed", delayed(5));
    queues.send("q", "a");
    clock.advance(Duration.ofSeconds(4));
    queues.send("q", "b");

    // when
    clock.advance(Duration.ofSeconds(2));

    // then
    assertThat(bodies(queues.await("q", 3))).containsExactly("a", "b", "delayed");
  }

  @Test
  void shouldWakeReceiverWhenMessageComesDue() {
    // given
    queues.send("q", "a", delayed(5));
    Call<Received> call = queues.waiting("q", 1, Duration.ofSeconds(60));

    // when
    clock.advance(Duration.ofSeconds(5));

    // then
    assertThat(bodies(Outcomes.ok(call.result()).deliveries())).containsExactly("a");
  }

  @Test
  void shouldHoldBackMessagesOfManyQueues() {
    // given
    for (int i = 0; i < 50; i++) {
      queues.send("q" + i, "message " + i, delayed(1 + i % 5));
    }

    // when
    clock.advance(Duration.ofSeconds(6));

    // then
    for (int i = 0; i < 50; i++) {
      assertThat(body(queues.await("q" + i))).isEqualTo("message " + i);
    }
  }

  @Test
  void shouldListDelayedMessagesOfOneQueueByDueTime() {
    // given
    queues.send("q", "20", delayed(20));
    queues.send("q", "10", new QueuePolicy(7, 10, 2, "dead"));
    queues.send("q", "at once");
    queues.send("other", "15", delayed(15));
    queues.send("q", "20 too", delayed(20));

    // when
    List<DelayedMessage> list = queues.delayed("q");

    // then
    assertThat(list).extracting(d -> body(d.message())).containsExactly("10", "20", "20 too");
    QueueMessage first = list.get(0).message();
    assertThat(first.deliverAtNanos()).isEqualTo(after(10));
    assertThat(first.expiresAtNanos()).isEqualTo(after(17));
    assertThat(first.receiveCount()).isZero();
    assertThat(list.get(1).message().deliverAtNanos()).isEqualTo(after(20));
    assertThat(list).extracting(DelayedMessage::handle).doesNotHaveDuplicates();
  }

  @Test
  void shouldListNoMoreThanAskedFor() {
    // given
    for (int i = 1; i <= 5; i++) {
      queues.send("q", "message " + i, delayed(i));
    }

    // when
    List<DelayedMessage> list =
        Outcomes.ok(queues.store().delayed("q", null, 2, 1 << 20)).messages();

    // then
    assertThat(list).extracting(d -> body(d.message())).containsExactly("message 1", "message 2");
  }

  @Test
  void shouldListNothingOfUnknownQueue() {
    // when
    List<DelayedMessage> list = queues.delayed("never seen");

    // then
    assertThat(list).isEmpty();
  }

  @Test
  void shouldNotListMessageOnceItIsDue() {
    // given
    queues.send("q", "a", delayed(5));
    queues.send("q", "b", delayed(50));

    // when
    clock.advance(Duration.ofSeconds(5));

    // then
    assertThat(body(queues.await("q"))).isEqualTo("a");
    assertThat(queues.delayedMessages("q").map(Samples::body)).containsExactly("b");
  }

  @Test
  void shouldCancelDelayedMessage() {
    // given
    queues.send("q", "a", delayed(5));
    queues.send("q", "b", delayed(5));
    Receipt handle = handle("q", "a");

    // when
    Settled cancelled = Outcomes.ok(queues.store().cancelDelayed(handle));

    // then
    assertThat(cancelled).isEqualTo(Settled.DONE);
    assertThat(queues.delayedMessages("q").map(Samples::body)).containsExactly("b");
    clock.advance(Duration.ofSeconds(6));
    assertThat(body(queues.await("q"))).isEqualTo("b");
    queues.assertNothing("q");
  }

  @Test
  void shouldDeliverDelayedMessageNow() {
    // given
    queues.send("q", "a", new QueuePolicy(30, 1_000, 4, "dead"));
    queues.send("q", "b");
    clock.advance(Duration.ofSeconds(5));

    // when
    Settled delivered = Outcomes.ok(queues.store().deliverNow(handle("q", "a")));

    // then
    assertThat(delivered).isEqualTo(Settled.DONE);
    List<Delivery> deliveries = queues.await("q", 2);
    assertThat(bodies(deliveries)).containsExactly("b", "a");
    QueueMessage message = deliveries.get(1).message();
    assertThat(message.sequence()).isEqualTo(2);
    assertThat(message.timestampNanos()).isEqualTo(clock.unixNanos());
    assertThat(message.deliverAtNanos()).isZero();
    assertThat(message.policy()).isEqualTo(new QueuePolicy(30, 0, 4, "dead"));
    assertThat(message.expiresAtNanos()).isEqualTo(after(35));
    assertThat(queues.info("q").delayed()).isZero();
    clock.advance(Duration.ofSeconds(2_000));
    queues.assertNothing("q");
  }

  @Test
  void shouldNoticeHandleOfMessageThatIsNoLongerHeldBack() {
    // given
    queues.send("q", "cancelled", delayed(5));
    queues.send("q", "delivered", delayed(5));
    queues.send("q", "due", delayed(5));
    Receipt cancelled = handle("q", "cancelled");
    Receipt delivered = handle("q", "delivered");
    Receipt due = handle("q", "due");
    Outcomes.ok(queues.store().cancelDelayed(cancelled));
    Outcomes.ok(queues.store().deliverNow(delivered));
    clock.advance(Duration.ofSeconds(5));
    eventually(() -> assertThat(queues.info("q").waiting()).isEqualTo(2));

    for (Receipt handle : List.of(cancelled, delivered, due, Receipt.of(new byte[] {1, 2, 3}))) {
      // when
      Settled cancel = Outcomes.ok(queues.store().cancelDelayed(handle));
      Settled deliver = Outcomes.ok(queues.store().deliverNow(handle));

      // then
      if (guarantees().staleReceiptDetected()) {
        assertThat(cancel).isEqualTo(Settled.STALE);
        assertThat(deliver).isEqualTo(Settled.STALE);
      }
    }
    assertThat(queues.waitingBodies("q")).containsExactly("delivered", "due");
  }

  @Test
  void shouldNotTakeHandleOfDelayedMessageForDelivery() {
    // given
    queues.send("q", "a", delayed(5));
    Receipt handle = handle("q", "a");
    queues.send("q", "b");
    Delivery held = queues.await("q");

    // when
    Settled settled = queues.settle(handle, Settlement.ACK);
    Settled cancelled = Outcomes.ok(queues.store().cancelDelayed(held.receipt()));

    // then
    if (guarantees().staleReceiptDetected()) {
      assertThat(settled).isEqualTo(Settled.STALE);
      assertThat(cancelled).isEqualTo(Settled.STALE);
      assertThat(queues.delayed("q")).hasSize(1);
      queues.done(held, Settlement.ACK);
    }
  }

  @Test
  void shouldKeepDelayedMessagesOverRestart() {
    // given
    queues.send("q", "late", delayed(100));
    queues.send("q", "soon", delayed(50));
    queues.send("q", "at once");

    // when
    restart();

    // then
    assertThat(queues.delayedMessages("q").map(Samples::body)).containsExactly("soon", "late");
    assertThat(body(queues.await("q"))).isEqualTo("at once");
    queues.assertNothing("q");
    clock.advance(Duration.ofSeconds(50));
    assertThat(body(queues.await("q"))).isEqualTo("soon");
    queues.assertNothing("q");
    clock.advance(Duration.ofSeconds(50));
    assertThat(body(queues.await("q"))).isEqualTo("late");
  }

  @Test
  void shouldKeepOrderOfDueMessagesOverRestart() {
    // given
    queues.send("q", "5 first", delayed(5));
    queues.send("q", "5 second", delayed(5));
    restart();
    queues.send("q", "5 third", delayed(5));
    queues.send("q", "3", delayed(3));

    // when
    clock.advance(Duration.ofSeconds(6));

    // then
    assertThat(bodies(queues.await("q", 4))).containsExactly("3", "5 first", "5 second", "5 third");
  }

  private Receipt handle(String queue, String body) {
    return queues.delayed(queue).stream()
        .filter(d -> body(d.message()).equals(body))
        .findFirst()
        .orElseThrow()
        .handle();
  }

  private static long after(int seconds) {
    return ManualClock.START_NANOS + Duration.ofSeconds(seconds).toNanos();
  }
}
