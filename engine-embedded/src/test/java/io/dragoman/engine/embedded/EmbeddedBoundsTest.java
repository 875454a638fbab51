// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.Write;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bounds of the embedded engine, and how it fails to start. */
final class EmbeddedBoundsTest {
  private static final int BYTES_MAX = 10_000;
  private static final int CHANNELS_MAX = 3;
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final CountDownLatch held = new CountDownLatch(1);
  private EmbeddedEngine engine;

  @AfterEach
  void close() {
    held.countDown();
    if (engine != null) {
      engine.close(Duration.ofSeconds(10));
    }
  }

  @Test
  void shouldFreeTheDirectoryWhenTheStartFails() throws EngineException {
    // given a channel whose settings cannot be had
    start((kind, name) -> ChannelSettings.DEFAULT);
    ok(engine.commit(List.of(toQueue("q", 10))));
    engine.close(Duration.ofSeconds(10));
    ChannelSettings.Source broken =
        (kind, name) -> {
          throw new IllegalStateException("no settings for " + name);
        };

    // when
    assertThatThrownBy(() -> start(broken)).hasMessage("no settings for q");

    // then
    start((kind, name) -> ChannelSettings.DEFAULT);
    assertThat(ok(engine.queues().info("q")).waiting()).isEqualTo(1);
  }

  @Test
  void shouldCountAllNewChannelsOfACommit() throws EngineException {
    // given
    start((kind, name) -> ChannelSettings.DEFAULT);
    ok(engine.commit(List.of(toQueue("a", 10), toLog("a", 10))));

    // when
    ErrorCode code =
        refusal(engine.commit(List.of(toQueue("a", 10), toQueue("b", 10), toLog("b", 10))));

    // then
    assertThat(code).isEqualTo(ErrorCode.TOO_MANY_CHANNELS);
    assertThat(ok(engine.queues().info("a")).waiting()).isEqualTo(1);
    ok(engine.commit(List.of(toLog("b", 10), toLog("b", 10), toQueue("a", 10))));
  }

  @Test
  void shouldMakeNoChannelForAPositionWhenThereAreEnough() throws EngineException {
    // given
    start((kind, name) -> ChannelSettings.DEFAULT);
    ok(engine.commit(List.of(toQueue("a", 10), toQueue("b", 10), toQueue("c", 10))));

    // when
    ErrorCode code = refusal(engine.logs().storePosition("log", "name", 0));

    // then
    assertThat(code).isEqualTo(ErrorCode.TOO_MANY_CHANNELS);
  }

  @Test
  void shouldRefuseCommitWhenTooMuchWaits() throws Exception {
    // given a writer that is held up, and something that waits for it
    start((kind, name) -> ChannelSettings.DEFAULT);
    holdWriter();
    CompletionStage<Result<List<SendReceipt>>> first =
        engine.commit(List.of(toQueue("q", BYTES_MAX / 2)));

    // when
    ErrorCode code =
        refusal(engine.commit(List.of(toQueue("q", BYTES_MAX / 3), toLog("l", BYTES_MAX / 3))));

    // then
    assertThat(code).isEqualTo(ErrorCode.OVERLOADED);
    held.countDown();
    ok(first);
    ok(engine.commit(List.of(toQueue("q", BYTES_MAX / 3), toLog("l", BYTES_MAX / 3))));
  }

  @Test
  void shouldRefuseCommitThatIsTooLargeEvenWhenNothingWaits() throws EngineException {
    // given
    start((kind, name) -> ChannelSettings.DEFAULT);
    int body = BYTES_MAX / 2;

    // when
    CompletionStage<Result<List<SendReceipt>>> commit =
        engine.commit(List.of(toQueue("q", body), toLog("l", body)));

    // then to try again is of no use
    assertThat(refusal(commit)).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(refusal(engine.queues().info("q"))).isEqualTo(ErrorCode.NOT_FOUND);
    ok(engine.commit(List.of(toQueue("q", body / 2), toLog("l", body / 2))));
  }

  @Test
  void shouldTakeOneMessageOfAnySizeWhenNothingWaits() throws EngineException {
    // given a bound that is smaller than the one for messages
    start((kind, name) -> ChannelSettings.DEFAULT);

    // when
    ok(engine.commit(List.of(toQueue("q", BYTES_MAX * 2))));

    // then
    assertThat(ok(engine.queues().info("q")).waiting()).isEqualTo(1);
  }

