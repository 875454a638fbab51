// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Logs;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.core.spi.LogStore;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Logs: checks, counts, and keeps the live subscriptions per channel. Safe from any thread. */
final class LogService implements Logs {
  private final LogContext context;
  private final LogStore store;
  private final Checks checks;
  private final KnownChannels known;
  private final SubscriptionLimit limit;
  private final FilterIndex filters;
  private final PassOn passOn;
  private final ConcurrentHashMap<String, LogChannel> channels = new ConcurrentHashMap<>();
  private volatile boolean closed;

  LogService(
      LogContext context,
      Checks checks,
      KnownChannels known,
      SubscriptionLimit limit,
      PassOn passOn) {
    this.context = context;
    this.store = context.store();
    this.checks = checks;
    this.known = known;
    this.limit = limit;
    this.passOn = passOn;
    this.filters = new FilterIndex(context);
    store.attach(filters);
  }

  @Override
  public CompletionStage<Result<LogPosition>> append(Message message) {
    BrokerError error = check(message);
    if (error != null) {
      return Calls.refusedStage(error);
    }
    Message named = Checks.withId(message);
    return afterwards(named, store.append(named));
  }

  @Override
  public CompletionStage<Result<LogPosition>> append(LogAppend append) {
    Message message = append.message();
    BrokerError error = check(message);
    if (error != null) {
      return Calls.refusedStage(error);
    }
    Message named = Checks.withId(message);
    return afterwards(
        named, store.append(new LogAppend(named, append.eventTimeMillis(), append.ttlSeconds())));
  }

  /** What is to be done when a message is in its log. */
  private CompletionStage<Result<LogPosition>> afterwards(
      Message message, CompletionStage<Result<LogPosition>> stored) {
    stored.thenAccept(
        result -> {
          if (result.isOk()) {
            context.metrics().messageIn(Kind.LOG, message.body().length);
          }
        });
    return passOn.wanted()
        ? Calls.then(stored, position -> passOn.appended(message, position))
        : stored;
  }

  @Override
  public CompletionStage<Result<List<LogRecord>>> read(
      String channel, LogStart start, int max, int maxBytes) {
    BrokerError error = checks.name("channel", channel);
    error = error != null ? error : checks.atLeast(1, max, "the number of messages");
    error = error != null ? error : checks.atLeast(1, maxBytes, "the number of bytes");
    if (error != null) {
      return Calls.refusedStage(error);
    }
    if (start instanceof LogStart.First) {
      return read(channel, 1, max, maxBytes);
    }
    if (start instanceof LogStart.AtSequence at) {
      return read(channel, Math.max(1, at.sequence()), max, maxBytes);
    }
    return Calls.then(store.resolve(channel, start), first -> read(channel, first, max, maxBytes));
  }

  // Goes on where the engine has only passed over what has expired.
  private CompletionStage<Result<List<LogRecord>>> read(
      String channel, long from, int max, int maxBytes) {
    return Calls.then(
        store.read(channel, from, max, maxBytes),
        piece ->
            piece.records().isEmpty() && !piece.isEnd(from)
                ? read(channel, piece.nextSequence(), max, maxBytes)
                : Calls.okStage(piece.records()));
  }

  @Override
  public CompletionStage<Result<LogSubscription>> subscribe(
      LogSubscribe request, Lane lane, LogListener listener) {
    BrokerError error = checks.name("channel", request.channel());
    error = error != null ? error : checks.optionalName("durable", request.durableName());
    error = error != null ? error : checks.optionalName("group", request.group());
    if (error == null && closed) {
      error = checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping");
    }
    // What keeps a position makes its log, if it is not there yet.
    boolean keeps = request.durableName() != null || request.group() != null;
    if (error == null && keeps && !known.admit(Kind.LOG, request.channel())) {
      error = checks.refuse(ErrorCode.TOO_MANY_CHANNELS, known.refusal());
    }
    if (error == null && !limit.take(Kind.LOG)) {
      error = checks.refuse(ErrorCode.TOO_MANY_SUBSCRIPTIONS, limit.refusal());
    }
    return error != null
        ? Calls.refusedStage(error)
        : join(request.channel(), channel -> channel.subscribe(request, lane, listener));
  }

  @Override
  public CompletionStage<Result<LogHistory>> history(
      ChannelFilter filter, HistoryStart start, int limit, long maxBytes) {
    BrokerError error = checks.filter(filter, null);
    error = error != null ? error : checks.atLeast(0, limit, "the number of messages");
    error = error != null ? error : checks.atLeast(1, maxBytes, "the number of bytes");
    if (error != null) {
      return Calls.refusedStage(error);
    }
    return store
        .history(filter, start, limit, maxBytes)
        .thenApply(result -> result.map(LogContext::plain));
  }

