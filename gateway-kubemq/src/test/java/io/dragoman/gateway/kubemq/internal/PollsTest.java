// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What all polls together may fetch. */
final class PollsTest {
  private static final long MIB = 1 << 20;

  private final FakeQueues queues = new FakeQueues();
  private final TestLane lane = new TestLane();
  private final Metrics metrics = new Metrics();
  private final PollAnswers budget = new PollAnswers(metrics);
  private final List<Result<Received>> outcomes = new ArrayList<>();
  private final Polls polls =
      new Polls(
          queues,
          lane,
          budget,
          (poll, outcome) -> outcomes.add(outcome),
          fault -> {
            throw fault;
          });

  /** A poll that the engine has been asked for. */
  private record Asked(ReceiveOptions options, FakeCall<Received> call) {}

  private Asked start() {
    queues.receive = new FakeCall<>();
    polls.start(QueuesDownstreamRequest.newBuilder().setChannel("q").setMaxItems(100).build());
    return new Asked(queues.receiveOptions, queues.receive);
  }

  private double held() {
    return metrics.families().stream()
        .filter(family -> family.name().equals("dragoman_poll_answer_bytes"))
        .flatMap(family -> family.instruments().values().stream())
        .mapToDouble(gauge -> ((Metrics.Gauge) gauge).value())
        .sum();
  }

  private static Received received(int bytes) {
    Message message =
        Message.builder().id("m").clientId("c").channel("q").body(new byte[bytes]).build();
    QueueMessage queued =
        new QueueMessage(message, new QueuePolicy(0, 0, 0, ""), 1, 1, 1, "", 0, 0);
    return new Received(List.of(new Delivery(Receipt.of(new byte[] {1}), queued)), 0);
  }

  @Test
  void shouldFetchNoMoreThanTheBoundTogether() {
    // given polls that wait while there is nothing
    List<Asked> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(start());
    }
    assertThat(held()).isZero();

    // when there is much for all of them at once
    long sum = 0;
    for (Asked each : waiting) {
      sum += each.options.room().take(each.options.bytesMax());
    }

    // then
    assertThat(sum).isLessThanOrEqualTo(256 * MIB);
    assertThat(held()).isEqualTo((double) sum);
    waiting.forEach(each -> each.call.cancel());
    assertThat(held()).isZero();
  }

  @Test
  void shouldGiveBackWhatItDidNotNeedAtOnce() {
    // given
    Asked asked = start();
    assertThat(asked.options.room().take(64 * MIB)).isEqualTo(64 * MIB);

    // when
    lane.isElsewhere = true;
    asked.call.ok(received(1000));

    // then before its lane comes to it
    assertThat(outcomes).isEmpty();
    assertThat(held()).isBetween(1000.0, 3000.0);
    lane.runTasks();
    assertThat(outcomes).hasSize(1);
    assertThat(held()).isZero();
  }

  @Test
  void shouldAlwaysHaveRoomForALittle() {
    // given
    for (int i = 0; i < 20; i++) {
      start().options.room().take(64 * MIB);
    }

    // when, then
    assertThat(start().options.room().take(64 * MIB)).isEqualTo(MIB);
    assertThat(start().options.room().take(10)).isEqualTo(10);
  }
}
