// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.connmix.client.ClientOptions.Protocol;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts what passes through listeners for clients of one protocol. Safe from any thread. */
final class ClientTraffic {
  private final Metrics.Counter received;
  private final Metrics.Counter sent;
  private final Metrics.Counter failed;
  private final Metrics.Counter linesLost;
  private final Map<Lost, Metrics.Counter> lost = new EnumMap<>(Lost.class);

  ClientTraffic(Metrics metrics, Protocol protocol) {
    String name = "client-" + protocol.name().toLowerCase(Locale.ROOT);
    received = gateway(metrics, "in", "Messages from clients", name, Kind.QUEUE);
    sent = gateway(metrics, "out", "Messages to clients", name, Kind.EVENTS);
    failed =
        metrics.counter(
            "dragoman_connmix_send_failures_total",
            "Messages that the buffer of a client's socket did not take",
            "dialect",
            "connmix",
            "interface",
            name);
    linesLost =
        metrics.counter(
            "dragoman_connmix_script_lines_lost_total",
            "Lines of scripts that are not in the log, because there were too many");
    for (Lost each : Lost.values()) {
      lost.put(
          each,
          metrics.counter(
              "dragoman_connmix_events_lost_total",
              "Things that clients did that are in no topic, or not any more",
              "reason",
              each.name().toLowerCase(Locale.ROOT)));
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
    /** Something is missing that the topic's name is made of. */
    NAME,
    /** Its client left before the key was set that it had to wait for. */
    HELD,
    /** The client's token does not allow it to write there, or not more for now. */
    FORBIDDEN,
    /** The client was gone, or closed, before it was read. */
    UNREAD,
    /** The broker refused it for another reason. */
    REFUSED
  }

  private static Metrics.Counter gateway(
      Metrics metrics, String direction, String words, String name, Kind kind) {
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

  void received() {
    received.increment();
  }

  void sent(int messages) {
    sent.add(messages);
  }

  void failed(int messages) {
    failed.add(messages);
  }

  /** A line of a script's was left out of the log. */
  void lineLost() {
    linesLost.increment();
  }

  @SuppressWarnings("NullAway") // there is a counter for each reason
  void lost(Lost reason, int events) {
    lost.get(reason).add(events);
  }
}
