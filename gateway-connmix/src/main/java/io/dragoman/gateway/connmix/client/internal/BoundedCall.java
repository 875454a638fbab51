// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** HTTP calls that end in time, with their connections, whatever the server does. */
final class BoundedCall {
  private BoundedCall() {}

  /**
   * Gives what a call gives, or fails when that takes too long. Whoever does not need it any more
   * completes the result, which ends the call.
   *
   * <p>A request's own timeout is for the head of the answer only. What times out here is a copy: a
   * call that is done already cannot be cancelled, and would hold its connection.
   */
  static <T> CompletableFuture<HttpResponse<T>> of(
      CompletableFuture<HttpResponse<T>> call, long timeoutMillis) {
    CompletableFuture<HttpResponse<T>> awaited = new CompletableFuture<>();
    var unusedCopy =
        call.whenComplete(
            (answer, fault) -> {
              if (fault == null) {
                awaited.complete(answer);
              } else {
                awaited.completeExceptionally(fault);
              }
            });
    // Nothing happens if it is done already.
    var unusedEnd =
        awaited
            .orTimeout(timeoutMillis, TimeUnit.MILLISECONDS)
            .whenComplete((answer, fault) -> call.cancel(true));
    return awaited;
  }
}
