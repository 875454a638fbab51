// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A method with one request and one answer. Calls stay on the event loop they came on. */
final class GrpcUnary<I, O> implements ServerCallHandler<I, O> {

  /** Serves one call. */
  @FunctionalInterface
  interface Action<I, O> {
    void serve(I request, GrpcAnswer<O> answer);
  }

  /** One more than there should be, so that one too many is noticed. */
  private static final int REQUESTS_WANTED = 2;

  private final Supplier<Lane> lanes;
  private final Supplier<Caller> callers;
  private final Action<I, O> action;

  GrpcUnary(Supplier<Lane> lanes, Supplier<Caller> callers, Action<I, O> action) {
    this.lanes = lanes;
    this.callers = callers;
    this.action = action;
  }

  @Override
  public ServerCall.Listener<I> startCall(ServerCall<I, O> call, Metadata headers) {
    call.request(REQUESTS_WANTED);
    return new OneCall(new GrpcAnswer<>(call, lanes.get(), callers.get()));
  }

  private final class OneCall extends ServerCall.Listener<I> {
    private final GrpcAnswer<O> answer;
    private @Nullable I request;

    OneCall(GrpcAnswer<O> answer) {
      this.answer = answer;
    }

    @Override
    public void onMessage(I message) {
      if (request != null) {
        answer.fail(GrpcErrors.NOT_ONE_REQUEST);
      }
      request = message;
    }

    @Override
    public void onHalfClose() {
      I asked = request;
      request = null;
      if (asked == null) {
        answer.fail(GrpcErrors.NOT_ONE_REQUEST);
      } else {
        action.serve(asked, answer);
      }
    }

    @Override
    public void onCancel() {
      answer.cancelled();
    }

    @Override
    public void onComplete() {
      answer.completed();
    }
  }
}
