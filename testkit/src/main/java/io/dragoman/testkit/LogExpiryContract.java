// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogStart;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Log records with a lifetime of their own. */
public abstract class LogExpiryContract extends EngineContract {
  private static final ChannelFilter LOG = ChannelFilter.exact("log");
  private static final ChannelFilter ALL = ChannelFilter.slashed("#");
  private static final HistoryStart UNKNOWN = new HistoryStart.Unknown();

  protected LogExpiryContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldDeliverUntilLifetimeIsOver() {
    // given
    logs.append("log", "1", 0, 10);
    logs.append("log", "2");
    logs.append("log", "3", 0, 10);
    logs.append("log", "4", 0, 20);
    clock.advance(Duration.ofSeconds(10).minusNanos(10));
    assertThat(logs.bodies("log")).containsExactly("1", "2", "3", "4");

    // when
    clock.advance(Duration.ofSeconds(1));

    // then
    assertThat(logs.bodies("log")).containsExactly("2", "4");
    assertThat(logs.sequences("log")).containsExactly(2L, 4L);
    for (ChannelFilter filter : List.of(LOG, ALL)) {
      assertThat(bodies(logs.history(filter, UNKNOWN, 10))).containsExactly("2", "4");
      assertThat(bodies(logs.history(filter, new HistoryStart.AtTime(0), 1))).containsExactly("4");
    }
    assertThat(Outcomes.ok(logs.store().readAfter(ALL, 0, 10, 1_000_000)).records())
        .extracting(Samples::body)
        .containsExactly("2", "4");
  }

  @Test
  void shouldGiveBackSpaceOfAllThatIsOver() {
    // given
    logs.append("log", "1", 5_000, 10);
    logs.append("log", "2", 0, 10);
    logs.append("log", "3", 4_000, 10);

    // when
    clock.advance(Duration.ofSeconds(11));

    // then
    inTime(() -> assertThat(logs.info("log").messages()).isZero());
    assertThat(logs.info("log").bytes()).isZero();
    assertThat(logs.info("log").lastSequence()).isEqualTo(3);
    assertThat(logs.info("log").trimmed()).as("expiry is no retention").isZero();
    assertThat(logs.append("log", "4").sequence()).isEqualTo(4);
    assertThat(logs.bodies("log")).containsExactly("4");
  }

