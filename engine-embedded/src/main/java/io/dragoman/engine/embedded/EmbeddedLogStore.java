// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** The logs of this engine as the core calls them, from any thread. */
final class EmbeddedLogStore implements LogStore {
  private static final int TRIM_RECORDS = 10_000;

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final ChannelTable channels;
  private final Logs logs;
  private final LogHistories histories;
  private final EngineMetrics meters;

  EmbeddedLogStore(
      Store store,
      Writer writer,
      Readers readers,
      ChannelTable channels,
      Logs logs,
      EngineMetrics meters) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.channels = channels;
    this.logs = logs;
    this.meters = meters;
    this.histories = new LogHistories(store, channels, logs, meters);
  }

  @Override
  public CompletionStage<Result<LogPosition>> append(Message message) {
    byte[] record = Records.ofLog(message);
    CompletableFuture<Result<LogPosition>> future = new CompletableFuture<>();
    if (!writer.reserve(record.length)) {
      return CompletableFuture.completedFuture(Result.refused(Writer.OVERLOADED));
    }
    writer.submit(
        () -> {
          writer.unreserve(record.length);
          append(message, null, record, future);
        });
    return future;
  }

  @Override
  public CompletionStage<Result<LogPosition>> append(LogAppend append) {
    Message message = append.message();
    if (append.eventTimeMillis() == 0 && append.ttlSeconds() == 0) {
      return append(message);
    }
    byte[] record = Records.ofLog(append);
    CompletableFuture<Result<LogPosition>> future = new CompletableFuture<>();
    if (!writer.reserve(record.length)) {
      return CompletableFuture.completedFuture(Result.refused(Writer.OVERLOADED));
    }
    writer.submit(
        () -> {
          writer.unreserve(record.length);
          append(message, append, record, future);
        });
    return future;
  }

  @Override
  public CompletionStage<Result<Piece>> read(
      String channel, long fromSequence, int max, int maxBytes) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    LogState log = channels.log(channel);
    long from = log == null ? fromSequence : Math.max(fromSequence, log.firstSequence);
    if (log == null || from > log.safeSequence) {
      return CompletableFuture.completedFuture(Result.ok(new Piece(List.of(), from)));
    }
    long to = log.safeSequence + 1;
    CompletableFuture<Result<Piece>> future = new CompletableFuture<>();
    readers.read(
        () -> future.complete(Result.ok(scan(log, from, to, max, maxBytes))), unreadable(future));
    return future;
  }

  @Override
  public CompletionStage<Result<Long>> resolve(String channel, LogStart start) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    CompletableFuture<Result<Long>> future = new CompletableFuture<>();
    LogState log = channels.log(channel);
    if (log == null) {
      future.complete(Result.ok(1L));
      return future;
    }
    long first = log.firstSequence;
    long next = log.safeSequence + 1;
    if (start instanceof LogStart.AtTime at) {
      readers.read(
          () -> future.complete(Result.ok(histories.firstAtOrAfter(log, at.unixNanos()))),
          unreadable(future));
      return future;
    }
    if (start instanceof LogStart.Last) {
      LogHistories.Last last = histories.last(log);
      readInTurns(last::turn, future);
      return future;
    }
    future.complete(Result.ok(resolve(start, first, next)));
    return future;
  }

  private static long resolve(LogStart start, long first, long next) {
    if (start instanceof LogStart.First) {
      return first;
    }
    if (start instanceof LogStart.AtSequence at) {
      return Math.min(Math.max(at.sequence(), first), next);
    }
    return next;
  }

  @Override
  public CompletionStage<Result<History>> history(
      ChannelFilter filter, HistoryStart start, int limit, long maxBytes) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    if (limit == 0 && start instanceof HistoryStart.Unknown) {
      return CompletableFuture.completedFuture(Result.ok(histories.nothing(filter)));
    }
    CompletableFuture<Result<History>> future = new CompletableFuture<>();
    LogHistories own = histories.forOne();
    readInTurns(() -> own.history(filter, start, limit, maxBytes), future);
    return future;
  }

  @Override
  public CompletionStage<Result<Stretch>> readAfter(
      ChannelFilter filter, long afterNanos, int max, int maxBytes) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    CompletableFuture<Result<Stretch>> future = new CompletableFuture<>();
    readers.read(
        () -> future.complete(Result.ok(histories.readAfter(filter, afterNanos, max, maxBytes))),
        unreadable(future));
    return future;
  }

  @Override
  public void attach(AppendSink sink) {
    logs.attach(sink);
  }

  @Override
  public Subscription register(ChannelFilter filter) {
    return logs.want();
  }

  @Override
  public Subscription tail(String channel, TailListener listener) {
    return logs.follow(channel, listener);
  }

  @Override
  public CompletionStage<Result<OptionalLong>> loadPosition(String channel, String name) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    CompletableFuture<Result<OptionalLong>> future = new CompletableFuture<>();
    // Through the writer, so that a position stored before is seen.
    writer.submit(
        () -> {
          LogState log = channels.log(channel);
          if (log == null) {
            future.complete(Result.ok(OptionalLong.empty()));
            return;
          }
          writer.commit(0);
          byte[] key = Keys.position(log.number, name);
          readers.read(
              () -> {
                byte[] value = store.get(store.position, key);
                future.complete(
                    Result.ok(
                        value == null
                            ? OptionalLong.empty()
                            : OptionalLong.of(new Input(value).nextVar())));
              },
              unreadable(future));
        });
    return future;
  }

  @Override
  public CompletionStage<Result<Boolean>> storePosition(
      String channel, String name, long sequence) {
    CompletableFuture<Result<Boolean>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          BrokerError refused = writer.refusesAll();
          if (refused != null) {
            future.complete(Result.refused(refused));
            return;
          }
          BrokerError misplaced = misplaced(channel, sequence);
          if (misplaced != null) {
            future.complete(Result.refused(misplaced));
            return;
          }
          LogState log = channels.openLog(channel, logs);
          Bytes value = new Bytes(10);
          value.putVar(sequence);
          writer.batch().put(store.position, Keys.position(log.number, name), value.toArray());
          writer.onSafe(io.dragoman.core.spi.Durability.ASYNC, Outcome.completing(future, true));
        });
    return future;
  }

  // Behind its end, a position can only be of an earlier log of this name. A beginning may be kept
  // of a log that is not there yet.
  private @Nullable BrokerError misplaced(String channel, long sequence) {
    LogState log = channels.log(channel);
    if (sequence > (log == null ? 0 : log.nextSequence - 1)) {
      return new BrokerError(
          ErrorCode.NOT_FOUND, "log " + channel + " does not reach to " + sequence);
    }
    return log == null && channels.full() ? ChannelTable.FULL : null;
  }

  @Override
  public CompletionStage<Result<Long>> trim(String channel, long beforeSequence) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    LogState log = channels.log(channel);
    if (log == null) {
      return CompletableFuture.completedFuture(Result.ok(0L));
    }
    CompletableFuture<Result<Long>> future = new CompletableFuture<>();
    trim(log, beforeSequence, 0, future);
    return future;
  }

  // In slices, so that a long log keeps neither a reader nor the writer for long. The records are
  // read for their sizes.
  private void trim(
      LogState log, long beforeSequence, long removed, CompletableFuture<Result<Long>> future) {
    readers.read(
        () -> {
          Front front = logs.front(log);
          long end = Math.min(beforeSequence, front.end());
          boolean more;
          try {
            more = readFront(log, front, end);
          } catch (RocksDBException | RuntimeException | Error e) {
            logs.done(front);
            throw e;
          }
          writer.submit(() -> trimmed(log, front, end, more, removed, future));
        },
        unreadable(future));
  }

  /** Reads what goes, at most so many records; gives whether there is more to go. */
  private boolean readFront(LogState log, Front front, long end) throws RocksDBException {
    long most = Math.min(front.end(), front.first() + TRIM_RECORDS);
    long before = Math.min(end, most);
    if (front.first() >= most) {
      return false;
    }
    store.scan(
        store.log,
        front.firstKey(),
        Keys.message(log.number, most),
        (key, value) -> {
          // What is left of expired ones goes with what was before it.
          boolean goes = before == end && Records.isExpired(value);
          long sequence = Keys.sequenceOf(key);
          if (sequence >= before && !goes) {
            return false;
          }
          front.add(sequence, value);
          return true;
        });
    front.upTo(before);
    return front.before() < end || front.before() == most && most < front.end();
  }

  private void trimmed(
      LogState log,
      Front front,
      long end,
      boolean more,
      long removedBefore,
      CompletableFuture<Result<Long>> future) {
    logs.done(front);
    BrokerError refused = writer.refusesAll();
    if (refused != null) {
      future.complete(Result.refused(refused));
      return;
    }
    if (log.deleted) {
      future.complete(Result.ok(removedBefore));
      return;
    }
    // Others may have removed some of it meanwhile.
    long removed = removedBefore + logs.trim(log, front);
    if (more) {
      trim(log, end, removed, future);
    } else {
      writer.onSafe(log.durability(), Outcome.completing(future, removed));
    }
  }

  @Override
  public CompletionStage<Result<LogInfo>> info(String channel) {
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      return CompletableFuture.completedFuture(Result.refused(refused));
    }
    CompletableFuture<Result<LogInfo>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          LogState log = channels.log(channel);
          future.complete(
              log == null
                  ? Result.refused(ErrorCode.NOT_FOUND, "there is no log " + channel)
                  : Result.ok(log.info()));
        });
    return future;
  }

  /**
   * @param timed null when it has neither a time nor a lifetime
   */
  private void append(
      Message message,
      @Nullable LogAppend timed,
      byte[] record,
      CompletableFuture<Result<LogPosition>> future) {
    BrokerError refused = writer.refusesNew();
    if (refused != null) {
      future.complete(Result.refused(refused));
      return;
    }
    LogState log = channels.log(message.channel());
    if (log == null && channels.full()) {
      future.complete(Result.refused(ChannelTable.FULL));
      return;
    }
    LogPosition position =
        timed == null ? logs.append(message, record) : logs.append(timed, record);
    writer.onSafe(
        channels.openLog(message.channel(), logs).durability(),
        Outcome.completing(future, position));
  }

  private Piece scan(LogState log, long from, long to, int max, int maxBytes)
      throws RocksDBException {
    List<LogRecord> records = new ArrayList<>();
    long now = logs.now();
    Turn turn = new Turn();
    long[] bytes = {0};
    long[] next = {to};
    try {
      store.scan(
          store.log,
          Keys.message(log.number, from),
          Keys.message(log.number, to),
          (key, value) -> {
            long sequence = Keys.sequenceOf(key);
            if (records.size() >= max || bytes[0] >= maxBytes || turn.isOver()) {
              next[0] = sequence;
              if (turn.isOver()) {
                meters.logReadTurns.increment();
              }
              return false;
            }
            if (Records.isOver(value, now)) {
              turn.pass(value);
              return true;
            }
            bytes[0] += value.length;
            LogRecord record = histories.decoded(log, sequence, value);
            if (record == null) {
              turn.pass(value);
            } else {
              records.add(record);
            }
            return true;
          });
    } catch (RocksDBException e) {
      // What comes before is sound; whoever reads on meets the damage itself.
      if (records.isEmpty()) {
        throw e;
      }
      next[0] = records.get(records.size() - 1).sequence() + 1;
    }
    return new Piece(records, next[0]);
  }

  /** What reads in turns. */
  private interface InTurns<T> {
    /** Reads for one turn; null when it takes another. */
    @Nullable T turn() throws RocksDBException;
  }

  // Between two turns the readers are for others.
  private <T> void readInTurns(InTurns<T> work, CompletableFuture<Result<T>> future) {
    readers.read(
        () -> {
          T answer = work.turn();
          if (answer == null) {
            meters.logReadTurns.increment();
            readInTurns(work, future);
          } else {
            future.complete(Result.ok(answer));
          }
        },
        unreadable(future));
  }

  private static <T> Consumer<Exception> unreadable(CompletableFuture<Result<T>> future) {
    return failure -> future.complete(Result.refused(Readers.error(failure, "the log")));
  }
}
