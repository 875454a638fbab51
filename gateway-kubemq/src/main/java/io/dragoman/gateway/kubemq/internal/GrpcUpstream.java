// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of batches to queues (spec: kubemq §3.3). Each request is stored in one step and
 * answered with one response, when it is as safe as its queues say; requests do not wait for each
 * other. For one lane.
 *
 * <p>No more is read while too much is under way or the client does not take its answers, so a
 * stream costs a bounded amount of memory: what is under way, and the request that went beyond. All
 * streams together are bounded by the budget for bodies in flight.
 */
final class GrpcUpstream implements StreamObserver<QueuesUpstreamRequest>, GrpcStreams.Open {
  private static final int REQUESTS_MAX = 256;
  private static final long BYTES_MAX = 16L << 20;

  private final GatewayContext context;
  private final Caller caller;
  private final InterfaceStats stats;
  private final Lane lane;
  private final ServerCallStreamObserver<QueuesUpstreamResponse> out;
  private final GrpcStreams streams;
  private final @Nullable InboundBudget budget = InboundBudget.current();
  private final Consumer<RuntimeException> guard = this::failed;
  private int requests;
  private long bytes;
  private boolean paused;

  /** The client has said all, or the broker leaves: what is under way is still answered. */
  private boolean ending;

  private boolean leaving;
  private boolean ended;

  GrpcUpstream(
      GatewayContext context,
      Lane lane,
      ServerCallStreamObserver<QueuesUpstreamResponse> out,
      GrpcStreams streams) {
    this.context = context;
    this.caller = context.entrance().caller();
    this.stats = context.grpcStats();
    this.lane = lane;
    this.out = out;
    this.streams = streams;
    out.disableAutoRequest();
    out.setOnReadyHandler(this::resume);
    out.setOnCancelHandler(this::left);
    // Also when the call is ended for it: a request that cannot be read, or that there is no room
    // for.
    out.setOnCloseHandler(this::left);
    streams.add(this);
    stats.opened(Use.QUEUE_SENDERS);
    out.request(1);
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public void onNext(QueuesUpstreamRequest request) {
    if (ending) {
      return; // Not acknowledged: its sender will hear that the broker leaves.
    }
    if (request.getMessagesCount() == 0) {
      answer(
          QueuesUpstreamResponse.newBuilder()
              .setRefRequestID(request.getRequestID())
              .setIsError(true)
              .setError(QueueRules.NO_MESSAGES)
              .build());
    } else {
      send(request.getRequestID(), asked(request.getMessagesList()));
    }
    readOn();
  }

  private static List<QueueSend> asked(List<QueueMessage> messages) {
    List<QueueSend> asked = new ArrayList<>(messages.size());
    for (QueueMessage each : messages) {
      asked.add(GrpcDecoders.queueMessage(each));
    }
    return asked;
  }

  private void send(String requestId, List<QueueSend> asked) {
    BatchSend batch = new BatchSend(context, caller, new Inputs.Batch(requestId, asked));
    CompletionStage<List<Result<SendReceipt>>> stage = batch.start();
    long weight = batch.weight();
    long held = budget == null ? 0 : budget.claim();
    requests++;
    bytes += weight;
    LaneStep.of(
        stage,
        lane,
        QueueRules.SEND_FAULT,
        outcomes -> {
          requests--;
          bytes -= weight;
          if (budget != null) {
            budget.giveBack(held);
          }
          sent(requestId, batch, outcomes);
        },
        guard);
  }

  private void sent(String requestId, BatchSend batch, List<Result<SendReceipt>> outcomes) {
    QueuesUpstreamResponse.Builder response =
        QueuesUpstreamResponse.newBuilder().setRefRequestID(requestId);
    List<SendResult> results = batch.results(outcomes);
    batch.count(stats, results);
    for (SendResult each : results) {
      response.addResults(GrpcEncoders.sendResult(each));
    }
    answer(response.build());
    resume();
    endWhenDone();
  }

  private void answer(QueuesUpstreamResponse response) {
    if (!ended) {
      out.onNext(response);
    }
  }

  private void readOn() {
    if (requests < REQUESTS_MAX && bytes < BYTES_MAX && out.isReady()) {
      out.request(1);
    } else if (!paused) {
      paused = true;
      context.sendersPaused().increment();
    }
  }

  private void resume() {
    if (paused && !ended && requests < REQUESTS_MAX && bytes < BYTES_MAX && out.isReady()) {
      paused = false;
      out.request(1);
    }
  }

  @Override
  public void onCompleted() {
    ending = true;
    endWhenDone();
  }

  @Override
  public void drain() {
    ending = true;
    leaving = true;
    endWhenDone();
  }

  private void endWhenDone() {
    if (ending && requests == 0 && !ended) {
      left();
      if (leaving) {
        out.onError(GrpcErrors.LEAVING.asException());
      } else {
        out.onCompleted();
      }
    }
  }

  private void failed(RuntimeException cause) {
    if (!ended) {
      left();
      out.onError(GrpcErrors.FAULT.withCause(cause).asException());
    }
  }

  /** The stream is gone; what it had sent is stored nevertheless. */
  @Override
  public void onError(Throwable cause) {
    left();
  }

  private void left() {
    if (!ended) {
      ended = true;
      streams.remove(this);
      stats.closed(Use.QUEUE_SENDERS);
    }
  }
}
