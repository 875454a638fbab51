// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.Queues;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One consumer's hold on one queue message, over a connection of its own (spec: kubemq §2.7). The
 * client receives one message and then acknowledges, rejects, keeps, resends or replaces it; the
 * end of that is the end of the connection. For one lane.
 *
 * <p>The engine's lease is what really holds the message. The timer here only tells the client when
 * it is over; should the lease end first, settling finds that out and says the same.
 */
final class QueueTransaction {
  static final int RECEIVE = 1;
  static final int ACK = 2;
  static final int REJECT = 3;
  static final int MODIFY_VISIBILITY = 4;
  static final int RESEND = 5;
  static final int SEND_MODIFIED = 6;

  /**
   * An answer to the client.
   *
   * @param type of the request it answers
   * @param error empty if there is none
   */
  record Reply(String requestId, int type, @Nullable QueueMessage message, String error) {
    private static Reply to(Inputs.StreamRequest request, String error) {
      return new Reply(request.requestId(), request.type(), null, error);
    }
  }

  /** The connection. */
  interface Peer {
    void reply(Reply reply);

    /** While busy, no request may be handed over. */
    void busy(boolean busy);

    /** Something of ours has failed, and with it the transaction: the connection ends at once. */
    void failed(RuntimeException cause);

    /** The transaction is over: the connection ends when all replies have gone out. */
    void end();
  }

  private enum State {
    /** Nothing was asked for yet. */
    NEW,
    /** Waiting for a message. */
    WAITING,
    /** The client has a message. */
    ACTIVE,
    /** Settling it, or prolonging the hold. */
    SETTLING,
    ENDED
  }

  private final GatewayContext context;
  private final Caller caller;
  private final InterfaceStats stats;
  private final Queues queues;
  private final Lane lane;
  private final Peer peer;
  private State state = State.NEW;
  private @Nullable Call<Received> call;
  private @Nullable Delivery active;
  private Timers.Timer timer = () -> {};
  private int holds;
  private boolean visibilityOver;

  /**
   * The client's latest request, without contents, which are not to be held for so long: news that
   * it did not ask for are told in its name.
   */
  private Inputs.@Nullable StreamRequest latest;

  QueueTransaction(
      GatewayContext context, Caller caller, InterfaceStats stats, Lane lane, Peer peer) {
    this.context = context;
    this.caller = caller;
    this.stats = stats;
    this.queues = context.broker().queues();
    this.lane = lane;
    this.peer = peer;
  }

  /** Takes the client's next request. */
  void request(Inputs.StreamRequest request) {
    if (state == State.ENDED) {
      return;
    }
    latest = request.withoutModified();
    KubemqError error = caller.streamRequest(request);
    if (error != null) {
      refuse(request, error);
    } else if (request.type() == RECEIVE) {
      receive(latest);
    } else {
      settle(request);
    }
  }

  /** What a client is told that says more after the end. */
  static Reply tooLate(Inputs.StreamRequest request) {
    KubemqError error =
        request.type() == RECEIVE ? KubemqError.ALREADY_RECEIVING : nothingActive(request.type());
    return Reply.to(request, error.text());
  }

  /**
   * The client is gone: what it had goes to the tail, what it did not get yet stays. When it is we
   * who are leaving, nothing is held against the message.
   */
  void disconnected() {
    State before = state;
    state = State.ENDED;
    timer.cancel();
    if (before == State.WAITING && call != null) {
      call.cancel();
    } else if (before == State.ACTIVE) {
      giveBack(context.accepting() ? Settlement.NACK : Settlement.RELEASE);
    }
  }

  private void receive(Inputs.StreamRequest request) {
    if (state != State.NEW) {
      refuse(request, KubemqError.ALREADY_RECEIVING);
      return;
    }
    state = State.WAITING;
    call = queues.receive(request.channel(), context.queueRules().leased(request));
    LaneStep.guarded(call.result(), lane, outcome -> received(request, outcome), this::failed);
  }

  private void received(Inputs.StreamRequest request, Result<Received> outcome) {
    List<Delivery> deliveries =
        outcome instanceof Result.Ok<Received> ok ? ok.value().deliveries() : List.of();
    active = deliveries.isEmpty() ? null : deliveries.get(0);
    if (state == State.ENDED) {
      giveBack(Settlement.RELEASE);
    } else if (active == null) {
      String error = KubemqErrorMapper.text(outcome);
      peer.reply(Reply.to(request, error.isEmpty() ? KubemqError.NO_NEW_MESSAGE.text() : error));
      end();
    } else {
      state = State.ACTIVE;
      handOver(request, active.message());
    }
  }

  /** Whether a change that was asked for is being made. */
  boolean settling() {
    return state == State.SETTLING;
  }

  private void handOver(Inputs.StreamRequest request, QueueMessage message) {
    startTimer(request);
    stats.received(
        Kind.QUEUE, message.message().channel(), 1, InterfaceStats.volume(message.message()));
    peer.reply(new Reply(request.requestId(), request.type(), message, ""));
  }

