// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gRPC stream. What waits to be taken is bounded by what was asked for. */
final class GrpcExchange<Q, R> implements Exchange<Q, R> {
  /** So many messages may be on their way or waiting to be taken. */
  private static final int WINDOW = 64;

  /** Bytes of ours that may wait for the broker are bounded by gRPC's own readiness. */
  private static final long READY_POLL_MILLIS = 1_000;

  private final ClientCall<Q, R> call;
  private final Target target;
  private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
  private final CountDownLatch accepted = new CountDownLatch(1);
  private final Object readiness = new Object();
  private volatile @Nullable Status status;
  private boolean ended;

  GrpcExchange(ClientCall<Q, R> call, Target target) {
    this.call = call;
    this.target = target;
    call.start(new Listener(), new Metadata());
    call.request(WINDOW);
  }

  private final class Listener extends ClientCall.Listener<R> {
    @Override
    public void onHeaders(Metadata headers) {
      accepted.countDown();
    }

    @Override
    public void onMessage(R message) {
      arrived.add(message);
    }

    @Override
    public void onReady() {
      synchronized (readiness) {
        readiness.notifyAll();
      }
    }

    @Override
    public void onClose(Status end, Metadata trailers) {
      status = end;
      accepted.countDown();
      arrived.add(end);
      onReady();
    }
  }

  @Override
  public void send(Q request) {
    try {
      synchronized (readiness) {
        // Before the connection is there nothing is ready; gRPC then keeps what is sent.
        while (accepted.getCount() == 0 && !call.isReady() && status == null) {
          readiness.wait(READY_POLL_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (status == null) {
      call.sendMessage(request);
    }
  }

  @Override
  public void finish() {
    if (status == null) {
      call.halfClose();
    }
  }

  @Override
  public boolean awaitReady(Duration wait) throws InterruptedException {
    if (!accepted.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    Status end = status;
    if (end != null && !end.isOk()) {
      throw GrpcErrors.failure(end, target, target.timeout());
    }
    return true;
  }

  @Override
  @SuppressWarnings("unchecked") // Only statuses and messages of this type are ever put in.
  public @Nullable R next(Duration wait) throws InterruptedException {
    if (ended) {
      return null;
    }
    Object item = arrived.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    if (item instanceof Status end) {
      ended = true;
      if (!end.isOk()) {
        throw GrpcErrors.failure(end, target, target.timeout());
      }
      return null;
    }
    if (item != null) {
      call.request(1);
    }
    return (R) item;
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public void close() {
    call.cancel("the command ended", null);
  }
}
