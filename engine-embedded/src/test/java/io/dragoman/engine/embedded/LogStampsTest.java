// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogPosition;
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
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** Stores of versions that gave several records one time of storing. */
final class LogStampsTest {
  private static final ChannelFilter LOG = ChannelFilter.exact("log");
  private static final ChannelFilter ALL = ChannelFilter.slashed("#");

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private EmbeddedEngine engine;

  @BeforeEach
  void start() throws EngineException {
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    engine.start(
        new EngineContext("node", clock, new Metrics(), (kind, name) -> ChannelSettings.DEFAULT));
  }

  @AfterEach
  void stop() {
    engine.close(Duration.ofSeconds(10));
  }

  @Test
  void shouldNotClaimToKnowWhatCameAfterATimeThatSeveralRecordsHave() throws Exception {
    // given
    LogPosition first = append("1");
    append("2");
    append("3");
    stop();
    giveAllOneTime(first.timestampNanos());
    start();
    LogPosition fourth = append("4");
    append("5");

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History old = after(filter, first.timestampNanos());
      History moment = after(filter, first.timestampNanos() - 1);
      History since = after(filter, fourth.timestampNanos());

      // then
      for (History each : List.of(old, moment)) {
        assertThat(each.records()).hasSize(5);
        assertThat(each.complete()).isFalse();
      }
      assertThat(since.records()).hasSize(1);
      assertThat(since.complete()).isTrue();
    }
  }

  @Test
  void shouldKeepWhatItKnowsOverRestarts() throws Exception {
    // given
    LogPosition first = append("1");
    append("2");

    // when
    stop();
    clock.advance(Duration.ofHours(1));
    start();

    // then
    History known = after(ALL, first.timestampNanos());
    assertThat(known.records()).hasSize(1);
    assertThat(known.complete()).isTrue();
  }

  // As early versions stored what was written together.
  private void giveAllOneTime(long nanos) throws EngineException, RocksDBException {
    Store store = Store.open(directory.resolve("store"), StoreFixture.options(directory));
    Batch batch = new Batch();
    for (int sequence = 1; sequence <= 3; sequence++) {
      byte[] key = Keys.message(1, sequence);
      byte[] stored = Objects.requireNonNull(store.get(store.log, key));
      Records.setTimestamp(stored, nanos);
      batch.put(store.log, key, stored);
    }
    batch.delete(store.meta, Keys.STAMPS);
    store.write(batch);
    store.close();
  }

  private LogPosition append(String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return await(
        engine.logs().append(Message.builder().channel("log").id("id").body(body).build()));
  }

  private History after(ChannelFilter filter, long nanos) {
    return await(engine.logs().history(filter, new HistoryStart.After(nanos, 0), 100, 1 << 20));
  }
}
