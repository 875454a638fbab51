// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static io.dragoman.core.internal.Fixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Following one log and many: the same rules, whichever cursor keeps them. */
final class LogFollowTest {
  private static final HistoryStart ALL = new HistoryStart.AtTime(0);

  private final ManualLane lane = new ManualLane();
  private final LogReader reader = new LogReader();
  private Fixture fixture = new Fixture();
  private int bigs;

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+", "#"})
  void shouldGiveHistoryAndThenWhatIsNew(String filter) {
    // given
    append("a/b", "1", "2", "3");

    // when
    LogFollowing following = follow(filter, ALL, 2);
    append("a/b", "4");
    following.subscription().resume();
    lane.run();
    append("a/b", "5");
    lane.run();

    // then
    LogHistory history = Objects.requireNonNull(following.history());
    assertThat(history.records())
        .extracting(each -> text(each.message()))
        .containsExactly("2", "3");
    assertThat(history.complete()).isFalse();
    assertThat(history.missed()).hasValue(1);
    assertThat(bodies()).containsExactly("4", "5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldGiveNothingBeforeItIsResumed(String filter) {
    // given
    append("a/b", "1");
    LogFollowing following = follow(filter, null, 100);

    // when
    append("a/b", "2", "3");
    lane.run();

    // then
    assertThat(following.history()).isNull();
    assertThat(bodies()).isEmpty();
    following.subscription().resume();
    lane.run();
    assertThat(bodies()).containsExactly("2", "3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldGoOnFromLogAfterPause(String filter) {
    // given
    LogFollowing following = resumed(filter);
    reader.more = false;
    append("a/b", "1");
    lane.run();

    // when
    append("a/b", "2", "3");
    lane.run();
    assertThat(bodies()).containsExactly("1");
    reader.more = true;
    following.subscription().resume();
    lane.run();
    append("a/b", "4");
    lane.run();

    // then
    assertThat(bodies()).containsExactly("1", "2", "3", "4");
  }

  /** Not as history, which has a limit. */
  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldFollowFromTheFirstRecord(String filter) {
    // given
    append("a/b", "1", "2");

    // when
    LogFollow request = LogFollow.fromFirst(ChannelFilter.slashed(filter));
    LogFollowing following = now(fixture.broker.logs().follow(request, lane, reader)).orThrow();
    append("a/b", "3");
    following.subscription().resume();
    lane.run();
    append("a/b", "4");
    lane.run();

    // then
    assertThat(following.history()).isNull();
    assertThat(bodies()).containsExactly("1", "2", "3", "4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldKeepItsPlaceWhenNothingIsTaken(String filter) {
    // given
    LogFollowing following = resumed(filter);
    append("a/b", "1");
    lane.run();

    // when
    reader.taking = false;
    append("a/b", "2");
    lane.run();
    following.subscription().resume();
    append("a/b", "3");
    lane.run();
    assertThat(bodies()).containsExactly("1");
    reader.taking = true;
    append("a/b", "4");
    lane.run();
    assertThat(bodies()).containsExactly("1");
    following.subscription().resume();
    lane.run();

    // then
    assertThat(bodies()).containsExactly("1", "2", "3", "4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldTellWhenItHasCaughtUp(String filter) {
    // given
    append("a/b", "1");
    LogFollowing following = follow(filter, null, 0);
    append("a/b", "2");

    // when
    following.subscription().resume();
    lane.run();
    assertThat(bodies()).containsExactly("2");
    assertThat(reader.caughtUp).isEqualTo(1);
    reader.more = false;
    append("a/b", "3");
    lane.run();
    following.subscription().resume();
    lane.run();

    // then
    assertThat(bodies()).containsExactly("2", "3");
    assertThat(reader.caughtUp).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldReadWhatLaneCouldNotTake(String filter) {
    // given
    resumed(filter);

    // when
    appendMoreThanLaneTakes();
    assertThat(lane.waiting()).isEqualTo(1);
    lane.run();
    append("a/b", "last");
    lane.run();

    // then
    assertThat(bodies()).hasSize(31).endsWith("last");
    assertThat(reader.sequences()).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void shouldReadWhatTheEngineTellsItHasNotPushed() {
    // given
    resumed("a/+");
    append("a/b", "1");

    // when
    fixture.engine.logs.appendSilently(message("a/b", "2"));
    fixture.engine.logs.tellMissed("a/b");
    append("a/b", "3");
    lane.run();
    append("a/b", "4");
    lane.run();

    // then
    assertThat(bodies()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void shouldReadOnceForAllSubscribersOfLaneThatCouldNotTakeIt() {
    // given
    resumed("#");
    List<LogReader> readers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      LogReader one = new LogReader();
      readers.add(one);
      resumed("a/+", one);
      // So that each begins at a place of its own.
      append("b/async", "of others");
      lane.run();
    }
    int reads = fixture.engine.logs.reads();

    // when
    appendMoreThanLaneTakes();
    lane.run();
    append("a/b", "last");
    lane.run();

    // then
    assertThat(fixture.engine.logs.reads()).as("one for each pattern").isEqualTo(reads + 2);
    for (LogReader each : readers) {
      assertThat(bodies(each)).hasSize(31).endsWith("last");
      assertThat(each.batches).hasSameSizeAs(readers.get(0).batches);
      for (int i = 0; i < each.batches.size(); i++) {
        assertThat(each.batches.get(i)).isSameAs(readers.get(0).batches.get(i));
      }
    }
  }

  @Test
  void shouldReadLogOnceForAllItsSubscribersOnLaneThatCouldNotTakeIt() {
    // given
    resumed("a/b");
    appendMoreThanLaneTakes();
    lane.run();
    int alone = fixture.engine.logs.reads();

    // when
    fixture = new Fixture();
    List<LogReader> readers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      LogReader one = new LogReader();
      readers.add(one);
      resumed("a/b", one);
    }
    int reads = fixture.engine.logs.reads();
    appendMoreThanLaneTakes();
    lane.run();

    // then: each has read once when it came
    assertThat(fixture.engine.logs.reads() - reads).isEqualTo(alone - 1);
    for (LogReader each : readers) {
      assertThat(bodies(each)).hasSize(30);
      for (int i = 0; i < each.batches.size(); i++) {
        assertThat(each.batches.get(i)).isSameAs(readers.get(0).batches.get(i));
      }
    }
  }

  @Test
  void shouldComeBackToTailWhileRecordsKeepComing() {
    // given
    resumed("a/+");
    LogReader second = new LogReader();
    resumed("a/+", second);
    List<Runnable> completions = new ArrayList<>();
    fixture.engine.logs.completions = completions::add;
    int reads = fixture.engine.logs.reads();

    // when
    appendMoreThanLaneTakes();
    lane.run();
    for (int i = 0; i < 10; i++) {
      // What is read ends between the two, and the lane has heard of both before it has that.
      append("a/b", "before" + i);
      List.copyOf(completions).forEach(Runnable::run);
      completions.clear();
      append("a/b", "after" + i);
      lane.run();
    }

    // then
    assertThat(fixture.engine.logs.reads()).isEqualTo(reads + 1);
    assertThat(bodies()).hasSize(50).endsWith("before9", "after9").doesNotHaveDuplicates();
    assertThat(reader.sequences()).isSorted();
    assertThat(bodies(second)).isEqualTo(bodies());
    assertThat(second.batches.get(1)).isSameAs(reader.batches.get(1));
  }

  @Test
  void shouldReadAgainWhenMoreCameDuringReadThanLaneTakes() {
    // given
    resumed("a/+");
    List<Runnable> completions = new ArrayList<>();
    fixture.engine.logs.completions = completions::add;
    appendMoreThanLaneTakes();
    lane.run();

    // when
    List.copyOf(completions).forEach(Runnable::run);
    completions.clear();
    for (int i = 0; i < 30; i++) {
      append("a/b", "small" + i);
      appendBig();
    }
    fixture.engine.logs.completions = Runnable::run;
    lane.run();
    append("a/b", "last");
    lane.run();

    // then
    assertThat(bodies()).hasSize(30 + 60 + 1).endsWith("last");
    assertThat(reader.sequences()).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void shouldCountPushesThatLaneCouldNotTake() {
    // given
    resumed("a/+");
    Message big = message("a/b", "x").toBuilder().body(new byte[1 << 20]).build();

    // when
    for (int i = 0; i < 3; i++) {
      fixture.engine.logs.append(big);
    }

    // then
    assertThat(fixture.counted(CoreMetrics.LOG_PUSHES_DROPPED)).isPositive();
    lane.run();
    assertThat(bodies()).hasSize(3);
  }

  @Test
  void shouldFollowLogsThatDoNotExistYetInOrderOfStoring() {
    // given
    append("a/1", "x");
    resumed("a/+");

    // when
    append("a/2", "1");
    append("a/1", "2");
    append("b/1", "of others");
    append("a/2/3", "of others");
    append("a/2", "3");
    lane.run();

    // then
    assertThat(bodies()).containsExactly("1", "2", "3");
  }

  @Test
  void shouldReadInOrderOfStoringInBatches() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(10).build());
    LogFollowing following = follow("a/+", null, 0);
    List<String> stored = new ArrayList<>();
    for (int i = 0; i < 95; i++) {
      append("a/" + i % 3, Integer.toString(i));
      stored.add(Integer.toString(i));
    }

    // when
    following.subscription().resume();
    lane.run();

    // then
    assertThat(bodies()).isEqualTo(stored);
    assertThat(reader.batches).hasSize(10);
  }

  @Test
  void shouldGiveSubscribersOfLaneTheSameListInOneTask() {
    // given
    LogReader second = new LogReader();
    resumed("a/+");
    resumed("a/#", second);
    int handed = lane.handed();

    // when
    fixture.engine.logs.appendTogether(
        List.of(message("a/1", "1"), message("a/2", "2"), message("a/1", "3")));

    // then
    assertThat(lane.handed()).isEqualTo(handed + 1);
    lane.run();
    assertThat(reader.batches).hasSize(1);
    assertThat(reader.batches.get(0)).hasSize(3);
    assertThat(second.batches.get(0)).isSameAs(reader.batches.get(0));
  }

  @Test
  void shouldTellEachPatternWhatItMatches() {
    // given
    LogReader second = new LogReader();
    resumed("a/+");
    resumed("+/1", second);

    // when
    fixture.engine.logs.appendTogether(
        List.of(message("a/1", "1"), message("a/2", "2"), message("b/1", "3")));
    lane.run();

    // then
    assertThat(bodies()).containsExactly("1", "2");
    assertThat(bodies(second)).containsExactly("1", "3");
  }

  @Test
  void shouldCutPushesThatReachBackBeforeHistory() {
    // given
    List<Runnable> pushes = new ArrayList<>();
    resumed("a/+");
    fixture.engine.logs.pushes = pushes::add;
    append("a/b", "1", "2");
    LogReader late = new LogReader();
    LogFollowing following =
        now(fixture.broker.logs().follow(request("a/+", ALL, 10), lane, late)).orThrow();

    // when
    following.subscription().resume();
    lane.run();
    pushes.forEach(Runnable::run);
    lane.run();
    pushes.clear();
    append("a/b", "3");
    pushes.forEach(Runnable::run);
    lane.run();

    // then
    assertThat(Objects.requireNonNull(following.history()).records()).hasSize(2);
    assertThat(bodies(late)).containsExactly("3");
    assertThat(bodies()).containsExactly("1", "2", "3");
  }

  @Test
  void shouldGoOnWithPatternWhenLogIsDeletedAndMadeAgain() {
    // given
    resumed("a/+");
    append("a/b", "1");
    lane.run();

    // when
    fixture.engine.logs.delete("a/b");
    append("a/b", "2");
    lane.run();

    // then
    assertThat(reader.ends).isEmpty();
    assertThat(bodies()).containsExactly("1", "2");
  }

  @Test
  void shouldEndWithLogThatIsDeleted() {
    // given
    resumed("a/b");

    // when
    fixture.engine.logs.delete("a/b");
    lane.run();

    // then
    assertThat(reader.ends)
        .extracting(BrokerError::code)
        .containsExactly(ErrorCode.CHANNEL_DELETED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldGiveNothingOnceClosed(String filter) {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().subscriptionsMax(1).build());
    LogFollowing following = resumed(filter);
    assertThat(refusal(now(fixture.broker.logs().follow(request(filter, ALL, 1), lane, reader))))
        .isEqualTo("TOO_MANY_SUBSCRIPTIONS");

    // when
    following.subscription().close();
    following.subscription().close();
    append("a/b", "1");
    lane.run();

    // then
    assertThat(bodies()).isEmpty();
    assertThat(reader.ends).isEmpty();
    assertThat(fixture.engine.logs.tails("a/b")).isZero();
    assertThat(fixture.engine.logs.registrations()).isZero();
    assertThat(follow(filter, ALL, 1).subscription()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldEndSubscriberThatThrows(String filter) {
    // given
    resumed(filter);
    reader.faulty = true;

    // when
    append("a/b", "1");
    lane.run();

    // then
    assertThat(reader.ends).extracting(BrokerError::code).containsExactly(ErrorCode.INTERNAL);
    assertThat(fixture.engine.logs.registrations()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldRefuseWhenHistoryCannotBeRead(String filter) {
    // given
    fixture.engine.logs.readRefusal = ErrorCode.CORRUPT;

    // when
    var refused = now(fixture.broker.logs().follow(request(filter, ALL, 10), lane, reader));

    // then
    assertThat(refusal(refused)).isEqualTo("CORRUPT");
    assertThat(fixture.engine.logs.tails("a/b")).isZero();
    assertThat(fixture.engine.logs.registrations()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldEndSubscriberWhoseLogCannotBeRead(String filter) {
    // given
    LogFollowing following = follow(filter, null, 0);
    append("a/b", "1");
    lane.run();
    fixture.engine.logs.readRefusal = ErrorCode.CORRUPT;

    // when
    following.subscription().resume();
    lane.run();

    // then
    assertThat(reader.ends).extracting(BrokerError::code).containsExactly(ErrorCode.CORRUPT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldEndWhenBrokerStops(String filter) {
    // given
    resumed(filter);

    // when
    fixture.broker.close();
    lane.run();

    // then
    assertThat(reader.ends).extracting(BrokerError::code).containsExactly(ErrorCode.SHUTTING_DOWN);
    assertThat(refusal(now(fixture.broker.logs().follow(request(filter, ALL, 1), lane, reader))))
        .isEqualTo("SHUTTING_DOWN");
  }

  @Test
  void shouldGiveHistoryAlone() {
    // given
    append("a/1", "1");
    append("a/2", "2", "3");

    // when
    LogHistory history =
        now(fixture.broker.logs().history(ChannelFilter.slashed("a/+"), ALL, 2, 1_000)).orThrow();

    // then
    assertThat(history.records())
        .extracting(each -> text(each.message()))
        .containsExactly("2", "3");
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    // when
    var unnamed = now(fixture.broker.logs().follow(request("", ALL, 10), lane, reader));
    var negative = now(fixture.broker.logs().follow(request("a", ALL, -1), lane, reader));
    var history = now(fixture.broker.logs().history(ChannelFilter.exact("a"), ALL, 1, 0));

    // then
    assertThat(refusal(unnamed)).isEqualTo("INVALID_NAME");
    assertThat(refusal(negative)).isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(history)).isEqualTo("INVALID_ARGUMENT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/+"})
  void shouldLeaveNothingBehindWhenTheEngineFails(String filter) {
    // given
    append("a/b", "1");
    fixture.engine.logs.historyFault = true;

    // when
    var following = now(fixture.broker.logs().follow(request(filter, ALL, 10), lane, reader));

    // then
    assertThat(refusal(following)).isEqualTo("INTERNAL");
    assertThat(now(fixture.broker.logs().info("a/b")).orThrow().subscribers()).isZero();
  }

  @Test
  void shouldHandOnTimeAndIdOfAppend() {
    // when
    Message nameless = message("a", "1").toBuilder().id("").build();
    now(fixture.broker.logs().append(new LogAppend(nameless, 4_711, 0))).orThrow();

    // then
    LogRecord stored =
        now(fixture.broker.logs().history(ChannelFilter.exact("a"), ALL, 1, 1_000))
            .orThrow()
            .records()
            .get(0);
    assertThat(stored.eventTimeMillis()).isEqualTo(4_711);
    assertThat(stored.message().id()).isNotEmpty();
    assertThat(fixture.counted(CoreMetrics.MESSAGES_IN, "kind", Kind.LOG.label())).isEqualTo(1);
  }

  private static LogFollow request(String filter, HistoryStart start, int limit) {
    return new LogFollow(ChannelFilter.slashed(filter), start, limit);
  }

  private LogFollowing follow(String filter, HistoryStart start, int limit) {
    return now(fixture.broker.logs().follow(request(filter, start, limit), lane, reader)).orThrow();
  }

  private LogFollowing resumed(String filter) {
    return resumed(filter, reader);
  }

  private LogFollowing resumed(String filter, LogReader by) {
    LogFollowing following =
        now(fixture.broker.logs().follow(request(filter, null, 0), lane, by)).orThrow();
    following.subscription().resume();
    lane.run();
    return following;
  }

  private void appendMoreThanLaneTakes() {
    for (int i = 0; i < 30; i++) {
      appendBig();
    }
  }

  private void appendBig() {
    byte[] body = new byte[200 << 10];
    body[0] = (byte) bigs++;
    fixture.engine.logs.append(message("a/b", "x").toBuilder().body(body).build());
  }

  private void append(String log, String... bodies) {
    for (String body : bodies) {
      fixture.engine.logs.append(message(log, body));
    }
  }

  private List<String> bodies() {
    return bodies(reader);
  }

  private static List<String> bodies(LogReader of) {
    return of.batches.stream().flatMap(List::stream).map(each -> text(each.message())).toList();
  }
}
