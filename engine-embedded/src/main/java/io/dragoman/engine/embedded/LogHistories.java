// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.LogStore.History;
import io.dragoman.core.spi.LogStore.Stretch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Reads the newest of one log or of many, and many together from a place on. On reader threads.
 *
 * <p>A history may have to pass over any number of records that have expired, so it is read in
 * turns: what is asked for, what can be read and what was gathered belong to one request, and each
 * turn goes on from there.
 */
final class LogHistories {
  /** Logs that are counted through at most, to tell how much is missing. */
  private static final int COUNTED_LOGS_MAX = 64;

  /** Logs that are looked at for a record that is not shown among others yet. */
  private static final int AHEAD_LOGS_MAX = 1_000;

  /** Records read of one log among many at first. */
  private static final int FIRST_PIECE = 2;

  private final Store store;
  private final ChannelTable channels;
  private final Logs logs;
  private final EngineMetrics meters;

  // Of the one request.
  private final List<Gathered> gatherings = new ArrayList<>();
  private @Nullable Asked asked;
  private Turn turn = new Turn();
  private int gathering;

  LogHistories(Store store, ChannelTable channels, Logs logs, EngineMetrics meters) {
    this.store = store;
    this.channels = channels;
    this.logs = logs;
    this.meters = meters;
  }

  /** What a history is of. */
  private record Asked(long place, List<LogView> views, boolean exact, long next) {}

  /** What was gathered, newest first. */
  private static final class Gathered {
    final LogMerge merge;
    final List<LogRecord> records = new ArrayList<>();
    long bytes;

    /** Nothing more is to be gathered. */
    boolean done;

    /** Passed over, as they had expired or are damaged. */
    long skipped;

    /** There is more. */
    boolean cut;

    /** The record that was asked for by its time is there. */
    boolean known;

    Gathered(LogMerge merge) {
      this.merge = merge;
    }
  }

  /** What is asked for: everything not before some place in the order of the merge. */
  private record Wanted(boolean byTime, long from, int limit, long maxBytes) {}

  /** A place that nothing has to be read for: all records so far are behind it. */
  History nothing(ChannelFilter filter) {
    long place = place(filter);
    LogState log = filter.isExact() ? channels.log(filter.text()) : null;
    return new History(
        List.of(), false, OptionalLong.empty(), place, log == null ? 1 : log.safeSequence + 1);
  }

  // Taken first of all: what is before it can be read, what comes later is left for later.
  private long place(ChannelFilter filter) {
    long safe = logs.safe();
    LogState log = filter.isExact() ? channels.log(filter.text()) : null;
    return log == null ? safe : log.reachedTimestamp;
  }

  /** The same for another request. */
  LogHistories forOne() {
    return new LogHistories(store, channels, logs, meters);
  }

  /** Reads for one turn, for the one request; null when it takes another. */
  @Nullable History history(ChannelFilter filter, HistoryStart start, int limit, long maxBytes)
      throws RocksDBException {
    turn = new Turn();
    gathering = 0;
    if (asked == null) {
      asked = ask(filter);
    }
    List<LogView> views = asked.views;
    long place = asked.place;
    long next = asked.next;
    if (start instanceof HistoryStart.AtTime at) {
      return atTime(views, Math.max(0, at.unixMillis()), limit, maxBytes, place, next);
    }
    if (start instanceof HistoryStart.After after) {
      return after(views, after, limit, maxBytes, place, next);
    }
    return everything(views, limit, maxBytes, place, next);
  }

  private Asked ask(ChannelFilter filter) {
    long place = place(filter);
    List<LogView> views = new ArrayList<>();
    if (filter.isExact()) {
      LogState log = channels.log(filter.text());
      if (log != null) {
        views.add(LogView.of(log));
      }
    } else {
      for (LogState log : channels.logs()) {
        if (filter.matches(log.name)) {
          views.add(LogView.of(log, place));
        }
      }
    }
    long next = !filter.isExact() || views.isEmpty() ? 1 : views.get(0).last() + 1;
    return new Asked(place, views, filter.isExact(), next);
  }

  private @Nullable History everything(
      List<LogView> views, int limit, long maxBytes, long place, long next)
      throws RocksDBException {
    Gathered gathered = gather(views, new Wanted(false, Long.MIN_VALUE, limit, maxBytes), null);
    if (gathered == null) {
      return null;
    }
    return answer(gathered, false, OptionalLong.empty(), place, next);
  }

