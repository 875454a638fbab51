// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code StreamQueueMessage}: a queue transaction over a stream. A client that does not take its
 * replies is asked for nothing more, as each request may have a reply of its own size. For one
 * lane.
 */
final class GrpcQueueStream extends ServerCall.Listener<StreamQueueMessagesRequest>
    implements GrpcStreams.Open, QueueTransaction.Peer {
  /** Between the last reply and the end. */
  private static final long LAST_REPLY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final GatewayContext context;
  private final GrpcStreams streams;
  private final ServerCall<StreamQueueMessagesRequest, StreamQueueMessagesResponse> call;
  private final Lane lane;
  private final QueueTransaction transaction;
  private final @Nullable InboundBudget budget = InboundBudget.current();
  private boolean busy;

  /** Of the budget, for the request that the transaction is busy with. */
  private long held;

  /** A request has come that could not be handed over yet: the next was not asked for. */
  private boolean asking;

  /** The next request is not asked for because replies were not taken. */
  private boolean paused;

  /** The client, or the broker, leaves as soon as what was asked for has been answered. */
  private boolean leaving;

  /** The transaction has ended, and the stream is about to. */
  private boolean over;

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
    this.transaction =
        new QueueTransaction(context, context.entrance().caller(), context.grpcStats(), lane, this);
    streams.add(this);
    context.grpcStats().opened(Use.QUEUE_RECEIVERS);
    call.setOnReadyThreshold(context.options().subscriberBufferBytes());
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
      Inputs.StreamRequest request = GrpcDecoders.streamRequest(message);
      if (over) {
        reply(QueueTransaction.tooLate(request));
      } else {
        transaction.request(request);
      }
      ask();
    }
  }

  /** What the client says while the transaction is busy, or it does not read, waits at its side. */
  private void ask() {
    if (busy || asking || leaving || ended) {
      return;
    }
    if (call.isReady()) {
      asking = true;
      paused = false;
      call.request(1);
    } else if (!paused) {
      paused = true;
      context.sendersPaused().increment();
    }
  }

  @Override
  public void onReady() {
    ask();
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
    if (budget != null && busy) {
      held += budget.claim();
    }
    if (!busy) {
      giveBack();
      lane.execute(this::goOn);
    }
  }

  @Override
  public void failed(RuntimeException cause) {
    if (!ended) {
      left();
      call.close(GrpcErrors.FAULT, new Metadata());
    }
  }

  private void giveBack() {
    if (budget != null) {
      budget.giveBack(held);
      held = 0;
    }
  }

  /** After the reply to what it was busy with. */
  private void goOn() {
    ask();
    leaveWhenIdle();
  }

  /**
   * Not at once: KubeMQ's older Java client gives a caller the latest reply as it finds it, and
   * forgets that when the stream ends. The reference leaves a moment as well.
   */
  @Override
  public void end() {
    over = true;
    if (leaving) {
      endNow();
    } else {
      context.timers().after(LAST_REPLY_NANOS, lane, this::endNow);
    }
  }

  private void endNow() {
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
      endNow();
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
