// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Result;
import io.dragoman.core.spi.LogStore;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What log subscriptions share.
 *
 * @param batchMax messages read at a time
 * @param draining whether the broker is about to stop
 */
record LogContext(
    LogStore store,
    Positions positions,
    Timers timers,
    CoreMetrics metrics,
    int batchMax,
    AtomicBoolean draining) {

  /**
   * Bytes read or pushed at a time. A subscriber decides batch by batch whether its socket can take
   * more, so this is small beside a socket's bound (1 MiB).
   */
  static final int BATCH_BYTES_MAX = 256 << 10;

  /** Bytes of history at most that comes with a subscription. */
  static final long HISTORY_BYTES_MAX = 8 << 20;

  private static final long FIRST_SEQUENCE = 1;

  static final BrokerError DELETED =
      new BrokerError(ErrorCode.CHANNEL_DELETED, "the channel was deleted");

  static final BrokerError STOPPING =
      new BrokerError(ErrorCode.SHUTTING_DOWN, "the broker is stopping");

  static final BrokerError FAULT =
      new BrokerError(ErrorCode.INTERNAL, "a fault in the broker ended the subscription");

  /** Before everything. */
  private static final LogStore.History NOTHING =
      new LogStore.History(List.of(), false, OptionalLong.empty(), 0, FIRST_SEQUENCE);

  /** History as a subscription asks for it, or only where it ends. Does not throw. */
  CompletionStage<Result<LogStore.History>> history(LogFollow request) {
    if (request.fromFirst()) {
      return Calls.okStage(NOTHING);
    }
    HistoryStart start = request.start();
    try {
      return start == null
          ? store.history(request.filter(), new HistoryStart.Unknown(), 0, 1)
          : store.history(request.filter(), start, request.limit(), HISTORY_BYTES_MAX);
    } catch (RuntimeException e) {
      // The subscription is there by now, and has to be ended like after any other failure.
      return CompletableFuture.failedFuture(e);
    }
  }

  /** A subscription with the history that it asked for. */
  Result<LogFollowing> following(
      LogFollow request, LogStore.History history, LogSubscription subscription) {
    metrics.messagesOut(Kind.LOG, history.records().size());
    return Result.ok(
        new LogFollowing(
            request.start() == null ? null : plain(history),
            subscription,
            placeNanos(request, history)));
  }

  // Of one log the place may be a little behind what history gives.
  private static long placeNanos(LogFollow request, LogStore.History history) {
    long place = history.placeNanos();
    if (request.filter().isExact()) {
      for (LogRecord each : history.records()) {
        place = Math.max(place, each.timestampNanos());
      }
    }
    return place;
  }

  static LogHistory plain(LogStore.History history) {
    return new LogHistory(history.records(), history.complete(), history.missed());
  }

  /** Reads for a subscriber that is behind. */
  CompletionStage<Result<LogStore.Piece>> read(String channel, long from, int max) {
    metrics.logReads().increment();
    return store.read(channel, from, max, BATCH_BYTES_MAX);
  }

  static long firstOf(List<LogRecord> records) {
    return records.get(0).sequence();
  }

  static long lastOf(List<LogRecord> records) {
    return records.get(records.size() - 1).sequence();
  }

  /** The part that begins at this sequence; the list itself when that is all of it. */
  static List<LogRecord> from(long sequence, List<LogRecord> records) {
    int skipped = 0;
    while (skipped < records.size() && records.get(skipped).sequence() < sequence) {
      skipped++;
    }
    return skipped == 0 ? records : records.subList(skipped, records.size());
  }
}
