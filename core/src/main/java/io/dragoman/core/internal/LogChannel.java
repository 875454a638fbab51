// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.LogStore;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The live subscriptions of one log, and its tail while there are any.
 *
 * <p>Safe from any thread. Lock order: a channel, then a group or lane tail; neither calls back
 * into the channel with its own lock held.
 */
final class LogChannel implements LogStore.TailListener {

  private static final String NO_GROUP = "";

  /** A group and the durable name that a member holds in it. */
  private record Holding(String group, @Nullable String durableName) {}

  private final LogContext context;
  private final String name;
  private final Runnable whenLeft;
  private final Consumer<LogChannel> whenUnused;
  private final Throttle faults = new Throttle();

  // Read by engine threads without the lock, changed under it.
  private final Map<Lane, LaneTail> tails = new ConcurrentHashMap<>();
  private final Map<String, LogGroup> groups = new ConcurrentHashMap<>();

  // Guarded by this.
  private final Map<LogMember, Holding> members = new LinkedHashMap<>();
  private final Set<Holding> durables = new HashSet<>();
  private @Nullable Subscription tail;
  private boolean ended;

  /** Written under the lock. */
  private volatile boolean deleted;

  /**
   * @param whenLeft runs for each subscription that ends
   * @param whenUnused runs when the last one has: this object is not used again
   */
  LogChannel(LogContext context, String name, Runnable whenLeft, Consumer<LogChannel> whenUnused) {
    this.context = context;
    this.name = name;
    this.whenLeft = whenLeft;
    this.whenUnused = whenUnused;
  }

  String name() {
    return name;
  }

  synchronized int subscribers() {
    return members.size();
  }

  /** Adds a subscription; null when this channel has ended and another must be asked. */
  @Nullable CompletionStage<Result<LogSubscription>> subscribe(
      LogSubscribe request, Lane lane, LogListener listener) {
    String group = request.group() == null ? NO_GROUP : request.group();
    Holding holding = new Holding(group, request.durableName());
    LogMember member;
    synchronized (this) {
      if (ended) {
        return null;
      }
      if (holding.durableName != null && !durables.add(holding)) {
        whenLeft.run();
        context.metrics().refused(ErrorCode.SUBSCRIBER_EXISTS);
        return Result.refusedStage(
            ErrorCode.SUBSCRIBER_EXISTS,
            "a live subscription to this channel has the name " + holding.durableName);
      }
      listen();
      member =
          group.isEmpty() ? newCursor(lane, listener, false) : newMember(group, lane, listener);
      members.put(member, holding);
    }
    return member instanceof LogCursor cursor
        ? start(cursor, request)
        : start((LogGroupMember) member, request);
  }

  /**
   * Adds a paused subscription with history before it; null when this channel has ended and another
   * must be asked.
   */
  @Nullable CompletionStage<Result<LogFollowing>> follow(
      LogFollow request, Lane lane, LogListener listener) {
    LogCursor cursor;
    synchronized (this) {
      if (ended) {
        return null;
      }
      // Before the history is read: what it does not cover is heard of.
      listen();
      cursor = newCursor(lane, listener, true);
      members.put(cursor, new Holding(NO_GROUP, null));
    }
    return context
        .history(request)
        .handle(
            (result, failure) -> {
              Result<LogStore.History> history = failure == null ? result : fault(failure);
              if (history instanceof Result.Refused<LogStore.History> refused) {
                cursor.close();
                return Result.refused(refused.error());
              }
              if (!cursor.isOpen()) {
                return Result.refused(deleted ? LogContext.DELETED : LogContext.STOPPING);
              }
              cursor.start(history.orThrow().nextSequence(), null);
              return context.following(request, history.orThrow(), cursor);
            });
  }

  private void listen() {
    if (tail == null) {
      tail = context.store().tail(name, this);
    }
  }

  /** A subscription has ended and closed its position; its durable name is free. */
  void left(LogMember member) {
    LogGroup group = null;
    Subscription unused = null;
    synchronized (this) {
      Holding holding = members.remove(member);
      if (holding == null) {
        return;
      }
      if (member instanceof LogCursor cursor && cursor.tail().remove(cursor)) {
        tails.values().remove(cursor.tail());
      } else if (member instanceof LogGroupMember one) {
        group = one.group();
        if (group.remove(one, deleted)) {
          groups.remove(holding.group);
        }
      }
      durables.remove(holding);
      if (members.isEmpty()) {
        ended = true;
        unused = tail;
      }
    }
    if (group != null) {
      group.pump();
    }
    whenLeft.run();
    if (unused != null) {
      unused.close();
      whenUnused.accept(this);
    }
  }

