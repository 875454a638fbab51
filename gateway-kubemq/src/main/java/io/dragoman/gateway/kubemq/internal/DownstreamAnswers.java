// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Receipt;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stream of a consumer has to say, and how much of it has gone out. For one lane.
 *
 * <p>Messages that are acknowledged for the client must be acknowledged only once the client has
 * them, as far as can be known here: once the last byte of everything said so far has been written
 * to the socket. That is when the stream is ready again, for its threshold is one byte and only
 * what was written counts.
 */
final class DownstreamAnswers {

  /** Who is told of progress. */
  interface Progress {
    /**
     * More has gone out.
     *
     * @param autoAcknowledged the messages in it that are to be acknowledged for the client
     */
    void written(List<Receipt> autoAcknowledged);
  }

  private record Sent(long bytes, boolean poll, List<Receipt> autoAcknowledged) {}

  private final ServerCallStreamObserver<QueuesDownstreamResponse> out;
  private final PollAnswers budget;
  private final Progress progress;
  private final List<Sent> unwritten = new ArrayList<>();
  private long bytes;
  private long otherBytes;
  private boolean abandoned;

  DownstreamAnswers(
      ServerCallStreamObserver<QueuesDownstreamResponse> out,
      PollAnswers budget,
      Progress progress) {
    this.out = out;
    this.budget = budget;
    this.progress = progress;
    out.setOnReadyThreshold(1);
    out.setOnReadyHandler(this::onReady);
  }

  /** What every answer to a request says. */
  static QueuesDownstreamResponse.Builder response(
      QueuesDownstreamRequest request, String transactionId) {
    return QueuesDownstreamResponse.newBuilder()
        .setTransactionId(transactionId)
        .setRefRequestId(request.getRequestID())
        .setRequestTypeDataValue(request.getRequestTypeDataValue());
  }

  static QueuesDownstreamResponse error(
      QueuesDownstreamRequest request, String transactionId, String error) {
    return response(request, transactionId).setIsError(true).setError(error).build();
  }

  /** An answer to a poll, with the receipts of what is to be acknowledged once it has gone out. */
  void poll(QueuesDownstreamResponse answer, List<Receipt> autoAcknowledged) {
    send(answer, true, autoAcknowledged);
  }

  void other(QueuesDownstreamResponse answer) {
    send(answer, false, List.of());
  }

  private void send(QueuesDownstreamResponse answer, boolean poll, List<Receipt> autoAcknowledged) {
    Sent sent = new Sent(answer.getSerializedSize(), poll, autoAcknowledged);
    unwritten.add(sent);
    bytes += sent.bytes();
    otherBytes += poll ? 0 : sent.bytes();
    budget.taken(sent.bytes());
    out.onNext(answer);
  }

  /** Bytes that have not gone out yet. */
  long unwrittenBytes() {
    return bytes;
  }

  /** Those of them that are not answers to polls. */
  long unwrittenOtherBytes() {
    return otherBytes;
  }

  boolean allWritten() {
    return unwritten.isEmpty();
  }

  private void onReady() {
    if (out.isReady() && !abandoned && !unwritten.isEmpty()) {
      progress.written(clear());
    }
  }

  private List<Receipt> clear() {
    List<Receipt> autoAcknowledged = new ArrayList<>();
    for (Sent sent : unwritten) {
      forget(sent);
      autoAcknowledged.addAll(sent.autoAcknowledged());
    }
    unwritten.clear();
    return autoAcknowledged;
  }

  private void forget(Sent sent) {
    bytes -= sent.bytes();
    otherBytes -= sent.poll() ? 0 : sent.bytes();
    budget.released(sent.bytes());
  }

  /** The stream is gone: gives what was to be acknowledged and may not have arrived. */
  List<Receipt> abandon() {
    abandoned = true;
    return clear();
  }
}
