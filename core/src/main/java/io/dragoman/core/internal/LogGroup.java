// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Lane;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Result;
import io.dragoman.core.internal.LogGroupMember.State;
import io.dragoman.core.internal.Positions.Position;
import io.dragoman.core.spi.LogStore.Piece;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Members that divide a log among them. They share one place in the log, one table of what is in
 * flight and one durable position: the sequence before the lowest that is not delivered yet.
 *
 * <p>Members may live on different lanes, so the group has a small lock of its own; no listener and
 * no engine call runs under it. Records are handed to members that are ready, in turns, and a
 * member gets nothing more until its listener has returned, so the group knows whether it paused.
 * Nothing is kept here but sequence numbers: what nobody is ready for stays in the log.
 */
final class LogGroup {
  /*
   * When a member leaves, what it did not deliver comes back and goes out before anything new. A
   * member that is handed something lower than what it has in flight could not report deliveries in
   * a way that we understand, so returned records go to members with nothing later in flight; while
   * there are any, nothing new goes out, so that members get there.
   */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private record Handing(LogGroupMember member, List<LogRecord> records) {}

  private final LogContext context;
  private final LogChannel channel;
  private final CompletableFuture<Result<Long>> place = new CompletableFuture<>();
  private final AtomicBoolean placing = new AtomicBoolean();

  // All guarded by this.
  private final List<LogGroupMember> members = new ArrayList<>();
  private final TreeSet<Long> undelivered = new TreeSet<>();
  private final TreeSet<Long> returned = new TreeSet<>();
  private @Nullable Position position;
  private long next;
  private long lastSeen;
  private int turn;
  private boolean started;
  private boolean atTail;
  private boolean reading;

  /** Written under the lock. */
  private volatile boolean ended;

  LogGroup(LogContext context, LogChannel channel) {
    this.context = context;
    this.channel = channel;
  }

  /**
   * Completes when it is known where the group begins, which its first member's start decides.
   *
   * @param finder finds it; called once, for the first member
   */
  CompletionStage<Result<Long>> place(Supplier<CompletionStage<Result<Long>>> finder) {
    if (placing.compareAndSet(false, true)) {
      finder
          .get()
          .whenComplete(
              (result, failure) ->
                  place.complete(failure == null ? result : channel.fault(failure)));
    }
    return place;
  }

  /**
   * A member is there: the first lets the group begin, and any may be the one that is waited for.
   *
   * @param first where the group begins
   */
  void start(long first, Position durable) {
    synchronized (this) {
      if (!started && !ended) {
        started = true;
        next = first;
        position = durable;
      }
    }
    pump();
  }

  synchronized void add(LogGroupMember member) {
    members.add(member);
  }

  /**
   * A member leaves; gives whether it was the last one, with which the group ends. The caller lets
   * the others go on with {@link #pump}.
   */
  boolean remove(LogGroupMember member, boolean discardPosition) {
    Position last;
    synchronized (this) {
      members.remove(member);
      returned.addAll(member.inFlight());
      member.inFlight().clear();
      ended = members.isEmpty();
      last = ended ? position : null;
    }
    if (last != null && discardPosition) {
      last.discard();
    } else if (last != null) {
      last.close();
    }
    return ended;
  }

  /** New records have become safe; from engine threads, in order. */
  void onTail(List<LogRecord> records) {
    List<Handing> handings = List.of();
    synchronized (this) {
      lastSeen = LogContext.lastOf(records);
      if (!started || reading || lastSeen < next) {
        return;
      }
      if (atTail && returned.isEmpty() && LogContext.firstOf(records) <= next) {
        handings = divideNew(LogContext.from(next, records));
      }
    }
    if (handings.isEmpty()) {
      pump();
    } else {
      hand(handings);
    }
  }

  /** A listener has returned; on its lane. */
  void handed(LogGroupMember member, boolean more) {
    synchronized (this) {
      member.state(more ? State.READY : State.PAUSED);
    }
    pump();
  }

  void resume(LogGroupMember member) {
    synchronized (this) {
      if (member.state() != State.PAUSED) {
        return;
      }
      member.state(State.READY);
    }
    pump();
  }

  void delivered(LogGroupMember member, long sequence) {
    boolean again;
    synchronized (this) {
      Long first = member.inFlight().peekFirst();
      while (first != null && first <= sequence) {
        member.inFlight().removeFirst();
        undelivered.remove(first);
        first = member.inFlight().peekFirst();
      }
      again = !returned.isEmpty() && member.inFlight().isEmpty();
      movePosition();
    }
    if (again) {
      pump();
    }
  }

  /** Reads what is to go out next, if anybody is ready for it. */
  void pump() {
    long from;
    long seen;
    int max = context.batchMax();
    synchronized (this) {
      if (!started || ended || reading) {
        return;
      }
      boolean again = !returned.isEmpty();
      if (ready(again ? returned.first() : next).isEmpty() || !again && atTail && lastSeen < next) {
        return;
      }
      from = again ? returned.first() : next;
      if (again) {
        max = (int) Math.min(max, returned.last() - from + 1);
      }
      reading = true;
      seen = lastSeen;
    }
    context
        .read(channel.name(), from, max)
        .whenComplete(
            (result, failure) ->
                onRead(failure == null ? result : channel.fault(failure), from, seen));
  }

