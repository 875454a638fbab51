// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import io.grpc.stub.StreamObserver;

/** Hears an answer that nobody waits for. */
final class Nobody<T> implements StreamObserver<T> {
  @Override
  public void onNext(T message) {}

  @Override
  public void onError(Throwable cause) {}

  @Override
  public void onCompleted() {}
}
