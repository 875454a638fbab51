// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.CoreOptions;
import io.dragoman.core.LogFollowing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Following the logs that a pattern matches, in the order of storing. */
final class LogFollowPatternTest extends LogFollowFixture {
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
}