  /**
   * @param seen the last sequence that was known when the read began
   */
  private void onRead(Result<Piece> result, long from, long seen) {
    if (result instanceof Result.Refused<Piece> refused) {
      onRefused(refused.error());
      return;
    }
    Piece piece = result.orThrow();
    List<Handing> handings;
    synchronized (this) {
      reading = false;
      if (ended) {
        return;
      }
      if (from < next) {
        handings = divideReturned(piece, from);
      } else if (returned.isEmpty()) {
        handings = newRead(piece, seen);
      } else {
        // A member left meanwhile: what it had goes first, and this is read again.
        handings = List.of();
      }
      movePosition();
    }
    hand(handings);
    pump();
  }

  private void onRefused(BrokerError error) {
    if (error.code() == ErrorCode.OVERLOADED) {
      context.timers().schedule(this::retry, RETRY_NANOS);
      return;
    }
    List<LogGroupMember> all;
    synchronized (this) {
      // Who joins from here on may find that the log can be read again.
      reading = false;
      all = List.copyOf(members);
    }
    all.forEach(member -> member.end(error));
  }

  private void retry() {
    synchronized (this) {
      reading = false;
    }
    pump();
  }

  private List<Handing> newRead(Piece piece, long seen) {
    boolean end = piece.isEnd(next);
    List<Handing> handings = List.of();
    if (!piece.records().isEmpty()) {
      handings = divideNew(piece.records());
    } else if (!end) {
      next = piece.nextSequence();
    } else if (lastSeen == seen) {
      // What was pushed and cannot be read was of a log that is gone.
      lastSeen = Math.min(lastSeen, next - 1);
    }
    atTail = lastSeen < next && (end || lastSeen > 0);
    return handings;
  }

  /** Gives new records to members that are ready; nothing when nobody is. */
  private List<Handing> divideNew(List<LogRecord> records) {
    List<LogGroupMember> ready = ready(LogContext.firstOf(records));
    if (ready.isEmpty()) {
      return List.of();
    }
    next = LogContext.lastOf(records) + 1;
    for (LogRecord each : records) {
      undelivered.add(each.sequence());
    }
    return divide(records, ready);
  }

  /** Gives records that came back to members that are ready and may have them. */
  private List<Handing> divideReturned(Piece piece, long from) {
    List<LogRecord> read = piece.records();
    // Retention may have removed some of them, or all.
    long kept = piece.isEnd(from) ? Long.MAX_VALUE : piece.nextSequence();
    if (!read.isEmpty()) {
      kept = LogContext.firstOf(read);
    }
    SortedSet<Long> gone = returned.subSet(from, Math.max(from, kept));
    undelivered.removeAll(gone);
    gone.clear();
    List<LogRecord> records =
        read.stream().filter(each -> returned.contains(each.sequence())).toList();
    List<LogGroupMember> ready = records.isEmpty() ? List.of() : ready(LogContext.firstOf(records));
    if (ready.isEmpty()) {
      return List.of();
    }
    for (LogRecord each : records) {
      returned.remove(each.sequence());
    }
    return divide(records, ready);
  }

  private List<Handing> divide(List<LogRecord> records, List<LogGroupMember> ready) {
    Map<LogGroupMember, List<LogRecord>> shares = new LinkedHashMap<>();
    for (LogRecord each : records) {
      LogGroupMember member = ready.get(Math.floorMod(turn++, ready.size()));
      member.inFlight().addLast(each.sequence());
      shares.computeIfAbsent(member, m -> new ArrayList<>()).add(each);
    }
    List<Handing> handings = new ArrayList<>(shares.size());
    shares.forEach(
        (member, share) -> {
          member.state(State.BUSY);
          handings.add(new Handing(member, List.copyOf(share)));
        });
    return handings;
  }

  /** Members that can be handed something that begins with this sequence; none before a stop. */
  private List<LogGroupMember> ready(long first) {
    if (context.draining().get()) {
      return List.of();
    }
    List<LogGroupMember> ready = new ArrayList<>(members.size());
    for (LogGroupMember member : members) {
      Long last = member.inFlight().peekLast();
      if (member.state() == State.READY && (last == null || last < first)) {
        ready.add(member);
      }
    }
    return ready;
  }

  /** One task per lane. */
  private static void hand(List<Handing> handings) {
    Map<Lane, List<Handing>> byLane = new IdentityHashMap<>();
    for (Handing each : handings) {
      byLane.computeIfAbsent(each.member.lane(), lane -> new ArrayList<>()).add(each);
    }
    byLane.forEach(
        (lane, some) -> lane.execute(() -> some.forEach(each -> each.member.hand(each.records))));
  }

  private void movePosition() {
    if (position != null) {
      position.moveTo((undelivered.isEmpty() ? next : undelivered.first()) - 1);
    }
  }
}
