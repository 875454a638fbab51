// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.floor;

import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC floor: grpc-java as its users write servers with it, on event loops without an executor
 * between; the same messages are parsed and answered, and nothing is kept.
 */
public final class GrpcFloor {

  /** What clients may send before they are asked for more, as at the broker. */
  private static final int WINDOW_BYTES = 1 << 20;

  private GrpcFloor() {}

  /**
   * @param args what every message sent to a queue is answered with, in base64
   */
  public static void main(String[] args) throws Exception {
    SendQueueMessageResult answer =
        SendQueueMessageResult.parseFrom(Base64.getDecoder().decode(args[0]));
    BareServer.start(loops -> start(loops, new Calls(answer)));
  }

  private static int start(BareServer.Loops loops, Calls calls) throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .channelType(loops.channelType())
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .directExecutor()
            .flowControlWindow(WINDOW_BYTES)
            .addService(calls)
            .build()
            .start();
    return server.getPort();
  }

  private static final class Calls extends kubemqGrpc.kubemqImplBase {
    private final SendQueueMessageResult answer;

    /** The latest; where events go. */
    private volatile @Nullable StreamObserver<EventReceive> subscriber;

    Calls(SendQueueMessageResult answer) {
      this.answer = answer;
    }

    @Override
    public void sendQueueMessage(
        QueueMessage request, StreamObserver<SendQueueMessageResult> answers) {
      answers.onNext(answer);
      answers.onCompleted();
    }

    @Override
    public StreamObserver<QueuesUpstreamRequest> queuesUpstream(
        StreamObserver<QueuesUpstreamResponse> answers) {
      return new Incoming<>(answers) {
        @Override
        public void onNext(QueuesUpstreamRequest request) {
          QueuesUpstreamResponse.Builder response =
              QueuesUpstreamResponse.newBuilder().setRefRequestID(request.getRequestID());
          long now = System.currentTimeMillis() * 1_000_000;
          for (QueueMessage each : request.getMessagesList()) {
            response.addResults(
                SendQueueMessageResult.newBuilder()
                    .setMessageID(each.getMessageID())
                    .setSentAt(now)
                    .build());
          }
          answers.onNext(response.build());
        }
      };
    }

    @Override
    public StreamObserver<Event> sendEventsStream(StreamObserver<Result> results) {
      return new Incoming<>(results) {
        @Override
        public void onNext(Event event) {
          StreamObserver<EventReceive> to = subscriber;
          if (to != null) {
            to.onNext(
                EventReceive.newBuilder()
                    .setEventID(event.getEventID())
                    .setChannel(event.getChannel())
                    .setMetadata(event.getMetadata())
                    .setBody(event.getBody())
                    .build());
          }
        }
      };
    }

    @Override
    public void subscribeToEvents(Subscribe request, StreamObserver<EventReceive> events) {
      subscriber = events;
    }
  }

  /** A stream that ends when its client ends it. */
  private abstract static class Incoming<I> implements StreamObserver<I> {
    private final StreamObserver<?> answers;

    Incoming(StreamObserver<?> answers) {
      this.answers = answers;
    }

    @Override
    public void onError(Throwable cause) {
      // The client is gone.
    }

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }
}
