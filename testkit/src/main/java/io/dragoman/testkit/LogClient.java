// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.LogStore;
import io.dragoman.core.spi.LogStore.History;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A log store called the way a test thinks: waiting for answers, which must not be refusals. */
final class LogClient {
  private static final int PLENTY = 1 << 30;

  private final Supplier<Engine> engine;

  LogClient(Supplier<Engine> engine) {
    this.engine = engine;
  }

  /** The store itself, for calls that are to be refused. */
  LogStore store() {
    return engine.get().logs();
  }

  LogPosition append(String log, String body) {
    return Outcomes.ok(store().append(Samples.message(log, body)));
  }

  /**
   * @param eventTimeMillis 0 for none
   * @param ttlSeconds 0 for none
   */
  LogPosition append(String log, String body, long eventTimeMillis, long ttlSeconds) {
    return Outcomes.ok(
        store().append(new LogAppend(Samples.message(log, body), eventTimeMillis, ttlSeconds)));
  }

  /** History without a bound on bytes. */
  History history(ChannelFilter filter, HistoryStart start, int limit) {
    return Outcomes.ok(store().history(filter, start, limit, PLENTY));
  }

  /** Appends bodies "1", "2" and so on without waiting in between. */
  List<LogPosition> appendMany(String log, int count) {
    List<CompletionStage<Result<LogPosition>>> stages =
        IntStream.rangeClosed(1, count)
            .mapToObj(i -> store().append(Samples.message(log, Integer.toString(i))))
            .toList();
    return stages.stream().map(Outcomes::ok).toList();
  }

  /** Reads on until there is something, or no more. */
  List<LogRecord> read(String log, long fromSequence, int max) {
    long from = fromSequence;
    LogStore.Piece piece = Outcomes.ok(store().read(log, from, max, PLENTY));
    while (piece.records().isEmpty() && !piece.isEnd(from)) {
      from = piece.nextSequence();
      piece = Outcomes.ok(store().read(log, from, max, PLENTY));
    }
    return piece.records();
  }

  /** Reads on until there is no more. */
  List<LogRecord> readAll(String log) {
    List<LogRecord> all = new ArrayList<>();
    long next = 0;
    while (true) {
      List<LogRecord> some = read(log, next, 1_000);
      if (some.isEmpty()) {
        return all;
      }
      all.addAll(some);
      next = some.get(some.size() - 1).sequence() + 1;
    }
  }

  List<String> bodies(String log) {
    return readAll(log).stream().map(Samples::body).toList();
  }

  List<Long> sequences(String log) {
    return readAll(log).stream().map(LogRecord::sequence).toList();
  }

  long resolve(String log, LogStart start) {
    return Outcomes.ok(store().resolve(log, start));
  }

  OptionalLong position(String log, String name) {
    return Outcomes.ok(store().loadPosition(log, name));
  }

  void storePosition(String log, String name, long sequence) {
    Outcomes.ok(store().storePosition(log, name, sequence));
  }

  long trim(String log, long beforeSequence) {
    return Outcomes.ok(store().trim(log, beforeSequence));
  }

  LogInfo info(String log) {
    return Outcomes.ok(store().info(log));
  }
}
