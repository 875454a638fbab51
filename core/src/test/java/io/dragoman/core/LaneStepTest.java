// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LaneStepTest {
  private static final Lane HERE =
      new Lane() {
        @Override
        public void execute(Runnable task) {
          task.run();
        }

        @Override
        public boolean inLane() {
          return true;
        }
      };

  private final List<RuntimeException> heard = new ArrayList<>();

  private void dealWith(RuntimeException failure) {
    LaneStep.guarded(
        CompletableFuture.completedFuture(Result.ok(1)),
        HERE,
        outcome -> {
          throw failure;
        },
        heard::add);
  }

  @Test
  void shouldTellTheGuardOfAnOutcomeThatCannotBeDealtWith() {
    RuntimeException failure = new IllegalStateException("expected");
    dealWith(failure);
    assertThat(heard).containsExactly(failure);
  }

  /** Such as no memory for an answer: whoever waits for it must not wait for ever. */
  @Test
  void shouldTellTheGuardOfErrorsToo() {
    LaneStep.guarded(
        CompletableFuture.completedFuture(Result.ok(1)),
        HERE,
        outcome -> {
          throw new AssertionError("expected");
        },
        heard::add);
    assertThat(heard)
        .singleElement()
        .satisfies(each -> assertThat(each).hasRootCauseMessage("expected"));
  }

  @Test
  void shouldGiveAFaultAsAnOutcome() {
    List<Result<Integer>> outcomes = new ArrayList<>();
    LaneStep.of(
        CompletableFuture.<Result<Integer>>failedFuture(new IllegalStateException("expected")),
        HERE,
        outcomes::add);
    assertThat(outcomes).containsExactly(Result.refused(LaneStep.FAULT));
  }
}
