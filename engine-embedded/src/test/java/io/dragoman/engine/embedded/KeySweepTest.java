// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Result;
import io.dragoman.core.spi.EngineException;
import io.dragoman.engine.embedded.SteppedEngine.Hold;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sweep of keys, and calls for keys that wait, step by step. */
final class KeySweepTest {
  @AutoClose private final SteppedEngine engine;

  KeySweepTest(@TempDir Path directory) throws EngineException {
    engine = new SteppedEngine(directory);
  }

  @Test
  void shouldWaitForALookUpBeforeItLooksForExpiredKeysAgain() throws Exception {
    // given a key that is not remembered
    await(engine.keys.set("a", new byte[1], 1));
    CompletionStage<Result<Boolean>> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < 5_000; i++) {
      last = engine.keys.set("other" + i, new byte[1], 0);
    }
    await(last);
    engine.clock.advance(Duration.ofSeconds(2));

    // when a deletion has to look it up while it is swept
    Hold first = engine.holdReader();
    engine.onWriter(() -> engine.keySweep.perform(engine.clock.unixNanos()));
    Hold second = engine.holdReader();
    CompletionStage<Result<Boolean>> delete = engine.keys.delete("a");
    engine.onWriter(() -> {});
    first.release();
    second.awaitReached();

    // then
    assertThat(engine.ask(engine.keySweep::nextDue))
        .isBetween(engine.clock.unixNanos() + 1, engine.clock.unixNanos() + 1_000_000_000);
    second.release();
    assertThat(await(delete)).as("its time was over").isFalse();
  }

  @Test
  void shouldRefuseToReadKeysWhenTooManyWait() {
    // given
    await(engine.keys.set("a", new byte[1], 0));
    Hold held = engine.holdReader();
    String key = "k".repeat(1_000);

    // when
    List<CompletableFuture<Result<Optional<byte[]>>>> gets =
        untilRefused(() -> engine.keys.get(key), 100_000);

    // then
    assertThat(gets).hasSizeBetween(10_000, 50_000);
    held.release();
    gets.forEach(get -> assertThat(await(get)).isEmpty());
    assertThat(await(engine.keys.get("a"))).isPresent();
  }

  @Test
  void shouldRefuseToDeleteKeysWhenTooManyWait() {
    // given
    Hold held = engine.holdReader();
    AtomicInteger number = new AtomicInteger();
    String key = "k".repeat(1_000);

    // when
    List<CompletableFuture<Result<Boolean>>> deletes =
        untilRefused(() -> engine.keys.delete(key + number.incrementAndGet()), 100_000);

    // then
    assertThat(deletes).hasSizeBetween(5_000, 50_000);
    held.release();
    deletes.forEach(delete -> assertThat(await(delete)).isFalse());
    assertThat(await(engine.keys.delete(key))).isFalse();
  }

  private static <T> List<CompletableFuture<Result<T>>> untilRefused(
      Supplier<CompletionStage<Result<T>>> call, int most) {
    List<CompletableFuture<Result<T>>> waiting = new ArrayList<>();
    while (waiting.size() < most) {
      CompletableFuture<Result<T>> result = call.get().toCompletableFuture();
      if (result.isDone()) {
        Result.Refused<T> refused = (Result.Refused<T>) result.join();
        assertThat(refused.error().code()).isEqualTo(ErrorCode.OVERLOADED);
        return waiting;
      }
      waiting.add(result);
    }
    return waiting;
  }
}
