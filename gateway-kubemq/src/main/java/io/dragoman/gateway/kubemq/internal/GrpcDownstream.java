// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.LaneStep;
import io.dragoman.core.Delivery;
import io.dragoman.core.Ids;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.PollTransaction.Part;
import io.dragoman.gateway.kubemq.internal.Polls.Poll;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
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
 * <p>A client that does not take its answers is given no more: its polls wait, and when even other
 * answers pile up, its requests are not read.
 */
final class GrpcDownstream implements StreamObserver<QueuesDownstreamRequest>, GrpcStreams.Open {
  private static final String NOT_FOUND = "transaction is completed or transaction id not found";
  private static final String UNKNOWN = "request unknown";
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
  private final PollTransactions transactions = new PollTransactions();
  private final Consumer<RuntimeException> guard = this::failed;

  /** Requests that settle something and are not done. */
  private int settling;

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
      PollAnswers budget) {
    this.caller = context.entrance().caller();
    this.stats = context.grpcStats();
    this.queues = context.broker().queues();
    this.lane = lane;
    this.out = out;
    this.streams = streams;
    this.answers = new DownstreamAnswers(out, budget, this::written);
    this.polls = new Polls(queues, lane, budget, this::polled, guard);
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
    return settling < SETTLING_MAX && answers.unwrittenOtherBytes() < UNWRITTEN_BYTES_MAX;
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
    answers.other(error(request, Ids.uuid(), error));
  }

  private void polled(Poll poll, Result<Received> outcome) {
    List<Delivery> deliveries =
        outcome instanceof Result.Ok<Received> ok ? ok.value().deliveries() : List.of();
    try {
      polled(poll, outcome, deliveries);
    } catch (RuntimeException e) {
      // They may not have come to a transaction yet; what has been settled already stays so.
      settle(receipts(deliveries), Settlement.RELEASE);
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
    String id = Ids.uuid();
    boolean complete = request.getAutoAck() || deliveries.isEmpty();
    if (complete) {
      transactions.closed(id);
    } else {
      transactions.opened(new PollTransaction(id, deliveries));
    }
    QueuesDownstreamResponse.Builder answer =
        response(request, id).setTransactionComplete(complete);
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
    resume();
    endWhenDone();
  }

  // --- transactions

  private void ofTransaction(QueuesDownstreamRequest request) {
    PollTransaction transaction = transactions.open(request.getRefTransactionId());
    boolean known = transaction != null || transactions.isClosed(request.getRefTransactionId());
    if (!known) {
      refuse(request, NOT_FOUND);
      return;
    }
    PollTransaction active = transaction == null || transaction.isClosed() ? null : transaction;
    switch (request.getRequestTypeData()) {
      case AckAll, AckRange, NAckAll, NAckRange, ReQueueAll, ReQueueRange ->
          settle(request, active);
      case ActiveOffsets -> offsets(request, active);
      case TransactionStatus -> status(request, transaction == null);
      case CloseByClient -> close(request, active);
      default ->
          answers.other(
              error(request, request.getRefTransactionId(), UNKNOWN).toBuilder()
                  .setRequestTypeData(QueuesDownstreamRequestType.PollRequestTypeUnknown)
                  .build());
    }
  }

  private void offsets(QueuesDownstreamRequest request, @Nullable PollTransaction active) {
    if (active == null) {
      refuse(request, "cannot get active offsets with closed response ");
    } else {
      answers.other(response(request, active.id()).addAllActiveOffsets(active.offsets()).build());
    }
  }

  private void status(QueuesDownstreamRequest request, boolean complete) {
    answers.other(
        response(request, request.getRefTransactionId()).setTransactionComplete(complete).build());
  }

  private void close(QueuesDownstreamRequest request, @Nullable PollTransaction active) {
    if (active != null) {
      Part all = active.beginAll();
      settle(request, active, all, Settlement.RELEASE, "");
    }
  }

  private void settle(QueuesDownstreamRequest request, @Nullable PollTransaction active) {
    PollSettlement settlement = PollSettlement.of(request);
    String error = settlement.refusal(caller, active);
    if (error != null || active == null) {
      refuse(request, String.valueOf(error));
    } else {
      Part part = settlement.part(active);
      settle(request, active, part, settlement.settlement(), settlement.failure(part));
    }
  }

  /**
   * @param failure begins the text for the client should it fail
   */
  private void settle(
      QueuesDownstreamRequest request,
      PollTransaction transaction,
      Part part,
      Settlement settlement,
      String failure) {
    settling++;
    QueuesDownstreamRequest kept = withoutRange(request);
    LaneStep.guarded(
        queues.settle(part.receipts(), settlement),
        lane,
        outcome -> {
          settling--;
          settled(kept, transaction, part, outcome, failure);
          resume();
          endWhenDone();
        },
        guard);
  }

  /** What an answer needs of a request: its range may be large, and the disk slow. */
  private static QueuesDownstreamRequest withoutRange(QueuesDownstreamRequest request) {
    return request.getSequenceRangeCount() == 0 && request.getMetadataCount() == 0
        ? request
        : request.toBuilder().clearSequenceRange().clearMetadata().build();
  }

  private void settled(
      QueuesDownstreamRequest request,
      PollTransaction transaction,
      Part part,
      Result<List<Settled>> outcome,
      String failure) {
    if (outcome.isOk()) {
      transactions.settled(transaction, part);
    } else {
      transaction.failed(part);
      refuse(request, failure + KubemqErrorMapper.text(outcome));
      if (ending || ended) {
        settle(transaction.beginAll().receipts(), Settlement.RELEASE);
      }
    }
    if (transaction.isOver() && !ended) {
      transactions.closed(transaction.id());
      answers.other(
          response(request, transaction.id())
              .setRequestTypeData(QueuesDownstreamRequestType.TransactionStatus)
              .setTransactionComplete(true)
              .build());
    }
  }

  /** Without waiting for what comes of it: nobody is there to be told. */
  private void settle(List<Receipt> receipts, Settlement settlement) {
    if (!receipts.isEmpty()) {
      LaneStep.of(queues.settle(receipts, settlement), lane, outcome -> {});
    }
  }

  // --- answers

  private void refuse(QueuesDownstreamRequest request, String error) {
    if (!ended) {
      answers.other(error(request, request.getRefTransactionId(), error));
    }
  }

  private static QueuesDownstreamResponse error(
      QueuesDownstreamRequest request, String transactionId, String error) {
    return response(request, transactionId).setIsError(true).setError(error).build();
  }

  private static QueuesDownstreamResponse.Builder response(
      QueuesDownstreamRequest request, String transactionId) {
    return QueuesDownstreamResponse.newBuilder()
        .setTransactionId(transactionId)
        .setRefRequestId(request.getRequestID())
        .setRequestTypeDataValue(request.getRequestTypeDataValue());
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
    settle(transactions.takeAll(), Settlement.RELEASE);
    endWhenDone();
  }

  private void endWhenDone() {
    if (ending && !ended && settling == 0 && polls.isEmpty() && answers.allWritten()) {
      left();
      if (leaving) {
        out.onError(GrpcErrors.LEAVING.asException());
      } else {
        out.onCompleted();
      }
    }
  }

  private void failed(RuntimeException cause) {
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
    List<Receipt> held = transactions.takeAll();
    held.addAll(answers.abandon());
    settle(held, Settlement.RELEASE);
  }
}
