// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Delivery;
import io.dragoman.core.Ids;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.Polls.Poll;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A consumer's stream (spec: kubemq §3.4): polls, each of which opens a transaction, and requests
 * that settle the messages of transactions. Requests do not wait for each other. For one lane.
 *
 * <p>Messages are held until they are settled, however long that takes: this interface knows no
 * visibility timeout. What is not settled when the stream ends, in whatever way, returns to its
 * place at once.
 *
 * <p>A request about a transaction that another stream polled is handed to that stream's lane, done
 * there, and answered here. While it is away it counts as one of this stream: in the bound, in the
 * budget for bodies in flight, and this stream does not end before.
 *
 * <p>A client that does not take its answers is given no more: its polls wait, and when even other
 * answers pile up, its requests are not read.
 */
final class GrpcDownstream
    implements StreamObserver<QueuesDownstreamRequest>,
        GrpcStreams.Open,
        OpenTransactions.Owner,
        TransactionRequests.Peer {
  private static final String TOO_MANY_POLLS = "too many polls are waiting on this stream";
  private static final String TOO_MANY_MESSAGES =
      "too many messages of this stream are neither acknowledged nor rejected";

  /** With so much unwritten, polls wait, and with so much of other answers, everything. */
  private static final long UNWRITTEN_BYTES_MAX = 1L << 20;

  private static final int SETTLING_MAX = 1000;
  private static final long UNSETTLED_MAX = 1_000_000;

  private final Caller caller;
  private final InterfaceStats stats;
  private final Queues queues;
  private final Lane lane;
  private final ServerCallStreamObserver<QueuesDownstreamResponse> out;
  private final GrpcStreams streams;
  private final DownstreamAnswers answers;
  private final Polls polls;
  private final PollTransactions transactions;
  private final TransactionRequests requests;
  private final @Nullable InboundBudget bodies = InboundBudget.current();
  private final Consumer<RuntimeException> guard = this::failed;

  /** Requests of this stream that other ones are to do, and have not done. */
  private int away;

  /** The answer to the latest of them may be long, so nothing more is read until it is there. */
  private boolean listing;

  private boolean paused;

  /** The client has said all, or the broker leaves. */
  private boolean ending;

  private boolean leaving;
  private boolean ended;

  GrpcDownstream(
      GatewayContext context,
      Lane lane,
      ServerCallStreamObserver<QueuesDownstreamResponse> out,
      GrpcStreams streams,
      PollAnswers budget,
      OpenTransactions everywhere) {
    this.caller = context.entrance().caller();
    this.stats = context.grpcStats();
    this.queues = context.broker().queues();
    this.lane = lane;
    this.out = out;
    this.streams = streams;
    this.answers = new DownstreamAnswers(out, budget, this::written);
    this.polls = new Polls(queues, lane, budget, this::polled, guard);
    this.transactions = new PollTransactions(everywhere, this);
    this.requests = new TransactionRequests(queues, lane, transactions, this);
    out.disableAutoRequest();
    out.setOnCancelHandler(this::left);
    // Also when the call is ended for it: a request that cannot be read, or that there is no room
    // for.
    out.setOnCloseHandler(this::left);
    streams.add(this);
    stats.opened(Use.QUEUE_RECEIVERS);
    out.request(1);
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public void onNext(QueuesDownstreamRequest request) {
    if (ending) {
      return;
    }
    if (request.getRequestTypeData() == QueuesDownstreamRequestType.Get) {
      poll(request);
    } else {
      ofTransaction(request);
    }
    readOn();
  }

  private void readOn() {
    if (mayRead()) {
      out.request(1);
    } else {
      paused = true;
    }
  }

  private void resume() {
    if (paused && !ended && mayRead()) {
      paused = false;
      out.request(1);
    }
  }

  private boolean mayRead() {
    return underWay() < SETTLING_MAX
        && !listing
        && answers.unwrittenOtherBytes() < UNWRITTEN_BYTES_MAX;
  }

  /** Requests about transactions that are not done. */
  private int underWay() {
    return requests.settling() + away;
  }

  // --- polls

  private void poll(QueuesDownstreamRequest request) {
    KubemqError error = caller.poll(request.getClientID(), request.getChannel());
    if (error != null) {
      refusePoll(request, error.text());
    } else if (polls.isFull()) {
      refusePoll(request, TOO_MANY_POLLS);
    } else if (transactions.unsettled() >= UNSETTLED_MAX) {
      refusePoll(request, TOO_MANY_MESSAGES);
    } else if (mayAnswerPolls()) {
      polls.start(request);
    } else {
      polls.postpone(request);
    }
  }

  private boolean mayAnswerPolls() {
    return answers.unwrittenBytes() < UNWRITTEN_BYTES_MAX;
  }

  private void refusePoll(QueuesDownstreamRequest request, String error) {
    answers.other(DownstreamAnswers.error(request, Ids.uuid(), error));
  }

  private void polled(Poll poll, Result<Received> outcome) {
    List<Delivery> deliveries =
        outcome instanceof Result.Ok<Received> ok ? ok.value().deliveries() : List.of();
    try {
      polled(poll, outcome, deliveries);
    } catch (RuntimeException e) {
      // They may not have come to a transaction yet; what has been settled already stays so.
      release(receipts(deliveries));
      throw e;
    }
  }

  private void polled(Poll poll, Result<Received> outcome, List<Delivery> deliveries) {
    if (ended || isUnwanted(poll.request())) {
      settle(receipts(deliveries), Settlement.PUT_BACK);
    } else if (!outcome.isOk()) {
      refusePoll(poll.request(), KubemqErrorMapper.text(outcome));
    } else if (deliveries.isEmpty() || mayAnswerPolls()) {
      answer(poll.request(), deliveries);
    } else {
      settle(receipts(deliveries), Settlement.PUT_BACK);
      polls.postpone(poll);
    }
    endWhenDone();
  }

  /** Nobody could settle what it gives. */
  private boolean isUnwanted(QueuesDownstreamRequest request) {
    return leaving || ending && !request.getAutoAck();
  }

  private void answer(QueuesDownstreamRequest request, List<Delivery> deliveries) {
    boolean complete = request.getAutoAck() || deliveries.isEmpty();
    // Whoever knows the id of an open one may settle it, so it must not be guessed from others.
    String id = complete ? Ids.uuid() : UUID.randomUUID().toString();
    if (complete) {
      transactions.closed(id);
    } else {
      transactions.opened(new PollTransaction(id, deliveries));
    }
    QueuesDownstreamResponse.Builder answer =
        DownstreamAnswers.response(request, id).setTransactionComplete(complete);
    long volume = 0;
    for (Delivery delivery : deliveries) {
      volume += InterfaceStats.volume(delivery.message().message());
      answer.addMessages(GrpcEncoders.queueMessage(delivery.message()));
    }
    if (!deliveries.isEmpty()) {
      stats.received(Kind.QUEUE, request.getChannel(), deliveries.size(), volume);
    }
    answers.poll(answer.build(), request.getAutoAck() ? receipts(deliveries) : List.of());
  }

  private static List<Receipt> receipts(List<Delivery> deliveries) {
    List<Receipt> receipts = new ArrayList<>(deliveries.size());
    for (Delivery delivery : deliveries) {
      receipts.add(delivery.receipt());
    }
    return receipts;
  }

  /** The client has more of what was said, as far as can be known. */
  private void written(List<Receipt> autoAcknowledged) {
    settle(autoAcknowledged, Settlement.ACK);
    if (mayAnswerPolls()) {
      polls.startPostponed();
    }
    progressed();
  }

  // --- transactions

  private void ofTransaction(QueuesDownstreamRequest request) {
    OpenTransactions.Owner other = transactions.elsewhere(request.getRefTransactionId());
    if (other == null) {
      requests.serve(new TransactionRequest(request, caller, true, this::say));
    } else {
      handOver(request, other);
    }
  }

  private void handOver(QueuesDownstreamRequest request, OpenTransactions.Owner other) {
    long held = bodies == null ? 0 : bodies.claim();
    boolean lists = request.getRequestTypeData() == QueuesDownstreamRequestType.ActiveOffsets;
    away++;
    listing |= lists;
    LaneStep.of(
        other.ask(request, caller),
        lane,
        Optional.of(
            DownstreamAnswers.error(
                request, request.getRefTransactionId(), TransactionRequests.FAULT)),
        answer -> {
          away--;
          listing &= !lists;
          if (bodies != null) {
            bodies.giveBack(held);
          }
          say(answer);
          progressed();
        },
        guard);
  }

  @Override
  public CompletionStage<Optional<QueuesDownstreamResponse>> ask(
      QueuesDownstreamRequest request, Caller asking) {
    CompletableFuture<Optional<QueuesDownstreamResponse>> answer = new CompletableFuture<>();
    lane.execute(
        () -> {
          try {
            requests.serve(new TransactionRequest(request, asking, false, answer::complete));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
            failed(e);
          }
        });
    return answer;
  }

  private void say(Optional<QueuesDownstreamResponse> answer) {
    if (!ended) {
      answer.ifPresent(answers::other);
    }
  }

  /**
   * The client of this stream is told also when another one asked; then without that one's request
   * id, which may be like one of this client's, and not while this client does not take what it is
   * told, for that does not keep the other from going on.
   */
  @Override
  public void over(TransactionRequest last) {
    QueuesDownstreamResponse.Builder end =
        last.response()
            .setRequestTypeData(QueuesDownstreamRequestType.TransactionStatus)
            .setTransactionComplete(true);
    if (last.fromHere()) {
      say(Optional.of(end.build()));
    } else if (answers.unwrittenOtherBytes() < UNWRITTEN_BYTES_MAX) {
      say(Optional.of(end.clearRefRequestId().build()));
    }
  }

  @Override
  public void progressed() {
    resume();
    endWhenDone();
  }

  @Override
  public void release(List<Receipt> receipts) {
    settle(receipts, Settlement.RELEASE);
  }

  /** Without waiting for what comes of it: nobody is there to be told. */
  private void settle(List<Receipt> receipts, Settlement settlement) {
    if (!receipts.isEmpty()) {
      LaneStep.of(queues.settle(receipts, settlement), lane, outcome -> {});
    }
  }

  // --- the end

  /**
   * The client says no more. It may still take what it asked to be acknowledged for it; anything
   * else it could not settle any more.
   */
  @Override
  public void onCompleted() {
    finish(request -> !request.getAutoAck());
  }

  @Override
  public void drain() {
    leaving = true;
    finish(request -> true);
  }

  private void finish(Predicate<QueuesDownstreamRequest> unwanted) {
    ending = true;
    polls.cancel(unwanted);
    release(requests.takeAll());
    endWhenDone();
  }

  private void endWhenDone() {
    if (ending && !ended && underWay() == 0 && polls.isEmpty() && answers.allWritten()) {
      left();
      if (leaving) {
        out.onError(GrpcErrors.LEAVING.asException());
      } else {
        out.onCompleted();
      }
    }
  }

  @Override
  public void failed(RuntimeException cause) {
    if (!ended) {
      left();
      out.onError(GrpcErrors.FAULT.withCause(cause).asException());
    }
  }

  @Override
  public void onError(Throwable cause) {
    left();
  }

  private void left() {
    if (ended) {
      return;
    }
    ended = true;
    streams.remove(this);
    stats.closed(Use.QUEUE_RECEIVERS);
    polls.cancel(request -> true);
    List<Receipt> held = requests.takeAll();
    held.addAll(answers.abandon());
    release(held);
  }
}
