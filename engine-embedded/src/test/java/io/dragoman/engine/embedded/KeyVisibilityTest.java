// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown of keys while the disk is still busy with their changes, and when it fails. */
final class KeyVisibilityTest {
  @AutoClose private final HeldStore held;
  private final HeldDisk disk;
  private final EmbeddedKeyValueStore keys;

  KeyVisibilityTest(@TempDir Path directory) throws EngineException {
    held = new HeldStore(directory);
    disk = held.disk;
    KeyTable table =
        new KeyTable(held.store, held.writer, held.readers, held.meters, held.metrics, 10);
    keys =
        new EmbeddedKeyValueStore(
            held.store,
            held.writer,
            held.readers,
            table,
            held.clock,
            Durability.SYNC,
            held.metrics);
    held.start();
  }

  @Test
  void shouldShowNothingThatIsNotOnDisk() {
    // given
    disk.syncs.release();
    StoreFixture.await(keys.set("a", bytes("1"), 0));

    // when
    CompletableFuture<Result<Boolean>> set = future(keys.set("a", bytes("2"), 0));
    held.awaitSync();
    CompletableFuture<Result<Optional<byte[]>>> changed = future(keys.get("a"));
    // A key that has not changed is answered at once, and after it what was asked for before.
    assertThat(StoreFixture.await(keys.get("b"))).isEmpty();
    afterAllReads();

    // then
    assertThat(set).isNotDone();
    assertThat(changed).isNotDone();
    disk.syncs.release();
    assertThat(StoreFixture.await(set)).isTrue();
    assertThat(StoreFixture.await(changed)).hasValue(bytes("2"));
  }

  @Test
  void shouldNotTellOfADeletionThatIsNotOnDisk() {
    // given
    disk.syncs.release();
    StoreFixture.await(keys.set("a", bytes("1"), 0));

    // when
    CompletableFuture<Result<Boolean>> first = future(keys.delete("a"));
    held.awaitSync();
    CompletableFuture<Result<Boolean>> second = future(keys.delete("a"));
    CompletableFuture<Result<Optional<byte[]>>> get = future(keys.get("a"));
    afterAllReads();

    // then
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    assertThat(get).isNotDone();
    disk.syncs.release(2);
    assertThat(StoreFixture.await(first)).isTrue();
    assertThat(StoreFixture.await(second)).isFalse();
    assertThat(StoreFixture.await(get)).isEmpty();
  }

  @Test
  void shouldRefuseToTellOfAChangeThatCouldNotBeMadeSafe() {
    // given
    disk.syncs.release();
    StoreFixture.await(keys.set("b", bytes("1"), 0));
    CompletableFuture<Result<Boolean>> set = future(keys.set("a", bytes("1"), 0));
    held.awaitSync();

    // when
    disk.fails = true;
    disk.syncs.release();

    // then
    assertThat(refusal(set)).isEqualTo(ErrorCode.STORAGE_FAILED);
    assertThat(refusal(future(keys.get("a")))).isEqualTo(ErrorCode.STORAGE_FAILED);
    assertThat(refusal(future(keys.set("c", bytes("1"), 0)))).isEqualTo(ErrorCode.STORAGE_FAILED);
    assertThat(StoreFixture.await(keys.get("b"))).hasValue(bytes("1"));
  }

  // Both readers have come round: what they were asked before has been looked up.
  private void afterAllReads() {
    for (int i = 0; i < 4; i++) {
      StoreFixture.await(keys.get("other " + i));
    }
  }

  private static ErrorCode refusal(CompletableFuture<? extends Result<?>> future) {
    Result<?> result = StoreFixture.awaitStage(future);
    assertThat(result).isInstanceOf(Result.Refused.class);
    return ((Result.Refused<?>) result).error().code();
  }

  private static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
    return stage.toCompletableFuture();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
