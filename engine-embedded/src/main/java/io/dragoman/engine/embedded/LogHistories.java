// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.LogStore.History;
import io.dragoman.core.spi.LogStore.Place;
import io.dragoman.core.spi.LogStore.Stretch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Reads the newest of one log or of many, and many together from a place on. On reader threads. */
final class LogHistories {
  /** Logs that are counted through at most, to tell how much is missing. */
  private static final int COUNTED_LOGS_MAX = 64;

  /** Expired records that are passed over at most: a history must not keep a reader for long. */
  private static final int SKIPPED_MAX = 100_000;

  /** Records read of one log among many at first. */
  private static final int FIRST_PIECE = 2;

  private final Store store;
  private final ChannelTable channels;
  private final Logs logs;
  private final EngineMetrics meters;

  LogHistories(Store store, ChannelTable channels, Logs logs, EngineMetrics meters) {
    this.store = store;
    this.channels = channels;
    this.logs = logs;
    this.meters = meters;
  }

  /** What was gathered, newest first. */
  private static final class Gathered {
    final List<LogRecord> records = new ArrayList<>();

    /** Passed over, as they had expired or are damaged. */
    long skipped;

    /** There is more. */
    boolean cut;

    /** The record that was asked for by its time is there. */
    boolean known;
  }

  /** What is asked for: everything not before some place in the order of the merge. */
  private record Wanted(boolean byTime, long from, int limit, long maxBytes) {}

  /** A place that nothing has to be read for: all records so far are behind it. */
  History nothing(ChannelFilter filter) {
    Place place = logs.safe();
    LogState log = filter.isExact() ? channels.log(filter.text()) : null;
    return new History(
        List.of(), false, OptionalLong.empty(), place, log == null ? 1 : log.safeSequence + 1);
  }

  History history(ChannelFilter filter, HistoryStart start, int limit, long maxBytes)
      throws RocksDBException {
    // First of all: what is before it can be read, what comes later is left for later.
    Place place = logs.safe();
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
    if (start instanceof HistoryStart.AtTime at) {
      return atTime(views, Math.max(0, at.unixMillis()), limit, maxBytes, place, next);
    }
    if (start instanceof HistoryStart.After after) {
      return after(views, after, limit, maxBytes, place, next);
    }
    return everything(views, limit, maxBytes, place, next);
  }

  private History everything(List<LogView> views, int limit, long maxBytes, Place place, long next)
      throws RocksDBException {
    Gathered gathered = gather(views, new Wanted(false, Long.MIN_VALUE, limit, maxBytes), null);
    return answer(gathered, false, OptionalLong.empty(), place, next);
  }

  private History after(
      List<LogView> views,
      HistoryStart.After after,
      int limit,
      long maxBytes,
      Place place,
      long next)
      throws RocksDBException {
    long stamp = after.timestampNanos();
    boolean moment = (stamp & 1) != 0;
    // Down to the record itself, which tells whether it is ours.
    Wanted wanted = new Wanted(false, stamp, limit, maxBytes);
    Gathered gathered = gather(views, wanted, after);
    boolean trimmed = views.stream().anyMatch(view -> view.log().trimmedUpTo > stamp);
    if (gathered.cut) {
      boolean ours = moment || isThere(views, after);
      OptionalLong behind = ours && !trimmed ? count(views, stamp + 1) : OptionalLong.empty();
      return answer(gathered, false, missing(behind, gathered), place, next);
    }
    if (moment || gathered.known) {
      boolean complete = !trimmed && gathered.skipped == 0;
      OptionalLong missed = trimmed ? OptionalLong.empty() : OptionalLong.of(gathered.skipped);
      return answer(gathered, complete, missed, place, next);
    }
    // Perhaps retention took it: then what is left behind it is what is left to be told.
    if (views.stream().anyMatch(view -> view.log().trimmedUpTo >= stamp)) {
      return answer(gathered, false, OptionalLong.empty(), place, next);
    }
    return everything(views, limit, maxBytes, place, next);
  }

  private History atTime(
      List<LogView> views, long millis, int limit, long maxBytes, Place place, long next)
      throws RocksDBException {
    Gathered gathered = gather(views, new Wanted(true, millis, limit, maxBytes), null);
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
      Gathered gathered, boolean complete, OptionalLong missed, Place place, long next) {
    Collections.reverse(gathered.records);
    return new History(
        Collections.unmodifiableList(gathered.records), complete, missed, place, next);
  }

