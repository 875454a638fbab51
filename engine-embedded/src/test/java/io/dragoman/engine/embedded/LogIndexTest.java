// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore.History;
import io.dragoman.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDBException;

/** What lies on disk for logs with times and lifetimes agrees, entry by entry and to the byte. */
final class LogIndexTest {
  private static final List<String> LOGS = List.of("a", "b", "kept");
  private static final HistoryStart ALL = new HistoryStart.AtTime(0);

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final Metrics metrics = new Metrics();
  private EmbeddedEngine engine;

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close(Duration.ofSeconds(10));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldKeepIndexesAndFiguresInStep(long seed) throws Exception {
    // given
    Random random = new Random(seed);
    start();

    for (int step = 0; step < 400; step++) {
      // when
      String log = LOGS.get(random.nextInt(LOGS.size()));
      int kind = random.nextInt(30);
      if (kind < 22) {
        append(log, random);
      } else if (kind < 25) {
        clock.advance(Duration.ofMillis(random.nextInt(5_000)));
      } else if (kind < 27) {
        await(engine.logs().trim(log, 1 + random.nextInt(step + 1)));
      } else if (kind < 28) {
        await(engine.channels().delete(Kind.LOG, log));
      } else if (kind < 29) {
        engine.close(Duration.ofSeconds(10));
        assertInStep();
        start();
      }
    }

    // then
    engine.close(Duration.ofSeconds(10));
    assertInStep();
  }

  @Test
  void shouldCountWhatHasExpired() throws Exception {
    // given
    start();
    append("a", 0, 0);
    append("a", 5_000, 1);
    append("a", 0, 1);
    append("b", 0, 1);

    // when
    clock.advance(Duration.ofSeconds(2));

    // then
    await().untilAsserted(() -> assertThat(counted("dragoman_log_expired_total")).isEqualTo(3));
    assertThat(counted("dragoman_log_trimmed_total")).isZero();
  }

  @Test
  void shouldKeepTimesAndLifetimesThroughRepair() throws Exception {
    // given
    start();
    for (int i = 0; i < 5; i++) {
      append("a", 0, 0);
      append("a", 9_000 - i, 0);
      append("a", 0, 3_600);
      append("a", 0, 1);
    }
    clock.advance(Duration.ofSeconds(2));
    await()
        .untilAsserted(() -> assertThat(await(engine.logs().info("a")).messages()).isEqualTo(15));
    List<LogRecord> before = history();
    engine.close(Duration.ofSeconds(10));

    // when
    rebuild();

    // then
    assertInStep();
    start();
    assertThat(history()).usingRecursiveComparison().isEqualTo(before);
    assertThat(await(engine.logs().info("a")).messages()).isEqualTo(15);
    clock.advance(Duration.ofHours(2));
    await()
        .untilAsserted(() -> assertThat(await(engine.logs().info("a")).messages()).isEqualTo(10));
  }

  // As a repair does it, of a store in which nothing is damaged.
  private void rebuild() throws Exception {
    Path fresh = directory.resolve("fresh");
    EmbeddedOptions options = StoreFixture.options(directory);
    Store from = Store.openDamaged(directory.resolve("store"), options);
    Store to = Store.open(fresh, options);
    Rebuild rebuild =
        new Rebuild(
            from, Tallies.read(directory.resolve("tally")), null, new java.util.ArrayList<>());
    rebuild.readChannels();
    rebuild.readMessages(to);
    assertThat(rebuild.losses()).isEmpty();
    to.closeFlushed();
    from.closeWithoutFlush();
    StoreFixture.delete(directory.resolve("store"));
    java.nio.file.Files.move(fresh, directory.resolve("store"));
    java.nio.file.Files.delete(directory.resolve("tally"));
    java.nio.file.Files.deleteIfExists(directory.resolve("manifest"));
  }

  private List<LogRecord> history() {
    History history = await(engine.logs().history(ChannelFilter.exact("a"), ALL, 100, 1 << 20));
    return history.records();
  }

