// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;

/** Counts what passes through one of this dialect's interfaces. Safe from any thread. */
final class Traffic {
  private final Metrics.Counter published;
  private final Metrics.Counter stored;
  private final Metrics.Counter live;

  Traffic(Metrics metrics, String name) {
    published = counter(metrics, "in", "Messages from clients", name, Kind.LOG);
    stored = counter(metrics, "out", "Messages to clients", name, Kind.LOG);
    live = counter(metrics, "out", "Messages to clients", name, Kind.EVENTS);
  }

  private static Metrics.Counter counter(
      Metrics metrics, String direction, String words, String name, Kind kind) {
    return metrics.counter(
        "dragoman_gateway_messages_" + direction + "_total",
        words,
        "dialect",
        "eventhub",
        "interface",
        name,
        "kind",
        kind.label());
  }

  /** An event was published and stored. */
  void published() {
    published.increment();
  }

  /** Events of a log were sent to a subscriber. */
  void sentStored(int events) {
    stored.add(events);
  }

  /** Events that nobody keeps were sent to a subscriber. */
  void sentLive(int events) {
    live.add(events);
  }
}
