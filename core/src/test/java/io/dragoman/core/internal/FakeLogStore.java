// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.LogStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Logs in memory. Calls take effect and complete when {@link #completions} runs them, listeners
 * hear of records when {@link #pushes} runs that; both do at once unless a test sets them.
 */
final class FakeLogStore implements LogStore {
  private static final class Log {
    final List<LogRecord> records = new ArrayList<>();
    long last;
    long trimmed;

    long first() {
      return records.isEmpty() ? last + 1 : records.get(0).sequence();
    }
  }

  private record Stored(long sequence, long order) {}

  /** Records of which the sink hears when they and all that were stored before are safe. */
  private static final class Written {
    final List<LogRecord> records;
    final boolean silent;
    boolean safe;

    Written(List<LogRecord> records, boolean silent) {
      this.records = List.copyOf(records);
      this.silent = silent;
    }

    long last() {
      return records.get(records.size() - 1).timestampNanos();
    }
  }

  volatile Executor completions = Runnable::run;

  /** Must keep order. */
  volatile Executor pushes = Runnable::run;

  /** When records become safe, for logs whose name says that they are async and for all others. */
  volatile Executor asyncSafety = Runnable::run;

  volatile Executor syncSafety = Runnable::run;

  /** Refuses reads while set. */
  volatile ErrorCode readRefusal;

  /** Throws when history is asked for, as no store should. */
  volatile boolean historyFault;

  /** How many expired ones a read passes over at most. */
  volatile int passedMax = Integer.MAX_VALUE;

  private final Map<String, Log> logs = new HashMap<>();
  private final Map<String, List<TailListener>> listeners = new HashMap<>();
  private final Map<String, Stored> positions = new HashMap<>();
  private final List<String> stores = new ArrayList<>();
  private final AtomicInteger registered = new AtomicInteger();
  private volatile AppendSink sink;
  private final Deque<Written> waiting = new ArrayDeque<>();

  /** Everything stored up to here is safe. */
  private long safe;

  private long stamp;
  private long storeOrder;
  private int reads;

  @Override
  public CompletionStage<Result<LogPosition>> append(Message message) {
    return append(LogAppend.of(message));
  }

  @Override
  public CompletionStage<Result<LogPosition>> append(LogAppend append) {
    LogRecord record;
    List<TailListener> heard;
    synchronized (this) {
      record = add(append);
      heard = List.copyOf(listeners(append.message().channel()));
      // Handed over under the lock, so that pushes are in the order of sequences.
      written(List.of(record), heard);
    }
    return completed(() -> Result.ok(new LogPosition(record.sequence(), record.timestampNanos())));
  }

  private LogRecord add(LogAppend append) {
    Log log = log(append.message().channel());
    log.last++;
    stamp += 2;
    LogRecord record =
        new LogRecord(append.message(), log.last, stamp, append.eventTimeMillis(), 0);
    log.records.add(record);
    return record;
  }

  // Of one durability; visible first, then told.
  private void written(List<LogRecord> records, List<TailListener> heard) {
    Written written = new Written(records, false);
    waiting.add(written);
    boolean async = records.get(0).message().channel().contains("async");
    Executor safety = async ? asyncSafety : syncSafety;
    safety.execute(
        () -> {
          synchronized (this) {
            written.safe = true;
            List<Written> shown = proceed();
            pushes.execute(
                () -> {
                  heard.forEach(each -> each.onAppended(written.records));
                  shown.forEach(this::tellSink);
                });
          }
        });
  }

  /** Gives what can be shown among others now. */
  private List<Written> proceed() {
    List<Written> shown = new ArrayList<>();
    while (!waiting.isEmpty() && waiting.element().safe) {
      Written next = waiting.remove();
      safe = Math.max(safe, next.last());
      shown.add(next);
    }
    return shown;
  }

  private void tellSink(Written written) {
    AppendSink to = sink;
    if (to != null && registered.get() > 0 && !written.silent) {
      to.onAppended(written.records);
    }
  }

  /** Appends several to one log, of which listeners hear at once; only the sink takes many logs. */
  void appendTogether(List<Message> messages) {
    List<LogRecord> records = new ArrayList<>();
    synchronized (this) {
      for (Message message : messages) {
        records.add(add(LogAppend.of(message)));
      }
      written(records, List.copyOf(listeners(messages.get(0).channel())));
    }
  }

  /** Appends something of which no listener hears. */
  synchronized void appendSilently(Message message) {
    Written written = new Written(List.of(add(LogAppend.of(message))), true);
    written.safe = true;
    waiting.add(written);
    proceed();
  }

  /** Tells the sink that the newest record of a log, and what was before it, was not pushed. */
  void tellMissed(String log) {
    long upTo;
    synchronized (this) {
      upTo = newest(log).timestampNanos();
      safe = Math.max(safe, upTo);
    }
    AppendSink to = sink;
    if (to != null) {
      to.onMissed(upTo);
    }
  }

  synchronized LogRecord newest(String log) {
    List<LogRecord> records = log(log).records;
    return records.get(records.size() - 1);
  }

  /** All records of a log. */
  synchronized List<LogRecord> all(String log) {
    return List.copyOf(log(log).records);
  }

  /** Tells those who listen to a log of records, whether it has them or not. */
  void tell(String log, List<LogRecord> records) {
    List<TailListener> told;
    synchronized (this) {
      told = List.copyOf(listeners(log));
    }
    told.forEach(each -> each.onAppended(records));
  }

  /** A record expires: its sequence is used, and nothing is there. */
  synchronized void expire(String log, long sequence) {
    log(log).records.removeIf(each -> each.sequence() == sequence);
  }

  @Override
  public CompletionStage<Result<Piece>> read(
      String channel, long fromSequence, int max, int maxBytes) {
    synchronized (this) {
      reads++;
    }
    return completed(() -> scan(channel, fromSequence, max, maxBytes));
  }

  private synchronized Result<Piece> scan(
      String channel, long fromSequence, int max, int maxBytes) {
    if (readRefusal != null) {
      return Result.refused(readRefusal, "as the test wants it");
    }
    Log log = log(channel);
    List<LogRecord> found = new ArrayList<>();
    long next = Math.max(fromSequence, log.first());
    long mayPass = passedMax;
    int bytes = 0;
    for (LogRecord each : log.records) {
      long gone = each.sequence() - next;
      if (gone < 0) {
        continue;
      }
      bytes += each.message().weight();
      if (gone > mayPass || found.size() == max || !found.isEmpty() && bytes > maxBytes) {
        return Result.ok(new Piece(List.copyOf(found), next + Math.min(gone, mayPass)));
      }
      mayPass -= gone;
      next = each.sequence() + 1;
      found.add(each);
    }
    long behind = next > log.last ? next : Math.min(log.last + 1, next + mayPass);
    return Result.ok(new Piece(List.copyOf(found), behind));
  }

  @Override
  public CompletionStage<Result<Long>> resolve(String channel, LogStart start) {
    return completed(() -> Result.ok(resolved(channel, start)));
  }

  private synchronized long resolved(String channel, LogStart start) {
    Log log = log(channel);
    if (start instanceof LogStart.First) {
      return log.first();
    }
    if (start instanceof LogStart.Last) {
      return Math.max(log.first(), log.last);
    }
    if (start instanceof LogStart.AtSequence at) {
      return Math.min(Math.max(at.sequence(), log.first()), log.last + 1);
    }
    return log.last + 1;
  }

  @Override
  public CompletionStage<Result<History>> history(
      ChannelFilter filter, HistoryStart start, int limit, long maxBytes) {
    if (historyFault) {
      throw new IllegalStateException("as the test wants it");
    }
    return completed(() -> historyOf(filter, start, limit));
  }

  private synchronized Result<History> historyOf(
      ChannelFilter filter, HistoryStart start, int limit) {
    if (readRefusal != null) {
      return Result.refused(readRefusal, "as the test wants it");
    }
    List<LogRecord> all =
        matching(filter).filter(each -> isWanted(each, start)).collect(Collectors.toList());
    List<LogRecord> newest = all.subList(Math.max(0, all.size() - limit), all.size());
    long next = filter.isExact() ? log(filter.text()).last + 1 : 0;
    return Result.ok(
        new History(
            List.copyOf(newest),
            newest.size() == all.size(),
            OptionalLong.of(all.size() - newest.size()),
            safe,
            next));
  }

  private static boolean isWanted(LogRecord each, HistoryStart start) {
    if (start instanceof HistoryStart.After after) {
      return each.timestampNanos() > after.timestampNanos();
    }
    return !(start instanceof HistoryStart.AtTime at) || each.timeMillis() >= at.unixMillis();
  }

  private Stream<LogRecord> matching(ChannelFilter filter) {
    return logs.entrySet().stream()
        .filter(each -> filter.matches(each.getKey()))
        .flatMap(each -> each.getValue().records.stream())
        .filter(each -> each.timestampNanos() <= safe)
        .sorted(Comparator.comparingLong(LogRecord::timestampNanos));
  }

  @Override
  public CompletionStage<Result<Stretch>> readAfter(
      ChannelFilter filter, long after, int max, int maxBytes) {
    synchronized (this) {
      reads++;
    }
    return completed(() -> stretchOf(filter, after, max));
  }

  private synchronized Result<Stretch> stretchOf(ChannelFilter filter, long after, int max) {
    if (readRefusal != null) {
      return Result.refused(readRefusal, "as the test wants it");
    }
    List<LogRecord> found =
        matching(filter).filter(each -> each.timestampNanos() > after).limit(max).toList();
    long reached = found.size() < max ? safe : found.get(max - 1).timestampNanos();
    return Result.ok(new Stretch(found, Math.max(after, reached)));
  }

  @Override
  public void attach(AppendSink to) {
    sink = to;
  }

  @Override
  public Subscription register(ChannelFilter filter) {
    registered.incrementAndGet();
    return registered::decrementAndGet;
  }

  /** Whom it tells of new records; a test may do that itself. */
  AppendSink sink() {
    return sink;
  }

  /** Patterns that are registered now. */
  int registrations() {
    return registered.get();
  }

  @Override
  public synchronized Subscription tail(String channel, TailListener listener) {
    listeners(channel).add(listener);
    return () -> {
      synchronized (this) {
        listeners(channel).remove(listener);
      }
    };
  }

  synchronized int tails(String channel) {
    return listeners(channel).size();
  }

  @Override
  public CompletionStage<Result<OptionalLong>> loadPosition(String channel, String name) {
    return completed(() -> Result.ok(position(channel, name)));
  }

  synchronized OptionalLong position(String channel, String name) {
    Stored stored = positions.get(channel + "/" + name);
    return stored == null ? OptionalLong.empty() : OptionalLong.of(stored.sequence);
  }

  @Override
  public CompletionStage<Result<Boolean>> storePosition(
      String channel, String name, long sequence) {
    long order;
    synchronized (this) {
      order = ++storeOrder;
    }
    return completed(
        () -> {
          store(channel + "/" + name, sequence, order);
          return Result.ok(true);
        });
  }

  private synchronized void store(String key, long sequence, long order) {
    stores.add(key + "=" + sequence);
    Stored stored = positions.get(key);
    if (stored == null || stored.order < order) {
      positions.put(key, new Stored(sequence, order));
    }
  }

  /** Every position ever stored, as {@code channel/name=sequence}. */
  synchronized List<String> stores() {
    return List.copyOf(stores);
  }

  synchronized int reads() {
    return reads;
  }

  @Override
  public CompletionStage<Result<Long>> trim(String channel, long beforeSequence) {
    return completed(() -> Result.ok(trimmed(channel, beforeSequence)));
  }

  private synchronized long trimmed(String channel, long beforeSequence) {
    Log log = log(channel);
    long before = log.records.size();
    log.records.removeIf(each -> each.sequence() < beforeSequence);
    log.trimmed += before - log.records.size();
    return before - log.records.size();
  }

  @Override
  public CompletionStage<Result<LogInfo>> info(String channel) {
    return completed(() -> infoOf(channel));
  }

  private synchronized Result<LogInfo> infoOf(String channel) {
    Log log = logs.get(channel);
    if (log == null) {
      return Result.refused(ErrorCode.NOT_FOUND, "no log " + channel);
    }
    return Result.ok(
        new LogInfo(channel, log.first(), log.last, log.records.size(), 0, log.trimmed, 0));
  }

  /** Deletes a log with its positions. */
  void delete(String channel) {
    List<TailListener> told;
    synchronized (this) {
      logs.remove(channel);
      positions.keySet().removeIf(key -> key.startsWith(channel + "/"));
      told = List.copyOf(listeners(channel));
    }
    pushes.execute(() -> told.forEach(TailListener::onDeleted));
  }

  private Log log(String channel) {
    return logs.computeIfAbsent(channel, c -> new Log());
  }

  private List<TailListener> listeners(String channel) {
    return listeners.computeIfAbsent(channel, c -> new CopyOnWriteArrayList<>());
  }

  private <T> CompletionStage<T> completed(Supplier<T> value) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    completions.execute(() -> stage.complete(value.get()));
    return stage;
  }
}