  private void settle(Inputs.StreamRequest request) {
    if (state != State.ACTIVE || active == null) {
      refuse(request, nothingActive(request.type()));
    } else if (namesAnother(request, active)) {
      refuse(request, KubemqError.ACK_SEQUENCE);
    } else {
      begin(active, settlement(request), outcome -> settled(request, outcome));
    }
  }

  private static KubemqError nothingActive(int type) {
    return switch (type) {
      case REJECT -> KubemqError.NOTHING_TO_REJECT;
      case RESEND -> KubemqError.NOTHING_TO_SEND;
      default -> KubemqError.NOTHING_TO_ACK;
    };
  }

  private static boolean namesAnother(Inputs.StreamRequest request, Delivery active) {
    boolean named = request.type() == ACK || request.type() == REJECT;
    return named && request.refSequence() != active.message().sequence();
  }

  private Settlement settlement(Inputs.StreamRequest request) {
    return switch (request.type()) {
      case REJECT -> Settlement.NACK;
      case MODIFY_VISIBILITY ->
          new Settlement.Extend(context.queueRules().visibilityNanos(request.visibilitySeconds()));
      case RESEND -> new Settlement.MoveTo(request.channel());
      case SEND_MODIFIED ->
          request.modified() == null
              ? Settlement.NACK
              : new Settlement.Replace(context.queueRules().send(request.modified()));
      default -> Settlement.ACK;
    };
  }

  private static KubemqError failure(int type) {
    return type == RESEND || type == SEND_MODIFIED
        ? KubemqError.QUEUE_SEND_FAILED
        : KubemqError.ACK_FAILED;
  }

  private void begin(
      Delivery delivery, Settlement settlement, Consumer<Result<List<Settled>>> then) {
    state = State.SETTLING;
    CompletionStage<Result<List<Settled>>> stage =
        queues.settle(List.of(delivery.receipt()), settlement);
    peer.busy(true);
    LaneStep.guarded(
        stage,
        lane,
        outcome -> {
          peer.busy(false);
          then.accept(outcome);
        },
        this::failed);
  }

  private void settled(Inputs.StreamRequest request, Result<List<Settled>> outcome) {
    boolean done =
        outcome instanceof Result.Ok<List<Settled>> ok && ok.value().contains(Settled.DONE);
    boolean holdsOn = request.type() == MODIFY_VISIBILITY || !outcome.isOk();
    if (state == State.ENDED) {
      if (holdsOn) {
        giveBack(Settlement.NACK);
      }
    } else if (done) {
      succeed(request);
    } else if (outcome.isOk()) {
      refuse(request, KubemqError.VISIBILITY_EXPIRED);
      end();
    } else {
      state = State.ACTIVE;
      refuse(request, failure(request.type()));
      expireIfDue();
    }
  }

  private void succeed(Inputs.StreamRequest request) {
    if (request.type() == SEND_MODIFIED && request.modified() != null) {
      stats.sent(Kind.QUEUE, request.modified().message());
    }
    peer.reply(Reply.to(request, ""));
    if (request.type() == MODIFY_VISIBILITY) {
      state = State.ACTIVE;
      startTimer(request);
    } else {
      end();
    }
  }

  private void startTimer(Inputs.StreamRequest request) {
    timer.cancel();
    visibilityOver = false;
    int hold = ++holds;
    long nanos = context.queueRules().visibilityNanos(request.visibilitySeconds());
    timer = context.timers().after(nanos, lane, () -> onVisibilityOver(hold));
  }

  /** A timer that was replaced may have been on its way to the lane already. */
  private void onVisibilityOver(int hold) {
    if (hold == holds) {
      visibilityOver = true;
      expireIfDue();
    }
  }

  /** While settling, what comes of that decides first. */
  private void expireIfDue() {
    if (visibilityOver && state == State.ACTIVE && active != null) {
      begin(active, Settlement.NACK, outcome -> expired());
    }
  }

  private void expired() {
    if (state != State.ENDED && latest != null) {
      refuse(latest, KubemqError.VISIBILITY_EXPIRED);
      end();
    }
  }

  private void refuse(Inputs.StreamRequest request, KubemqError error) {
    peer.reply(Reply.to(request, error.text()));
  }

  private void end() {
    state = State.ENDED;
    timer.cancel();
    peer.end();
  }

  /** Whatever is held goes back; if it is settled already, nothing comes of that. */
  private void failed(RuntimeException cause) {
    state = State.ENDED;
    timer.cancel();
    giveBack(Settlement.RELEASE);
    peer.failed(cause);
  }

  /** Without waiting for what comes of it: nobody is there to be told. */
  private void giveBack(Settlement settlement) {
    if (active != null) {
      LaneStep.of(queues.settle(List.of(active.receipt()), settlement), lane, outcome -> {});
    }
  }
}
