// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;

/** Counts what passes through one kind of listener for clients. Safe from any thread. */
final class ClientTraffic {
  private final Metrics metrics;
  private final Metrics.Counter received;
  private final Metrics.Counter routed;
  private final Metrics.Counter sent;
  private final Metrics.Counter failed;

  /**
   * @param protocol {@code websocket} or {@code socket}
   */
  ClientTraffic(Metrics metrics, String protocol) {
    this.metrics = metrics;
    received =
        metrics.counter(
            "dragoman_connmix_client_messages_total",
            "Messages that clients sent",
            "protocol",
            protocol);
    failed =
        metrics.counter(
            "dragoman_connmix_push_failures_total",
            "Pushes that a client's socket buffer did not take",
            "protocol",
            protocol);
    String name = "client-" + protocol;
    routed = gateway("in", "Messages from clients", name, Kind.QUEUE);
    sent = gateway("out", "Messages to clients", name, Kind.EVENTS);
    for (Lost each : Lost.values()) {
      lost(each);
    }
  }

  /** Why something that a client did is in no topic. */
  enum Lost {
    /** The topic is full. */
    FULL,
    /** It was the oldest of a topic that is full. */
    OLDEST,
    /** There are as many topics as there may be. */
    TOPICS,
    /** Something is missing that its name is made of. */
    NAME,
    /** The broker refused it for another reason. */
    REFUSED;

    private final String label = name().toLowerCase(java.util.Locale.ROOT);
  }

  private Metrics.Counter gateway(String direction, String words, String name, Kind kind) {
    return metrics.counter(
        "dragoman_gateway_messages_" + direction + "_total",
        words,
        "dialect",
        "connmix",
        "interface",
        name,
        "kind",
        kind.label());
  }

  private Metrics.Counter lost(Lost reason) {
    return metrics.counter(
        "dragoman_connmix_events_lost_total",
        "What clients did that is in no topic, or not any more",
        "reason",
        reason.label);
  }

  void received() {
    received.increment();
  }

  void routed() {
    routed.increment();
  }

  void sent(int pushes) {
    sent.add(pushes);
  }

  void failed(int pushes) {
    failed.add(pushes);
  }

  void lost(Lost reason, int messages) {
    lost(reason).add(messages);
  }
}
