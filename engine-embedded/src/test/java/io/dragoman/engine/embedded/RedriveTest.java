// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens while a redrive reads. */
final class RedriveTest {
  private static final long LEASE = TimeUnit.MINUTES.toNanos(1);

  @TempDir private Path directory;
  private final CountDownLatch readerMayGoOn = new CountDownLatch(1);
  private final CountDownLatch writerMayGoOn = new CountDownLatch(1);
  private EmbeddedEngine engine;

  @BeforeEach
  void open() throws EngineException {
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    engine.start(
        new EngineContext(
            "node", new ManualClock(), new Metrics(), (kind, name) -> ChannelSettings.DEFAULT));
  }

  @AfterEach
  void close() {
    writerMayGoOn.countDown();
    readerMayGoOn.countDown();
    engine.close(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldReturnNothingOfAQueueThatIsDeletedMeanwhile(boolean dryRun) {
    // given one of the two readers busy, so that the other's reads end in the order they were asked
    deadLetter("a", "b");
    StoreFixture.await(engine.logs().append(message("log", "record")));
    pauseOn("reader", this::readLog, readerMayGoOn);
    pauseOn("writer", () -> engine.queues().info("dead"), writerMayGoOn);

    // when it is deleted between what the redrive reads and what it does with that
    var redriven = engine.queues().redrive("dead", new RedriveStep(0, 0, 10, dryRun));
    var read = engine.queues().info("dead").thenAccept(info -> StoreFixture.await(readLog()));
    var deleted = engine.channels().delete(Kind.QUEUE, "dead");
    writerMayGoOn.countDown();

    // then
    Redriven done = StoreFixture.await(redriven);
    assertThat(StoreFixture.await(deleted)).isTrue();
    assertThat(read).isCompleted();
    assertThat(done.moved()).isZero();
    assertThat(done.next()).isZero();
    assertThat(StoreFixture.await(engine.queues().info("q")).waiting()).isZero();
  }

  private CompletionStage<Result<LogStore.Piece>> readLog() {
    return engine.logs().read("log", 1, 1, 1 << 20);
  }

  /** Has the engine's thread wait that completes such a call. */
  private static void pauseOn(
      String thread, Supplier<CompletionStage<?>> call, CountDownLatch until) {
    AtomicBoolean paused = new AtomicBoolean();
    Awaitility.await(thread)
        .until(
            () -> {
              AtomicBoolean tried = new AtomicBoolean();
              call.get()
                  .thenAccept(
                      result -> {
                        // When it was quicker than this is asked for, it says so on this thread.
                        boolean there =
                            Thread.currentThread().getName().contains("-" + thread)
                                && paused.compareAndSet(false, true);
                        tried.set(true);
                        if (there) {
                          awaitLatch(until);
                        }
                      });
              Awaitility.await().untilTrue(tried);
              return paused.get();
            });
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void deadLetter(String... bodies) {
    for (String body : bodies) {
      QueueSend send = new QueueSend(message("q", body), new QueuePolicy(0, 0, 1, "dead"));
      StoreFixture.awaitStage(engine.queues().send(List.of(send))).forEach(Result::orThrow);
    }
    List<Delivery> deliveries =
        StoreFixture.await(
                engine.queues().receive("q", new ReceiveOptions(bodies.length, 0, LEASE)).result())
            .deliveries();
    StoreFixture.await(
        engine
            .queues()
            .settle(deliveries.stream().map(Delivery::receipt).toList(), Settlement.NACK));
  }

  private static Message message(String channel, String body) {
    return Message.builder()
        .channel(channel)
        .id("id")
        .clientId("c")
        .body(body.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .build();
  }
}
