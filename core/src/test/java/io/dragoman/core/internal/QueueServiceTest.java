// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settlement;
import java.util.List;
import org.junit.jupiter.api.Test;

final class QueueServiceTest {
  private static final Receipt RECEIPT = Receipt.of(new byte[] {1});

  private Fixture fixture = new Fixture();

  @Test
  void shouldFillInWhatTheSenderLeftOpen() {
    // given
    QueueSend plain = new QueueSend(Message.builder().channel("q").build(), QueuePolicy.NONE);
    QueueSend full = new QueueSend(message("q", "1"), new QueuePolicy(1, 2, 3, "dead"));

    // when
    now(queues().send(List.of(plain, full)));

    // then
    QueueSend sent = fixture.engine.queues.sent.get(0);
    assertThat(sent.message().id()).hasSize(36);
    assertThat(sent.policy()).isEqualTo(new QueuePolicy(0, 0, 1024, ""));
    assertThat(fixture.engine.queues.sent.get(1)).isEqualTo(full);
  }

  @Test
  void shouldLeaveDeliveriesUnlimitedWhenConfiguredSo() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().queueDefaultMaxReceiveCount(0).build());

    // when
    now(queues().send(List.of(send("q", "1"))));

    // then
    assertThat(fixture.engine.queues.sent.get(0).policy()).isEqualTo(QueuePolicy.NONE);
  }

  @Test
  void shouldRefuseItemsOneByOne() {
    // given
    fixture =
        new Fixture(CoreOptions.DEFAULT.toBuilder().messageBytesMax(10).channelsMax(1).build());
    List<QueueSend> batch =
        List.of(
            send("", "1"),
            send("q", "2"),
            send("q", "x".repeat(11)),
            new QueueSend(message("q", "3"), new QueuePolicy(-1, 0, 0, "")),
            new QueueSend(message("q", "3"), new QueuePolicy(0, -1, 0, "")),
            new QueueSend(message("q", "3"), new QueuePolicy(0, 0, -1, "")),
            new QueueSend(message("q", "3"), new QueuePolicy(0, 0, 1, "x".repeat(257))),
            send("another", "4"),
            send("q", "5"));

    // when
    List<Result<SendReceipt>> results = now(queues().send(batch));

    // then
    assertThat(results.stream().map(Fixture::refusal).toList())
        .containsExactly(
            "INVALID_NAME",
            "not refused",
            "TOO_LARGE",
            "INVALID_ARGUMENT",
            "INVALID_ARGUMENT",
            "INVALID_ARGUMENT",
            "INVALID_NAME",
            "TOO_MANY_CHANNELS",
            "not refused");
    assertThat(results.get(8).orThrow().messageId()).isEqualTo("id-5");
    assertThat(fixture.engine.queues.sent).hasSize(2);
  }

  @Test
  void shouldAnswerBatchWithoutGoodItems() {
    // when
    List<Result<SendReceipt>> results = now(queues().send(List.of(send("", "1"))));

    // then
    assertThat(results).hasSize(1);
    assertThat(now(queues().send(List.of()))).isEmpty();
    assertThat(fixture.engine.queues.sent).isEmpty();
  }

  @Test
  void shouldHandOnWhatTheEngineRefuses() {
    // given
    fixture.engine.queues.sendRefusal = ErrorCode.STORAGE_FULL;

    // when
    List<Result<SendReceipt>> results = now(queues().send(List.of(send("q", "1"))));

    // then
    assertThat(refusal(results.get(0))).isEqualTo("STORAGE_FULL");
    assertThat(fixture.counted(CoreMetrics.MESSAGES_IN, "kind", "queue")).isZero();
  }

  @Test
  void shouldCountWhatIsSentAndReceived() {
    // given
    now(queues().send(List.of(send("q", "12"), send("q", "3"))));

    // when
    now(queues().receive("q", new ReceiveOptions(2, 0, 1)).result());

    // then
    assertThat(fixture.counted(CoreMetrics.MESSAGES_IN, "kind", "queue")).isEqualTo(2);
    assertThat(fixture.counted(CoreMetrics.BYTES_IN, "kind", "queue")).isEqualTo(3);
    assertThat(fixture.counted(CoreMetrics.MESSAGES_OUT, "kind", "queue")).isEqualTo(2);
  }

  @Test
  void shouldRefuseCallsThatMakeNoSense() {
    // when / then
    assertThat(receiving("", new ReceiveOptions(1, 0, 1))).isEqualTo("INVALID_NAME");
    assertThat(receiving("q", new ReceiveOptions(0, 0, 1))).isEqualTo("INVALID_ARGUMENT");
    assertThat(receiving("q", new ReceiveOptions(1, -1, 1))).isEqualTo("INVALID_ARGUMENT");
    assertThat(receiving("q", new ReceiveOptions(1, 0, 0))).isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(queues().peek("q", 0, 0).result()))).isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(queues().ackAll("", 0).result()))).isEqualTo("INVALID_NAME");
    assertThat(refusal(now(queues().delayed("q", null, 0, 1)))).isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(queues().delayed("q", null, 1, 0)))).isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(queues().redrive("q", RedriveStep.ofAtMost(0)))))
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(queues().info("")))).isEqualTo("INVALID_NAME");
    assertThat(refusal(now(queues().info("q")))).isEqualTo("NOT_FOUND");
  }

  @Test
  void shouldHandOnTheRest() {
    // when / then
    assertThat(now(queues().peek("q", 1, 0).result()).isOk()).isTrue();
    assertThat(now(queues().ackAll("q", 0).result()).orThrow()).isEqualTo(7);
    assertThat(now(queues().delayed("q", null, 1, 1)).orThrow().messages()).isEmpty();
    assertThat(now(queues().redrive("q", RedriveStep.ofAtMost(5))).orThrow().moved()).isEqualTo(5);
    assertThat(now(queues().cancelDelayed(RECEIPT)).isOk()).isTrue();
    assertThat(now(queues().deliverNow(RECEIPT)).isOk()).isTrue();
  }

  @Test
  void shouldCheckSettlements() {
    // when / then
    assertThat(settling(Settlement.ACK)).isEqualTo("not refused");
    assertThat(settling(new Settlement.Extend(0))).isEqualTo("INVALID_ARGUMENT");
    assertThat(settling(new Settlement.Extend(1))).isEqualTo("not refused");
    assertThat(settling(new Settlement.MoveTo(""))).isEqualTo("INVALID_NAME");
    assertThat(settling(new Settlement.MoveTo("other"))).isEqualTo("not refused");
    assertThat(settling(new Settlement.Replace(send("", "1")))).isEqualTo("INVALID_NAME");
    assertThat(now(queues().settle(List.of(), Settlement.ACK)).orThrow()).isEmpty();
  }

  @Test
  void shouldCompleteReplacements() {
    // when
    now(queues().settle(List.of(RECEIPT), new Settlement.Replace(send("q", "1"))));

    // then
    assertThat(fixture.engine.queues.settlements.get(0))
        .isInstanceOfSatisfying(
            Settlement.Replace.class,
            replace ->
                assertThat(replace.replacement().policy().maxReceiveCount()).isEqualTo(1024));
  }

  private String settling(Settlement settlement) {
    return refusal(now(queues().settle(List.of(RECEIPT), settlement)));
  }

  private String receiving(String queue, ReceiveOptions options) {
    return refusal(now(queues().receive(queue, options).result()));
  }

  private Queues queues() {
    return fixture.broker.queues();
  }

  private static QueueSend send(String queue, String body) {
    return new QueueSend(message(queue, body), QueuePolicy.NONE);
  }
}
