// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;

/** Counts what passes through one of this dialect's interfaces. Safe from any thread. */
final class Traffic {
  private final Metrics.Counter pushes;
  private final Metrics.Counter consumed;
  private final Metrics.Counter refused;

  Traffic(Metrics metrics, String name) {
    pushes =
        counter(
            metrics,
            "dragoman_gateway_messages_in_total",
            "Messages from clients",
            name,
            Kind.EVENTS);
    consumed =
        counter(
            metrics,
            "dragoman_gateway_messages_out_total",
            "Messages to clients",
            name,
            Kind.QUEUE);
    refused =
        metrics.counter(
            "dragoman_gateway_refused_total",
            "Messages from clients that were refused",
            "dialect",
            "connmix",
            "interface",
            name);
  }

  private static Metrics.Counter counter(
      Metrics metrics, String family, String words, String name, Kind kind) {
    return metrics.counter(
        family, words, "dialect", "connmix", "interface", name, "kind", kind.label());
  }

  /** Something was sent to a connection or published. */
  void pushed() {
    pushes.increment();
  }

  /** It was asked for and refused. */
  void refused() {
    refused.increment();
  }

  /** Messages of a queue were written to a backend. */
  void consumed(int messages) {
    consumed.add(messages);
  }
}
