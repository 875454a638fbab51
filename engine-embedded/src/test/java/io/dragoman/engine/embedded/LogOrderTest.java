// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogAppend;
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
import io.dragoman.core.spi.LogStore.Stretch;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
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
  private static final long START = 0;
  private static final int PLENTY = 1 << 30;

  /** How many records wait for a sync before them. */
  private static final int NOT_SHOWN = 50_000;

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

  @AfterEach
  void showAtOnce() {
    recorder.whenShown = () -> {};
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
      assertThat(bodies(readAfter(nothing.placeNanos()).records()))
          .containsExactly("earlier", "later");
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
  void shouldTellToReadWhatIsTooMuchWhileItIsShown() {
    // given
    Semaphore shown = new Semaphore(0);
    recorder.whenShown = shown::acquireUninterruptibly;
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      disk.syncs.release(1000);
      await(append("a/sync", "0"));
      String large = "x".repeat(1 << 20);

      // when
      LogPosition last = await(append("a/async", "1"));
      for (int i = 0; i < 6; i++) {
        last = await(append("a/async", large));
      }
      shown.release(1000);

      // then
      long missed = last.timestampNanos();
      await().until(() -> recorder.missed().contains(missed));
      assertThat(recorder.bodies()).startsWith("0", "1");
      assertThat(recorder.heard()).isLessThan(8);
      assertThat(readAfter(START).records()).hasSize(8);
    }
  }

  @Test
  void shouldNotLeaveItToOneThreadToShowEverything() {
    // given
    AtomicInteger bySyncer = new AtomicInteger();
    AtomicInteger longest = new AtomicInteger();
    AtomicInteger stored = new AtomicInteger();
    recorder.whenShown =
        () -> {
          if (!Thread.currentThread().getName().equals("dragoman-syncer")) {
            bySyncer.set(0);
          } else if (stored.incrementAndGet() < 1_000) {
            longest.accumulateAndGet(bySyncer.incrementAndGet(), Math::max);
            await(append("a/async", "next"));
          }
        };
    try (Subscription registration = logs.register(ALL)) {
      assertThat(registration).isNotNull();
      disk.syncs.release(100_000);

      // when
      await(append("a/sync", "first"));
      await(append("a/sync", "last"));

      // then
      await().until(() -> recorder.bodies().contains("last"));
      assertThat(longest.get()).isLessThan(100);
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
      assertThat(bodies(readAfter(before.placeNanos()).records()))
          .containsExactly("earlier", "later");
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

  @Test
  void shouldGoOnBehindWhatIsAnsweredAndNotShownYet() {
    // given
    await(append("a/async", "before"));
    CompletableFuture<Result<LogPosition>> earlier = append("a/sync", "earlier");
    held.awaitSync();
    long stamp = await(append("a/async", "answered")).timestampNanos();

    // when
    History behindIt = history(ALL, new HistoryStart.After(stamp, 0));
    History behindMoment = history(ALL, new HistoryStart.After(stamp | 1, 0));
    History other = history(ALL, new HistoryStart.After(stamp, 1_000));
    await(append("a/b/async", "new"));
    History stillBehindIt = history(ALL, new HistoryStart.After(stamp, 0));
    disk.syncs.release(1000);
    await(earlier);
    await(append("a/sync", "newest"));

    // then
    for (History each : List.of(behindIt, behindMoment, stillBehindIt)) {
      assertThat(each.records()).isEmpty();
      assertThat(each.complete()).isTrue();
      assertThat(each.missed()).hasValue(0);
      assertThat(bodies(readAfter(each.placeNanos()).records())).containsExactly("new", "newest");
    }
    assertThat(bodies(other.records())).containsExactly("before");
    assertThat(other.complete()).isFalse();
  }

  @Test
  void shouldNotReadWhatIsNotShownYet() {
    // given
    await(append("a/async", "before", 0));
    await(append("a/timed/async", "before", 1_000));
    CompletableFuture<Result<LogPosition>> earlier = append("a/sync", "earlier");
    held.awaitSync();
    String large = "x".repeat(1_000);
    appendMany(
        NOT_SHOWN,
        i -> i % 2 == 0 ? append("a/async", large) : append("a/timed/async", large, 2_000));

    // when
    long begun = readBytes();
    History byOrder = history(ALL, UNKNOWN);
    Stretch behind = readAfter(START);
    long read = readBytes() - begun;
    History byTime = history(ALL, new HistoryStart.AtTime(0));

    // then
    for (List<LogRecord> each : List.of(byOrder.records(), behind.records())) {
      assertThat(bodies(each)).containsExactly("before", "before");
    }
    assertThat(bodies(byTime.records())).containsExactly("before", "before");
    assertThat(read).isLessThan(NOT_SHOWN * 100L);
    assertThat(held.metrics.counter("dragoman_log_read_turns_total", "").value())
        .isEqualTo(NOT_SHOWN / 2 / Turn.RECORDS_MAX);
    disk.syncs.release(1000);
    await(earlier);
    assertThat(history(ALL, UNKNOWN).records()).hasSize(1_000);
  }

  /** What the readers have put into memory. */
  private static long readBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(each -> each != null && each.getThreadName().startsWith("dragoman-reader"))
        .mapToLong(each -> threads.getThreadAllocatedBytes(each.getThreadId()))
        .sum();
  }

  private static void appendMany(
      int count, IntFunction<CompletableFuture<Result<LogPosition>>> append) {
    List<CompletableFuture<Result<LogPosition>>> under = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      under.add(append.apply(i));
      if (under.size() == 1_000 || i == count - 1) {
        under.forEach(StoreFixture::await);
        under.clear();
      }
    }
  }

  private CompletableFuture<Result<LogPosition>> append(String log, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return logs.append(Message.builder().channel(log).id("id").body(body).build())
        .toCompletableFuture();
  }

  private CompletableFuture<Result<LogPosition>> append(String log, String text, long eventTime) {
    Message message =
        Message.builder().channel(log).id("id").body(text.getBytes(StandardCharsets.UTF_8)).build();
    return logs.append(new LogAppend(message, eventTime, 0)).toCompletableFuture();
  }

  private History history(ChannelFilter filter, HistoryStart start) {
    return await(logs.history(filter, start, 1_000, PLENTY));
  }

  private Stretch readAfter(long place) {
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

    /** Runs when it was told of records, on the thread that tells. */
    volatile Runnable whenShown = () -> {};

    @Override
    public void onAppended(List<LogRecord> appended) {
      synchronized (this) {
        records.addAll(appended);
      }
      whenShown.run();
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
