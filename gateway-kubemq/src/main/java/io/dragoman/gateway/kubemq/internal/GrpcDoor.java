// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.security.Watch;
import io.dragoman.transport.Guest;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every call of the gRPC port passes: it is refused while the broker takes none, its messages
 * are counted against the budget for bodies in flight, and a fault while serving it ends it instead
 * of leaving it without an answer.
 */
final class GrpcDoor extends ServerStreamTracer.Factory implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcDoor.class);

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final GatewayContext context;
  private final Guest guest;
  private final GrpcStreams streams;
  private final Supplier<Lane> lanes;
  private final GrpcCallMetrics metrics;

  GrpcDoor(
      GatewayContext context,
      Guest guest,
      String listener,
      GrpcStreams streams,
      Supplier<Lane> lanes) {
    this.context = context;
    this.guest = guest;
    this.streams = streams;
    this.lanes = lanes;
    this.metrics = new GrpcCallMetrics(context.broker().metrics(), listener);
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new InboundBudget(guest, metrics);
  }

  @Override
  public <I, O> ServerCall.Listener<I> interceptCall(
      ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
    boolean ours = GrpcMethods.serves(call.getMethodDescriptor().getServiceName());
    if (ours && !context.accepting()) {
      call.close(GrpcErrors.NOT_READY, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (!context.entrance().isRequired() || isProbe(call)) {
      return serve(call, headers, next, null);
    }
    Entrance.Admission admission = context.entrance().admit(headers.get(AUTHORIZATION));
    Caller caller = admission.caller();
    if (caller == null) {
      call.close(GrpcErrors.unauthenticated(admission.error()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    Context during = Entrance.with(caller);
    Context before = during.attach();
    try {
      return serve(call, headers, next, caller);
    } finally {
      during.detach(before);
    }
  }

  /** Kubernetes asks for the health of a service without a token. */
  private static boolean isProbe(ServerCall<?, ?> call) {
    return HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName());
  }

  private <I, O> ServerCall.Listener<I> serve(
      ServerCall<I, O> call,
      Metadata headers,
      ServerCallHandler<I, O> next,
      @Nullable Caller caller) {
    boolean ours = GrpcMethods.serves(call.getMethodDescriptor().getServiceName());
    Guarded<I, O> guarded = new Guarded<>(call);
    Visit<I> visit = new Visit<>(guarded, ours ? null : lanes.get());
    visit.start(next.startCall(guarded, headers));
    if (caller != null
        && call.getMethodDescriptor().getType() != MethodDescriptor.MethodType.UNARY) {
      visit.endWith(caller);
    }
    return visit;
  }

  /** A call that can be closed more than once; what is said after the first time is dropped. */
  private static final class Guarded<I, O> extends SimpleForwardingServerCall<I, O> {
    private boolean closed;

    Guarded(ServerCall<I, O> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      if (!closed) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public void sendMessage(O message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }

  /**
   * One call on its way through. Calls of services that are not ours may last as long as they like,
   * so they are ended when the broker leaves.
   */
  private final class Visit<I> extends ServerCall.Listener<I> implements GrpcStreams.Open {
    private final Guarded<I, ?> call;
    private final @Nullable Lane endedOn;
    private final @Nullable InboundBudget budget;
    private final boolean manyMessages;
    private ServerCall.Listener<I> served = new ServerCall.Listener<>() {};
    private Watch watch = Watch.NONE;

    Visit(Guarded<I, ?> call, @Nullable Lane endedOn) {
      this.call = call;
      this.endedOn = endedOn;
      this.manyMessages = !call.getMethodDescriptor().getType().clientSendsOneMessage();
      this.budget = InboundBudget.current();
      if (budget != null) {
        budget.belongsTo(call);
      }
    }

    void start(ServerCall.Listener<I> listener) {
      served = listener;
      if (endedOn != null) {
        streams.add(this);
      }
    }

    /** A stream ends when the token expires that it was begun with. */
    void endWith(Caller caller) {
      watch =
          context
              .entrance()
              .watch(
                  caller,
                  lanes.get(),
                  () -> call.close(GrpcErrors.unauthenticated(Entrance.expired()), new Metadata()));
    }

    @Override
    public Lane lane() {
      return endedOn == null ? lanes.get() : endedOn;
    }

    @Override
    public void drain() {
      call.close(GrpcErrors.NOT_READY, new Metadata());
    }

    private void serve(Runnable part) {
      try {
        part.run();
      } catch (RuntimeException e) {
        LOG.error("A call of {} failed", call.getMethodDescriptor().getFullMethodName(), e);
        call.close(GrpcErrors.FAULT, new Metadata());
      }
    }

    @Override
    public void onMessage(I message) {
      Status unreadable = budget == null ? null : budget.unreadable();
      if (unreadable != null) {
        call.close(unreadable, new Metadata());
      } else if (!call.closed) {
        serve(() -> served.onMessage(message));
      }
      if (budget != null && manyMessages) {
        budget.release();
      }
    }

    @Override
    public void onHalfClose() {
      if (!call.closed) {
        serve(served::onHalfClose);
      }
    }

    @Override
    public void onReady() {
      serve(served::onReady);
    }

    @Override
    public void onCancel() {
      call.closed = true;
      left();
      serve(served::onCancel);
    }

    @Override
    public void onComplete() {
      left();
      serve(served::onComplete);
    }

    private void left() {
      watch.cancel();
      streams.remove(this);
    }
  }
}
