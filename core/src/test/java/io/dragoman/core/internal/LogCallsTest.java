// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What logs do apart from subscriptions. */
final class LogCallsTest {
  private static final LogStart FIRST = new LogStart.First();
  private static final LogStart NEW_ONLY = new LogStart.NewOnly();

  private final ManualLane lane = new ManualLane();
  private final LogReader reader = new LogReader();
  private Fixture fixture = new Fixture();

  @Test
  void shouldRead() {
    // given
    append(10);
    now(fixture.broker.logs().trim("l", 3));

    // when / then
    assertThat(read(FIRST, 2)).containsExactly(3L, 4L);
    assertThat(read(new LogStart.AtSequence(5), 2)).containsExactly(5L, 6L);
    assertThat(read(new LogStart.AtSequence(-5), 1)).containsExactly(3L);
    assertThat(read(new LogStart.AtSequence(11), 1)).isEmpty();
    assertThat(read(new LogStart.Last(), 2)).containsExactly(10L);
    assertThat(read(NEW_ONLY, 2)).isEmpty();
  }

  @Test
  void shouldReadOnBehindWhatTheEngineHasOnlyPassedOver() {
    // given
    append(10);
    for (long gone = 2; gone < 10; gone++) {
      fixture.engine.logs.expire("l", gone);
    }
    fixture.engine.logs.passedMax = 3;

    // when / then
    assertThat(read(FIRST, 2)).containsExactly(1L);
    assertThat(read(new LogStart.AtSequence(2), 2)).containsExactly(10L);
    assertThat(read(new LogStart.AtSequence(11), 2)).isEmpty();
  }

  @Test
  void shouldRefuseWhatCannotBeUsed() {
    // given
    fixture =
        new Fixture(
            CoreOptions.DEFAULT.toBuilder()
                .subscriptionsMax(1)
                .channelsMax(1)
                .messageBytesMax(10)
                .build());

    // when / then
    assertThat(appending("", "1")).isEqualTo("INVALID_NAME");
    assertThat(appending("l", "x".repeat(11))).isEqualTo("TOO_LARGE");
    assertThat(appending("l", "1")).isEqualTo("not refused");
    assertThat(appending("m", "1")).isEqualTo("TOO_MANY_CHANNELS");
    assertThat(appending("l", "1")).isEqualTo("not refused");
    assertThat(refusal(now(fixture.broker.logs().read("l", FIRST, 0, 1))))
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(fixture.broker.logs().trim("", 1)))).isEqualTo("INVALID_NAME");
    assertThat(refusal(now(fixture.broker.logs().info("m")))).isEqualTo("NOT_FOUND");
    subscribe(FIRST, reader);
    CompletionStage<Result<LogSubscription>> second =
        fixture.broker.logs().subscribe(request(FIRST, null, null), lane, reader);
    assertThat(refusal(now(second))).isEqualTo("TOO_MANY_SUBSCRIPTIONS");
  }

  @Test
  void shouldGiveIdsToMessagesWithoutOne() {
    // given
    subscribe(FIRST, reader);

    // when
    now(fixture.broker.logs().append(Message.builder().channel("l").build()));
    lane.run();

    // then
    assertThat(reader.batches.get(0).get(0).message().id()).hasSize(36);
    assertThat(fixture.counted(CoreMetrics.MESSAGES_IN, "kind", "log")).isEqualTo(1);
  }

  private String appending(String channel, String body) {
    return refusal(now(fixture.broker.logs().append(message(channel, body))));
  }

  private List<Long> read(LogStart start, int max) {
    return now(fixture.broker.logs().read("l", start, max, 1 << 20)).orThrow().stream()
        .map(LogRecord::sequence)
        .toList();
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      now(fixture.broker.logs().append(message("l", "x"))).orThrow();
    }
  }

  private LogSubscription subscribe(LogStart start, LogReader listener) {
    return now(fixture.broker.logs().subscribe(request(start, null, null), lane, listener))
        .orThrow();
  }

  private static LogSubscribe request(LogStart start, String durable, String group) {
    return new LogSubscribe("l", start, durable, group);
  }
}
