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
 * <p>Begins paused; {@link #begin} lets events come. When too much waits for the client the log
 * part pauses and goes on from the log when its turn comes; of the rest, events are dropped for
 * this client alone.
 */
final class Following implements LogListener, EventListener, InTurn.Waiter {

  /** Where events go. On the lane. */
  interface Sink {

    /** Whether the client is still there. */
    boolean open();

    /** Whether no more waits for the client than may. */
    boolean ready();

    /** Sends records of logs, whatever waits. */
    void send(List<LogRecord> records);

    /** Sends events that nobody keeps, or drops what is too much. */
    void send(EventBatch events);

    /** The subscription cannot go on. */
    void failed(BrokerError reason);
  }

  private final GatewayContext context;
  private final ChannelFilter filter;
  private final Lane lane;
  private final InTurn turns;
  private final Sink sink;
  private @Nullable LogSubscription log;
  private @Nullable Subscription events;
  private boolean begun;
  private boolean closed;

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
   * for. When it is refused there is nothing to close.
   *
   * @param guard hears that the outcome could not be dealt with
   */
  void open(
      HistoryRequest history, Consumer<Result<Opened>> then, Consumer<RuntimeException> guard) {
    Result<Subscription> live = context.broker().events().subscribe(filter, null, lane, this);
    if (live instanceof Result.Refused<Subscription> refused) {
      then.accept(Result.refused(refused.error()));
      return;
    }
    events = live.orThrow();
    HistoryStart start = context.options().eventLog() ? history.start() : null;
    LaneStep.guarded(
        context.broker().logs().follow(new LogFollow(filter, start, history.limit()), lane, this),
        lane,
        outcome -> opened(outcome, then),
        guard);
  }

  /** That it stands, and what came before. */
  record Opened(@Nullable LogHistory history) {}

  private void opened(Result<LogFollowing> outcome, Consumer<Result<Opened>> then) {
    if (outcome instanceof Result.Ok<LogFollowing> ok) {
      log = ok.value().subscription();
      if (closed) {
        log.close();
      }
    } else {
      close();
    }
    then.accept(outcome.map(following -> new Opened(following.history())));
  }

  /** Lets events come. */
  void begin() {
    begun = true;
    turns.await(this);
  }

  @Override
  public void goOn() {
    LogSubscription subscription = log;
    if (closed || subscription == null) {
      turns.done(this);
    } else {
      subscription.resume();
    }
  }

  /** What it asked for in its turn it takes, since others may have filled the buffer meanwhile. */
  @Override
  public boolean takes() {
    boolean taken = !closed && sink.open() && (turns.isItsTurn(this) || sink.ready());
    if (!taken) {
      pause();
    }
    return taken;
  }

  @Override
  public boolean onRecords(List<LogRecord> records) {
    sink.send(records);
    if (!sink.ready()) {
      pause();
      return false;
    }
    if (turns.isItsTurn(this) && turns.othersWait()) {
      turns.await(this);
      return false;
    }
    return true;
  }

  private void pause() {
    if (!closed) {
      context.paused();
      turns.await(this);
    }
  }

  @Override
  public void onCaughtUp() {
    turns.done(this);
  }

  @Override
  public void onEvents(EventBatch batch) {
    if (begun && !closed && sink.open()) {
      sink.send(batch);
    }
  }

  @Override
  public void onEnd(BrokerError reason) {
    turns.done(this);
    if (closed || reason.code() == ErrorCode.SHUTTING_DOWN) {
      return;
    }
    if (reason.code() != ErrorCode.CHANNEL_DELETED) {
      sink.failed(reason);
      return;
    }
    // A topic is not made by subscribing and does not end by being deleted: what is published to
    // its successor before this takes hold is history, and comes first.
    LaneStep.guarded(
        context
            .broker()
            .logs()
            .follow(
                new LogFollow(filter, new HistoryStart.Unknown(), context.options().historyMax()),
                lane,
                this),
        lane,
        this::followedAgain,
        cause -> sink.failed(LaneStep.FAULT));
  }

  private void followedAgain(Result<LogFollowing> outcome) {
    if (outcome instanceof Result.Refused<LogFollowing> refused) {
      sink.failed(refused.error());
      return;
    }
    LogFollowing following = outcome.orThrow();
    log = following.subscription();
    if (closed) {
      log.close();
      return;
    }
    LogHistory history = following.history();
    if (history != null && !history.records().isEmpty()) {
      sink.send(history.records());
    }
    turns.await(this);
  }

  void close() {
    closed = true;
    turns.done(this);
    Subscription live = events;
    if (live != null) {
      live.close();
    }
    LogSubscription stored = log;
    if (stored != null) {
      stored.close();
    }
  }
}