  @Test
  void shouldMakeNoRecordsForACommitThatIsTooLarge() throws EngineException {
    // given more than this machine could hold
    start((kind, name) -> ChannelSettings.DEFAULT);
    Message huge = Message.builder().channel("q").id("id").body(new byte[64 << 20]).build();
    Write write = new Write.ToQueue(new QueueSend(huge, QueuePolicy.NONE));

    // when
    ErrorCode code = refusal(engine.commit(Collections.nCopies(10_000, write)));

    // then
    assertThat(code).isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void shouldRefuseReplacementWhenTooMuchWaits() throws Exception {
    // given
    start((kind, name) -> ChannelSettings.DEFAULT);
    ok(engine.commit(List.of(toQueue("q", 10))));
    Delivery delivery =
        ok(engine.queues().receive("q", new ReceiveOptions(1, MINUTE, MINUTE)).result())
            .deliveries()
            .get(0);
    holdWriter();
    CompletionStage<Result<List<SendReceipt>>> first =
        engine.commit(List.of(toQueue("q", BYTES_MAX / 2)));
    Settlement replace = new Settlement.Replace(send("q", BYTES_MAX * 2 / 3));

    // when
    ErrorCode code = refusal(engine.queues().settle(List.of(delivery.receipt()), replace));

    // then it may be tried again
    assertThat(code).isEqualTo(ErrorCode.OVERLOADED);
    held.countDown();
    ok(first);
    ok(engine.queues().settle(List.of(delivery.receipt()), replace));
  }

  @Test
  void shouldRunWhateverIsLeftWhenTheWriterHasStopped() throws Exception {
    // given
    Metrics metrics = new Metrics();
    start((kind, name) -> ChannelSettings.DEFAULT);
    engine.close(Duration.ofSeconds(10));
    EmbeddedOptions options = options();
    DataDirectory data = DataDirectory.open(directory);
    Store store = Store.open(data.store(), options);
    Condition condition = new Condition();
    Writer writer =
        new Writer(store, clock, condition, new EngineMetrics(metrics), metrics, options);
    writer.start(new Syncer(store, condition, 100, metrics, marks -> {}));
    writer.stop();

    // when each command brings the next
    AtomicInteger left = new AtomicInteger(100_000);
    writer.submit(new Chained(writer, left));

    // then
    assertThat(left).hasValue(0);
    assertThat(condition.storageFailure()).isNull();
    store.close();
    data.close();
  }

  private record Chained(Writer writer, AtomicInteger left) implements Runnable {
    @Override
    public void run() {
      if (left.decrementAndGet() > 0) {
        writer.submit(this);
      }
    }
  }

  private void start(ChannelSettings.Source settings) throws EngineException {
    engine = new EmbeddedEngine(options());
    engine.start(new EngineContext("node", clock, new Metrics(), settings));
  }

  private EmbeddedOptions options() {
    return EmbeddedOptions.in(directory)
        .withLimits(0, CHANNELS_MAX, BYTES_MAX)
        .withClockPollMillis(5);
  }

  /** A receive is answered on the writer's thread. */
  private void holdWriter() throws InterruptedException {
    CountDownLatch reached = new CountDownLatch(1);
    Call<Received> call = engine.queues().receive("none", new ReceiveOptions(1, MINUTE, MINUTE));
    CompletionStage<?> unused =
        call.result()
            .whenComplete(
                (received, failure) -> {
                  reached.countDown();
                  awaitRelease();
                });
    call.cancel();
    assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private void awaitRelease() {
    try {
      assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Write toQueue(String queue, int bytes) {
    return new Write.ToQueue(send(queue, bytes));
  }

  private static Write toLog(String log, int bytes) {
    return new Write.ToLog(message(log, bytes));
  }

  private static QueueSend send(String queue, int bytes) {
    return new QueueSend(message(queue, bytes), QueuePolicy.NONE);
  }

  private static Message message(String channel, int bytes) {
    return Message.builder()
        .id("id")
        .channel(channel)
        .clientId("client")
        .body(new byte[bytes])
        .build();
  }

  private static <T> T ok(CompletionStage<Result<T>> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join().orThrow();
  }

  private static <T> ErrorCode refusal(CompletionStage<Result<T>> stage) {
    Result<T> result = stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    assertThat(result).isInstanceOf(Result.Refused.class);
    return ((Result.Refused<T>) result).error().code();
  }
}