  @Test
  void shouldGiveBackSpaceAmongRecordsThatStay() {
    // given
    logs.append("log", "1");
    long one = logs.info("log").bytes();
    logs.append("log", "x".repeat(10_000), 0, 10);
    logs.append("log", "y".repeat(10_000), 7_000, 10);
    logs.append("log", "4");

    // when
    clock.advance(Duration.ofSeconds(11));

    // then
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(2));
    assertThat(logs.info("log").bytes()).isBetween(2 * one, 2 * one + 100);
    assertThat(logs.sequences("log")).containsExactly(1L, 4L);
    assertThat(logs.read("log", 2, 1)).extracting(Samples::body).containsExactly("4");
  }

  @Test
  void shouldForgetEvenPlacesOnceTheyAreAtFront() {
    // given
    logs.append("log", "1", 0, 30);
    logs.append("log", "2", 0, 10);
    logs.append("log", "3", 0, 10);
    logs.append("log", "4");
    clock.advance(Duration.ofSeconds(11));
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(2));

    // when
    clock.advance(Duration.ofSeconds(20));

    // then
    inTime(() -> assertThat(logs.info("log").firstSequence()).isEqualTo(4));
    assertThat(logs.info("log").messages()).isEqualTo(1);
    assertThat(logs.bodies("log")).containsExactly("4");
  }

  @Test
  void shouldTrimOverWhatHasExpired() {
    // given
    logs.append("log", "1");
    logs.append("log", "2", 9_000, 10);
    logs.append("log", "3");
    logs.append("log", "4", 8_000, 10);
    logs.append("log", "5");
    clock.advance(Duration.ofSeconds(11));
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(3));

    // when
    long removed = logs.trim("log", 4);

    // then
    assertThat(removed).isEqualTo(2);
    LogInfo info = logs.info("log");
    assertThat(info.messages()).isEqualTo(1);
    assertThat(info.trimmed()).isEqualTo(2);
    assertThat(info.firstSequence()).isEqualTo(5);
    assertThat(logs.trim("log", 6)).isEqualTo(1);
    assertThat(logs.info("log").bytes()).isZero();
  }

  @Test
  void shouldKeepOnlyNewestByCountOfThoseThatAreNotOver() {
    // given
    retainLog("log", 0, 3, 0);
    logs.append("log", "1");
    logs.append("log", "2");
    logs.append("log", "3", 0, 10);
    clock.advance(Duration.ofSeconds(11));
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(2));

    // when
    logs.append("log", "4");
    clock.advance(Duration.ofSeconds(3));

    // then
    Outcomes.still(() -> assertThat(logs.bodies("log")).containsExactly("1", "2", "4"));
    logs.append("log", "5");
    inTime(() -> assertThat(logs.bodies("log")).containsExactly("2", "4", "5"));
  }

  @Test
  void shouldExpireWhatRanOutWhileItWasDown() {
    // given
    logs.append("log", "1", 1_000, 10);
    logs.append("log", "2");
    logs.append("log", "3", 2_000, 10);
    crash();

    // when
    clock.advance(Duration.ofSeconds(11));
    crash();

    // then
    assertThat(logs.bodies("log")).containsExactly("2");
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(1));
    restart();
    assertThat(logs.info("log").messages()).isEqualTo(1);
    assertThat(logs.info("log").firstSequence()).isEqualTo(2);
    assertThat(logs.bodies("log")).containsExactly("2");
  }

  @Test
  void shouldSayThatExpiredRecordsAreMissing() {
    // given
    LogPosition first = logs.append("log", "1");
    LogPosition second = logs.append("log", "2", 0, 10);
    logs.append("log", "3", 0, 10);
    LogPosition fourth = logs.append("log", "4");
    logs.append("log", "5");
    clock.advance(Duration.ofSeconds(11));

    for (int round = 0; round < 2; round++) {
      for (ChannelFilter filter : List.of(LOG, ALL)) {
        // when
        History behindFirst = logs.history(filter, after(first), 10);
        History behindExpired = logs.history(filter, after(second), 10);
        History behindFourth = logs.history(filter, after(fourth), 10);
        History byTime = logs.history(filter, new HistoryStart.AtTime(1), 10);

        // then
        assertThat(bodies(behindFirst)).containsExactly("4", "5");
        assertThat(behindFirst.complete()).isFalse();
        assertThat(behindFirst.missed()).hasValue(2);
        assertThat(behindExpired.missed()).as("itself is known").hasValue(1);
        assertThat(behindFourth.complete()).isTrue();
        assertThat(bodies(byTime)).containsExactly("1", "4", "5");
        assertThat(byTime.complete()).isFalse();
      }
      // and once more when their space is free
      inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(3));
    }
  }

  @Test
  void shouldNotSayThatIsMissingWhatExpiredBefore() {
    // given
    logs.append("log", "1", 0, 10);
    clock.advance(Duration.ofSeconds(11));
    inTime(() -> assertThat(logs.info("log").messages()).isZero());
    logs.append("log", "2");
    long now = clock.unixNanos() / 1_000_000;

    // when
    History history = logs.history(LOG, new HistoryStart.AtTime(now - 1_000), 10);

    // then
    assertThat(bodies(history)).containsExactly("2");
    assertThat(history.complete()).isTrue();
    assertThat(history.missed()).hasValue(0);
  }

  @Test
  void shouldStartAtLastThatIsNotOver() {
    // given
    logs.append("log", "1");
    logs.append("log", "2");
    logs.append("log", "3", 0, 10);
    assertThat(logs.resolve("log", new LogStart.Last())).isEqualTo(3);

    // when
    clock.advance(Duration.ofSeconds(11));

    // then
    assertThat(logs.resolve("log", new LogStart.Last())).isEqualTo(2);
    logs.trim("log", 3);
    assertThat(logs.resolve("log", new LogStart.Last())).isEqualTo(4);
  }

  @Test
  void shouldTakeEndlessLifetimeForNone() {
    // when
    logs.append("log", "1", 0, Long.MAX_VALUE);
    clock.advance(Duration.ofDays(10_000));

    // then
    assertThat(logs.bodies("log")).containsExactly("1");
    assertThat(logs.readAll("log").get(0).expiresAtNanos()).isZero();
  }

  @Test
  void shouldLeaveNothingBehindForSuccessorOfDeletedLog() {
    // given
    logs.append("log", "1", 3_000, 10);
    logs.append("log", "2", 3_000, 10);
    Outcomes.ok(engine().channels().delete(Kind.LOG, "log"));
    logs.append("log", "3");
    logs.append("log", "4", 4_000, 0);

    // when
    clock.advance(Duration.ofSeconds(11));

    // then
    Outcomes.still(() -> assertThat(logs.bodies("log")).containsExactly("3", "4"));
    assertThat(logs.info("log").messages()).isEqualTo(2);
  }

  @Test
  void shouldReadOnOverManyThatAreOver() {
    // given
    logs.append("log", "first");
    for (int i = 0; i < 3_000; i++) {
      logs.store().append(new LogAppend(Samples.message("log", "x"), i + 1, 10));
    }
    logs.append("log", "last");
    clock.advance(Duration.ofSeconds(11));
    assertThat(logs.bodies("log")).containsExactly("first", "last");

    // when
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(2));

    // then
    assertThat(logs.bodies("log")).containsExactly("first", "last");
    assertThat(bodies(logs.history(LOG, new HistoryStart.AtTime(0), 10)))
        .containsExactly("first", "last");
  }

  /** What one record was, for a model. */
  private record Entry(
      long sequence, String body, long timestampNanos, long eventMillis, long expiresAt) {
    long millis() {
      return eventMillis != 0 ? eventMillis : timestampNanos / 1_000_000;
    }
  }

  @RepeatedTest(6)
  void shouldAgreeWithListThroughEverything(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Entry> model = new ArrayList<>();
    for (int step = 0; step < 150; step++) {
      // when
      int kind = random.nextInt(20);
      if (kind < 12) {
        append(random, model);
      } else if (kind < 15) {
        clock.advance(Duration.ofMillis(random.nextInt(4_000)));
      } else if (kind < 16 && !model.isEmpty()) {
        long before = model.get(random.nextInt(model.size())).sequence();
        logs.trim("log", before);
        model.removeIf(each -> each.sequence() < before);
      } else if (kind < 17) {
        crash();
      } else if (kind < 18) {
        restart();
      }
      // then
      assertAgrees(random, alive(model));
    }
    inTime(() -> assertThat(logs.info("log").messages()).isEqualTo(alive(model).size()));
    logs.trim("log", Long.MAX_VALUE);
    assertThat(logs.info("log").messages()).isZero();
    assertThat(logs.info("log").bytes()).isZero();
    assertThat(logs.history(LOG, new HistoryStart.AtTime(0), 10).records()).isEmpty();
  }

  private void append(Random random, List<Entry> model) {
    long now = clock.unixNanos() / 1_000_000;
    long eventMillis = random.nextInt(3) == 0 ? now + random.nextInt(20_000) - 10_000 : 0;
    int ttl = random.nextInt(3) == 0 ? 1 + random.nextInt(10) : 0;
    String body = "x".repeat(random.nextInt(100)) + model.size();
    LogPosition position = logs.append("log", body, eventMillis, ttl);
    long expiresAt = ttl == 0 ? Long.MAX_VALUE : position.timestampNanos() + ttl * 1_000_000_000L;
    model.add(
        new Entry(position.sequence(), body, position.timestampNanos(), eventMillis, expiresAt));
  }

  private List<Entry> alive(List<Entry> model) {
    long now = clock.unixNanos();
    return model.stream().filter(each -> each.expiresAt() > now).toList();
  }

  private void assertAgrees(Random random, List<Entry> alive) {
    assertThat(logs.sequences("log")).isEqualTo(alive.stream().map(Entry::sequence).toList());
    int limit = 1 + random.nextInt(10);
    long since = clock.unixNanos() / 1_000_000 - random.nextInt(15_000);
    List<String> byTime =
        alive.stream()
            .filter(each -> each.millis() >= since)
            .sorted(
                Comparator.comparingLong(Entry::millis).thenComparingLong(Entry::timestampNanos))
            .map(Entry::body)
            .toList();
    for (ChannelFilter filter : List.of(LOG, ALL)) {
      assertThat(bodies(logs.history(filter, new HistoryStart.AtTime(since), limit)))
          .isEqualTo(byTime.subList(Math.max(0, byTime.size() - limit), byTime.size()));
      if (!alive.isEmpty()) {
        int at = random.nextInt(alive.size());
        Entry known = alive.get(at);
        HistoryStart start = new HistoryStart.After(known.timestampNanos(), known.eventMillis());
        List<String> behind =
            alive.subList(at + 1, alive.size()).stream().map(Entry::body).toList();
        assertThat(bodies(logs.history(filter, start, limit)))
            .isEqualTo(behind.subList(Math.max(0, behind.size() - limit), behind.size()));
      }
    }
  }

  private static HistoryStart after(LogPosition position) {
    return new HistoryStart.After(position.timestampNanos(), 0);
  }

  private static List<String> bodies(History history) {
    return history.records().stream().map(Samples::body).toList();
  }

  /** Within some seconds by the clock: how often an engine looks is its own business. */
  private void inTime(ThrowingRunnable assertion) {
    AtomicInteger looks = new AtomicInteger();
    eventually(
        () -> {
          if (looks.incrementAndGet() <= 100) {
            clock.advance(Duration.ofMillis(10));
          }
          assertion.run();
        });
  }
}
