// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.EventBatch;
import io.dragoman.core.EventListener;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber of a topic or filter T hears: the log T with history, and live only what passes
 * through the events channel T (ruling 15). For one lane.
 *
 * <p>Begins paused; {@link #begin} lets history and then events come. When too much waits for the
 * client the log part pauses and goes on from the log when its turn comes; of the rest, events are
 * dropped for this client alone.
 */
final class Following implements EventListener, InTurn.Waiter {

  /** Where events go. On the lane. */
  interface Sink extends HistoryPart.Sink {

    /** Whether the client is still there. */
    boolean open();

    /** Whether no more waits for the client than may. */
    boolean ready();

    /** Sends records of logs, whatever waits. */
    void send(List<LogRecord> records);

    /**
     * Sends events that nobody keeps, or drops what is too much.
     *
     * @param placeNanos up to where this client has been given the logs, which is what the ids of
     *     these events say
     */
    void send(EventBatch events, long placeNanos);

    /** The subscription cannot go on. */
    @Override
    void failed(BrokerError reason);
  }

  private final GatewayContext context;
  private final ChannelFilter filter;
  private final Lane lane;
  private final InTurn turns;
  private final Sink sink;
  private @Nullable LogPart log;
  private @Nullable Subscription events;
  private @Nullable HistoryPart history;
  private boolean begun;
  private boolean live;
  private boolean closed;

  /** Up to where records were given to the sink; time of storing, unix nanoseconds. */
  private long placeNanos;

  /**
   * @param turns of the client
   */
  Following(GatewayContext context, String topicOrFilter, Lane lane, InTurn turns, Sink sink) {
    this.context = context;
    this.filter = ChannelFilter.slashed(topicOrFilter);
    this.lane = lane;
    this.turns = turns;
    this.sink = sink;
  }

  /**
   * Subscribes; on the lane. The outcome, on the lane too, is the history; null if none was asked
   * for. When it is refused there is nothing to close; when this is closed before, there is none.
   *
   * @param guard hears that the outcome could not be dealt with
   */
  void open(
      HistoryRequest request, Consumer<Result<Opened>> then, Consumer<RuntimeException> guard) {
    Result<Subscription> passing = context.broker().events().subscribe(filter, null, lane, this);
    if (passing instanceof Result.Refused<Subscription> refused) {
      then.accept(Result.refused(refused.error()));
      return;
    }
    events = passing.orThrow();
    HistoryStart start = context.options().eventLog() ? request.start() : null;
    LogFollow wanted = new LogFollow(filter, start, request.limit());
    if (start == null) {
      follow(wanted, outcome -> opened(outcome, 0, then), guard);
      return;
    }
    long room = request.limit() == 0 ? 0 : context.options().historyBytesMax();
    context
        .historiesRead()
        .await(
            room,
            lane,
            () -> {
              if (closed) {
                context.historiesRead().giveBack(room);
              } else {
                follow(wanted, outcome -> opened(outcome, room, then), guard);
              }
            });
  }

  /** That it stands, and what came before. */
  record Opened(@Nullable LogHistory history) {}

  private void opened(Result<LogFollowing> outcome, long room, Consumer<Result<Opened>> then) {
    if (outcome instanceof Result.Ok<LogFollowing> ok && !closed) {
      placeNanos = ok.value().placeNanos();
      LogHistory found = ok.value().history();
      if (found == null || found.records().isEmpty()) {
        context.historiesRead().giveBack(room);
      } else {
        history = new HistoryPart(context, lane, turns, found, room, sink, this::goLive);
      }
    } else {
      context.historiesRead().giveBack(room);
      close();
    }
    then.accept(outcome.map(following -> new Opened(following.history())));
  }

  /** Lets history come, and then what is published. */
  void begin() {
    begun = true;
    HistoryPart first = history;
    if (first == null) {
      goLive();
    } else {
      first.start();
    }
  }

  private void goLive() {
    history = null;
    if (!closed) {
      live = true;
      turns.await(this);
    }
  }

  @Override
  public void goOn() {
    LogPart part = log;
    if (closed || part == null || part.subscription == null) {
      turns.done(this);
    } else {
      part.subscription.resume();
    }
  }

  private void pause() {
    context.paused();
    turns.await(this);
  }

  @Override
  public void onEvents(EventBatch batch) {
    if (!begun || closed || !sink.open()) {
      return;
    }
    if (live) {
      sink.send(batch, placeNanos);
    } else {
      // Before history its id would say that this was given, and history comes first.
      context.dropped(batch.notInLog().size());
    }
  }

  /**
   * The outcome comes when it stands. A log that is deleted meanwhile is none yet, as it was not
   * made by subscribing.
   */
  private void follow(
      LogFollow request,
      Consumer<Result<LogFollowing>> then,
      Consumer<? super RuntimeException> guard) {
    LogPart part = new LogPart();
    log = part;
    LaneStep.guarded(
        context.broker().logs().follow(request, lane, part),
        lane,
        outcome -> {
          if (outcome instanceof Result.Ok<LogFollowing> ok) {
            part.stands(ok.value().subscription());
          } else if (!closed && isDeletion(((Result.Refused<LogFollowing>) outcome).error())) {
            follow(request, then, guard);
            return;
          }
          then.accept(outcome);
          part.tellEnd();
        },
        guard::accept);
  }

  private static boolean isDeletion(BrokerError error) {
    return error.code() == ErrorCode.CHANNEL_DELETED;
  }

  /** What was published to the successor of a deleted topic before this takes hold comes too. */
  private void followSuccessor() {
    follow(
        LogFollow.fromFirst(filter),
        outcome -> {
          if (outcome instanceof Result.Refused<LogFollowing> refused) {
            ended(refused.error());
          } else if (live && !closed) {
            turns.await(this);
          }
        },
        cause -> ended(LaneStep.FAULT));
  }

  private void ended(BrokerError reason) {
    if (!closed && reason.code() != ErrorCode.SHUTTING_DOWN) {
      sink.failed(reason);
    }
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    HistoryPart unsent = history;
    if (unsent != null) {
      unsent.close();
    }
    turns.done(this);
    Subscription passing = events;
    if (passing != null) {
      passing.close();
    }
    LogPart stored = log;
    if (stored != null && stored.subscription != null) {
      stored.subscription.close();
    }
  }

  /** The log part, until it ends. */
  private final class LogPart implements LogListener {
    private @Nullable LogSubscription subscription;

    /** Why it has ended, when it was not known yet to stand. */
    private @Nullable BrokerError end;

    void stands(LogSubscription made) {
      subscription = made;
      if (closed) {
        made.close();
      }
    }

    /** What it asked for in its turn it takes, though others may have filled the buffer since. */
    @Override
    public boolean takes() {
      if (closed || log != this) {
        return false;
      }
      if (sink.open() && (turns.isItsTurn(Following.this) || sink.ready())) {
        return true;
      }
      pause();
      return false;
    }

    @Override
    public boolean onRecords(List<LogRecord> records) {
      sink.send(records);
      placeNanos = Math.max(placeNanos, records.get(records.size() - 1).timestampNanos());
      if (!sink.ready()) {
        pause();
        return false;
      }
      if (turns.isItsTurn(Following.this) && turns.othersWait()) {
        turns.await(Following.this);
        return false;
      }
      return true;
    }

    @Override
    public void onCaughtUp() {
      if (log == this) {
        turns.done(Following.this);
      }
    }

    @Override
    public void onEnd(BrokerError reason) {
      end = reason;
      if (subscription != null) {
        tellEnd();
      }
    }

    void tellEnd() {
      BrokerError reason = end;
      if (reason == null || subscription == null || closed || log != this) {
        return;
      }
      turns.done(Following.this);
      if (isDeletion(reason)) {
        // A topic is not made by subscribing and does not end by being deleted.
        followSuccessor();
      } else {
        ended(reason);
      }
    }
  }
}