  @Override
  public CompletionStage<Result<LogFollowing>> follow(
      LogFollow request, Lane lane, LogListener listener) {
    BrokerError error = checks.filter(request.filter(), null);
    error = error != null ? error : checks.atLeast(0, request.limit(), "the number of messages");
    if (error == null && closed) {
      error = checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping");
    }
    if (error == null && !limit.take(Kind.LOG)) {
      error = checks.refuse(ErrorCode.TOO_MANY_SUBSCRIPTIONS, limit.refusal());
    }
    if (error != null) {
      return Calls.refusedStage(error);
    }
    return request.filter().isExact()
        ? join(request.filter().text(), channel -> channel.follow(request, lane, listener))
        : followMany(request, lane, listener);
  }

  private CompletionStage<Result<LogFollowing>> followMany(
      LogFollow request, Lane lane, LogListener listener) {
    FilterCursor cursor =
        filters.add(request.filter(), lane, listener, () -> limit.giveBack(Kind.LOG));
    return context
        .history(request)
        .handle(
            (result, failure) -> {
              Result<LogStore.History> history =
                  failure == null ? result : Result.refused(LogContext.FAULT);
              if (failure != null) {
                Loggers.LOGS.error("the engine failed on {}", request.filter().text(), failure);
              }
              if (history instanceof Result.Refused<LogStore.History> refused) {
                cursor.close();
                return Result.refused(refused.error());
              }
              if (!cursor.isOpen()) {
                return Result.refused(LogContext.STOPPING);
              }
              cursor.start(history.orThrow().placeNanos());
              return context.following(request, history.orThrow(), cursor);
            });
  }

  @Override
  public CompletionStage<Result<Long>> trim(String channel, long beforeSequence) {
    BrokerError error = checks.name("channel", channel);
    error = error != null ? error : checks.atLeast(1, beforeSequence, "the sequence");
    return error != null ? Calls.refusedStage(error) : store.trim(channel, beforeSequence);
  }

  @Override
  public CompletionStage<Result<LogInfo>> info(String channel) {
    BrokerError error = checks.name("channel", channel);
    if (error != null) {
      return Calls.refusedStage(error);
    }
    return store.info(channel).thenApply(result -> result.map(this::withSubscribers));
  }

  /** What is wrong with a message to be appended, if anything. */
  @Nullable BrokerError check(Message message) {
    BrokerError error = checks.message(message);
    if (error == null && !known.admit(Kind.LOG, message.channel())) {
      return checks.refuse(ErrorCode.TOO_MANY_CHANNELS, known.refusal());
    }
    return error;
  }

  /**
   * Groups divide nothing more. A group has one position, and its members' sockets close one after
   * the other: what a member could not take any more would hold the position back, and all that
   * others took after it would come again.
   */
  void drain() {
    context.draining().set(true);
  }

  /** Ends all subscriptions; completes when their positions are stored. */
  CompletionStage<?> close() {
    closed = true;
    channels.values().forEach(channel -> channel.end(LogContext.STOPPING));
    filters.end(LogContext.STOPPING);
    return context.positions().settled();
  }

  /** Joins a channel's subscriptions, which gives null when they have ended. */
  private <T> CompletionStage<Result<T>> join(
      String name, Function<LogChannel, @Nullable CompletionStage<Result<T>>> joining) {
    while (true) {
      LogChannel channel = channels.computeIfAbsent(name, this::newChannel);
      CompletionStage<Result<T>> joined = joining.apply(channel);
      if (joined != null) {
        return joined;
      }
      // Its last subscriber has just left, or it is being deleted: the next one starts afresh.
      channels.remove(name, channel);
    }
  }

  private LogChannel newChannel(String name) {
    return new LogChannel(context, name, () -> limit.giveBack(Kind.LOG), this::removeUnused);
  }

  private void removeUnused(LogChannel channel) {
    channels.remove(channel.name(), channel);
  }

  private LogInfo withSubscribers(LogInfo info) {
    LogChannel live = channels.get(info.channel());
    return new LogInfo(
        info.channel(),
        info.firstSequence(),
        info.lastSequence(),
        info.messages(),
        info.bytes(),
        info.trimmed(),
        (live == null ? 0 : live.subscribers()) + filters.subscribers(info.channel()));
  }
}
