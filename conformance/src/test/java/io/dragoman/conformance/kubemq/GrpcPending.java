// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The answer to a call for which nobody waits yet. */
final class GrpcPending<T> implements StreamObserver<T> {
  private final CompletableFuture<T> first = new CompletableFuture<>();

  /** What comes first, or the refusal. */
  CompletableFuture<T> first() {
    return first;
  }

  @Override
  public void onNext(T message) {
    first.complete(message);
  }

  @Override
  public void onError(Throwable cause) {
    first.completeExceptionally(cause);
  }

  @Override
  public void onCompleted() {}
}
