// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The standard health service: the port, and each name of the service on it, is serving while the
 * broker is ready.
 */
final class GrpcHealth extends HealthGrpc.HealthImplBase {
  /** How soon a watcher hears of a change. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final GatewayContext context;
  private final Supplier<Lane> lanes;

  GrpcHealth(GatewayContext context, Supplier<Lane> lanes) {
    this.context = context;
    this.lanes = lanes;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    if (isKnown(request.getService())) {
      answer.onNext(response(status(request.getService())));
      answer.onCompleted();
    } else {
      answer.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
    }
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    new Watcher(
            request.getService(),
            (ServerCallStreamObserver<HealthCheckResponse>) answer,
            lanes.get())
        .look();
  }

  private static boolean isKnown(String service) {
    return service.isEmpty() || GrpcMethods.serves(service);
  }

  private ServingStatus status(String service) {
    if (!isKnown(service)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return context.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  /** Looks again and again until its client is gone. For one lane. */
  private final class Watcher {
    private final String service;
    private final ServerCallStreamObserver<HealthCheckResponse> out;
    private final Lane lane;
    private @Nullable ServingStatus told;
    private Timers.Timer timer = () -> {};
    private boolean gone;

    Watcher(String service, ServerCallStreamObserver<HealthCheckResponse> out, Lane lane) {
      this.service = service;
      this.out = out;
      this.lane = lane;
      out.setOnCancelHandler(this::leave);
      out.setOnCloseHandler(this::leave);
    }

    private void leave() {
      gone = true;
      timer.cancel();
    }

    void look() {
      if (gone) {
        return;
      }
      ServingStatus now = status(service);
      if (now != told) {
        told = now;
        out.onNext(response(now));
      }
      timer = context.timers().after(LOOK_NANOS, lane, this::look);
    }
  }
}