  private @Nullable History after(
      List<LogView> views,
      HistoryStart.After after,
      int limit,
      long maxBytes,
      long place,
      long next)
      throws RocksDBException {
    long stamp = after.timestampNanos();
    if (!logs.knows(stamp)) {
      return everything(views, limit, maxBytes, place, next);
    }
    boolean moment = (stamp & 1) != 0;
    // Down to the record itself, which tells whether it is ours.
    Wanted wanted = new Wanted(false, stamp, limit, maxBytes);
    Gathered gathered = gather(views, wanted, after);
    if (gathered == null) {
      return null;
    }
    boolean trimmed = views.stream().anyMatch(view -> view.log().trimmedUpTo > stamp);
    if (gathered.cut) {
      boolean ours = moment || isThere(views, after, COUNTED_LOGS_MAX);
      OptionalLong behind = ours && !trimmed ? count(views, stamp + 1) : OptionalLong.empty();
      return answer(gathered, false, missing(behind, gathered), place, next);
    }
    boolean ahead = isAhead(stamp, place);
    if (moment || gathered.known || ahead && isThere(unbounded(views), after, AHEAD_LOGS_MAX)) {
      boolean complete = !trimmed && gathered.skipped == 0;
      OptionalLong missed = trimmed ? OptionalLong.empty() : OptionalLong.of(gathered.skipped);
      return answer(gathered, complete, missed, ahead ? stamp : place, next);
    }
    // Perhaps retention took it: then what is left behind it is what is left to be told.
    if (views.stream().anyMatch(view -> view.log().trimmedUpTo >= stamp)) {
      return answer(gathered, false, OptionalLong.empty(), place, next);
    }
    return everything(views, limit, maxBytes, place, next);
  }

  // Of one log whoever wrote a record has its time at once, though those who follow many are not
  // shown it before all that was stored earlier is safe. Behind it they begin there all the same:
  // what was stored earlier they have not asked for, and what follows is yet to be shown.
  private boolean isAhead(long stamp, long place) {
    return asked != null && !asked.exact && stamp > place;
  }

  private static List<LogView> unbounded(List<LogView> views) {
    return views.stream().map(view -> LogView.of(view.log())).toList();
  }

  private @Nullable History atTime(
      List<LogView> views, long millis, int limit, long maxBytes, long place, long next)
      throws RocksDBException {
    Gathered gathered = gather(views, new Wanted(true, millis, limit, maxBytes), null);
    if (gathered == null) {
      return null;
    }
    boolean gone =
        views.stream()
            .anyMatch(view -> view.log().goneMillis != 0 && view.log().goneMillis >= millis);
    if (gone) {
      return answer(gathered, false, OptionalLong.empty(), place, next);
    }
    if (!gathered.cut) {
      return answer(
          gathered, gathered.skipped == 0, OptionalLong.of(gathered.skipped), place, next);
    }
    boolean indexed = views.stream().anyMatch(view -> view.indexedFrom() != 0);
    long nanos = millis > Long.MAX_VALUE / 1_000_000 ? Long.MAX_VALUE : millis * 1_000_000;
    OptionalLong there = indexed ? OptionalLong.empty() : count(views, nanos);
    return answer(gathered, false, missing(there, gathered), place, next);
  }

  private static OptionalLong missing(OptionalLong there, Gathered gathered) {
    return there.isEmpty()
        ? there
        : OptionalLong.of(Math.max(1, there.getAsLong() - gathered.records.size()));
  }

  private static History answer(
      Gathered gathered, boolean complete, OptionalLong missed, long place, long next) {
    Collections.reverse(gathered.records);
    return new History(
        Collections.unmodifiableList(gathered.records), complete, missed, place, next);
  }

  /** How many records were stored from a time on; empty when that cannot be told, or not soon. */
  private OptionalLong count(List<LogView> views, long nanos) {
    long count = 0;
    int looked = 0;
    try (Store.Walk walk = store.walkLogs()) {
      for (LogView view : views) {
        if (view.newest() < nanos) {
          continue;
        }
        if (++looked > COUNTED_LOGS_MAX) {
          return OptionalLong.empty();
        }
        long end = view.lastInTime(store, walk) + 1;
        count += Math.max(0, end - LogTimes.firstAtOrAfter(store, walk, view, nanos));
      }
    } catch (RocksDBException e) {
      // Whoever reads it says so.
      meters.unreadable.increment();
      return OptionalLong.empty();
    }
    return OptionalLong.of(count);
  }

