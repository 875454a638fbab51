// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Engine;
import io.dragoman.testkit.LogModel.Entry;
import io.dragoman.testkit.ModelStep.Log;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The log half of one random sequence: does each step to the engine and to the model. */
final class LogModelRun {
  private static final int NEWEST = 4;
  private static final long YOUNG_NANOS = Duration.ofSeconds(10).toNanos();

  private final Supplier<Engine> engine;
  private final LogClient logs;
  private final ManualClock clock;
  private final String suffix;
  private final Map<Log, LogModel> models = new EnumMap<>(Log.class);
  private int messages;
  private long lastStamp;

  LogModelRun(Supplier<Engine> engine, ManualClock clock, String suffix) {
    this.engine = engine;
    this.logs = new LogClient(engine);
    this.clock = clock;
    this.suffix = suffix;
    models.put(Log.ALL, new LogModel(0, 0));
    models.put(Log.NEWEST, new LogModel(NEWEST, 0));
    models.put(Log.YOUNG, new LogModel(0, YOUNG_NANOS));
  }

  /** How an engine is to treat these logs, by their names. */
  static ChannelSettings settings(String name, Durability durability) {
    boolean newest = name.startsWith(Log.NEWEST.name());
    boolean young = name.startsWith(Log.YOUNG.name());
    return new ChannelSettings(
        durability, young ? YOUNG_NANOS : 0, newest ? NEWEST : 0, 0, 0, "", 0);
  }

  String name(Log log) {
    return log.name() + suffix;
  }

  String nextBody() {
    return "r" + ++messages;
  }

  /** A record was stored by other means, at this time. */
  void appended(Log log, String body, long timestampNanos) {
    assertStamp(timestampNanos);
    models.get(log).append(body, timestampNanos);
  }

  void append(Log log, int count) {
    for (int i = 0; i < count; i++) {
      String body = nextBody();
      LogPosition position = logs.append(name(log), body);
      assertStamp(position.timestampNanos());
      Entry entry = models.get(log).append(body, position.timestampNanos());
      assertThat(position.sequence()).isEqualTo(entry.sequence());
    }
  }

  // The clock's time, but never the same twice, of whatever logs.
  private void assertStamp(long timestampNanos) {
    long now = clock.unixNanos();
    assertThat(timestampNanos).isGreaterThan(lastStamp).isBetween(now, now + 1_000_000);
    assertThat(timestampNanos % 2).isZero();
    lastStamp = timestampNanos;
  }

  void read(Log log, int back, int max) {
    LogModel model = models.get(log);
    long from = model.last() - back;
    List<LogRecord> records = logs.read(name(log), from, max);
    long begin = Math.max(from, model.first());
    if (!records.isEmpty()) {
      long got = records.get(0).sequence();
      assertThat(got).isBetween(begin, Math.max(from, model.firstThatMust(clock.unixNanos())));
      begin = got;
    } else {
      assertThat(model.last())
          .as("last, when nothing is read")
          .isLessThan(Math.max(from, model.firstThatMust(clock.unixNanos())));
      begin = model.last() + 1;
    }
    long end = Math.min(begin + max, model.last() + 1);
    assertThat(records).as("records from %s", begin).hasSize((int) (end - begin));
    for (int i = 0; i < records.size(); i++) {
      LogRecord logRecord = records.get(i);
      Entry entry = model.entry(begin + i);
      assertThat(
              new Entry(logRecord.sequence(), Samples.body(logRecord), logRecord.timestampNanos()))
          .isEqualTo(entry);
      assertThat(logRecord.message().channel()).isEqualTo(name(log));
    }
  }

  void resolve(Log log, int back) {
    LogModel model = models.get(log);
    long low = model.first();
    long high = model.firstThatMust(clock.unixNanos());
    long next = model.last() + 1;
    long sequence = next - back;
    long time = clock.unixNanos() - Duration.ofSeconds(back).toNanos();
    assertThat(resolved(log, new LogStart.NewOnly())).isEqualTo(next);
    assertThat(resolved(log, new LogStart.First())).isBetween(low, high);
    assertThat(resolved(log, new LogStart.Last())).isBetween(Math.max(low, next - 1), next);
    assertThat(resolved(log, new LogStart.AtSequence(sequence)))
        .isBetween(
            Math.min(next, Math.max(low, sequence)), Math.min(next, Math.max(high, sequence)));
    long atTime = model.firstAtOrAfter(time);
    assertThat(resolved(log, new LogStart.AtTime(time))).isBetween(atTime, Math.max(high, atTime));
  }

  private long resolved(Log log, LogStart start) {
    return logs.resolve(name(log), start);
  }

  void trim(Log log, int back) {
    LogModel model = models.get(log);
    long asked = model.last() + 1 - back;
    long before = Math.min(asked, model.last() + 1);
    long most = Math.max(0, before - model.first());
    long least = Math.max(0, before - model.firstThatMust(clock.unixNanos()));
    assertThat(logs.trim(name(log), asked)).isBetween(least, most);
    model.sawFirst(Math.max(model.first(), before));
  }

  void storePosition(Log log, String position, int sequence) {
    LogModel model = models.get(log);
    if (sequence > model.last()) {
      // Of an earlier log of this name, for all that the engine can know.
      assertThat(Outcomes.refusal(logs.store().storePosition(name(log), position, sequence)))
          .isEqualTo(ErrorCode.NOT_FOUND);
    } else {
      logs.storePosition(name(log), position, sequence);
      model.storePosition(position, sequence);
    }
    assertPositions();
  }

  void delete(Log log) {
    LogModel model = models.get(log);
    boolean existed = Outcomes.ok(engine.get().channels().delete(Kind.LOG, name(log)));
    assertThat(existed).isEqualTo(model.exists());
    model.delete();
  }

  /** After time has passed: retention has done what it had to. */
  void assertFigures() {
    for (Log log : Log.values()) {
      LogModel model = models.get(log);
      if (!model.exists()) {
        assertThat(Outcomes.refusal(logs.store().info(name(log)))).isEqualTo(ErrorCode.NOT_FOUND);
        continue;
      }
      eventually(() -> assertFigures(log));
    }
  }

  private void assertFigures(Log log) {
    LogModel model = models.get(log);
    Result<LogInfo> result = Outcomes.of(logs.store().info(name(log)));
    LogInfo info = result.orThrow();
    long first = info.messages() == 0 ? info.lastSequence() + 1 : info.firstSequence();
    long now = clock.unixNanos();
    assertThat(first)
        .as("first of %s", log)
        .isBetween(model.firstThatMay(now), model.firstThatMust(now));
    model.sawFirst(first);
    assertThat(info.lastSequence()).isEqualTo(model.last());
    assertThat(info.messages()).isEqualTo(model.last() - first + 1);
    assertThat(info.trimmed()).isEqualTo(first - 1);
    assertThat(info.bytes() == 0).isEqualTo(info.messages() == 0);
  }

  void assertPositions() {
    for (Log log : Log.values()) {
      for (String position : List.of("p", "q")) {
        assertThat(logs.position(name(log), position))
            .isEqualTo(models.get(log).position(position));
      }
    }
  }

  void finish() {
    assertPositions();
    for (Log log : Log.values()) {
      read(log, 1_000_000, 1_000_000);
      delete(log);
    }
  }
}