  private void start() throws EngineException {
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    engine.start(
        new EngineContext(
            "node",
            clock,
            metrics,
            (kind, name) ->
                "kept".equals(name)
                    ? new ChannelSettings(ChannelSettings.DEFAULT.durability(), 0, 10, 0, 0, "", 0)
                    : ChannelSettings.DEFAULT));
  }

  private void append(String log, Random random) {
    long now = clock.unixNanos() / 1_000_000;
    append(
        log,
        random.nextInt(4) == 0 ? now + random.nextInt(60_000) - 30_000 : 0,
        random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0);
  }

  private void append(String log, long eventTimeMillis, long ttlSeconds) {
    Message message =
        Message.builder()
            .channel(log)
            .id("id")
            .body("some text".getBytes(StandardCharsets.UTF_8))
            .build();
    await(engine.logs().append(new LogAppend(message, eventTimeMillis, ttlSeconds)));
  }

  private long counted(String name) {
    return metrics.counter(name, "").value();
  }

  private void assertInStep() throws Exception {
    Store store = Store.open(directory.resolve("store"), StoreFixture.options(directory));
    try {
      assertInStep(store);
    } finally {
      store.closeWithoutFlush();
    }
  }

  static void assertInStep(Store store) throws RocksDBException {
    Set<List<Long>> timed = new HashSet<>();
    Set<List<Long>> mortal = new HashSet<>();
    store.scan(
        store.meta,
        Keys.ALL_CHANNELS,
        Keys.AFTER_CHANNELS,
        (key, value) -> {
          long number = new Input(value).nextInt();
          try {
            expected(store, (int) number, timed, mortal);
          } catch (RocksDBException e) {
            throw new AssertionError(e);
          }
          return true;
        });
    Set<List<Long>> timedThere = new HashSet<>();
    Set<List<Long>> mortalThere = new HashSet<>();
    store.scan(
        store.index,
        new byte[] {0},
        new byte[] {127},
        (key, value) -> {
          boolean byTime = key[0] == 't';
          long number = (int) Keys.INT.get(key, byTime ? 1 : 9);
          long time = (long) Keys.LONG.get(key, byTime ? 5 : 1);
          long sequence = (long) Keys.LONG.get(key, 13);
          if (byTime) {
            timedThere.add(List.of(number, time, sequence));
          } else {
            mortalThere.add(List.of(number, time, sequence));
          }
          return true;
        });
    assertThat(timedThere).isEqualTo(timed);
    // Of what was trimmed or deleted they are removed when they are due.
    assertThat(mortalThere).containsAll(mortal);
  }

  private static void expected(
      Store store, int number, Set<List<Long>> timed, Set<List<Long>> mortal)
      throws RocksDBException {
    byte[] state = store.get(store.meta, Keys.state(number));
    if (state == null) {
      return;
    }
    LogState.Figures figures = LogState.Figures.of(state);
    LogState.Extra extra = figures.extra();
    // bytes, stubs, the sequence expected next
    long[] found = {0, 0, figures.first()};
    store.scan(
        store.log,
        Keys.message(number, 0),
        Keys.message(number, Long.MAX_VALUE),
        (key, record) -> {
          long sequence = Keys.sequenceOf(key);
          assertThat(sequence).isEqualTo(found[2]++);
          found[0] += record.length;
          if (Records.isExpired(record)) {
            found[1]++;
            return true;
          }
          LogRecord read = Records.toLogRecord(record, "", sequence);
          if (extra.indexedFrom() != 0 && sequence >= extra.indexedFrom()) {
            timed.add(List.of((long) number, read.timeMillis(), sequence));
            assertThat(read.timeMillis()).isLessThanOrEqualTo(extra.latestMillis());
          }
          if (read.expiresAtNanos() != 0) {
            mortal.add(List.of((long) number, read.expiresAtNanos(), sequence));
          }
          assertThat(read.eventTimeMillis() != 0 && extra.indexedFrom() == 0).isFalse();
          return true;
        });
    assertThat(found[2]).isEqualTo(figures.next());
    assertThat(found[0]).isEqualTo(figures.storedBytes());
    assertThat(found[1]).isEqualTo(extra.stubs());
  }
}
