// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Metrics;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the calls of a gRPC port. Safe from any thread. */
final class GrpcCallMetrics {
  private final LongAdder open = new LongAdder();
  private final Map<Status.Code, Metrics.Counter> ended = new EnumMap<>(Status.Code.class);

  GrpcCallMetrics(Metrics metrics, String listener) {
    metrics.gauge(
        "dragoman_grpc_calls", "gRPC calls under way.", open::doubleValue, "listener", listener);
    for (Status.Code code : Status.Code.values()) {
      ended.put(
          code,
          metrics.counter(
              "dragoman_grpc_calls_total",
              "gRPC calls that have ended, by status.",
              "listener",
              listener,
              "status",
              code.name()));
    }
  }

  void opened() {
    open.increment();
  }

  void closed(Status status) {
    open.decrement();
    Metrics.Counter counter = ended.get(status.getCode());
    if (counter != null) {
      counter.increment();
    }
  }
}
