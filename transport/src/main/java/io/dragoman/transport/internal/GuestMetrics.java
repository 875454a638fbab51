// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.core.Metrics;
import io.dragoman.core.Metrics.Counter;
import io.dragoman.transport.TransportMetrics;
import java.util.concurrent.atomic.LongAdder;

/** The instruments of a listener whose protocol another server speaks. Safe from any thread. */
final class GuestMetrics {
  private final LongAdder open = new LongAdder();
  private final Counter accepted;
  private final Counter bytesIn;
  private final Counter bytesOut;
  private final Counter refusedByLimit;
  private final Counter refusedByBudget;
  private final Counter refusedBySize;

  GuestMetrics(Metrics metrics, String listener, String kind) {
    accepted =
        metrics.counter(
            TransportMetrics.CONNECTIONS_TOTAL,
            EndpointMetrics.ACCEPTED_HELP,
            "listener",
            listener);
    EndpointMetrics.gauge(metrics, listener, kind, open);
    bytesIn = EndpointMetrics.network(metrics, listener, "in");
    bytesOut = EndpointMetrics.network(metrics, listener, "out");
    refusedByLimit = EndpointMetrics.refused(metrics, listener, "limit");
    refusedByBudget = EndpointMetrics.body(metrics, listener, "budget");
    refusedBySize = EndpointMetrics.body(metrics, listener, "size");
  }

  void accepted() {
    accepted.increment();
  }

  void opened() {
    open.increment();
  }

  void closed() {
    open.decrement();
  }

  void bytesIn(int bytes) {
    bytesIn.add(bytes);
  }

  void bytesOut(int bytes) {
    bytesOut.add(bytes);
  }

  void refusedByLimit() {
    refusedByLimit.increment();
  }

  void refusedByBudget() {
    refusedByBudget.increment();
  }

  void refusedBySize() {
    refusedBySize.increment();
  }
}