  @Override
  public void onAppended(List<LogRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    List<LogRecord> all = List.copyOf(records);
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < all.size(); i++) {
      int weight = all.get(i).message().weight();
      boolean full = bytes + weight > LogContext.BATCH_BYTES_MAX || i - from == context.batchMax();
      if (full && i > from) {
        push(all.subList(from, i), bytes);
        from = i;
        bytes = 0;
      }
      bytes += weight;
    }
    push(from == 0 ? all : all.subList(from, all.size()), bytes);
  }

  @Override
  public void onDeleted() {
    end(LogContext.DELETED);
  }

  /** Ends all subscriptions and tells them why. */
  void end(BrokerError reason) {
    List<LogMember> all;
    synchronized (this) {
      ended = true;
      deleted = reason.code() == ErrorCode.CHANNEL_DELETED;
      all = List.copyOf(members.keySet());
    }
    all.forEach(member -> member.end(reason));
  }

  /** Counts what a subscriber took. */
  void delivered(int records) {
    context.metrics().messagesOut(Kind.LOG, records);
  }

  void listenerFault(Throwable e) {
    context.metrics().listenerFailures().increment();
    if (faults.pass()) {
      Loggers.LOGS.error("a subscriber of the log {} failed", name, e);
    }
  }

  /** What an engine call gives that failed instead of refusing. */
  <T> Result<T> fault(Throwable e) {
    if (faults.pass()) {
      Loggers.LOGS.error("the engine failed on the log {}", name, e);
    }
    return Result.refused(LogContext.FAULT);
  }

  private void push(List<LogRecord> records, long bytes) {
    for (LaneTail each : tails.values()) {
      each.offer(records, bytes);
    }
    for (LogGroup each : groups.values()) {
      each.onTail(records);
    }
  }

  private LogCursor newCursor(Lane lane, LogListener listener, boolean paused) {
    LaneTail laneTail = tails.computeIfAbsent(lane, l -> new LaneTail(l, context.batchMax()));
    LogCursor cursor = new LogCursor(context, this, lane, laneTail, listener, paused);
    laneTail.add(cursor);
    return cursor;
  }

  private LogGroupMember newMember(String groupName, Lane lane, LogListener listener) {
    LogGroup group = groups.computeIfAbsent(groupName, g -> new LogGroup(context, this));
    LogGroupMember member = new LogGroupMember(this, group, lane, listener);
    group.add(member);
    return member;
  }

  private CompletionStage<Result<LogSubscription>> start(LogCursor cursor, LogSubscribe request) {
    String durable = request.durableName();
    if (durable == null) {
      return started(
          cursor,
          context.store().resolve(name, request.start()),
          first -> cursor.start(first, null));
    }
    String key = "client:" + durable;
    return started(
        cursor,
        placeOf(key, request.start()),
        first -> cursor.start(first, context.positions().open(name, key, first - 1)));
  }

  private CompletionStage<Result<LogSubscription>> start(
      LogGroupMember member, LogSubscribe request) {
    LogGroup group = member.group();
    String key = "group:" + request.group();
    return started(
        member,
        group.place(() -> placeOf(key, request.start())),
        first -> group.start(first, context.positions().open(name, key, first - 1)));
  }

  private CompletionStage<Result<LogSubscription>> started(
      LogMember member, CompletionStage<Result<Long>> place, LongConsumer begin) {
    return place.handle(
        (result, failure) -> {
          Result<Long> first = failure == null ? result : fault(failure);
          if (first instanceof Result.Refused<Long> refused) {
            member.close();
            return Result.refused(refused.error());
          }
          if (!member.isOpen()) {
            return Result.refused(deleted ? LogContext.DELETED : LogContext.STOPPING);
          }
          begin.accept(first.orThrow());
          return Result.ok(member);
        });
  }

  /** Where the holder of a durable position begins: after it, or at its start, which is kept. */
  private CompletionStage<Result<Long>> placeOf(String key, LogStart start) {
    LogStore store = context.store();
    return Calls.then(
        context.positions().load(name, key),
        stored ->
            stored.isPresent()
                ? resumedPlace(stored.getAsLong())
                : Calls.then(store.resolve(name, start), first -> keptPlace(key, first)));
  }

  /** A position beyond the end, left by a log that lost its newest messages, must not skip. */
  private CompletionStage<Result<Long>> resumedPlace(long position) {
    return Calls.then(
        context.store().resolve(name, new LogStart.NewOnly()),
        end -> Calls.okStage(Math.min(position + 1, end)));
  }

  /** Kept at once: whoever comes back resumes from here even if nothing was delivered before. */
  private CompletionStage<Result<Long>> keptPlace(String key, long first) {
    return context
        .positions()
        .storeFirst(name, key, first - 1)
        .thenApply(stored -> Result.ok(first));
  }
}
