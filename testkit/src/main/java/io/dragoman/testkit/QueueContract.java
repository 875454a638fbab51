// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static io.dragoman.testkit.Samples.bodies;
import static io.dragoman.testkit.Samples.body;
import static io.dragoman.testkit.Samples.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Durability;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sending to queues, and taking what is there. */
public abstract class QueueContract extends EngineContract {

  protected QueueContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldDeliverInOrderNumberedFromOne() {
    // given
    queues.sendEach("q", "a", "b", "c");
    queues.sendAll("q", "d", "e");

    // when
    List<Delivery> deliveries = queues.take("q", 10);

    // then
    assertThat(bodies(deliveries)).containsExactly("a", "b", "c", "d", "e");
    assertThat(sequences(deliveries)).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void shouldKeepOrderOfSendsThatDoNotWaitForEachOther() {
    // given
    List<CompletionStage<List<Result<SendReceipt>>>> stages =
        IntStream.range(0, 500)
            .mapToObj(i -> queues.store().send(List.of(Samples.send("q", Integer.toString(i)))))
            .toList();

    // when
    stages.forEach(Outcomes::of);

    // then
    List<Delivery> deliveries = queues.take("q", 1_000);
    assertThat(bodies(deliveries))
        .containsExactlyElementsOf(IntStream.range(0, 500).mapToObj(Integer::toString).toList());
    assertThat(sequences(deliveries))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 500).mapToObj(i -> (long) i).toList());
  }

  @Test
  void shouldDeliverFreshMessageWithFreshAttributes() {
    // given
    queues.send("q", "a");
    clock.advance(Duration.ofSeconds(5));

    // when
    QueueMessage message = queues.await("q").message();

    // then
    assertThat(message.receiveCount()).isEqualTo(1);
    assertThat(message.sequence()).isEqualTo(1);
    assertThat(message.timestampNanos()).isEqualTo(ManualClock.START_NANOS);
    assertThat(message.reRoutedFrom()).isEmpty();
    assertThat(message.expiresAtNanos()).isZero();
    assertThat(message.deliverAtNanos()).isZero();
    assertThat(message.policy()).isEqualTo(QueuePolicy.NONE);
  }

  @Test
  void shouldGiveBackEveryPartOfMessage() {
    // given
    Message sent = Samples.fullMessage("q");
    QueuePolicy policy = new QueuePolicy(1_000, 0, 7, "dead");
    queues.sendBatch(List.of(new QueueSend(sent, policy)));

    // when
    QueueMessage got = queues.await("q").message();

    // then
    assertThat(got.policy()).isEqualTo(policy);
    assertSame(got.message(), sent);
  }

  @Test
  void shouldGiveBackMessageThatHasOnlyAnId() {
    // given
    Message sent = Message.builder().id("only").channel("q").build();
    queues.sendBatch(List.of(new QueueSend(sent, QueuePolicy.NONE)));

    // when
    Message got = queues.await("q").message().message();

    // then
    assertSame(got, sent);
  }

  @Test
  void shouldGiveBackLargeMessage() {
    // given
    byte[] body = new byte[5 << 20];
    body[body.length - 1] = 1;
    Message sent = Message.builder().id("large").channel("q").body(body).build();
    queues.sendBatch(List.of(new QueueSend(sent, QueuePolicy.NONE)));

    // when
    Message got = queues.await("q").message().message();

    // then
    assertThat(got.body()).isEqualTo(body);
  }

  @Test
  void shouldAnswerEachMessageOfBatchInOrder() {
    // given
    List<QueueSend> batch =
        List.of(
            Samples.send("q", "plain"),
            Samples.send("q", "expiring", Samples.expiring(10)),
            Samples.send("q", "delayed", Samples.delayed(20)),
            Samples.send("q", "both", new QueuePolicy(5, 7, 0, "")));
    long now = clock.unixNanos();

    // when
    List<SendReceipt> receipts = queues.sendBatch(batch);

    // then
    List<String> ids = batch.stream().map(send -> send.message().id()).toList();
    assertThat(receipts)
        .containsExactly(
            new SendReceipt(ids.get(0), now, 0, 0),
            new SendReceipt(ids.get(1), now, now + seconds(10), 0),
            new SendReceipt(ids.get(2), now, 0, now + seconds(20)),
            new SendReceipt(ids.get(3), now, now + seconds(12), now + seconds(7)));
  }

  @Test
  void shouldAnswerEmptyBatchWithNothing() {
    // when
    List<Result<SendReceipt>> results = Outcomes.of(queues.store().send(List.of()));

    // then
    assertThat(results).isEmpty();
  }

  @Test
  void shouldKeepOrderOfBatchInEachOfItsQueues() {
    // when
    queues.sendBatch(
        List.of(
            Samples.send("q", "a1"),
            Samples.send("r", "b1"),
            Samples.send("q", "a2"),
            Samples.send("r", "b2"),
            Samples.send("q", "a3")));

    // then
    List<Delivery> first = queues.take("q", 10);
    List<Delivery> second = queues.take("r", 10);
    assertThat(bodies(first)).containsExactly("a1", "a2", "a3");
    assertThat(sequences(first)).containsExactly(1L, 2L, 3L);
    assertThat(bodies(second)).containsExactly("b1", "b2");
    assertThat(sequences(second)).containsExactly(1L, 2L);
  }

  @Test
  void shouldStoreMessagesOfOneIdSeparately() {
    // given
    Message message = Samples.message("q", "same");
    QueueSend send = new QueueSend(message, QueuePolicy.NONE);

    // when
    queues.sendBatch(List.of(send, send));
    queues.sendBatch(List.of(send));

    // then
    List<Delivery> deliveries = queues.take("q", 10);
    assertThat(deliveries)
        .extracting(d -> d.message().message().id())
        .containsExactly(message.id(), message.id(), message.id());
  }

  @Test
  void shouldTakeAnyNameAsQueue() {
    // given
    Samples.ODD_NAMES.forEach(name -> queues.send(name, "for " + name));

    for (String name : Samples.ODD_NAMES) {
      // when
      List<Delivery> deliveries = queues.take(name, 10);

      // then
      assertThat(bodies(deliveries)).containsExactly("for " + name);
      assertThat(deliveries.get(0).message().message().channel()).isEqualTo(name);
    }
  }

  @Test
  void shouldHandOutNoMoreThanAskedFor() {
    // given
    queues.sendAll("q", "a", "b", "c", "d", "e");

    // when
    List<Delivery> first = queues.take("q", 2);
    List<Delivery> second = queues.take("q", 2);
    List<Delivery> third = queues.take("q", 2);

    // then
    assertThat(bodies(first)).containsExactly("a", "b");
    assertThat(bodies(second)).containsExactly("c", "d");
    assertThat(bodies(third)).containsExactly("e");
    assertThat(queues.take("q", 2)).isEmpty();
  }

  @Test
  void shouldGiveEachDeliveryReceiptOfItsOwn() {
    // given
    queues.sendAll("q", "a", "b", "c");

    // when
    List<Delivery> deliveries = queues.take("q", 3);

    // then
    assertThat(deliveries).extracting(Delivery::receipt).doesNotHaveDuplicates();
  }

  @Test
  void shouldAnswerAtOnceWhenThereIsNothingAndNoWait() {
    // given
    queues.send("q", "a");
    queues.done(queues.await("q"), Settlement.ACK);

    // when
    List<Delivery> emptied = queues.take("q", 5);
    List<Delivery> unknown = queues.take("never seen", 5);

    // then
    assertThat(emptied).isEmpty();
    assertThat(unknown).isEmpty();
  }

  @Test
  void shouldNotNumberAnewWhenQueueHasBeenEmpty() {
    // given
    queues.sendAll("q", "a", "b");
    queues.done(queues.take("q", 2), Settlement.ACK);

    // when
    queues.send("q", "c");

    // then
    assertThat(queues.await("q").message().sequence()).isEqualTo(3);
  }

  @Test
  void shouldRefuseSendsBeyondCapacity() {
    // given
    limitMessages("q", 3);
    queues.sendAll("q", "a", "b", "c");

    // when
    List<Result<SendReceipt>> results =
        Outcomes.of(queues.store().send(List.of(Samples.send("q", "d"))));

    // then
    assertThat(results).hasSize(1);
    assertThat(Outcomes.refusal(results.get(0))).isEqualTo(ErrorCode.CHANNEL_FULL);
    assertThat(queues.waitingBodies("q")).containsExactly("a", "b", "c");
  }

  @Test
  void shouldRefuseWhatItsSenderWantsOnlyWhileFewWait() {
    // given
    queues.sendAll("q", "a", "b");

    // when
    List<Result<SendReceipt>> results =
        Outcomes.of(
            queues
                .store()
                .send(
                    List.of(
                        new QueueSend(Samples.message("q", "c"), QueuePolicy.NONE, 3),
                        new QueueSend(Samples.message("q", "d"), QueuePolicy.NONE, 3),
                        Samples.send("q", "e"))));

    // then
    assertThat(results.get(0).isOk()).isTrue();
    assertThat(Outcomes.refusal(results.get(1))).isEqualTo(ErrorCode.CHANNEL_FULL);
    assertThat(queues.waitingBodies("q")).containsExactly("a", "b", "c", "e");
    queues.take("q", 4);
    QueueSend more = new QueueSend(Samples.message("q", "f"), QueuePolicy.NONE, 1);
    assertThat(Outcomes.of(queues.store().send(List.of(more))).get(0).isOk()).isTrue();
  }

  @Test
  void shouldTakeSendsAgainOnceThereIsRoom() {
    // given
    limitMessages("q", 2);
    queues.sendAll("q", "a", "b");
    queues.done(queues.await("q"), Settlement.ACK);

    // when
    queues.send("q", "c");

    // then
    assertThat(queues.waitingBodies("q")).containsExactly("b", "c");
  }

  @Test
  void shouldRefuseOnlyWhatDoesNotFitOfBatch() {
    // given
    limitMessages("small", 2);
    queues.send("small", "a");
    List<QueueSend> batch =
        List.of(
            Samples.send("small", "b"),
            Samples.send("small", "c"),
            Samples.send("other", "x"),
            Samples.send("small", "d"));

    // when
    List<Result<SendReceipt>> results = Outcomes.of(queues.store().send(batch));

    // then
    assertThat(results).hasSize(4);
    assertThat(results.get(0).isOk()).isTrue();
    assertThat(Outcomes.refusal(results.get(1))).isEqualTo(ErrorCode.CHANNEL_FULL);
    assertThat(results.get(2).isOk()).isTrue();
    assertThat(Outcomes.refusal(results.get(3))).isEqualTo(ErrorCode.CHANNEL_FULL);
    assertThat(queues.waitingBodies("small")).containsExactly("a", "b");
    assertThat(queues.waitingBodies("other")).containsExactly("x");
  }

  @Test
  void shouldNotUseNumbersForRefusedSends() {
    // given
    limitMessages("q", 1);
    queues.send("q", "a");
    assertThat(Outcomes.of(queues.store().send(List.of(Samples.send("q", "refused")))))
        .noneMatch(Result::isOk);
    queues.done(queues.await("q"), Settlement.ACK);

    // when
    queues.send("q", "b");

    // then
    eventually(() -> assertThat(queues.info("q").lastSequence()).isEqualTo(2));
    assertThat(queues.await("q").message().sequence()).isEqualTo(2);
  }

  static void assertSame(Message got, Message sent) {
    assertThat(got.id()).isEqualTo(sent.id());
    assertThat(got.channel()).isEqualTo(sent.channel());
    assertThat(got.clientId()).isEqualTo(sent.clientId());
    assertThat(got.metadata()).isEqualTo(sent.metadata());
    assertThat(got.body()).as("body of %s", body(sent)).isEqualTo(sent.body());
    assertThat(got.tags()).isEqualTo(sent.tags());
    assertThat(List.copyOf(got.tags().keySet()))
        .as("order of tags")
        .containsExactlyElementsOf(sent.tags().keySet());
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
