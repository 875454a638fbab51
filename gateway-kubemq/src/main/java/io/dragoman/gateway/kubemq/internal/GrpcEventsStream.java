// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.Result;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * {@code SendEventsStream}: a result for each event that is stored or refused, in the order of the
 * events; none for others that were sent, which clients do not expect (spec: kubemq §3.3). When
 * many events are on their way, or the client does not read its results, nothing more is asked of
 * it. For one lane.
 */
final class GrpcEventsStream extends ServerCall.Listener<Event>
    implements GrpcStreams.Open, OrderedSends.Peer {
  private final GatewayContext context;
  private final GrpcStreams streams;
  private final ServerCall<Event, Result> call;
  private final Lane lane;
  private final OrderedSends sends;
  private final GrpcOutflow<Result> out;
  private final @Nullable InboundBudget budget = InboundBudget.current();

  /** No event is awaited. */
  private boolean paused;

  /** The client, or the broker, has no more to say. */
  private boolean ending;

  private boolean ended;

  GrpcEventsStream(
      GatewayContext context, GrpcStreams streams, ServerCall<Event, Result> call, Lane lane) {
    this.context = context;
    this.streams = streams;
    this.call = call;
    this.lane = lane;
    this.sends =
        new OrderedSends(context, context.entrance().caller(), context.grpcStats(), lane, this);
    this.out = new GrpcOutflow<>(call, number -> {});
    streams.add(this);
    context.grpcStats().opened(Use.EVENTS_STREAM_SENDERS);
    call.sendHeaders(new Metadata());
    call.request(1);
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public void onMessage(Event message) {
    if (ending) {
      return;
    }
    sends.send(GrpcDecoders.event(message));
    if (isFull()) {
      paused = true;
      context.sendersPaused().increment();
    } else {
      call.request(1);
    }
  }

  @Override
  public long hold() {
    return budget == null ? 0 : budget.claim();
  }

  @Override
  public void failed(RuntimeException cause) {
    left();
    call.close(GrpcErrors.FAULT, new Metadata());
  }

  @Override
  public void told(Inputs.Event event, String error, long held) {
    if (budget != null) {
      budget.giveBack(held);
    }
    if (!ended && (event.store() || !error.isEmpty())) {
      String id = event.message().id();
      Result result =
          error.isEmpty() ? GrpcEncoders.eventSent(id) : GrpcEncoders.eventRefused(id, error);
      out.send(result, result.getSerializedSize());
    }
  }

  @Override
  public void toldAll() {
    out.arm();
    resume();
    endWhenDone();
  }

  @Override
  public void onReady() {
    out.onReady();
    resume();
  }

  private boolean isFull() {
    return sends.isFull() || out.pendingBytes() > context.options().subscriberBufferBytes();
  }

  private void resume() {
    if (paused
        && !ended
        && sends.hasRoom()
        && out.pendingBytes() <= context.options().subscriberBufferBytes()) {
      paused = false;
      call.request(1);
    }
  }

  @Override
  public void onHalfClose() {
    ending = true;
    endWhenDone();
  }

  @Override
  public void drain() {
    ending = true;
    endWhenDone();
  }

  private void endWhenDone() {
    if (ending && !ended && sends.isEmpty()) {
      left();
      call.close(Status.OK, new Metadata());
    }
  }

  @Override
  public void onCancel() {
    left();
  }

  @Override
  public void onComplete() {
    left();
  }

  /** What is on its way is sent nevertheless. */
  private void left() {
    if (!ended) {
      ended = true;
      streams.remove(this);
      context.grpcStats().closed(Use.EVENTS_STREAM_SENDERS);
    }
  }
}
