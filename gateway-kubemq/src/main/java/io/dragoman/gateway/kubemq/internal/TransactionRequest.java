// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A request about a transaction, for the stream that polled it.
 *
 * @param caller who wants it
 * @param fromHere whether it came on that stream too
 * @param answer takes, once, what is to be said on the stream that it came on
 */
record TransactionRequest(
    QueuesDownstreamRequest request,
    Caller caller,
    boolean fromHere,
    Consumer<Optional<QueuesDownstreamResponse>> answer) {

  QueuesDownstreamRequestType type() {
    return request.getRequestTypeData();
  }

  String transactionId() {
    return request.getRefTransactionId();
  }

  QueuesDownstreamResponse.Builder response() {
    return DownstreamAnswers.response(request, transactionId());
  }

  void answer(QueuesDownstreamResponse response) {
    answer.accept(Optional.of(response));
  }

  void refuse(String error) {
    answer(DownstreamAnswers.error(request, transactionId(), error));
  }

  /** Success is silent. */
  void done() {
    answer.accept(Optional.empty());
  }

  /** What an answer needs of a request: its range may be large, and the disk slow. */
  TransactionRequest withoutRange() {
    return request.getSequenceRangeCount() == 0 && request.getMetadataCount() == 0
        ? this
        : new TransactionRequest(
            request.toBuilder().clearSequenceRange().clearMetadata().build(),
            caller,
            fromHere,
            answer);
  }
}
