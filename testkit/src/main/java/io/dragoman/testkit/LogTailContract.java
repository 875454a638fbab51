// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static io.dragoman.testkit.Outcomes.still;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Hearing of new records. */
public abstract class LogTailContract extends EngineContract {

  protected LogTailContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldHearOfRecordAppendedAfterListening() {
    // given
    logs.append("log", "before");
    clock.advance(Duration.ofSeconds(1));
    Recorder recorder = new Recorder();
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();

      // when
      logs.append("log", "after");

      // then it may hear of the one before, too
      eventually(() -> assertThat(recorder.bodies()).endsWith("after"));
      LogRecord after = recorder.records().get(recorder.records().size() - 1);
      assertThat(after.sequence()).isEqualTo(2);
      assertThat(after.timestampNanos()).isEqualTo(clock.unixNanos());
      assertThat(recorder.bodies()).isIn(List.of("after"), List.of("before", "after"));
    }
  }

  @Test
  void shouldHearOfLogThatDidNotExist() {
    // given
    Recorder recorder = new Recorder();
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();

      // when
      logs.append("log", "first");

      // then
      eventually(() -> assertThat(recorder.bodies()).containsExactly("first"));
    }
  }

  @Test
  void shouldHearOfEachRecordOnceInOrderWhileManyAppend() {
    // given
    int threads = 4;
    int each = 500;
    long last = (long) threads * each;
    Recorder recorder = new Recorder();
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();

      // when
      IntStream.range(0, threads)
          .mapToObj(i -> CompletableFuture.runAsync(() -> logs.appendMany("log", each)))
          .toList()
          .forEach(Outcomes::of);

      // then
      eventually(() -> assertThat(recorder.lastSequence()).isEqualTo(last));
      assertThat(recorder.sequences()).isSorted().doesNotHaveDuplicates();
      assertThat(recorder.sequencesWithGapsRead("log"))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, last).boxed().toList());
      Set<Long> heard = new HashSet<>(recorder.sequences());
      assertThat(recorder.bodies())
          .isEqualTo(
              logs.readAll("log").stream()
                  .filter(r -> heard.contains(r.sequence()))
                  .map(Samples::body)
                  .toList());
    }
  }

  @Test
  void shouldMissNothingWhenListeningStartsAmongAppends() {
    // given
    int count = 2_000;
    CompletableFuture<?> appends = CompletableFuture.runAsync(() -> logs.appendMany("log", count));
    eventually(() -> assertThat(logs.read("log", 1, 1)).isNotEmpty());
    Recorder recorder = new Recorder();

    // when
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();
      List<Long> seen = new ArrayList<>(logs.sequences("log"));
      Outcomes.of(appends);
      logs.append("log", "last");

      // then
      eventually(() -> assertThat(recorder.lastSequence()).isEqualTo(count + 1L));
      long known = seen.get(seen.size() - 1);
      recorder.sequencesWithGapsRead("log").stream().filter(s -> s > known).forEach(seen::add);
      assertThat(seen)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, count + 1L).boxed().toList());
    }
  }

  @Test
  void shouldTellOnlyWhatCanBeRead() {
    // given
    List<Long> missing = new ArrayList<>();
    List<Long> told = new ArrayList<>();
    Recorder recorder = new Recorder();
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();

      // when
      CompletableFuture<?> appends =
          CompletableFuture.runAsync(() -> logs.appendMany("log", 1_000));
      long deadline = System.nanoTime() + Outcomes.PATIENCE.toNanos();
      while (recorder.lastSequence() < 1_000 && System.nanoTime() < deadline) {
        long last = recorder.lastSequence();
        if (last > 0) {
          told.add(last);
          if (logs.read("log", last, 1).isEmpty()) {
            missing.add(last);
          }
        }
      }
      Outcomes.of(appends);
    }

    // then
    assertThat(recorder.lastSequence()).isEqualTo(1_000);
    assertThat(missing).as("of %s looked up", told.size()).isEmpty();
  }

  @Test
  void shouldTellEveryListener() {
    // given
    Recorder first = new Recorder();
    Recorder second = new Recorder();
    Recorder other = new Recorder();
    try (Subscription a = logs.store().tail("log", first);
        Subscription b = logs.store().tail("log", second);
        Subscription c = logs.store().tail("other", other)) {
      assertThat(List.of(a, b, c)).hasSize(3);

      // when
      logs.append("log", "x");

      // then
      eventually(() -> assertThat(first.bodies()).containsExactly("x"));
      eventually(() -> assertThat(second.bodies()).containsExactly("x"));
      assertThat(other.bodies()).isEmpty();
    }
  }

  @Test
  void shouldTellNothingOnceClosed() {
    // given
    Recorder closed = new Recorder();
    Recorder open = new Recorder();
    Subscription tail = logs.store().tail("log", closed);
    try (Subscription kept = logs.store().tail("log", open)) {
      assertThat(kept).isNotNull();
      logs.append("log", "1");
      eventually(() -> assertThat(closed.bodies()).containsExactly("1"));

      // when
      tail.close();
      tail.close();
      logs.append("log", "2");

      // then
      eventually(() -> assertThat(open.bodies()).containsExactly("1", "2"));
      still(() -> assertThat(closed.bodies()).containsExactly("1"));
    }
  }

  @Test
  void shouldTellThatLogWasDeleted() {
    // given
    logs.append("log", "1");
    Recorder recorder = new Recorder();
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();

      // when
      Outcomes.ok(engine().channels().delete(Kind.LOG, "log"));

      // then
      eventually(() -> assertThat(recorder.deletions()).isEqualTo(1));
    }
  }

  @Test
  void shouldTellRecordsWithEveryPart() {
    // given
    Recorder recorder = new Recorder();
    try (Subscription tail = logs.store().tail("log", recorder)) {
      assertThat(tail).isNotNull();

      // when
      Outcomes.ok(logs.store().append(Samples.fullMessage("log")));

      // then
      eventually(() -> assertThat(recorder.records()).hasSize(1));
      QueueContract.assertSame(recorder.records().get(0).message(), Samples.fullMessage("log"));
    }
  }

  /** Keeps what it is told. */
  private final class Recorder implements LogStore.TailListener {
    private final List<LogRecord> records = new ArrayList<>();
    private int deletions;

    @Override
    public synchronized void onAppended(List<LogRecord> appended) {
      records.addAll(appended);
    }

    @Override
    public synchronized void onDeleted() {
      deletions++;
    }

    synchronized List<LogRecord> records() {
      return List.copyOf(records);
    }

    synchronized int deletions() {
      return deletions;
    }

    List<String> bodies() {
      return records().stream().map(Samples::body).toList();
    }

    List<Long> sequences() {
      return records().stream().map(LogRecord::sequence).toList();
    }

    synchronized long lastSequence() {
      return records.isEmpty() ? 0 : records.get(records.size() - 1).sequence();
    }

    /** What was told, with each gap before a record closed by reading, as listeners do. */
    List<Long> sequencesWithGapsRead(String log) {
      List<Long> whole = new ArrayList<>();
      long next = 0;
      for (LogRecord told : records()) {
        if (next > 0 && told.sequence() > next) {
          for (LogRecord gap : logs.read(log, next, (int) (told.sequence() - next))) {
            if (gap.sequence() < told.sequence()) {
              whole.add(gap.sequence());
            }
          }
        }
        whole.add(told.sequence());
        next = told.sequence() + 1;
      }
      return whole;
    }
  }
}
