// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreBroker;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Lane;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Followers over this engine, with real threads and logs of both durabilities. */
final class LogFollowingTest {
  private static final int APPENDERS = 4;
  private static final int EACH = 1_500;
  private static final List<String> FILTERS = List.of("t/#", "t/0/+", "t/+/async", "#", "t/1/2");

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final ExecutorService first = Executors.newSingleThreadExecutor();
  private final ExecutorService second = Executors.newSingleThreadExecutor();
  private EmbeddedEngine engine;
  private CoreBroker broker;

  @AfterEach
  void stop() {
    close();
    first.shutdownNow();
    second.shutdownNow();
  }

  @Test
  void shouldGiveHistoryAndAllThatFollowsOnce() throws Exception {
    // given
    start();
    List<CompletableFuture<Void>> appending = startAppending();
    List<Follower> followers = new ArrayList<>();

    // when
    for (int round = 0; round < 4; round++) {
      for (String filter : FILTERS) {
        Follower follower = new Follower(filter);
        followers.add(follower);
        follower.follow(followers.size() % 2 == 0 ? lane(first) : lane(second));
      }
      long reached = 1_000L * round;
      await().until(() -> followers.get(0).count() >= reached);
    }
    appending.forEach(CompletableFuture::join);

    // then
    List<LogRecord> all = everything();
    assertThat(all).hasSize(APPENDERS * EACH);
    for (Follower follower : followers) {
      await().untilAsserted(() -> follower.assertHasEachOnce(all));
    }
  }

  @Test
  void shouldGoOnBehindTheLastRecordSeenAfterRestart() throws Exception {
    // given
    start();
    for (int i = 0; i < 100; i++) {
      append("t/" + i % 5, i % 3 == 0 ? 1_000 + i : 0);
    }
    LogRecord seen = everything().get(59);
    close();
    start();

    // when
    append("t/new", 0);
    HistoryStart start = new HistoryStart.After(seen.timestampNanos(), seen.eventTimeMillis());
    LogHistory history =
        await(broker.logs().history(ChannelFilter.slashed("t/#"), start, 1_000, 1 << 20));

    // then
    assertThat(history.records()).hasSize(41);
    assertThat(history.complete()).isTrue();
    assertThat(history.missed()).hasValue(0);
  }

  private void start() throws EngineException {
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    EngineContext context =
        new EngineContext(
            "node",
            clock,
            new Metrics(),
            (kind, name) ->
                new ChannelSettings(
                    name.endsWith("async") ? Durability.ASYNC : Durability.SYNC,
                    0,
                    0,
                    0,
                    0,
                    "",
                    0));
    engine.start(context);
    broker = new CoreBroker(engine, CoreOptions.DEFAULT, context);
  }

  private void close() {
    if (broker != null) {
      broker.close();
      engine.close(Duration.ofSeconds(10));
      broker = null;
    }
  }

  private List<CompletableFuture<Void>> startAppending() {
    return IntStream.range(0, APPENDERS)
        .mapToObj(
            i ->
                CompletableFuture.runAsync(
                    () -> {
                      for (int j = 0; j < EACH; j++) {
                        String log = "t/" + i + "/" + (j % 4 == 3 ? "async" : "" + j % 4);
                        LogAppend append = new LogAppend(message(log), 0, j % 10 == 0 ? 60 : 0);
                        broker.logs().append(append);
                      }
                      append("t/" + i + "/end", 0);
                    }))
        .toList();
  }

  private void append(String log, long eventTimeMillis) {
    await(broker.logs().append(new LogAppend(message(log), eventTimeMillis, 0)));
  }

  private static Message message(String log) {
    return Message.builder().channel(log).id("id").body(new byte[100]).build();
  }

  private List<LogRecord> everything() {
    HistoryStart all = new HistoryStart.Unknown();
    return await(broker.logs().history(ChannelFilter.slashed("#"), all, 1_000_000, 1 << 28))
        .records()
        .stream()
        .filter(each -> !each.message().channel().endsWith("/end"))
        .toList();
  }

  private static Lane lane(ExecutorService thread) {
    return new Lane() {
      @Override
      public void execute(Runnable task) {
        if (!thread.isShutdown()) {
          thread.execute(task);
        }
      }

      @Override
      public boolean inLane() {
        return false;
      }
    };
  }

  /** Keeps what it gets; pauses often, and another thread resumes it. */
  private final class Follower implements LogListener {
    private final ChannelFilter filter;
    private final Random random = new Random(1);
    private final List<LogRecord> given = new ArrayList<>();
    private final CompletableFuture<LogSubscription> subscription = new CompletableFuture<>();

    Follower(String filter) {
      this.filter = ChannelFilter.slashed(filter);
    }

    void follow(Lane lane) {
      HistoryStart all = new HistoryStart.AtTime(0);
      LogFollowing following =
          await(broker.logs().follow(new LogFollow(filter, all, 1_000_000), lane, this));
      synchronized (this) {
        given.addAll(Objects.requireNonNull(following.history()).records());
      }
      subscription.complete(following.subscription());
      following.subscription().resume();
    }

    synchronized int count() {
      return given.size();
    }

    @Override
    public synchronized boolean onRecords(List<LogRecord> records) {
      given.addAll(records);
      if (random.nextInt(5) != 0) {
        return true;
      }
      ForkJoinPool.commonPool().execute(() -> subscription.join().resume());
      return false;
    }

    @Override
    public void onEnd(BrokerError reason) {
      // As the test ends.
    }

    synchronized void assertHasEachOnce(List<LogRecord> all) {
      // In the order of storing, though not all become safe in that.
      assertThat(stamps(given)).isEqualTo(stamps(all));
    }

    private List<Long> stamps(List<LogRecord> records) {
      return records.stream()
          .filter(each -> filter.matches(each.message().channel()))
          .filter(each -> !each.message().channel().endsWith("/end"))
          .map(LogRecord::timestampNanos)
          .toList();
    }
  }
}
