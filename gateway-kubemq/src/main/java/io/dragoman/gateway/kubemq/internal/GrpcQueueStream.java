// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** {@code StreamQueueMessage}: a queue transaction over a stream. For one lane. */
final class GrpcQueueStream extends ServerCall.Listener<StreamQueueMessagesRequest>
    implements GrpcStreams.Open, QueueTransaction.Peer {
  private final GatewayContext context;
  private final GrpcStreams streams;
  private final ServerCall<StreamQueueMessagesRequest, StreamQueueMessagesResponse> call;
  private final Lane lane;
  private final QueueTransaction transaction;
  private boolean busy;

  /** A request has come that could not be handed over yet: the next was not asked for. */
  private boolean asking;

  /** The client, or the broker, leaves as soon as what was asked for has been answered. */
  private boolean leaving;

  private boolean ended;

  GrpcQueueStream(
      GatewayContext context,
      GrpcStreams streams,
      ServerCall<StreamQueueMessagesRequest, StreamQueueMessagesResponse> call,
      Lane lane) {
    this.context = context;
    this.streams = streams;
    this.call = call;
    this.lane = lane;
    this.transaction = new QueueTransaction(context, context.grpcStats(), lane, this);
    streams.add(this);
    context.grpcStats().opened(Use.QUEUE_RECEIVERS);
    call.sendHeaders(new Metadata());
    ask();
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public void onMessage(StreamQueueMessagesRequest message) {
    asking = false;
    if (!leaving) {
      transaction.request(GrpcDecoders.streamRequest(message));
      ask();
    }
  }

  /** What the client says while the transaction is busy waits at its side. */
  private void ask() {
    if (!busy && !asking && !leaving && !ended) {
      asking = true;
      call.request(1);
    }
  }

  @Override
  public void reply(QueueTransaction.Reply reply) {
    if (!ended) {
      call.sendMessage(GrpcEncoders.streamReply(reply));
    }
  }

  @Override
  public void busy(boolean now) {
    busy = now;
    if (!busy) {
      lane.execute(this::goOn);
    }
  }

  /** After the reply to what it was busy with. */
  private void goOn() {
    ask();
    leaveWhenIdle();
  }

  @Override
  public void end() {
    if (!ended) {
      left();
      call.close(Status.OK, new Metadata());
    }
  }

  @Override
  public void onHalfClose() {
    leaving = true;
    leaveWhenIdle();
  }

  @Override
  public void drain() {
    leaving = true;
    leaveWhenIdle();
  }

  private void leaveWhenIdle() {
    if (leaving && !ended && !busy && !transaction.settling()) {
      transaction.disconnected();
      end();
    }
  }

  @Override
  public void onComplete() {
    onCancel();
  }

  @Override
  public void onCancel() {
    if (!ended) {
      left();
      transaction.disconnected();
    }
  }

  private void left() {
    ended = true;
    streams.remove(this);
    context.grpcStats().closed(Use.QUEUE_RECEIVERS);
  }
}
