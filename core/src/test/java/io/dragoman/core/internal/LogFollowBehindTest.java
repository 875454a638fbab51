// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Falling behind what is pushed, and reading it instead: once for all who are as far. */
final class LogFollowBehindTest extends LogFollowFixture {
  private int bigs;

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
}
