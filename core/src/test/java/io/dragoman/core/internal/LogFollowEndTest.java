// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.LogFollowing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How following ends, and when it is refused; neither leaves anything behind. */
final class LogFollowEndTest extends LogFollowFixture {
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
}
