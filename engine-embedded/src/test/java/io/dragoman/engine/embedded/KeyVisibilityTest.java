// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown of keys while the disk is still busy with their changes, and when it fails. */
final class KeyVisibilityTest {
  @TempDir private Path directory;
  private Store store;
  private HeldDisk disk;
  private Writer writer;
  private Syncer syncer;
  private Readers readers;
  private EmbeddedKeyValueStore keys;

  @BeforeEach
  void start() throws EngineException {
    EmbeddedOptions options = StoreFixture.options(directory);
    Metrics metrics = new Metrics();
    EngineMetrics meters = new EngineMetrics(metrics);
    ManualClock clock = new ManualClock();
    Condition condition = new Condition();
    store = Store.open(directory.resolve("store"), options);
    disk = new HeldDisk(store);
    writer = new Writer(disk, clock, condition, meters, metrics, options);
    syncer = new Syncer(disk, condition, 100, metrics, marks -> {});
    readers = new Readers(2);
    KeyTable table = new KeyTable(store, writer, readers, meters, metrics, 10);
    keys =
        new EmbeddedKeyValueStore(store, writer, readers, table, clock, Durability.SYNC, metrics);
    syncer.start();
    writer.start(syncer);
  }

  @AfterEach
  void stop() throws InterruptedException {
    disk.syncs.release(1000);
    readers.stop();
    writer.stop();
    syncer.stop();
    store.closeWithoutFlush();
  }

  @Test
  void shouldShowNothingThatIsNotOnDisk() {
    // given
    disk.syncs.release();
    StoreFixture.await(keys.set("a", bytes("1"), 0));

    // when
    CompletableFuture<Result<Boolean>> set = future(keys.set("a", bytes("2"), 0));
    awaitSync();
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
    awaitSync();
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
    awaitSync();

    // when
    disk.fails = true;
    disk.syncs.release();

    // then
    assertThat(refusal(set)).isEqualTo(ErrorCode.STORAGE_FAILED);
    assertThat(refusal(future(keys.get("a")))).isEqualTo(ErrorCode.STORAGE_FAILED);
    assertThat(refusal(future(keys.set("c", bytes("1"), 0)))).isEqualTo(ErrorCode.STORAGE_FAILED);
    assertThat(StoreFixture.await(keys.get("b"))).hasValue(bytes("1"));
  }

  private void awaitSync() {
    Awaitility.await().until(() -> disk.syncing);
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
