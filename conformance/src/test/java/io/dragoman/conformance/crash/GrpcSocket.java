// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.dragoman.kubemq.protocol.kubemqGrpc.kubemqStub;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * A gRPC stream in both directions over a connection of its own, read up to the last message that
 * came. When it breaks, its methods throw {@link UncheckedIOException}.
 *
 * @param <I> what the client says
 * @param <O> what the server says
 */
final class GrpcSocket<I, O> implements StreamObserver<O>, AutoCloseable {
  private static final long DEADLINE_SECONDS = 30;

  private final ManagedChannel channel;
  private final StreamObserver<I> requests;

  /** What the server said, at the end nothing. */
  private final BlockingQueue<Optional<O>> said = new LinkedBlockingQueue<>();

  private volatile String end = "";

  private GrpcSocket(
      URI grpc, BiFunction<kubemqStub, StreamObserver<O>, StreamObserver<I>> method) {
    channel = NettyChannelBuilder.forAddress(grpc.getHost(), grpc.getPort()).usePlaintext().build();
    requests = method.apply(kubemqGrpc.newStub(channel), this);
  }

  static <I, O> GrpcSocket<I, O> open(
      URI grpc, BiFunction<kubemqStub, StreamObserver<O>, StreamObserver<I>> method) {
    return new GrpcSocket<>(grpc, method);
  }

  void send(I request) {
    requests.onNext(request);
  }

  O next() {
    try {
      Optional<O> next = said.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("the server said nothing for " + DEADLINE_SECONDS + " s");
      }
      return next.orElseThrow(() -> new UncheckedIOException(new IOException(end)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void onNext(O message) {
    said.add(Optional.of(message));
  }

  @Override
  public void onError(Throwable cause) {
    end = String.valueOf(cause);
    said.add(Optional.empty());
  }

  @Override
  public void onCompleted() {
    end = "ended by the server";
    said.add(Optional.empty());
  }

  /** Ends the connection as a client that is gone does. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
