// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A stream in both directions, as its client has it.
 *
 * @param <I> what the client says
 * @param <O> what the server says
 */
final class GrpcExchange<I, O> implements ClientResponseObserver<I, O>, AutoCloseable {
  private static final long DEADLINE_SECONDS = 30;

  private final boolean reading;
  private final BlockingQueue<O> arrived = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final StreamObserver<I> requests;
  private ClientCallStreamObserver<I> call;

  private GrpcExchange(Function<StreamObserver<O>, StreamObserver<I>> method, boolean reading) {
    this.reading = reading;
    this.requests = method.apply(this);
  }

  static <I, O> GrpcExchange<I, O> open(Function<StreamObserver<O>, StreamObserver<I>> method) {
    return new GrpcExchange<>(method, true);
  }

  /** A client that takes only what it asks for with {@link #request}. */
  static <I, O> GrpcExchange<I, O> unread(Function<StreamObserver<O>, StreamObserver<I>> method) {
    return new GrpcExchange<>(method, false);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<I> started) {
    call = started;
    if (!reading) {
      started.disableAutoRequestWithInitial(0);
    }
  }

  GrpcExchange<I, O> send(I request) {
    requests.onNext(request);
    return this;
  }

  /** Whether what is said now would go out, and not wait at this side. */
  boolean isReady() {
    return call.isReady();
  }

  void request(int messages) {
    call.request(messages);
  }

  /** What the server says next. */
  O next() {
    return next(DEADLINE_SECONDS * 1000)
        .orElseThrow(() -> new AssertionError("nothing came; the stream's end: " + end));
  }

  Optional<O> next(long millis) {
    try {
      return Optional.ofNullable(arrived.poll(millis, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What has come and was not taken with {@link #next}. */
  int arrived() {
    return arrived.size();
  }

  /** Says that nothing more will be said. */
  void halfClose() {
    requests.onCompleted();
  }

  /** How the server ends the stream. */
  Status end() {
    try {
      return end.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the stream did not end", e);
    }
  }

  @Override
  public void onNext(O message) {
    arrived.add(message);
  }

  @Override
  public void onError(Throwable cause) {
    end.complete(Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  /** Cancels, as a client does that is stopped. */
  @Override
  public void close() {
    call.cancel("the client leaves", null);
  }
}
