// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Following one log and many: the same rules, whichever cursor keeps them. */
final class LogFollowTest extends LogFollowFixture {
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
}
