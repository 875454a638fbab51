// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Metrics;
import io.dragoman.gateway.kubemq.KubemqGateway;
import io.dragoman.gateway.kubemq.KubemqGrpcServer;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Transport;
import io.dragoman.transport.TransportMetrics;
import io.dragoman.transport.TransportOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** The gRPC port before a broker that does what the test says, and one connection to it. */
final class GrpcPort implements AutoCloseable {
  private final FakeBroker broker;
  private final Transport transport;
  private final KubemqGrpcServer server;
  private final ManagedChannel channel;

  /**
   * @param bodiesBytesMax the budget for bodies in flight
   */
  GrpcPort(FakeBroker broker, long bodiesBytesMax) throws IOException {
    this.broker = broker;
    transport =
        new Transport(
            TransportOptions.builder()
                .bodyBytesMax(bodiesBytesMax)
                .bodyBytesInFlightMax(bodiesBytesMax)
                .build(),
            broker.metrics());
    server =
        new KubemqGateway(broker, KubemqOptions.defaults("host", "1.2.3"))
            .openGrpc(ListenerOptions.builder("grpc").build(), transport);
    channel =
        NettyChannelBuilder.forAddress("localhost", server.address().getPort())
            .usePlaintext()
            .build();
  }

  kubemqGrpc.kubemqStub calls() {
    return kubemqGrpc.newStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** Bytes of the budget that are taken. */
  long bodyBytes() {
    return gauge(TransportMetrics.BODY_BYTES_IN_FLIGHT);
  }

  long gauge(String name) {
    return broker.metrics().families().stream()
        .filter(family -> family.name().equals(name))
        .flatMap(family -> family.instruments().values().stream())
        .mapToLong(each -> (long) ((Metrics.Gauge) each).value())
        .sum();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.drain(Duration.ofSeconds(1));
    transport.close();
  }

  /** What a client is told by one call. */
  static final class Told<T> implements StreamObserver<T> {
    final Queue<T> messages = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    @Override
    public void onNext(T message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable cause) {
      end.complete(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }

    boolean ended() {
      return end.isDone();
    }

    Status end() {
      return end.orTimeout(20, TimeUnit.SECONDS).join();
    }
  }
}
