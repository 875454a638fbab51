// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static io.dragoman.testkit.Outcomes.still;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore;
import io.dragoman.core.spi.LogStore.History;
import io.dragoman.core.spi.LogStore.Stretch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Hearing of the records of many logs, and reading them together. */
public abstract class LogFeedContract extends EngineContract {
  private static final ChannelFilter ALL = ChannelFilter.slashed("a/#");
  private static final long START = 0;
  private static final int PLENTY = 1 << 30;

  protected LogFeedContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldReadManyLogsInOrderOfStoring() {
    // given
    List<String> stored = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      logs.append("a/" + i * i % 7, Integer.toString(i));
      logs.append("b", "of others");
      stored.add(Integer.toString(i));
    }

    for (int max : new int[] {1, 7, 100, 1_000}) {
      // when
      List<String> read = new ArrayList<>();
      long place = START;
      Stretch stretch = readAfter(place, max);
      while (!stretch.records().isEmpty()) {
        assertThat(stretch.records()).hasSizeLessThanOrEqualTo(max);
        stretch.records().forEach(each -> read.add(Samples.body(each)));
        place = stretch.placeNanos();
        stretch = readAfter(place, max);
      }

      // then
      assertThat(read).isEqualTo(stored);
    }
  }

  @Test
  void shouldReadOnFromWhereHistoryEnds() {
    // given
    logs.append("a/1", "1");
    logs.append("a/2", "2");
    History history = logs.history(ALL, new HistoryStart.Unknown(), 100);
    History nothing = logs.history(ALL, new HistoryStart.Unknown(), 0);
    logs.append("a/1", "3");
    logs.append("a/3", "4");

    for (History each : List.of(history, nothing)) {
      // when
      Stretch stretch = readAfter(each.placeNanos(), 100);

      // then
      assertThat(stretch.records()).extracting(Samples::body).containsExactly("3", "4");
      assertThat(readAfter(stretch.placeNanos(), 100).records()).isEmpty();
    }
  }

  @Test
  void shouldHearOfRecordsOfAllLogsWhileRegistered() {
    // given
    Recorder recorder = new Recorder();
    Subscription registration = logs.store().register(ALL);

    // when
    logs.append("a/1", "1");
    logs.append("a/2", "2", 1_000, 60);
    logs.append("a/1", "3");

    // then
    // What was acknowledged right before may be told of, too.
    eventually(
        () ->
            assertThat(recorder.bodies())
                .filteredOn(each -> !each.equals("before"))
                .containsExactly("1", "2", "3"));
    assertThat(recorder.records())
        .filteredOn(each -> each.eventTimeMillis() == 1_000)
        .extracting(Samples::body)
        .containsExactly("2");
    registration.close();
    registration.close();
    int heard = recorder.bodies().size();
    logs.append("a/1", "after");
    still(() -> assertThat(recorder.bodies()).hasSize(heard));
  }

  @Test
  void shouldMissNothingBetweenHistoryAndWhatIsHeard() {
    // given
    int threads = 4;
    int each = 400;
    List<CompletableFuture<Void>> appends =
        IntStream.range(0, threads)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int j = 0; j < each; j++) {
                            logs.store().append(Samples.message("a/" + i + "/" + j % 3, "x"));
                          }
                          logs.append("a/" + i, "last");
                        }))
            .toList();
    Recorder recorder = new Recorder();
    eventually(() -> assertThat(readAfter(START, 1).records()).isNotEmpty());

    // when
    try (Subscription registration = logs.store().register(ALL)) {
      assertThat(registration).isNotNull();
      History history = logs.history(ALL, new HistoryStart.Unknown(), 1_000_000);
      appends.forEach(Outcomes::of);

      // then
      int all = threads * (each + 1);
      eventually(
          () -> {
            List<Long> stamps = new ArrayList<>(stamps(history.records()));
            stamps(recorder.records()).stream()
                .filter(stamp -> stamp > history.placeNanos())
                .forEach(stamps::add);
            assertThat(stamps).hasSize(all).doesNotHaveDuplicates();
          });
      assertThat(stamps(history.records())).isSorted();
      assertThat(stamps(recorder.records())).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void shouldReadEachRecordOnceAmongAppendsOfBothDurabilities() {
    // given
    treat(Kind.LOG, "a/sync", new ChannelSettings(Durability.SYNC, 0, 0, 0, 0, "", 0));
    treat(Kind.LOG, "a/async", new ChannelSettings(Durability.ASYNC, 0, 0, 0, 0, "", 0));
    int each = 1_000;
    List<CompletableFuture<Void>> appends =
        List.of("a/sync", "a/async").stream()
            .map(log -> CompletableFuture.runAsync(() -> logs.appendMany(log, each)))
            .toList();
    List<LogRecord> read = new ArrayList<>();
    long place = START;

    // when
    boolean more = true;
    while (more) {
      // Asked before the last read, which then finds all.
      boolean appending = !appends.stream().allMatch(CompletableFuture::isDone);
      Stretch stretch = readAfter(place, 50);
      assertThat(stretch.placeNanos()).isGreaterThanOrEqualTo(place);
      read.addAll(stretch.records());
      place = stretch.placeNanos();
      more = appending || !stretch.records().isEmpty();
    }
    appends.forEach(Outcomes::of);

    // then
    assertThat(read).hasSize(2 * each);
    for (String log : List.of("a/sync", "a/async")) {
      assertThat(
              read.stream()
                  .filter(one -> one.message().channel().equals(log))
                  .map(LogRecord::sequence)
                  .toList())
          .isEqualTo(logs.sequences(log));
    }
  }

  @Test
  void shouldReadOnOverWhatWasTrimmedAndDeleted() {
    // given
    for (int i = 0; i < 10; i++) {
      logs.append("a/1", "1." + i);
      logs.append("a/2", "2." + i);
    }
    long place = readAfter(START, 4).placeNanos();

    // when
    logs.trim("a/1", 9);
    Outcomes.ok(engine().channels().delete(Kind.LOG, "a/2"));
    logs.append("a/2", "new");

    // then
    assertThat(readAfter(place, 100).records())
        .extracting(Samples::body)
        .containsExactly("1.8", "1.9", "new");
  }

  @Test
  void shouldReadOnAfterCrash() {
    // given
    logs.append("a/1", "1");
    long place = readAfter(START, 100).placeNanos();
    logs.append("a/2", "2");

    // when
    crash();
    logs.append("a/1", "3");

    // then
    assertThat(readAfter(place, 100).records()).extracting(Samples::body).containsExactly("2", "3");
  }

  private Stretch readAfter(long place, int max) {
    return Outcomes.ok(logs.store().readAfter(ALL, place, max, PLENTY));
  }

  private static List<Long> stamps(List<LogRecord> records) {
    return records.stream().map(LogRecord::timestampNanos).toList();
  }

  /** Keeps what it hears; there can be one per engine. */
  private final class Recorder implements LogStore.AppendSink {
    private final List<LogRecord> records = new ArrayList<>();

    Recorder() {
      logs.store().attach(this);
    }

    @Override
    public synchronized void onAppended(List<LogRecord> appended) {
      records.addAll(appended);
    }

    @Override
    public void onMissed(long timestampNanos) {
      throw new AssertionError("nothing is kept waiting here");
    }

    synchronized List<LogRecord> records() {
      return List.copyOf(records);
    }

    List<String> bodies() {
      return records().stream().map(Samples::body).toList();
    }
  }
}
