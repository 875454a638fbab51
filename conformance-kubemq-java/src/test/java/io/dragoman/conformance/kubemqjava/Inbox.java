// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** Collects what the SDK hands over. */
final class Inbox<T> implements StreamObserver<T> {
  private static final long DEADLINE_SECONDS = 20;

  private final BlockingQueue<T> arrived = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> end = new CompletableFuture<>();

  T next() throws InterruptedException {
    T next = arrived.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came; the end: " + end);
    }
    return next;
  }

  boolean isEmpty() {
    return arrived.isEmpty();
  }

  int count(Predicate<T> which) {
    return (int) arrived.stream().filter(which).count();
  }

  /** How it ended: a message, or nothing if without error. */
  String end() throws InterruptedException {
    try {
      return end.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("no end", e);
    }
  }

  @Override
  public void onNext(T value) {
    arrived.add(value);
  }

  @Override
  public void onError(Throwable cause) {
    end.complete(String.valueOf(cause.getMessage()));
  }

  @Override
  public void onCompleted() {
    end.complete("");
  }
}
