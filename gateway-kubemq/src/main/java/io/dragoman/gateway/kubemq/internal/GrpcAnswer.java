// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Result;
import io.dragoman.transport.ResponseListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one answer to a call with one request. Given at most once; what comes later, or after the
 * client has gone, is dropped. For one lane.
 */
final class GrpcAnswer<O> {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcAnswer.class);

  private final ServerCall<?, O> call;
  private final Lane lane;
  private final Caller caller;
  private final @Nullable InboundBudget budget = InboundBudget.current();
  private Runnable onGone = () -> {};
  private ResponseListener written = ok -> {};
  private boolean answered;
  private boolean gone;

  GrpcAnswer(ServerCall<?, O> call, Lane lane, Caller caller) {
    this.call = call;
    this.lane = lane;
    this.caller = caller;
  }

  /** Whom it is for. */
  Caller caller() {
    return caller;
  }

  void send(O message) {
    send(message, ok -> {});
  }

  /** Answers, and tells whether the kernel took the answer. */
  void send(O message, ResponseListener listener) {
    if (answered || gone) {
      listener.written(false);
      return;
    }
    answered = true;
    written = listener;
    call.sendHeaders(new Metadata());
    call.sendMessage(message);
    call.close(Status.OK, new Metadata());
  }

  void fail(KubemqError error) {
    fail(GrpcErrors.refused(error));
  }

  void fail(Status status) {
    if (!answered && !gone) {
      answered = true;
      call.close(status, new Metadata());
    }
  }

  /**
   * The call will wait, perhaps for long, and holds nothing of its request any more but names and
   * numbers. The task runs when the client goes away before it was answered.
   */
  void waits(Runnable task) {
    onGone = task;
    if (budget != null) {
      budget.release();
    }
  }

  /** Goes on with the stage's outcome on the lane. If that fails, the client is told. */
  <T> void await(CompletionStage<Result<T>> stage, Consumer<Result<T>> then) {
    await(stage, Result.refused(LaneStep.FAULT), then);
  }

  /** The same for other outcomes, with what stands for a fault. */
  <T> void await(CompletionStage<? extends T> stage, T onFault, Consumer<T> then) {
    // Whether its client is still there or not, what the call waits for holds the request.
    long held = budget == null ? 0 : budget.claim();
    LaneStep.of(
        stage,
        lane,
        onFault,
        outcome -> {
          try {
            then.accept(outcome);
          } catch (RuntimeException e) {
            LOG.error("A call could not be answered", e);
            fail(GrpcErrors.FAULT);
          } finally {
            if (budget != null) {
              budget.giveBack(held);
            }
          }
        });
  }

  /** The answer and the end of the call have been handed to the kernel. */
  void completed() {
    ResponseListener listener = written;
    written = ok -> {};
    listener.written(true);
  }

  void cancelled() {
    gone = true;
    ResponseListener listener = written;
    written = ok -> {};
    listener.written(false);
    if (!answered) {
      onGone.run();
    }
  }
}
