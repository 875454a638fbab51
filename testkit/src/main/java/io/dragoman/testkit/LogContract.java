// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Samples.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.spi.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Appending to logs and reading them. */
public abstract class LogContract extends EngineContract {

  protected LogContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldNumberRecordsFromOneWithoutGaps() {
    // when
    List<LogPosition> positions = logs.appendMany("log", 100);

    // then
    assertThat(positions)
        .extracting(LogPosition::sequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 100).boxed().toList());
    List<LogRecord> records = logs.readAll("log");
    assertThat(records)
        .extracting(LogRecord::sequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 100).boxed().toList());
    assertThat(records)
        .extracting(Samples::body)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 100).mapToObj(Integer::toString).toList());
  }

  @Test
  void shouldNumberEachLogOnItsOwn() {
    // given
    logs.append("a", "1");
    logs.append("b", "1");
    logs.append("a", "2");

    // when
    LogPosition position = logs.append("b", "2");

    // then
    assertThat(position.sequence()).isEqualTo(2);
    assertThat(logs.bodies("a")).containsExactly("1", "2");
    assertThat(logs.bodies("b")).containsExactly("1", "2");
  }

  @Test
  void shouldNumberWithoutGapsWhenManyAppendAtOnce() {
    // given
    int threads = 4;
    int each = 250;

    // when
    List<CompletableFuture<List<LogPosition>>> appends =
        IntStream.range(0, threads)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> logs.appendMany("log", each)))
            .toList();
    List<List<LogPosition>> positions = appends.stream().map(Outcomes::of).toList();

    // then
    List<LogRecord> records = logs.readAll("log");
    assertThat(records)
        .extracting(LogRecord::sequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 1_000).boxed().toList());
    for (List<LogPosition> own : positions) {
      assertThat(own).extracting(LogPosition::sequence).isSorted();
      for (int i = 0; i < own.size(); i++) {
        LogRecord stored = records.get((int) own.get(i).sequence() - 1);
        assertThat(body(stored)).isEqualTo(Integer.toString(i + 1));
        assertThat(stored.timestampNanos()).isEqualTo(own.get(i).timestampNanos());
      }
    }
  }

  @Test
  void shouldStampRecordsWithClock() {
    // given
    LogPosition first = logs.append("log", "1");
    clock.advance(Duration.ofSeconds(5));

    // when
    LogPosition second = logs.append("log", "2");

    // then
    assertThat(first.timestampNanos()).isEqualTo(ManualClock.START_NANOS);
    assertThat(second.timestampNanos())
        .isEqualTo(ManualClock.START_NANOS + Duration.ofSeconds(5).toNanos());
    assertThat(logs.readAll("log"))
        .extracting(LogRecord::timestampNanos)
        .containsExactly(first.timestampNanos(), second.timestampNanos());
  }

  @Test
  void shouldStampRecordsWithTimesThatNeverGoBack() {
    // given
    logs.append("log", "1");
    clock.advance(Duration.ofMillis(-100));
    logs.append("log", "2");
    restart();
    logs.append("log", "3");
    clock.advance(Duration.ofMillis(50));
    logs.append("log", "4");
    clock.advance(Duration.ofSeconds(1));

    // when
    LogPosition last = logs.append("log", "5");

    // then
    assertThat(logs.readAll("log")).extracting(LogRecord::timestampNanos).isSorted();
    assertThat(last.timestampNanos()).isEqualTo(clock.unixNanos());
  }

  @Test
  void shouldGiveBackEveryPartOfMessage() {
    // given
    Message full = Samples.fullMessage("log");
    Message bare = Message.builder().id("only").channel("log").build();
    Outcomes.ok(logs.store().append(full));
    Outcomes.ok(logs.store().append(bare));

    // when
    List<LogRecord> records = logs.readAll("log");

    // then
    QueueContract.assertSame(records.get(0).message(), full);
    QueueContract.assertSame(records.get(1).message(), bare);
  }

  @Test
  void shouldGiveBackLargeMessage() {
    // given
    byte[] body = new byte[5 << 20];
    body[body.length - 1] = 1;
    Outcomes.ok(
        logs.store().append(Message.builder().id("large").channel("log").body(body).build()));

    // when
    LogRecord logRecord = logs.read("log", 1, 1).get(0);

    // then
    assertThat(logRecord.message().body()).isEqualTo(body);
  }

  @Test
  void shouldTakeAnyNameAsLog() {
    // given
    Samples.ODD_NAMES.forEach(name -> logs.append(name, "for " + name));

    for (String name : Samples.ODD_NAMES) {
      // when
      List<LogRecord> records = logs.readAll(name);

      // then
      assertThat(records).extracting(Samples::body).containsExactly("for " + name);
      assertThat(records.get(0).message().channel()).isEqualTo(name);
    }
  }

  @Test
  void shouldReadFromSequence() {
    // given
    logs.appendMany("log", 10);

    // when
    List<LogRecord> records = logs.read("log", 4, 100);

    // then
    assertThat(records)
        .extracting(LogRecord::sequence)
        .containsExactly(4L, 5L, 6L, 7L, 8L, 9L, 10L);
  }

  @Test
  void shouldReadNoMoreThanAskedFor() {
    // given
    logs.appendMany("log", 10);

    // when
    List<LogRecord> records = logs.read("log", 3, 4);

    // then
    assertThat(records).extracting(LogRecord::sequence).containsExactly(3L, 4L, 5L, 6L);
  }

  @Test
  void shouldReadAboutAsManyBytesAsAskedForAndOneRecordAtLeast() {
    // given
    for (int i = 0; i < 10; i++) {
      logs.append("log", "x".repeat(1_000));
    }

    // when
    List<LogRecord> some = Outcomes.ok(logs.store().read("log", 1, 100, 4_000)).records();
    List<LogRecord> one = Outcomes.ok(logs.store().read("log", 5, 100, 1)).records();

    // then
    assertThat(some).hasSizeBetween(2, 5);
    assertThat(one).extracting(LogRecord::sequence).containsExactly(5L);
  }

  @Test
  void shouldReadNothingBeyondLast() {
    // given
    logs.appendMany("log", 3);

    // when
    List<LogRecord> next = logs.read("log", 4, 10);
    List<LogRecord> far = logs.read("log", Long.MAX_VALUE, 10);

    // then
    assertThat(next).isEmpty();
    assertThat(far).isEmpty();
  }

  @Test
  void shouldReadFromFirstWhenAskedForEarlier() {
    // given
    logs.appendMany("log", 3);

    // when
    List<LogRecord> fromZero = logs.read("log", 0, 10);
    List<LogRecord> fromNegative = logs.read("log", -5, 10);

    // then
    assertThat(fromZero).extracting(LogRecord::sequence).containsExactly(1L, 2L, 3L);
    assertThat(fromNegative).extracting(LogRecord::sequence).containsExactly(1L, 2L, 3L);
  }

  @Test
  void shouldReadFromFirstKeptWhenAskedForTrimmed() {
    // given
    logs.appendMany("log", 10);
    logs.trim("log", 6);

    // when
    List<LogRecord> records = logs.read("log", 2, 2);

    // then
    assertThat(records).extracting(LogRecord::sequence).containsExactly(6L, 7L);
  }

  @Test
  void shouldReadNothingFromUnknownLog() {
    // when
    List<LogRecord> records = logs.read("never seen", 1, 10);

    // then
    assertThat(records).isEmpty();
    assertThat(Outcomes.refusal(logs.store().info("never seen"))).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void shouldReadWhatWasAcknowledged() {
    for (int i = 1; i <= 200; i++) {
      // given
      LogPosition position = logs.append("log", Integer.toString(i));

      // when
      List<LogRecord> records = logs.read("log", position.sequence(), 10);

      // then
      assertThat(records).extracting(Samples::body).containsExactly(Integer.toString(i));
    }
  }

  @Test
  void shouldReadWhileOthersAppend() {
    // given
    int count = 2_000;
    CompletableFuture<List<LogPosition>> appends =
        CompletableFuture.supplyAsync(() -> logs.appendMany("log", count));
    List<String> seen = new ArrayList<>();

    // when
    long deadline = System.nanoTime() + Outcomes.PATIENCE.toNanos();
    while (seen.size() < count && System.nanoTime() < deadline) {
      for (LogRecord logRecord : logs.read("log", seen.size() + 1L, 100)) {
        assertThat(logRecord.sequence()).isEqualTo(seen.size() + 1L);
        seen.add(body(logRecord));
      }
    }

    // then
    assertThat(Outcomes.of(appends)).hasSize(count);
    assertThat(seen)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList());
  }

  @Test
  void shouldTellStateOfLog() {
    // given
    logs.appendMany("log", 10);

    // when
    LogInfo info = logs.info("log");

    // then
    assertThat(info.channel()).isEqualTo("log");
    assertThat(info.firstSequence()).isEqualTo(1);
    assertThat(info.lastSequence()).isEqualTo(10);
    assertThat(info.messages()).isEqualTo(10);
    assertThat(info.bytes()).isGreaterThan(100);
    assertThat(info.trimmed()).isZero();
    assertThat(info.subscribers()).isZero();
  }
}
