// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.PollTransaction.Part;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants done with messages it has polled: which, what, and how a refusal reads. The
 * texts are the reference's to the last blank, for clients compare them.
 */
final class PollSettlement {

  private enum Deed {
    ACK("ack"),
    NACK("nack"),
    REQUEUE("requeue");

    private final String verb;

    Deed(String verb) {
      this.verb = verb;
    }
  }

  private final QueuesDownstreamRequest request;
  private final Deed deed;
  private final boolean all;

  private PollSettlement(QueuesDownstreamRequest request, Deed deed, boolean all) {
    this.request = request;
    this.deed = deed;
    this.all = all;
  }

  /** Of a request that is one to settle something. */
  static PollSettlement of(QueuesDownstreamRequest request) {
    return switch (request.getRequestTypeData()) {
      case AckAll -> new PollSettlement(request, Deed.ACK, true);
      case AckRange -> new PollSettlement(request, Deed.ACK, false);
      case NAckAll -> new PollSettlement(request, Deed.NACK, true);
      case NAckRange -> new PollSettlement(request, Deed.NACK, false);
      case ReQueueAll -> new PollSettlement(request, Deed.REQUEUE, true);
      case ReQueueRange -> new PollSettlement(request, Deed.REQUEUE, false);
      default -> throw new IllegalArgumentException("settles nothing: " + request);
    };
  }

  /**
   * Why it cannot be done, or null; nothing is done in part.
   *
   * @param caller who wants it
   * @param transaction null when it is closed
   */
  @Nullable String refusal(Caller caller, @Nullable PollTransaction transaction) {
    if (transaction == null) {
      boolean saysAck = request.getRequestTypeData() == QueuesDownstreamRequestType.ReQueueAll;
      return "cannot " + (saysAck ? Deed.ACK : deed).verb + " messages with closed response ";
    }
    if (deed == Deed.REQUEUE && request.getReQueueChannel().isEmpty()) {
      return "cannot requeue messages with empty channel destination ";
    }
    if (!all && request.getSequenceRangeCount() == 0) {
      return "cannot " + deed.verb + " empty list of of offsets";
    }
    Long unknown = all ? null : transaction.firstUnknown(request.getSequenceRangeList());
    if (unknown != null) {
      return "invalid " + (deed == Deed.NACK ? "nack" : "ack") + " sequence id " + unknown;
    }
    KubemqError error =
        deed == Deed.REQUEUE
            ? caller.requeue(request.getClientID(), request.getReQueueChannel())
            : null;
    return error == null ? null : failure(first(transaction)) + error.text();
  }

  private long first(PollTransaction transaction) {
    return all ? transaction.offsets().get(0) : request.getSequenceRange(0);
  }

  /** Takes what it is about out of the transaction. */
  Part part(PollTransaction transaction) {
    return all ? transaction.beginAll() : transaction.begin(request.getSequenceRangeList());
  }

  Settlement settlement() {
    return switch (deed) {
      case ACK -> Settlement.ACK;
      case NACK -> Settlement.NACK;
      case REQUEUE -> new Settlement.MoveTo(request.getReQueueChannel());
    };
  }

  /** How the text begins that says why it failed. */
  String failure(Part part) {
    return failure(part.sequences().get(0));
  }

  private String failure(long sequence) {
    return switch (deed) {
      case ACK -> "";
      case NACK -> "nack message with seq " + sequence + " failed, ";
      case REQUEUE -> "re-queue message with seq " + sequence + " failed, ";
    };
  }
}
