// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static io.dragoman.testkit.Outcomes.still;
import static io.dragoman.testkit.Samples.bodies;
import static io.dragoman.testkit.Samples.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Peeked;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Receives that wait, and several receivers of one queue. */
public abstract class QueueWaitContract extends EngineContract {
  private static final Duration LONG = Duration.ofSeconds(60);

  protected QueueWaitContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldDeliverToReceiverThatCameBeforeMessage() {
    // given
    Call<Received> call = queues.waiting("q", 1, LONG);

    // when
    queues.send("q", "a");

    // then
    List<Delivery> deliveries = Outcomes.ok(call.result()).deliveries();
    assertThat(bodies(deliveries)).containsExactly("a");
    assertThat(deliveries.get(0).message().receiveCount()).isEqualTo(1);
  }

  @Test
  void shouldWaitUntilAskedNumberIsThere() {
    // given
    queues.send("q", "a");
    Call<Received> call = queues.waiting("q", 3, LONG);
    queues.send("q", "b");
    still(() -> assertThat(isDone(call)).isFalse());

    // when
    queues.send("q", "c");

    // then
    List<Delivery> deliveries = Outcomes.ok(call.result()).deliveries();
    assertThat(bodies(deliveries)).containsExactly("a", "b", "c");
  }

  @Test
  void shouldAnswerAtOnceWhenAskedNumberIsThere() {
    // given
    queues.sendAll("q", "a", "b", "c");

    // when
    Received received = queues.receive("q", 2, Duration.ofDays(1));

    // then
    assertThat(bodies(received.deliveries())).containsExactly("a", "b");
  }

  @Test
  void shouldStopBeforeTheMessageThatWouldBeTooMuch() {
    // given
    String large = "x".repeat(10_000);
    queues.sendAll("q", "a" + large, "b" + large, "c" + large, "d");

    // when
    List<Delivery> first = receiveBytes(100, Duration.ZERO, 50_000);
    List<Delivery> second = receiveBytes(100, Duration.ZERO, 50_000);

    // then
    assertThat(sequences(first)).containsExactly(1L, 2L);
    assertThat(sequences(second)).containsExactly(3L, 4L);
  }

  @Test
  void shouldHandOutOneMessageHoweverLarge() {
    // given
    queues.sendAll("q", "x".repeat(10_000), "y".repeat(10_000));

    // when
    List<Delivery> first = receiveBytes(100, Duration.ZERO, 1);
    List<Delivery> second = receiveBytes(100, Duration.ZERO, 1);

    // then
    assertThat(sequences(first)).containsExactly(1L);
    assertThat(sequences(second)).containsExactly(2L);
  }

  @Test
  void shouldNotWaitForMoreThanItMayHave() {
    // given
    Call<Received> call =
        queues
            .store()
            .receive("q", new ReceiveOptions(100, LONG.toNanos(), LONG.toNanos(), 50_000));
    queues.send("q", "a".repeat(10_000));
    queues.send("q", "b".repeat(10_000));
    still(() -> assertThat(isDone(call)).isFalse());

    // when
    queues.send("q", "c".repeat(10_000));

    // then
    assertThat(sequences(Outcomes.ok(call.result()).deliveries())).containsExactly(1L, 2L);
    assertThat(sequences(queues.take("q", 10))).containsExactly(3L);
  }

  @Test
  void shouldCountWhatComesBackAsThere() {
    // given all of it held and given back
    queues.sendAll("q", "a".repeat(10_000), "b".repeat(10_000), "c".repeat(10_000));
    List<Delivery> held = queues.take("q", 3);
    Call<Received> call =
        queues
            .store()
            .receive("q", new ReceiveOptions(100, LONG.toNanos(), LONG.toNanos(), 50_000));
    still(() -> assertThat(isDone(call)).isFalse());

    // when
    queues.done(held, Settlement.RELEASE);

    // then
    assertThat(sequences(Outcomes.ok(call.result()).deliveries())).containsExactly(1L, 2L);
  }

  @Test
  void shouldTakeRoomOnlyForWhatItHandsOut() {
    // given
    List<Long> asked = new CopyOnWriteArrayList<>();
    ReceiveOptions options =
        new ReceiveOptions(
            4,
            LONG.toNanos(),
            LONG.toNanos(),
            1 << 20,
            bytes -> {
              asked.add(bytes);
              return 50_000;
            });
    Call<Received> call = queues.store().receive("q", options);
    queues.send("q", "a".repeat(10_000));
    queues.send("q", "b".repeat(10_000));

    // when it waits, then it takes none
    still(() -> assertThat(isDone(call)).isFalse());
    assertThat(asked).isEmpty();

    // and when it has what it waits for, it gets what there is room for
    queues.sendAll("q", "c".repeat(10_000), "d".repeat(10_000));
    assertThat(sequences(Outcomes.ok(call.result()).deliveries())).containsExactly(1L, 2L);
    assertThat(asked).hasSize(1);
    assertThat(asked.get(0)).isBetween(80_000L, 1L << 20);
    assertThat(sequences(queues.take("q", 10))).containsExactly(3L, 4L);
  }