  // False also when there are too many logs to look for it.
  private boolean isThere(List<LogView> views, HistoryStart.After after, int logsMax) {
    long stamp = after.timestampNanos();
    int looked = 0;
    for (LogView view : views) {
      if (view.newest() >= stamp) {
        if (++looked > logsMax) {
          return false;
        }
        byte[] record = firstAtOrAfter(view, stamp);
        if (record != null && Front.timestamp(record, -1) == stamp) {
          return isIt(record, after);
        }
      }
    }
    return false;
  }

  // Null also when it cannot be read: it may still be in another log.
  private byte @Nullable [] firstAtOrAfter(LogView view, long stamp) {
    try (Store.Walk walk = store.walkLogs()) {
      long sequence = LogTimes.firstAtOrAfter(store, walk, view, stamp);
      return sequence > view.last()
          ? null
          : store.get(store.log, Keys.message(view.log().number, sequence));
    } catch (RocksDBException e) {
      unreadable(view.log(), e);
      return null;
    }
  }

  // Said once of each log: who follows it among others meets it again and again.
  private void unreadable(LogState log, RocksDBException e) {
    meters.unreadable.increment();
    if (!log.unreadable) {
      log.unreadable = true;
      Loggers.STORAGE.error(
          "log {} cannot be read to its end and is passed over from there: {}",
          log.name,
          e.toString());
    }
  }

  // What is left of an expired one does not tell the time it had.
  private static boolean isIt(byte[] record, HistoryStart.After after) {
    return Records.isExpired(record) || Records.eventTime(record) == after.eventTimeMillis();
  }

  /**
   * Gathers for one turn; null when that is not all yet.
   *
   * @param after where to stop, with its own record; null to go on to the end
   * @throws RocksDBException when the only log cannot be read at all
   */
  private @Nullable Gathered gather(
      List<LogView> views, Wanted wanted, HistoryStart.@Nullable After after)
      throws RocksDBException {
    if (gathering == gatherings.size()) {
      gatherings.add(new Gathered(merge(views, wanted)));
    }
    Gathered gathered = gatherings.get(gathering++);
    if (gathered.done) {
      return gathered;
    }
    try (LogMerge merge = gathered.merge) {
      gathered.done = gather(merge, wanted, after, gathered);
    }
    LogMerge.Failure failure = gathered.merge.failure();
    if (gathered.done && failure != null) {
      if (gathered.records.isEmpty() && asked != null && asked.exact) {
        throw failure.cause();
      }
      unreadable(failure.log(), failure.cause());
      gathered.cut = true;
    }
    return gathered.done ? gathered : null;
  }

  private LogMerge merge(List<LogView> views, Wanted wanted) {
    int piece = views.size() == 1 ? wanted.limit + 1 : FIRST_PIECE;
    LogMerge merge = LogMerge.newestFirst(store, piece);
    for (LogView view : views) {
      if (wanted.byTime) {
        merge.addByTime(view, wanted.from);
      } else if (view.newest() >= wanted.from) {
        merge.addByStorage(view);
      }
    }
    return merge;
  }

  // Whether that is all.
  private boolean gather(
      LogMerge merge, Wanted wanted, HistoryStart.@Nullable After after, Gathered gathered) {
    long now = logs.now();
    while (!turn.isOver()) {
      LogMerge.Item item = merge.next(turn);
      if (item == null && turn.isOver()) {
        return false;
      }
      if (item == null || item.order() < wanted.from) {
        return true;
      }
      byte[] record = item.record();
      if (after != null && item.timestamp() == after.timestampNanos()) {
        gathered.known |= isIt(record, after);
      } else if (Records.isOver(record, now)) {
        gathered.skipped++;
        turn.pass(record);
      } else {
        gathered.bytes += record.length;
        boolean full = gathered.records.size() >= wanted.limit;
        if (full || gathered.bytes > wanted.maxBytes && !gathered.records.isEmpty()) {
          gathered.cut = true;
          return true;
        }
        LogRecord decoded = decoded(item);
        if (decoded == null) {
          gathered.skipped++;
          turn.pass(record);
        } else {
          gathered.records.add(decoded);
        }
      }
    }
    return false;
  }

