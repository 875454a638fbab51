// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's side of a consumer's stream, whose client does what the test says. */
final class FakeDownstream extends ServerCallStreamObserver<QueuesDownstreamResponse> {
  final List<QueuesDownstreamResponse> said = new ArrayList<>();
  @Nullable Status end;

  /** How many messages of the client were asked for. */
  int requested;

  private Runnable onReady = () -> {};
  private Runnable onCancel = () -> {};
  private boolean ready = true;

  /** The client takes what was said. */
  void read() {
    ready = true;
    onReady.run();
  }

  /** The client leaves, or its connection is lost. */
  void cancel() {
    onCancel.run();
  }

  @Override
  public void onNext(QueuesDownstreamResponse value) {
    if (end != null) {
      throw new IllegalStateException("said after the end: " + value);
    }
    said.add(value);
    ready = false;
  }

  @Override
  public void onError(Throwable cause) {
    end(Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    end(Status.OK);
  }

  private void end(Status status) {
    if (end != null) {
      throw new IllegalStateException("ended twice");
    }
    end = status;
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    onReady = handler;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    onCancel = handler;
  }

  @Override
  public void setOnCloseHandler(Runnable handler) {}

  @Override
  public void setOnReadyThreshold(int bytes) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void disableAutoRequest() {}

  @Override
  public void request(int count) {
    requested += count;
  }

  @Override
  public void setMessageCompression(boolean enable) {}

  @Override
  public void setCompression(String compression) {}
}
