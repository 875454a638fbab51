// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.PollTransaction.Part;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what is asked about the transactions of one stream, whichever stream it came on. Each
 * request is answered, or silently done, once. For one lane.
 */
final class TransactionRequests {
  static final String FAULT = KubemqErrorMapper.text(LaneStep.FAULT);

  private static final String NOT_FOUND = "transaction is completed or transaction id not found";
  private static final String UNKNOWN = "request unknown";

  /** The stream whose transactions they are. */
  interface Peer {
    /** Nothing of a transaction is left to settle, and all of it is as safe as its queue says. */
    void over(TransactionRequest last);

    /** Fewer requests are under way. */
    void progressed();

    /** Gives messages back that nobody can settle any more. */
    void release(List<Receipt> receipts);

    void failed(RuntimeException cause);
  }

  private final Queues queues;
  private final Lane lane;
  private final PollTransactions transactions;
  private final Peer peer;
  private int settling;

  /** The stream is about to end: nothing may stay with it. */
  private boolean ending;

  TransactionRequests(Queues queues, Lane lane, PollTransactions transactions, Peer peer) {
    this.queues = queues;
    this.lane = lane;
    this.transactions = transactions;
    this.peer = peer;
  }

  /** Requests that settle something and are not done. */
  int settling() {
    return settling;
  }

  /** Takes everything that can be settled, when the stream ends; may be called again. */
  List<Receipt> takeAll() {
    ending = true;
    return transactions.takeAll();
  }

  void serve(TransactionRequest request) {
    PollTransaction transaction = transactions.open(request.transactionId());
    if (transaction == null && !transactions.isClosed(request.transactionId())) {
      request.refuse(NOT_FOUND);
      return;
    }
    if (transaction != null && !request.fromHere()) {
      KubemqError denied =
          request.caller().receive(request.request().getClientID(), transaction.channel());
      if (denied != null) {
        request.refuse(denied.text());
        return;
      }
    }
    PollTransaction active = transaction == null || transaction.isClosed() ? null : transaction;
    switch (request.type()) {
      case AckAll, AckRange, NAckAll, NAckRange, ReQueueAll, ReQueueRange ->
          settle(request, active);
      case ActiveOffsets -> offsets(request, active);
      case TransactionStatus -> status(request, transaction == null);
      case CloseByClient -> close(request, active);
      default ->
          request.answer(
              request
                  .response()
                  .setIsError(true)
                  .setError(UNKNOWN)
                  .setRequestTypeData(QueuesDownstreamRequestType.PollRequestTypeUnknown)
                  .build());
    }
  }

  private static void offsets(TransactionRequest request, @Nullable PollTransaction active) {
    if (active == null) {
      request.refuse("cannot get active offsets with closed response ");
    } else {
      request.answer(request.response().addAllActiveOffsets(active.offsets()).build());
    }
  }

  private static void status(TransactionRequest request, boolean complete) {
    request.answer(request.response().setTransactionComplete(complete).build());
  }

  private void close(TransactionRequest request, @Nullable PollTransaction active) {
    if (active == null) {
      request.done();
    } else {
      settle(request, active, active.beginAll(), Settlement.RELEASE, "");
    }
  }

  private void settle(TransactionRequest request, @Nullable PollTransaction active) {
    PollSettlement settlement = PollSettlement.of(request.request());
    String error = settlement.refusal(request.caller(), active);
    if (error != null || active == null) {
      request.refuse(String.valueOf(error));
    } else {
      Part part = settlement.part(active);
      settle(request, active, part, settlement.settlement(), settlement.failure(part));
    }
  }

  /**
   * @param failure begins the text for the client should it fail
   */
  private void settle(
      TransactionRequest request,
      PollTransaction transaction,
      Part part,
      Settlement settlement,
      String failure) {
    settling++;
    TransactionRequest kept = request.withoutRange();
    LaneStep.guarded(
        queues.settle(part.receipts(), settlement),
        lane,
        outcome -> {
          settling--;
          settled(kept, transaction, part, outcome, failure);
          peer.progressed();
        },
        cause -> {
          peer.failed(cause);
          kept.refuse(FAULT);
        });
  }

  private void settled(
      TransactionRequest request,
      PollTransaction transaction,
      Part part,
      Result<List<Settled>> outcome,
      String failure) {
    if (outcome.isOk()) {
      transactions.settled(transaction, part);
      if (transaction.isOver()) {
        transactions.closed(transaction.id());
        peer.over(request);
      }
      request.done();
    } else {
      transaction.failed(part);
      request.refuse(failure + KubemqErrorMapper.text(outcome));
      if (ending) {
        peer.release(transaction.beginAll().receipts());
      }
    }
  }
}
