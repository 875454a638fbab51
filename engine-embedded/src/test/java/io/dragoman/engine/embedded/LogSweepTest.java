// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.LogAppend;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineException;
import io.dragoman.engine.embedded.SteppedEngine.Hold;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDBException;

/** How expiry, retention and trims of logs get on with each other, step by step. */
final class LogSweepTest {
  private static final int KEPT = SteppedEngine.KEPT;

  @AutoClose private final SteppedEngine engine;

  LogSweepTest(@TempDir Path directory) throws EngineException {
    engine = new SteppedEngine(directory);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTrimAlthoughRecordsAmongOthersExpireMeanwhile(boolean foundWhole) throws Exception {
    // given
    for (int i = 0; i < 20; i++) {
      append("kept", 1);
      append("kept", 0);
    }

    // when
    retainWhileExpiring(foundWhole);

    // then
    assertThat(info("kept").messages()).isEqualTo(KEPT);
    assertThat(engine.counted("dragoman_log_expired_total")).isEqualTo(20);
    assertThat(engine.counted("dragoman_log_trimmed_total")).isEqualTo(10);
    assertInStep();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTrimAlthoughTheFrontExpiresMeanwhile(boolean foundWhole) throws Exception {
    // given
    for (int i = 0; i < 20; i++) {
      append("kept", 1);
    }
    for (int i = 0; i < 30; i++) {
      append("kept", 0);
    }

    // when
    retainWhileExpiring(foundWhole);

    // then
    assertThat(info("kept").messages()).isEqualTo(KEPT);
    assertThat(info("kept").firstSequence()).isEqualTo(41);
    assertThat(engine.counted("dragoman_log_expired_total")).isEqualTo(20);
    assertThat(engine.counted("dragoman_log_trimmed_total")).isEqualTo(20);
    assertInStep();
  }

  @Test
  void shouldNotTrimMoreThanItMustWhenRecordsExpireMeanwhile() throws Exception {
    // given
    for (int i = 0; i < KEPT; i++) {
      append("kept", 0);
    }
    for (int i = 0; i < 5; i++) {
      append("kept", 1);
    }
    append("kept", 0);

    // when
    retainWhileExpiring(true);

    // then
    assertThat(info("kept").messages()).isEqualTo(KEPT);
    assertThat(info("kept").firstSequence()).isEqualTo(2);
    assertInStep();
  }

  @Test
  void shouldTrimOnRequestAtOnceAlthoughRecordsExpireMeanwhile() throws Exception {
    // given
    for (int i = 0; i < 20; i++) {
      append("log", 1);
      append("log", 0);
    }
    engine.clock.advance(Duration.ofSeconds(2));

    // when the trim has read what the expiry then replaces
    Hold first = engine.holdReader();
    engine.onWriter(() -> engine.expiry.perform(engine.clock.unixNanos()));
    CompletionStage<Result<Long>> trim = engine.logs.trim("log", 31);
    Hold last = engine.holdReader();
    Hold written = engine.holdWriter();
    first.release();
    last.awaitReached();
    written.release();

    // then nothing has to be read again
    assertThat(await(trim)).isEqualTo(15);
    assertThat(info("log").messages()).isEqualTo(5);
    assertThat(engine.counted("dragoman_log_expired_total")).isEqualTo(20);
    assertInStep();
  }

  @Test
  void shouldBoundWhatIsRemovedAtATime() throws Exception {
    // given
    int each = 2_000;
    for (int log = 0; log < 20; log++) {
      CompletionStage<Result<LogPosition>> last = CompletableFuture.completedFuture(null);
      for (int i = 0; i < each; i++) {
        last = engine.logs.append(new LogAppend(message("log" + log), 1_000 + i, 1));
      }
      await(last);
    }
    engine.clock.advance(Duration.ofHours(1));
    engine.onWriter(() -> {});
    engine.largestBatch = 0;

    // when
    int passes = expireAll();

    // then
    assertThat(engine.largestBatch).isLessThan(300_000);
    assertThat(passes).isLessThan(100);
    assertThat(engine.counted("dragoman_log_expired_total")).isEqualTo(20L * each);
    assertInStep();
  }

  @Test
  void shouldRemoveAllThatIsLeftAtTheFrontHoweverMuch() throws Exception {
    // given
    int stubs = 22_000;
    append("log", 10);
    CompletionStage<Result<LogPosition>> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < stubs; i++) {
      last = engine.logs.append(new LogAppend(message("log"), 0, 1));
    }
    await(last);
    append("log", 0);
    engine.clock.advance(Duration.ofSeconds(2));
    expireAll();
    assertThat(info("log").messages()).isEqualTo(2);
    assertThat(info("log").firstSequence()).isEqualTo(1);

    // when
    engine.clock.advance(Duration.ofSeconds(10));
    expireAll();

    // then
    assertThat(info("log").firstSequence()).isEqualTo(stubs + 2);
    assertInStep();
  }

  @Test
  void shouldRemoveAllStubsBehindWhatRetentionRemoves() throws Exception {
    // given
    int stubs = 22_000;
    append("kept", 0);
    CompletionStage<Result<LogPosition>> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < stubs; i++) {
      last = engine.logs.append(new LogAppend(message("kept"), 0, 1));
    }
    await(last);
    for (int i = 0; i < KEPT; i++) {
      append("kept", 0);
    }
    engine.clock.advance(Duration.ofSeconds(2));
    expireAll();
    assertThat(info("kept").messages()).isEqualTo(KEPT + 1);

    // when
    engine.onWriter(() -> engine.retention.perform(engine.clock.unixNanos()));

    // then
    Awaitility.await().until(() -> info("kept").firstSequence() == stubs + 2);
    assertThat(info("kept").messages()).isEqualTo(KEPT);
    assertThat(engine.counted("dragoman_log_trimmed_total")).isEqualTo(1);
    assertInStep();
  }

