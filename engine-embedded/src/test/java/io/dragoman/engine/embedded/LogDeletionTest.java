// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Clock;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore.TailListener;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is deleted while its last records are on their way to those who follow it. */
final class LogDeletionTest {
  private static final String LOG = "log";

  @TempDir private Path directory;
  private final ManualClock time = new ManualClock();
  private EmbeddedEngine engine;

  /** Runs once, when the syncer looks which records are still to be told of. */
  private volatile Runnable beforeTelling = () -> {};

  @AfterEach
  void close() {
    engine.close(Duration.ofSeconds(5));
  }

  @Test
  void shouldTellFollowersOfItsSuccessorNothingOfIt() throws Exception {
    // given
    start();
    Follower first = new Follower();
    Follower second = new Follower();
    assertThat(engine.logs().tail(LOG, first)).isNotNull();
    CompletableFuture<CompletionStage<Result<Boolean>>> deletion = new CompletableFuture<>();
    beforeTelling =
        () -> {
          deletion.complete(engine.channels().delete(Kind.LOG, LOG));
          first.deleted.join();
          assertThat(engine.logs().tail(LOG, second)).isNotNull();
        };

    // when
    await(append());
    await(deletion.join());
    long sequence = await(append()).sequence();

    // then
    assertThat(sequence).isEqualTo(1);
    Awaitility.await().until(() -> !second.records.isEmpty());
    assertThat(second.records).hasSize(1);
    assertThat(second.deleted).isNotDone();
  }

  private void start() throws EngineException {
    Clock clock =
        () -> {
          if (Thread.currentThread().getName().equals("dragoman-syncer")) {
            Runnable once = beforeTelling;
            beforeTelling = () -> {};
            once.run();
          }
          return time.unixNanos();
        };
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    engine.start(
        new EngineContext("node", clock, new Metrics(), (kind, name) -> ChannelSettings.DEFAULT));
  }

  // With a lifetime, so that what is over by now is looked for.
  private CompletionStage<Result<LogPosition>> append() {
    Message message = Message.builder().channel(LOG).id("id").body(new byte[10]).build();
    return engine.logs().append(new LogAppend(message, 0, 60));
  }

  private static final class Follower implements TailListener {
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Boolean> deleted = new CompletableFuture<>();

    @Override
    public void onAppended(List<LogRecord> appended) {
      records.addAll(appended);
    }

    @Override
    public void onDeleted() {
      deleted.complete(true);
    }
  }
}
