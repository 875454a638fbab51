// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogServiceTest {
  private static final LogStart FIRST = new LogStart.First();
  private static final LogStart NEW_ONLY = new LogStart.NewOnly();

  private final ManualLane lane = new ManualLane();
  private final ManualLane otherLane = new ManualLane();
  private final LogReader reader = new LogReader();
  private Fixture fixture = new Fixture();

  @Test
  void shouldGiveWhatIsKeptAndThenWhatIsNew() {
    // given
    append(5);

    // when
    subscribe(FIRST, reader);
    lane.run();
    append(3);
    lane.run();

    // then
    assertThat(reader.sequences()).isEqualTo(upTo(8));
  }

  @Test
  void shouldStartWhereAsked() {
    // given
    append(10);
    LogReader last = new LogReader();
    LogReader fifth = new LogReader();
    LogReader beyond = new LogReader();

    // when
    subscribe(NEW_ONLY, reader);
    subscribe(new LogStart.Last(), last);
    subscribe(new LogStart.AtSequence(5), fifth);
    subscribe(new LogStart.AtSequence(50), beyond);
    append(1);
    lane.run();

    // then
    assertThat(reader.sequences()).containsExactly(11L);
    assertThat(last.sequences()).containsExactly(10L, 11L);
    assertThat(fifth.sequences()).containsExactly(5L, 6L, 7L, 8L, 9L, 10L, 11L);
    assertThat(beyond.sequences()).containsExactly(11L);
  }

  /** However many of them a read passes over at a time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, Integer.MAX_VALUE})
  void shouldPassOverWhatHasExpired(int passedMax) {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(2).build());
    fixture.engine.logs.passedMax = passedMax;
    append(8);
    for (long gone : new long[] {1, 3, 4, 5, 8}) {
      fixture.engine.logs.expire("l", gone);
    }

    // when
    subscribe(FIRST, reader);
    lane.run();
    append(1);
    lane.run();

    // then
    assertThat(reader.sequences()).containsExactly(2L, 6L, 7L, 9L);
  }

  @Test
  void shouldPushTheSameListToSubscribersAtTheTailInOneTask() {
    // given
    LogReader second = new LogReader();
    LogReader elsewhere = new LogReader();
    subscribe(NEW_ONLY, reader);
    subscribe(NEW_ONLY, second);
    now(fixture.broker.logs().subscribe(request(NEW_ONLY, null, null), otherLane, elsewhere));
    lane.run();
    otherLane.run();
    int handed = lane.handed();

    // when
    fixture.engine.logs.appendTogether(List.of(message("l", "1"), message("l", "2")));

    // then
    assertThat(lane.handed()).isEqualTo(handed + 1);
    lane.run();
    otherLane.run();
    assertThat(reader.batches.get(0)).hasSize(2);
    assertThat(second.batches.get(0)).isSameAs(reader.batches.get(0));
    assertThat(elsewhere.batches.get(0)).isSameAs(reader.batches.get(0));
    assertThat(fixture.engine.logs.tails("l")).isEqualTo(1);
  }

  @Test
  void shouldCollectPushesInOneTask() {
    // given
    subscribe(NEW_ONLY, reader);
    lane.run();
    int handed = lane.handed();
    int reads = fixture.engine.logs.reads();

    // when
    append(100);

    // then
    assertThat(lane.handed()).isEqualTo(handed + 1);
    lane.run();
    assertThat(reader.sequences()).isEqualTo(upTo(100));
    assertThat(fixture.engine.logs.reads()).isEqualTo(reads);
  }

  @Test
  void shouldReadWhatWasMissedBetweenPushes() {
    // given
    subscribe(FIRST, reader);
    lane.run();
    append(2);
    lane.run();

    // when
    fixture.engine.logs.appendSilently(message("l", "3"));
    fixture.engine.logs.appendSilently(message("l", "4"));
    append(1);
    lane.run();

    // then
    assertThat(reader.sequences()).isEqualTo(upTo(5));
  }

  @Test
  void shouldCutPushesThatReachBack() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(2).build());
    List<Runnable> pushes = new ArrayList<>();
    subscribe(FIRST, reader);
    lane.run();
    fixture.engine.logs.pushes = pushes::add;
    fixture.engine.logs.appendTogether(List.of(message("l", "1")));
    fixture.engine.logs.appendTogether(
        List.of(message("l", "2"), message("l", "3"), message("l", "4")));
    LogReader late = new LogReader();
    subscribe(FIRST, late);

    // when
    pushes.get(0).run();
    // The late one reads two records, which are all that this lane has heard of.
    lane.run();
    assertThat(late.last()).isLessThan(4L);
    pushes.get(1).run();
    lane.run();

    // then
    assertThat(late.sequences()).isEqualTo(upTo(4));
    assertThat(reader.sequences()).isEqualTo(upTo(4));
  }

  @Test
  void shouldGiveNothingWhilePausedAndEverythingAfterwards() {
    // given
    LogSubscription subscription = subscribe(FIRST, reader);
    lane.run();
    reader.more = false;
    append(1);
    lane.run();

    // when
    append(50);
    lane.run();

    // then
    assertThat(reader.sequences()).containsExactly(1L);
    reader.more = true;
    subscription.resume();
    lane.run();
    assertThat(reader.sequences()).isEqualTo(upTo(51));
    append(1);
    lane.run();
    assertThat(reader.sequences()).isEqualTo(upTo(52));
  }

  @Test
  void shouldReadOneBatchPerResume() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(10).build());
    append(35);
    reader.more = false;
    LogSubscription subscription = subscribe(FIRST, reader);
    lane.run();

    // when
    for (int i = 1; i <= 4; i++) {
      // then
      assertThat(reader.batches).hasSize(i);
      subscription.resume();
      lane.run();
    }
    assertThat(reader.sequences()).isEqualTo(upTo(35));
  }

  @Test
  void shouldResumeThatComesDuringTheCall() {
    // given
    List<LogSubscription> subscription = new ArrayList<>();
    List<Long> seen = new ArrayList<>();
    subscription.add(
        subscribe(
            NEW_ONLY,
            new LogReader() {
              @Override
              public synchronized boolean onRecords(List<LogRecord> records) {
                records.forEach(each -> seen.add(each.sequence()));
                subscription.get(0).resume();
                return false;
              }
            }));
    lane.run();

    // when
    append(1);
    lane.run();
    append(1);
    lane.run();

    // then
    assertThat(seen).containsExactly(1L, 2L);
  }

  @Test
  void shouldDropPushesForLaneThatDoesNotKeepUpAndReadThem() {
    // given
    subscribe(NEW_ONLY, reader);
    lane.run();
    Message big = Message.builder().id("x").channel("l").body(new byte[200 << 10]).build();

    int reads = fixture.engine.logs.reads();

    // when
    for (int i = 0; i < 30; i++) {
      fixture.engine.logs.append(big);
    }
    int handed = lane.waiting();
    lane.run();

    // then
    assertThat(handed).isEqualTo(1);
    assertThat(fixture.engine.logs.reads()).as("what was dropped is read").isGreaterThan(reads);
    assertThat(reader.sequences()).isEqualTo(upTo(30));
    assertThat(reader.batches).hasSizeGreaterThan(20);
  }

  @Test
  void shouldSplitWhatIsPushedAtOnce() {
    // given
    subscribe(NEW_ONLY, reader);
    lane.run();
    List<Message> many =
        IntStream.range(0, 10)
            .mapToObj(i -> Message.builder().id("x").channel("l").body(new byte[100 << 10]).build())
            .toList();

    // when
    fixture.engine.logs.appendTogether(many);
    lane.run();

    // then
    assertThat(reader.sequences()).isEqualTo(upTo(10));
    assertThat(reader.batches).hasSize(5);
  }

  @Test
  void shouldGiveAtOnceWhatWasPushedOneByOneAndFollowsWithoutGap() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(4).build());
    LogReader second = new LogReader();
    subscribe(NEW_ONLY, reader);
    subscribe(NEW_ONLY, second);
    lane.run();
    int reads = fixture.engine.logs.reads();

    // when
    for (int together : new int[] {3, 1, 2, 3}) {
      fixture.engine.logs.appendTogether(Collections.nCopies(together, message("l", "x")));
    }
    lane.run();

    // then
    assertThat(reader.batches).extracting(List::size).containsExactly(4, 2, 3);
    assertThat(reader.sequences()).isEqualTo(upTo(9));
    assertThat(second.batches.get(0)).isSameAs(reader.batches.get(0));
    assertThat(fixture.engine.logs.reads()).isEqualTo(reads);
  }

  @Test
  void shouldGiveAtOnceNoMoreBytesThanFit() {
    // given
    subscribe(NEW_ONLY, reader);
    lane.run();
    Message large = Message.builder().id("x").channel("l").body(new byte[100 << 10]).build();

    // when
    for (int i = 0; i < 5; i++) {
      fixture.engine.logs.append(large);
    }
    lane.run();

    // then
    assertThat(reader.batches).extracting(List::size).containsExactly(2, 2, 1);
    assertThat(reader.sequences()).isEqualTo(upTo(5));
  }

  @Test
  void shouldReadWhatIsMissingBetweenPushesThatWaited() {
    // given
    subscribe(NEW_ONLY, reader);
    lane.run();

    // when
    append(2);
    fixture.engine.logs.appendSilently(message("l", "3"));
    append(2);
    lane.run();

    // then
    assertThat(reader.batches).extracting(List::size).containsExactly(2, 3);
    assertThat(reader.sequences()).isEqualTo(upTo(5));
  }

  @Test
  void shouldPassOverNothingForPushesThatCannotBeRead() {
    // given
    append(5);
    List<LogRecord> gone = fixture.engine.logs.all("l");
    now(fixture.broker.channels().delete(Kind.LOG, "l"));
    subscribe(FIRST, reader);
    lane.run();

    // when
    fixture.engine.logs.tell("l", gone.subList(2, 5));
    lane.run();
    int reads = fixture.engine.logs.reads();
    append(3);
    lane.run();

    // then
    assertThat(reader.sequences()).isEqualTo(upTo(3));
    assertThat(fixture.engine.logs.reads()).isEqualTo(reads);
  }

  @Test
  void shouldGoOnBehindWhatRetentionRemoved() {
    // given
    append(10);
    reader.more = false;
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(2).build());
    append(10);
    LogSubscription subscription = subscribe(FIRST, reader);
    lane.run();

    // when
    now(fixture.broker.logs().trim("l", 8));
    reader.more = true;
    subscription.resume();
    lane.run();

    // then
    assertThat(reader.sequences()).containsExactly(1L, 2L, 8L, 9L, 10L);
  }

  @Test
  void shouldGoOnWhenRetentionRemovedEverything() {
    // given
    LogSubscription subscription = subscribe(FIRST, reader);
    lane.run();
    reader.more = false;
    append(1);
    lane.run();
    append(9);
    lane.run();

    // when
    now(fixture.broker.logs().trim("l", 11));
    reader.more = true;
    subscription.resume();
    lane.run();
    append(1);
    lane.run();

    // then
    assertThat(reader.sequences()).containsExactly(1L, 11L);
  }

  @Test
  void shouldEndWhenTheChannelIsDeleted() {
    // given
    subscribe(FIRST, reader);
    append(1);
    lane.run();

    // when
    now(fixture.broker.channels().delete(Kind.LOG, "l"));
    lane.run();

    // then
    assertThat(reader.ends)
        .extracting(BrokerError::code)
        .containsExactly(ErrorCode.CHANNEL_DELETED);
    LogReader again = new LogReader();
    subscribe(FIRST, again);
    append(1);
    lane.run();
    assertThat(again.sequences()).containsExactly(1L);
    assertThat(reader.sequences()).containsExactly(1L);
  }

  @Test
  void shouldEndWhenTheListenerFails() {
    // given
    LogReader healthy = new LogReader();
    subscribe(NEW_ONLY, reader);
    subscribe(NEW_ONLY, healthy);
    lane.run();
    reader.faulty = true;

    // when
    append(2);
    lane.run();

    // then
    assertThat(reader.ends).extracting(BrokerError::code).containsExactly(ErrorCode.INTERNAL);
    assertThat(healthy.sequences()).isEqualTo(upTo(2));
    assertThat(fixture.counted(CoreMetrics.LISTENER_FAILURES)).isEqualTo(1);
  }

  @Test
  void shouldEndWhenTheLogCannotBeRead() {
    // given
    append(1);
    fixture.engine.logs.readRefusal = ErrorCode.CORRUPT;

    // when
    subscribe(FIRST, reader);
    lane.run();

    // then
    assertThat(reader.ends).extracting(BrokerError::code).containsExactly(ErrorCode.CORRUPT);
  }

  @Test
  void shouldReadAgainLaterWhenTheEngineIsOverloaded() {
    // given
    append(3);
    fixture.engine.logs.readRefusal = ErrorCode.OVERLOADED;
    subscribe(FIRST, reader);
    lane.run();
    assertThat(reader.batches).isEmpty();

    // when
    fixture.engine.logs.readRefusal = null;
    fixture.timers.advanceMillis(100);
    lane.run();

    // then
    assertThat(reader.sequences()).isEqualTo(upTo(3));
  }

  @Test
  void shouldEndWhenTheBrokerStops() {
    // given
    subscribe(FIRST, reader);

    // when
    fixture.broker.close();
    lane.run();

    // then
    assertThat(reader.ends).extracting(BrokerError::code).containsExactly(ErrorCode.SHUTTING_DOWN);
    assertThat(
            refusal(
                now(
                    fixture
                        .broker
                        .logs()
                        .subscribe(request(FIRST, null, null), lane, new LogReader()))))
        .isEqualTo("SHUTTING_DOWN");
  }

  @Test
  void shouldLeaveTheTailWithTheLastSubscriber() {
    // given
    LogSubscription one = subscribe(FIRST, reader);
    LogSubscription two = subscribe(FIRST, new LogReader());
    append(1);
    assertThat(now(fixture.broker.logs().info("l")).orThrow().subscribers()).isEqualTo(2);

    // when
    one.close();
    one.close();
    two.close();
    append(1);
    lane.run();

    // then
    assertThat(fixture.engine.logs.tails("l")).isZero();
    assertThat(now(fixture.broker.logs().info("l")).orThrow().subscribers()).isZero();
    assertThat(reader.batches).isEmpty();
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

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }
}