  @Test
  void shouldWaitForADiskThatHangsBeforeItLooksForExpiredRecordsAgain() throws Exception {
    // given
    engine.durability = Durability.SYNC;
    engine.syncs.acquire();
    CompletionStage<Result<LogPosition>> append =
        engine.logs.append(new LogAppend(message("log"), 0, 1));
    engine.clock.advance(Duration.ofSeconds(2));

    // when
    expire();

    // then
    assertThat(engine.ask(engine.expiry::nextDue))
        .isBetween(engine.clock.unixNanos() + 1, engine.clock.unixNanos() + 1_000_000_000);
    engine.syncs.release();
    await(append);
    engine.clock.advance(Duration.ofSeconds(1));
    expire();
    assertThat(engine.counted("dragoman_log_expired_total")).isEqualTo(1);
  }

  // The pass of retention begins before records are replaced, and ends after.
  private void retainWhileExpiring(boolean foundWhole) {
    engine.clock.advance(Duration.ofSeconds(2));
    Hold first = engine.holdReader();
    engine.onWriter(() -> engine.expiry.perform(engine.clock.unixNanos()));
    Hold between = engine.holdReader();
    engine.onWriter(() -> engine.retention.perform(engine.clock.unixNanos()));
    Hold last = engine.holdReader();
    Hold written = engine.holdWriter();
    first.release();
    between.awaitReached();
    if (!foundWhole) {
      written.release();
      engine.onWriter(() -> {});
    }
    between.release();
    last.awaitReached();
    written.release();
    engine.onWriter(() -> {});
  }

  private void assertInStep() throws RocksDBException {
    engine.onWriter(() -> engine.writer.commit(0));
    LogIndexTest.assertInStep(engine.store);
  }

  private int expireAll() {
    int passes = 0;
    while (engine.ask(engine.expiry::nextDue) <= engine.clock.unixNanos()) {
      expire();
      passes++;
      assertThat(passes).isLessThan(1_000);
    }
    return passes;
  }

  private void expire() {
    engine.onWriter(() -> engine.expiry.perform(engine.clock.unixNanos()));
    engine.awaitReader();
    engine.onWriter(() -> {});
  }

  // Every other one has a time of its own, so that there is an index.
  private void append(String log, long ttlSeconds) {
    long time = TimeUnit.NANOSECONDS.toMillis(engine.clock.unixNanos()) - 5;
    await(engine.logs.append(new LogAppend(message(log), ttlSeconds == 0 ? 0 : time, ttlSeconds)));
  }

  private LogInfo info(String log) {
    return await(engine.logs.info(log));
  }

  private static Message message(String channel) {
    byte[] body = "some text".getBytes(StandardCharsets.UTF_8);
    return Message.builder().channel(channel).id("id").body(body).build();
  }
}
