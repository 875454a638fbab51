// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore.AppendSink;
import io.dragoman.core.spi.LogStore.History;
import io.dragoman.core.spi.LogStore.Place;
import io.dragoman.core.spi.LogStore.Stretch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/**
 * What is shown of logs of both durabilities while the disk is still busy: of one log whatever is
 * safe, of many nothing before what was stored earlier.
 */
final class LogOrderTest {
  private static final ChannelFilter ALL = ChannelFilter.slashed("a/#");
  private static final HistoryStart UNKNOWN = new HistoryStart.Unknown();
  private static final Place START = new Place(0, 0);
  private static final int PLENTY = 1 << 30;

  @AutoClose private final HeldStore held;
  private final HeldDisk disk;
  private final EmbeddedLogStore logs;
  private final Recorder recorder = new Recorder();

  LogOrderTest(@TempDir Path directory) throws EngineException, RocksDBException {
    held = new HeldStore(directory);
    disk = held.disk;
    ChannelTable channels =
        new ChannelTable(
            held.store,
            held.writer,
            (kind, name) ->
                new ChannelSettings(
                    name.endsWith("async") ? Durability.ASYNC : Durability.SYNC, 0, 0, 0, 0, "", 0),
            100);
    Logs operations =
        new Logs(held.store, held.writer, held.readers, channels, held.clock, held.meters);
    operations.loaded();
    logs =
        new EmbeddedLogStore(
            held.store, held.writer, held.readers, channels, operations, held.meters);
    logs.attach(recorder);
    held.start();
  }

  @Test
  void shouldShowOfManyLogsNothingBeforeWhatWasStoredEarlier() {
    // given
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      CompletableFuture<Result<LogPosition>> earlier = append("a/sync", "earlier");
      held.awaitSync();

      // when
      LogPosition later = await(append("a/async", "later"));

      // then
      assertThat(bodies(history(ChannelFilter.exact("a/async"), UNKNOWN).records()))
          .containsExactly("later");
      History nothing = history(ALL, UNKNOWN);
      assertThat(nothing.records()).isEmpty();
      assertThat(readAfter(START).records()).isEmpty();
      assertThat(recorder.bodies()).isEmpty();

      // and in order as soon as it can be
      disk.syncs.release(1000);
      await(earlier);
      await().until(() -> recorder.bodies().equals(List.of("earlier", "later")));
      assertThat(bodies(history(ALL, UNKNOWN).records())).containsExactly("earlier", "later");
      assertThat(bodies(readAfter(nothing.place()).records())).containsExactly("earlier", "later");
      assertThat(recorder.missed()).isEmpty();
      History behind = history(ALL, new HistoryStart.After(later.timestampNanos(), 0));
      assertThat(behind.records()).isEmpty();
      assertThat(behind.complete()).isTrue();
    }
  }

  @Test
  void shouldKeepTheOrderAmongManyWrites() {
    // given
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      List<String> stored = new ArrayList<>();
      List<CompletableFuture<Result<LogPosition>>> all = new ArrayList<>();

      // when
      for (int i = 0; i < 300; i++) {
        all.add(append(i % 3 == 0 ? "a/sync" : "a/" + i % 2 + "/async", Integer.toString(i)));
        stored.add(Integer.toString(i));
        if (i % 20 == 0) {
          disk.syncs.release();
        }
      }
      disk.syncs.release(1000);
      all.forEach(StoreFixture::await);

      // then
      await().untilAsserted(() -> assertThat(recorder.bodies()).isEqualTo(stored));
      assertThat(recorder.missed()).isEmpty();
    }
  }

  @Test
  void shouldTellToReadWhatIsTooMuchToBeKept() {
    // given
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      CompletableFuture<Result<LogPosition>> earlier = append("a/sync", "earlier");
      held.awaitSync();
      byte[] large = new byte[1 << 20];
      Arrays.fill(large, (byte) 'x');
      LogPosition last = await(append("a/async", "0"));
      for (int i = 0; i < 6; i++) {
        last = await(append("a/async", new String(large, StandardCharsets.US_ASCII)));
      }

      // when
      disk.syncs.release(1000);
      await(earlier);

      // then
      long missed = last.timestampNanos();
      await().until(() -> recorder.missed().contains(missed));
      assertThat(recorder.bodies()).startsWith("earlier", "0");
      assertThat(recorder.heard()).isLessThan(8);
      assertThat(readAfter(START).records()).hasSize(8);
    }
  }

  @Test
  void shouldTellToReadWhatNobodyWantedWhenItWasStored() {
    // given
    CompletableFuture<Result<LogPosition>> earlier = append("a/sync", "earlier");
    held.awaitSync();
    LogPosition later = await(append("a/async", "later"));

    // when
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      History before = history(ALL, UNKNOWN);
      disk.syncs.release(1000);
      await(earlier);

      // then
      assertThat(before.records()).isEmpty();
      await().until(() -> recorder.missed().contains(later.timestampNanos()));
      assertThat(bodies(readAfter(before.place()).records())).containsExactly("earlier", "later");
    }
  }

  @Test
  void shouldShowWhatIsSafeWhenWhatWasStoredEarlierNeverWillBe() {
    // given
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      CompletableFuture<Result<LogPosition>> earlier = append("a/sync", "earlier");
      held.awaitSync();
      await(append("a/async", "later"));

      // when
      disk.fails = true;
      disk.syncs.release(1000);

      // then
      assertThat(StoreFixture.awaitStage(earlier)).isInstanceOf(Result.Refused.class);
      await().until(() -> recorder.bodies().equals(List.of("later")));
      assertThat(bodies(history(ALL, UNKNOWN).records())).containsExactly("later");
    }
  }

  private CompletableFuture<Result<LogPosition>> append(String log, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return logs.append(Message.builder().channel(log).id("id").body(body).build())
        .toCompletableFuture();
  }

  private History history(ChannelFilter filter, HistoryStart start) {
    return await(logs.history(filter, start, 1_000, PLENTY));
  }

  private Stretch readAfter(Place place) {
    return await(logs.readAfter(ALL, place, 1_000, PLENTY));
  }

  private static List<String> bodies(List<LogRecord> records) {
    return records.stream()
        .map(each -> new String(each.message().body(), StandardCharsets.UTF_8))
        .toList();
  }

  /** Keeps what it hears. */
  private static final class Recorder implements AppendSink {
    private final List<LogRecord> records = new ArrayList<>();
    private final List<Long> missed = new ArrayList<>();

    @Override
    public synchronized void onAppended(Durability durability, List<LogRecord> appended) {
      for (LogRecord each : appended) {
        boolean async = each.message().channel().endsWith("async");
        assertThat(durability).isEqualTo(async ? Durability.ASYNC : Durability.SYNC);
      }
      records.addAll(appended);
    }

    @Override
    public synchronized void onMissed(long timestampNanos) {
      missed.add(timestampNanos);
    }

    synchronized List<String> bodies() {
      return LogOrderTest.bodies(records);
    }

    synchronized int heard() {
      return records.size();
    }

    synchronized List<Long> missed() {
      return List.copyOf(missed);
    }
  }
}