  /** How many records were stored from a time on; empty when that would take too long to tell. */
  private OptionalLong count(List<LogView> views, long nanos) throws RocksDBException {
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
        long end =
            view.stampMax() == Long.MAX_VALUE
                ? view.last() + 1
                : LogTimes.firstAtOrAfter(walk, view, view.stampMax() + 1);
        count += Math.max(0, end - LogTimes.firstAtOrAfter(walk, view, nanos));
      }
    }
    return OptionalLong.of(count);
  }

  // False also when there are too many logs to look for it.
  private boolean isThere(List<LogView> views, HistoryStart.After after) throws RocksDBException {
    long stamp = after.timestampNanos();
    int looked = 0;
    try (Store.Walk walk = store.walkLogs()) {
      for (LogView view : views) {
        if (view.newest() < stamp) {
          continue;
        }
        if (++looked > COUNTED_LOGS_MAX) {
          return false;
        }
        long sequence = LogTimes.firstAtOrAfter(walk, view, stamp);
        byte[] record =
            sequence > view.last()
                ? null
                : store.get(store.log, Keys.message(view.log().number, sequence));
        if (record != null && Records.timestamp(record) == stamp) {
          return isIt(record, after);
        }
      }
    }
    return false;
  }

  // What is left of an expired one does not tell the time it had.
  private static boolean isIt(byte[] record, HistoryStart.After after) {
    return Records.isExpired(record) || Records.eventTime(record) == after.eventTimeMillis();
  }

  /**
   * @param after where to stop, with its own record; null to go on to the end
   */
  private Gathered gather(List<LogView> views, Wanted wanted, HistoryStart.@Nullable After after)
      throws RocksDBException {
    int piece = views.size() == 1 ? wanted.limit + 1 : FIRST_PIECE;
    Gathered gathered = new Gathered();
    try (LogMerge merge = LogMerge.newestFirst(store, piece)) {
      for (LogView view : views) {
        if (wanted.byTime) {
          merge.addByTime(view, wanted.from);
        } else if (view.newest() >= wanted.from) {
          merge.addByStorage(view);
        }
      }
      gather(merge, wanted, after, gathered);
    } catch (RocksDBException e) {
      // What is newer is sound.
      if (gathered.records.isEmpty()) {
        throw e;
      }
      Loggers.STORAGE.error("history ends where the store cannot be read: {}", e.toString());
      meters.unreadable.increment();
      gathered.cut = true;
    }
    return gathered;
  }

  private void gather(
      LogMerge merge, Wanted wanted, HistoryStart.@Nullable After after, Gathered gathered)
      throws RocksDBException {
    long now = logs.now();
    long bytes = 0;
    LogMerge.Item item = merge.next();
    while (item != null && item.order() >= wanted.from) {
      byte[] record = item.record();
      if (after != null && item.timestamp() == after.timestampNanos()) {
        gathered.known |= isIt(record, after);
      } else if (Records.isOver(record, now)) {
        if (++gathered.skipped > SKIPPED_MAX) {
          gathered.cut = true;
          return;
        }
      } else {
        bytes += record.length;
        boolean full = gathered.records.size() >= wanted.limit;
        if (full || bytes > wanted.maxBytes && !gathered.records.isEmpty()) {
          gathered.cut = true;
          return;
        }
        LogRecord decoded = decoded(item);
        if (decoded == null) {
          gathered.skipped++;
        } else {
          gathered.records.add(decoded);
        }
      }
      item = merge.next();
    }
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
  Stretch readAfter(ChannelFilter filter, Place after, int max, int maxBytes)
      throws RocksDBException {
    Place safe = logs.safe();
    List<LogView> views = new ArrayList<>();
    for (LogState log : channels.logs()) {
      if (log.safeTimestamp > after.of(log.durability()) && filter.matches(log.name)) {
        views.add(LogView.of(log, safe));
      }
    }
    try (LogMerge merge = LogMerge.oldestFirst(store, views.size() == 1 ? max : FIRST_PIECE)) {
      for (LogView view : views) {
        merge.addFrom(view, after.of(view.log().durability()) + 1);
      }
      return stretch(merge, after, safe, max, maxBytes);
    }
  }

  private Stretch stretch(LogMerge merge, Place after, Place safe, int max, int maxBytes)
      throws RocksDBException {
    List<LogRecord> records = new ArrayList<>();
    long now = logs.now();
    long bytes = 0;
    long last = Long.MAX_VALUE;
    LogMerge.Item item = merge.next();
    while (item != null) {
      if (!Records.isOver(item.record(), now)) {
        if (records.size() >= max || bytes >= maxBytes) {
          break;
        }
        bytes += item.record().length;
        LogRecord decoded = decoded(item);
        if (decoded != null) {
          records.add(decoded);
        }
      }
      last = item.timestamp();
      item = merge.next();
    }
    long reached = item == null ? Long.MAX_VALUE : last;
    return new Stretch(Collections.unmodifiableList(records), place(after, safe, reached));
  }

  // Of both durabilities everything up to the last one was read that was safe.
  private static Place place(Place after, Place safe, long last) {
    return new Place(
        Math.max(after.syncNanos(), Math.min(safe.syncNanos(), last)),
        Math.max(after.asyncNanos(), Math.min(safe.asyncNanos(), last)));
  }

  /**
   * The sequence of a log's last record that has not expired; behind the last when there is none.
   */
  long last(LogState log) throws RocksDBException {
    LogView view = LogView.of(log);
    if (view.isEmpty()) {
      return view.last() + 1;
    }
    try (LogMerge merge = LogMerge.newestFirst(store, 1)) {
      merge.addByStorage(view);
      long now = logs.now();
      LogMerge.Item item = merge.next();
      while (item != null && Records.isOver(item.record(), now)) {
        item = merge.next();
      }
      return item == null ? view.last() + 1 : item.sequence();
    }
  }

  /** The sequence of a log's first record stored at a time or later. */
  long firstAtOrAfter(LogState log, long nanos) throws RocksDBException {
    LogView view = LogView.of(log);
    try (Store.Walk walk = store.walkLogs()) {
      return LogTimes.firstAtOrAfter(walk, view, nanos);
    }
  }
}
