// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The newest records of a log or of many, by time and behind a record. */
public abstract class LogHistoryContract extends EngineContract {
  private static final ChannelFilter LOG = ChannelFilter.exact("a/log");
  private static final ChannelFilter ALL = ChannelFilter.slashed("a/#");
  private static final HistoryStart UNKNOWN = new HistoryStart.Unknown();

  protected LogHistoryContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldGiveNothingOfUnknownLog() {
    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History history = logs.history(filter, new HistoryStart.AtTime(1), 10);

      // then
      assertThat(history.records()).isEmpty();
      assertThat(history.complete()).isTrue();
      assertThat(history.missed()).hasValue(0);
    }
    assertThat(logs.history(LOG, UNKNOWN, 10).nextSequence()).isEqualTo(1);
  }

  @Test
  void shouldGiveNewestOldestFirst() {
    // given
    append(250);

    // when
    History history = logs.history(LOG, new HistoryStart.AtTime(0), 100);

    // then
    assertThat(bodies(history)).isEqualTo(numbers(151, 250));
    assertThat(history.complete()).isFalse();
    assertThat(history.missed()).hasValue(150);
    assertThat(history.nextSequence()).isEqualTo(251);
  }

  @Test
  void shouldGiveEverythingAndSaySo() {
    // given
    append(100);

    for (int limit : new int[] {100, 1_000, Integer.MAX_VALUE}) {
      // when
      History history = logs.history(LOG, new HistoryStart.AtTime(0), limit);

      // then
      assertThat(bodies(history)).isEqualTo(numbers(1, 100));
      assertThat(history.complete()).isTrue();
      assertThat(history.missed()).hasValue(0);
    }
  }

  @Test
  void shouldNotGoOverBytesButForOneRecord() {
    // given
    for (int i = 0; i < 10; i++) {
      logs.append("a/log", "x".repeat(1_000));
    }

    // when
    History some = Outcomes.ok(logs.store().history(LOG, UNKNOWN, 10, 3_500));
    History one = Outcomes.ok(logs.store().history(LOG, UNKNOWN, 10, 1));
    History none = Outcomes.ok(logs.store().history(LOG, UNKNOWN, 0, 1_000_000));

    // then
    assertThat(some.records()).hasSizeBetween(1, 3);
    assertThat(one.records()).extracting(LogRecord::sequence).containsExactly(10L);
    assertThat(none.records()).isEmpty();
    assertThat(none.nextSequence()).isEqualTo(11);
  }

  @Test
  void shouldGiveWhatWasStoredAtTimeOrLater() {
    // given
    for (int i = 1; i <= 5; i++) {
      logs.append("a/log", Integer.toString(i));
      clock.advance(Duration.ofSeconds(10));
    }
    long third = ManualClock.START_NANOS / 1_000_000 + 20_000;

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History exactly = logs.history(filter, new HistoryStart.AtTime(third), 10);
      History later = logs.history(filter, new HistoryStart.AtTime(third + 1), 10);
      History future = logs.history(filter, new HistoryStart.AtTime(third + 1_000_000), 10);

      // then
      assertThat(bodies(exactly)).containsExactly("3", "4", "5");
      assertThat(exactly.complete()).isTrue();
      assertThat(bodies(later)).containsExactly("4", "5");
      assertThat(bodies(future)).isEmpty();
      assertThat(future.complete()).isTrue();
    }
  }

  @Test
  void shouldGiveWhatCameAfterRecord() {
    // given
    List<LogPosition> positions = append(20);

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History history = logs.history(filter, after(positions.get(14)), 10);

      // then
      assertThat(bodies(history)).isEqualTo(numbers(16, 20));
      assertThat(history.complete()).isTrue();
      assertThat(history.missed()).hasValue(0);
    }
  }

  @Test
  void shouldSayHowManyAreMissingBehindRecord() {
    // given
    List<LogPosition> positions = append(20);

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History history = logs.history(filter, after(positions.get(4)), 10);

      // then
      assertThat(bodies(history)).isEqualTo(numbers(11, 20));
      assertThat(history.complete()).isFalse();
      assertThat(history.missed()).hasValue(5);
    }
  }

  @Test
  void shouldTakeMomentBetweenRecordsForKnown() {
    // given
    List<LogPosition> positions = append(5);
    HistoryStart moment = new HistoryStart.After(positions.get(2).timestampNanos() + 1, 0);

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History history = logs.history(filter, moment, 10);

      // then
      assertThat(bodies(history)).containsExactly("4", "5");
      assertThat(history.complete()).isTrue();
      assertThat(history.missed()).hasValue(0);
    }
  }

  @Test
  void shouldNotKnowMomentsBeforeItsRecordsOrBehindThem() {
    // given
    List<LogPosition> positions = append(5);
    long early = ManualClock.START_NANOS - 1_000_001;
    long late = positions.get(4).timestampNanos() + 3;

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      for (long moment : new long[] {early, late}) {
        // when
        History history = logs.history(filter, new HistoryStart.After(moment, 0), 10);

        // then
        assertThat(bodies(history)).isEqualTo(numbers(1, 5));
        assertThat(history.complete()).isFalse();
        assertThat(history.missed()).isEmpty();
      }
    }
  }

  @Test
  void shouldKnowTheMomentsAtWhichOneBeginsToFollow() {
    // given
    List<ChannelFilter> filters = List.of(LOG, ALL);
    List<History> empty = filters.stream().map(each -> logs.history(each, UNKNOWN, 0)).toList();
    append(5);
    List<History> later = filters.stream().map(each -> logs.history(each, UNKNOWN, 0)).toList();
    logs.append("a/log", "6");

    for (int i = 0; i < filters.size(); i++) {
      // when
      History all = logs.history(filters.get(i), momentOf(empty.get(i)), 10);
      History last = logs.history(filters.get(i), momentOf(later.get(i)), 10);

      // then
      assertThat(bodies(all)).isEqualTo(numbers(1, 6));
      assertThat(all.complete()).isTrue();
      assertThat(bodies(last)).containsExactly("6");
      assertThat(last.complete()).isTrue();
    }
  }

  @Test
  void shouldGiveWhatIsThereForRecordThatIsNotOurs() {
    // given
    append(5);
    LogPosition other = logs.append("other", "x");
    clock.advance(Duration.ofSeconds(1));
    append(2);

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      for (HistoryStart start : List.of(after(other), UNKNOWN)) {
        // when
        History history = logs.history(filter, start, 100);

        // then
        assertThat(history.records()).hasSize(7);
        assertThat(history.complete()).isFalse();
        assertThat(history.missed()).isEmpty();
      }
    }
  }

  @Test
  void shouldNotTakeRecordWithAnotherTimeForThatAskedFor() {
    // given
    LogPosition first = logs.append("a/log", "1", 1_000, 0);
    logs.append("a/log", "2");

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History right =
          logs.history(filter, new HistoryStart.After(first.timestampNanos(), 1_000), 10);
      History wrong =
          logs.history(filter, new HistoryStart.After(first.timestampNanos(), 1_001), 10);
      History without = logs.history(filter, after(first), 10);

      // then
      assertThat(bodies(right)).containsExactly("2");
      assertThat(right.complete()).isTrue();
      assertThat(bodies(wrong)).containsExactly("1", "2");
      assertThat(wrong.complete()).isFalse();
      assertThat(without.complete()).isFalse();
    }
  }

  @Test
  void shouldSayThatRecordWasTrimmed() {
    // given
    List<LogPosition> positions = append(10);
    logs.trim("a/log", 6);

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History trimmed = logs.history(filter, after(positions.get(2)), 100);
      History last = logs.history(filter, after(positions.get(4)), 100);
      History kept = logs.history(filter, after(positions.get(5)), 100);

      // then
      assertThat(bodies(trimmed)).isEqualTo(numbers(6, 10));
      assertThat(trimmed.complete()).isFalse();
      assertThat(trimmed.missed()).isEmpty();
      assertThat(bodies(last)).isEqualTo(numbers(6, 10));
      assertThat(last.complete()).isFalse();
      assertThat(bodies(kept)).isEqualTo(numbers(7, 10));
      assertThat(kept.complete()).isTrue();
    }
  }

  @Test
  void shouldSayThatSomethingOfThatTimeWasTrimmed() {
    // given
    for (int i = 1; i <= 5; i++) {
      logs.append("a/log", Integer.toString(i));
      clock.advance(Duration.ofSeconds(10));
    }
    logs.trim("a/log", 3);
    long second = ManualClock.START_NANOS / 1_000_000 + 10_000;

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History gone = logs.history(filter, new HistoryStart.AtTime(second), 10);
      History kept = logs.history(filter, new HistoryStart.AtTime(second + 1), 10);

      // then
      assertThat(bodies(gone)).containsExactly("3", "4", "5");
      assertThat(gone.complete()).isFalse();
      assertThat(gone.missed()).isEmpty();
      assertThat(bodies(kept)).containsExactly("3", "4", "5");
      assertThat(kept.complete()).isTrue();
    }
  }

  @Test
  void shouldFindRecordsByTimesOfTheirSenders() {
    // given
    long now = ManualClock.START_NANOS / 1_000_000;
    logs.append("a/log", "now 1");
    logs.append("a/log", "yesterday", now - 86_400_000, 0);
    logs.append("a/log", "tomorrow", now + 86_400_000, 0);
    clock.advance(Duration.ofSeconds(1));
    logs.append("a/log", "now 2");
    logs.append("a/log", "an hour ago", now - 3_600_000, 0);

    for (ChannelFilter filter : List.of(LOG, ALL)) {
      // when
      History all = logs.history(filter, new HistoryStart.AtTime(-1), 10);
      History today = logs.history(filter, new HistoryStart.AtTime(now - 3_600_000), 10);
      History newest = logs.history(filter, new HistoryStart.AtTime(0), 2);
      History stored = logs.history(filter, UNKNOWN, 10);

      // then
      assertThat(bodies(all))
          .containsExactly("yesterday", "an hour ago", "now 1", "now 2", "tomorrow");
      assertThat(all.complete()).isTrue();
      assertThat(bodies(today)).containsExactly("an hour ago", "now 1", "now 2", "tomorrow");
      assertThat(today.complete()).isTrue();
      assertThat(bodies(newest)).containsExactly("now 2", "tomorrow");
      assertThat(newest.complete()).isFalse();
      assertThat(bodies(stored))
          .containsExactly("now 1", "yesterday", "tomorrow", "now 2", "an hour ago");
    }
  }

  @Test
  void shouldGiveRecordsBackWithTheirTimes() {
    // given
    long now = ManualClock.START_NANOS;

    // when
    LogPosition position = logs.append("a/log", "x", 12_345, 60);

    // then
    LogRecord read = logs.read("a/log", 1, 1).get(0);
    assertThat(read.eventTimeMillis()).isEqualTo(12_345);
    assertThat(read.timeMillis()).isEqualTo(12_345);
    assertThat(read.expiresAtNanos()).isEqualTo(now + Duration.ofSeconds(60).toNanos());
    assertThat(read.timestampNanos()).isEqualTo(position.timestampNanos()).isEqualTo(now);
  }

  @Test
  void shouldMergeLogsInOrderOfStoring() {
    // given
    List<String> stored = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String body = Integer.toString(i);
      logs.append("a/" + i * i % 7, body);
      logs.append("b/" + i % 3, "of others");
      stored.add(body);
    }

    // when
    History all = logs.history(ALL, UNKNOWN, 1_000);
    History newest = logs.history(ALL, UNKNOWN, 25);
    History everything = logs.history(ChannelFilter.slashed("#"), UNKNOWN, 1_000);

    // then
    assertThat(bodies(all)).isEqualTo(stored);
    assertThat(bodies(newest)).isEqualTo(stored.subList(35, 60));
    assertThat(everything.records()).hasSize(120);
  }

  @Test
  void shouldCountWhatIsMissingOfManyLogs() {
    // given
    LogPosition first = logs.append("a/1", "first");
    for (int i = 0; i < 30; i++) {
      logs.append("a/" + i % 4, Integer.toString(i));
    }

    // when
    History history = logs.history(ALL, after(first), 10);

    // then
    assertThat(history.records()).hasSize(10);
    assertThat(history.missed()).hasValue(20);
  }

  @Test
  void shouldGiveOtherTimesToEachRecordOfNode() {
    // when
    List<LogPosition> positions = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      positions.add(logs.append("a/" + i % 7, "x"));
    }
    restart();
    clock.advance(Duration.ofSeconds(-1));
    positions.add(logs.append("a/new", "x"));

    // then
    assertThat(positions)
        .extracting(LogPosition::timestampNanos)
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(time -> time % 2 == 0);
  }

  @Test
  void shouldNotGoBackBehindTimesOfDeletedLog() {
    // given
    logs.append("a/kept", "x");
    clock.advance(Duration.ofHours(1));
    LogPosition deleted = logs.append("a/deleted", "x");
    Outcomes.ok(engine().channels().delete(Kind.LOG, "a/deleted"));

    // when
    restart();
    clock.advance(Duration.ofHours(-2));

    // then
    assertThat(logs.append("a/kept", "x").timestampNanos()).isGreaterThan(deleted.timestampNanos());
  }

  @Test
  void shouldForgetTimesOfDeletedLog() {
    // given
    logs.append("a/log", "old", 1_000, 0);
    Outcomes.ok(engine().channels().delete(Kind.LOG, "a/log"));

    // when
    logs.append("a/log", "new", 2_000, 0);

    // then
    History history = logs.history(LOG, new HistoryStart.AtTime(0), 10);
    assertThat(bodies(history)).containsExactly("new");
    assertThat(history.complete()).isTrue();
  }

  @Test
  void shouldKeepTimesOverCrash() {
    // given
    logs.append("a/log", "1");
    logs.append("a/log", "2", 5_000, 0);
    logs.append("a/log", "3", 4_000, 0);
    logs.trim("a/log", 2);

    // when
    crash();

    // then
    History history = logs.history(LOG, new HistoryStart.AtTime(0), 10);
    assertThat(bodies(history)).containsExactly("3", "2");
    assertThat(history.complete()).isFalse();
    assertThat(logs.history(LOG, new HistoryStart.AtTime(4_500), 1).missed())
        .isEqualTo(OptionalLong.empty());
  }

  private List<LogPosition> append(int count) {
    return logs.appendMany("a/log", count);
  }

  private static HistoryStart momentOf(History history) {
    return new HistoryStart.After(history.placeNanos() | 1, 0);
  }

  private static HistoryStart after(LogPosition position) {
    return new HistoryStart.After(position.timestampNanos(), 0);
  }

  private static List<String> bodies(History history) {
    return history.records().stream().map(Samples::body).toList();
  }

  private static List<String> numbers(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
  }
}
