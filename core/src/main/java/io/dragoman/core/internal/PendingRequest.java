// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Call;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Request;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A request that waits for its answer, for as long as its sender likes: the responders have its
 * contents, this does not keep them. Safe from any thread; completes once.
 */
final class PendingRequest implements Call<Response> {
  /** For its places in tables, its timer, and the connection that waits for it. */
  private static final int OVERHEAD_BYTES = 1024;

  private final RequestService service;
  private final Kind kind;
  private final String channel;
  private final String cacheKey;
  private final long cacheTtlMillis;
  private final long timeoutMillis;
  private final String replyTo;
  private final long startNanos = System.nanoTime();
  private final CompletableFuture<Result<Response>> result = new CompletableFuture<>();
  private volatile Timers.Scheduled timeout = Timers.Scheduled.NONE;

  /**
   * @param cached whether its answer is to be kept
   */
  PendingRequest(RequestService service, Request request, boolean cached, String replyTo) {
    this.service = service;
    this.kind = request.kind();
    this.channel = request.message().channel();
    this.cacheKey = cached ? request.cacheKey() : "";
    this.cacheTtlMillis = request.cacheTtlMillis();
    this.timeoutMillis = request.timeoutMillis();
    this.replyTo = replyTo;
  }

  Kind kind() {
    return kind;
  }

  /** Whether its answer is to be kept. */
  boolean cached() {
    return !cacheKey.isEmpty();
  }

  /** Keeps its answer. */
  void keep(QueryCache cache, Response answer) {
    cache.put(channel, cacheKey, cacheTtlMillis, answer);
  }

  /** Bytes it takes while it waits, roughly. */
  long weight() {
    return (long) OVERHEAD_BYTES + channel.length() + cacheKey.length();
  }

  String replyTo() {
    return replyTo;
  }

  /** Starts the clock. */
  void start(Timers timers) {
    timeout = timers.schedule(this::timedOut, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
  }

  void complete(Result<Response> outcome) {
    if (service.takeOut(this)) {
      timeout.cancel();
      service.ended(this, outcome, System.nanoTime() - startNanos);
      result.complete(outcome);
    }
  }

  void refuse(ErrorCode code, String detail) {
    complete(Result.refused(code, detail));
  }

  @Override
  public CompletionStage<Result<Response>> result() {
    return result;
  }

  @Override
  public void cancel() {
    refuse(ErrorCode.CANCELLED, "the request was cancelled");
  }

  private void timedOut() {
    refuse(ErrorCode.REQUEST_TIMEOUT, "nobody answered within " + timeoutMillis + " milliseconds");
  }
}