  private @Nullable LogRecord decoded(LogMerge.Item item) {
    return decoded(item.log(), item.sequence(), item.record());
  }

  /** A record; null when it is damaged, which is told. */
  @Nullable LogRecord decoded(LogState log, long sequence, byte[] record) {
    try {
      return Records.toLogRecord(record, log.name, sequence);
    } catch (CorruptRecordException e) {
      meters.corrupt.increment();
      Loggers.STORAGE.error(
          "record {} of log {} is damaged and not delivered: {}",
          sequence,
          log.name,
          e.getMessage());
      return null;
    }
  }

  /** Reads on behind a place. */
  Stretch readAfter(ChannelFilter filter, long after, int max, int maxBytes)
      throws RocksDBException {
    long safe = logs.safe();
    List<LogView> views = new ArrayList<>();
    for (LogState log : channels.logs()) {
      if (log.safeTimestamp > after && filter.matches(log.name)) {
        views.add(LogView.of(log, safe));
      }
    }
    try (LogMerge merge = LogMerge.oldestFirst(store, views.size() == 1 ? max : FIRST_PIECE)) {
      for (LogView view : views) {
        merge.addFrom(view, after + 1);
      }
      Stretch stretch = stretch(merge, after, safe, max, maxBytes);
      LogMerge.Failure failure = merge.failure();
      if (failure != null && filter.isExact() && stretch.records().isEmpty()) {
        throw failure.cause();
      }
      if (failure != null) {
        unreadable(failure.log(), failure.cause());
      }
      return stretch;
    }
  }

  private Stretch stretch(LogMerge merge, long after, long safe, int max, int maxBytes) {
    List<LogRecord> records = new ArrayList<>();
    Turn passing = new Turn();
    long now = logs.now();
    long bytes = 0;
    long last = Long.MAX_VALUE;
    LogMerge.Item item = merge.next();
    // Never ends between two that have the same time, as early versions gave it: a place could not
    // tell them apart.
    while (item != null
        && (records.size() < max && bytes < maxBytes && !passing.isOver()
            || item.timestamp() == last)) {
      LogRecord decoded = Records.isOver(item.record(), now) ? null : decoded(item);
      if (decoded == null) {
        passing.pass(item.record());
      } else {
        bytes += item.record().length;
        records.add(decoded);
      }
      last = item.timestamp();
      item = merge.next();
    }
    if (item != null && passing.isOver()) {
      meters.logReadTurns.increment();
    }
    long reached = item == null ? safe : Math.min(safe, last);
    return new Stretch(Collections.unmodifiableList(records), Math.max(after, reached));
  }

  /** Looks for a log's last record that has not expired, for one reader thread at a time. */
  final class Last {
    private final long end;
    private LogView view;

    private Last(LogView view) {
      this.view = view;
      this.end = view.last() + 1;
    }

    /** Its sequence, or behind the last when there is none; null when it takes another turn. */
    @Nullable Long turn() throws RocksDBException {
      Turn passing = new Turn();
      long now = logs.now();
      try (LogMerge merge = LogMerge.newestFirst(store, 1)) {
        merge.addByStorage(view);
        LogMerge.Item item = merge.next();
        while (item != null && Records.isOver(item.record(), now)) {
          passing.pass(item.record());
          if (passing.isOver()) {
            view = view.upTo(item.sequence() - 1);
            return null;
          }
          item = merge.next();
        }
        LogMerge.Failure failure = merge.failure();
        if (item == null && failure != null) {
          throw failure.cause();
        }
        return item == null ? end : item.sequence();
      }
    }
  }

  Last last(LogState log) {
    return new Last(LogView.of(log));
  }

  /** The sequence of a log's first record stored at a time or later. */
  long firstAtOrAfter(LogState log, long nanos) throws RocksDBException {
    LogView view = LogView.of(log);
    try (Store.Walk walk = store.walkLogs()) {
      return LogTimes.firstAtOrAfter(store, walk, view, nanos);
    }
  }
}