  private List<Delivery> receiveBytes(int max, Duration wait, long bytes) {
    ReceiveOptions options = new ReceiveOptions(max, wait.toNanos(), LONG.toNanos(), bytes);
    return Outcomes.ok(queues.store().receive("q", options).result()).deliveries();
  }

  @Test
  void shouldWaitForeverWhenAsked() {
    // given
    ReceiveOptions options = new ReceiveOptions(1, Long.MAX_VALUE, ReceiveOptions.UNTIL_SETTLED);
    Call<Received> call = queues.store().receive("q", options);
    still(() -> assertThat(isDone(call)).isFalse());

    // when
    queues.send("q", "a");

    // then
    assertThat(bodies(Outcomes.ok(call.result()).deliveries())).containsExactly("a");
  }

  @Test
  void shouldHandOutWhatIsThereWhenTimeIsOver() {
    // given
    queues.sendAll("q", "a", "b");
    long begin = System.nanoTime();

    // when
    Received received = queues.receive("q", 5, Duration.ofMillis(300));

    // then
    assertThat(bodies(received.deliveries())).containsExactly("a", "b");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(250));
  }

  @Test
  void shouldEndEmptyWhenTimeIsOver() {
    // when
    Received received = queues.receive("q", 1, Duration.ofMillis(100));

    // then
    assertThat(received.deliveries()).isEmpty();
    assertThat(received.expired()).isZero();
  }

  @Test
  void shouldServeReceiversInOrderTheyCame() {
    // given
    List<Call<Received>> calls =
        IntStream.range(0, 5).mapToObj(i -> queues.waiting("q", 1, LONG)).toList();

    for (int i = 0; i < calls.size(); i++) {
      // when
      queues.send("q", "message " + i);

      // then
      Received received = Outcomes.ok(calls.get(i).result());
      assertThat(bodies(received.deliveries())).containsExactly("message " + i);
      assertThat(calls.stream().skip(i + 1L).noneMatch(QueueWaitContract::isDone)).isTrue();
    }
  }

  @Test
  void shouldServeReceiversInOrderFromOneBatch() {
    // given
    List<Call<Received>> calls =
        IntStream.range(0, 3).mapToObj(i -> queues.waiting("q", 2, LONG)).toList();

    // when
    queues.sendAll("q", "a", "b", "c", "d", "e", "f");

    // then
    List<List<String>> taken =
        calls.stream().map(call -> bodies(Outcomes.ok(call.result()).deliveries())).toList();
    assertThat(taken).containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("e", "f"));
  }

  @Test
  void shouldNotDelayReceiversOfOtherQueues() {
    // given
    List<Call<Received>> calls =
        IntStream.range(0, 100).mapToObj(i -> queues.waiting("empty " + i, 10, LONG)).toList();
    queues.send("q", "a");

    // when
    Delivery delivery = queues.await("q");

    // then
    assertThat(Samples.body(delivery)).isEqualTo("a");
    assertThat(calls).noneMatch(QueueWaitContract::isDone);
  }

  @Test
  void shouldNotDelayOthersByReceiverThatWaitsForMore() {
    // given
    queues.sendAll("q", "a", "b");
    Call<Received> large = queues.waiting("q", 10, LONG);
    still(() -> assertThat(isDone(large)).isFalse());

    // when
    List<Delivery> taken = queues.take("q", 1);
    Received waited = queues.receive("q", 1, LONG);

    // then
    assertThat(bodies(taken)).containsExactly("a");
    assertThat(bodies(waited.deliveries())).containsExactly("b");
    large.cancel();
    assertThat(Outcomes.refusal(large.result())).isEqualTo(ErrorCode.CANCELLED);
  }

  @Test
  void shouldReturnMessagesOfCancelledReceiveToTheirPlace() {
    // given
    queues.sendAll("q", "a", "b");
    Call<Received> call = queues.waiting("q", 5, LONG);
    queues.send("q", "c");

    // when
    call.cancel();

    // then
    assertThat(Outcomes.refusal(call.result())).isEqualTo(ErrorCode.CANCELLED);
    List<Delivery> deliveries = queues.await("q", 3);
    assertThat(bodies(deliveries)).containsExactly("a", "b", "c");
    assertThat(sequences(deliveries)).containsExactly(1L, 2L, 3L);
    assertThat(deliveries).extracting(d -> d.message().receiveCount()).containsOnly(1);
  }

  @Test
  void shouldServeNextReceiverOnceEarlierOneIsCancelled() {
    // given
    Call<Received> first = queues.waiting("q", 2, LONG);
    Call<Received> second = queues.waiting("q", 1, LONG);
    first.cancel();
    assertThat(Outcomes.refusal(first.result())).isEqualTo(ErrorCode.CANCELLED);

    // when
    queues.send("q", "a");

    // then
    assertThat(bodies(Outcomes.ok(second.result()).deliveries())).containsExactly("a");
  }

  @Test
  void shouldServeNextReceiverFromWhatEarlierOneLeaves() {
    // given
    queues.send("q", "a");
    Call<Received> first = queues.waiting("q", 2, LONG);
    Call<Received> second = queues.waiting("q", 1, LONG);

    // when
    first.cancel();

    // then
    assertThat(bodies(Outcomes.ok(second.result()).deliveries())).containsExactly("a");
    assertThat(Outcomes.refusal(first.result())).isEqualTo(ErrorCode.CANCELLED);
  }

  @Test
  void shouldIgnoreCancelOnceMessagesAreHandedOut() {
    // given
    queues.send("q", "a");
    Call<Received> call = queues.waiting("q", 1, LONG);
    Delivery delivery = Outcomes.ok(call.result()).deliveries().get(0);

    // when
    call.cancel();
    call.cancel();

    // then
    queues.assertNothing("q");
    queues.done(delivery, Settlement.ACK);
  }

  @Test
  void shouldLoseNothingWhenCancelsMeetSends() {
    // given
    int rounds = 200;
    List<String> got = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Call<Received> call = queues.waiting("q", 1, LONG);
      CompletableFuture<?> cancelled = CompletableFuture.runAsync(call::cancel);

      // when
      queues.send("q", Integer.toString(i));
      Outcomes.of(cancelled);

      // then
      if (Outcomes.of(call.result()) instanceof Result.Ok<Received> ok) {
        queues.done(ok.value().deliveries(), Settlement.ACK);
        got.addAll(bodies(ok.value().deliveries()));
      }
    }
    got.addAll(bodies(queues.receive("q", rounds, Duration.ofMillis(300)).deliveries()));
    assertThat(got)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, rounds).mapToObj(Integer::toString).toList());
  }

  @Test
  void shouldGiveEachMessageToOneOfManyReceivers() {
    // given
    int messages = 1_000;
    Queue<String> got = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<Void>> receivers =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.runAsync(() -> drain(got, messages)))
            .toList();

    // when
    for (int i = 0; i < messages; i += 10) {
      int from = i;
      queues.sendBatch(
          IntStream.range(from, from + 10)
              .mapToObj(n -> Samples.send("q", Integer.toString(n)))
              .toList());
    }
    receivers.forEach(Outcomes::of);

    // then
    assertThat(got)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, messages).mapToObj(Integer::toString).toList());
    assertThat(queues.info("q").waiting()).isZero();
  }

  private void drain(Queue<String> got, int enough) {
    while (got.size() < enough) {
      List<Delivery> deliveries = queues.receive("q", 7, Duration.ofMillis(50)).deliveries();
      queues.done(deliveries, Settlement.ACK);
      got.addAll(bodies(deliveries));
    }
  }

  @Test
  void shouldCountReceiversThatWait() {
    // given
    queues.send("q", "a");
    queues.done(queues.await("q"), Settlement.ACK);
    Call<Received> first = queues.waiting("q", 1, LONG);
    Call<Received> second = queues.waiting("q", 1, LONG);
    eventually(() -> assertThat(queues.info("q").waitingReceivers()).isEqualTo(2));

    // when
    first.cancel();

    // then
    eventually(() -> assertThat(queues.info("q").waitingReceivers()).isEqualTo(1));
    queues.send("q", "b");
    assertThat(Outcomes.of(second.result()).isOk()).isTrue();
    eventually(() -> assertThat(queues.info("q").waitingReceivers()).isZero());
  }

  @Test
  void shouldCountLeaseFromHandOutAndNotFromCall() {
    // given
    ReceiveOptions options =
        new ReceiveOptions(1, LONG.toNanos(), Duration.ofSeconds(10).toNanos());
    Call<Received> call = queues.store().receive("q", options);
    still(() -> assertThat(isDone(call)).isFalse());
    clock.advance(Duration.ofSeconds(8));
    queues.send("q", "a");
    Delivery delivery = Outcomes.ok(call.result()).deliveries().get(0);

    // when
    clock.advance(Duration.ofSeconds(8));

    // then
    queues.assertNothing("q");
    queues.done(delivery, Settlement.ACK);
  }

  @Test
  void shouldEndWaitingCallsWhenQueueIsDeleted() {
    // given
    queues.send("q", "a");
    Call<Received> receive = queues.waiting("q", 5, LONG);
    Call<Peeked> peek = queues.store().peek("q", 5, LONG.toNanos());

    // when
    boolean deleted = Outcomes.ok(engine().channels().delete(Kind.QUEUE, "q"));

    // then
    assertThat(deleted).isTrue();
    assertThat(Outcomes.refusal(receive.result())).isEqualTo(ErrorCode.CHANNEL_DELETED);
    assertThat(Outcomes.refusal(peek.result())).isEqualTo(ErrorCode.CHANNEL_DELETED);
  }

  private static boolean isDone(Call<Received> call) {
    return call.result().toCompletableFuture().isDone();
  }
}
