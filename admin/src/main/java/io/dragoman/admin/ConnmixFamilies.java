// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.Metrics;
import java.util.Map;

/**
 * The families of connmix under their own names, so that its dashboards keep working. What they say
 * is read from the broker's own instruments.
 */
final class ConnmixFamilies {
  private static final String CENTER = "connmix_center_registry_";
  private static final String ENGINE = "connmix_engine_servers_";

  /** Connections of connmix' clients now; recorded by its gateway. */
  private static final String CLIENTS = "dragoman_connmix_clients";

  /** Pushes that clients did not take, by interface; recorded by its gateway. */
  private static final String SEND_FAILURES = "dragoman_connmix_send_failures_total";

  /** The interfaces of clients by the name that connmix has for their protocol. */
  private static final Map<String, String> PROTOCOLS =
      Map.of("websocket", "client-websocket", "socket", "client-tcp");

  private final Recorded recorded;

  ConnmixFamilies(Metrics metrics) {
    this.recorded = new Recorded(metrics);
  }

  void addTo(Families families) {
    long clients = recorded.sum(CLIENTS);
    families.counter(
        CENTER + "channels_total",
        "Memberships of clients in channels, since the start (connmix' name).",
        recorded.sum(CoreMetrics.JOINS));
    families.gauge(CENTER + "clients", "Connected clients (connmix' name).", clients);
    families.gauge(CENTER + "engine_nodes", "Nodes (connmix' name).", 1);
    families.gauge(ENGINE + "clients", "Connected clients (connmix' name).", clients);
    PROTOCOLS.forEach((protocol, label) -> addTraffic(families, protocol, label));
  }

  private void addTraffic(Families families, String protocol, String label) {
    counter(
        families,
        "read_messages_total",
        "Messages from clients (connmix' name).",
        "dragoman_gateway_messages_in_total",
        protocol,
        label);
    counter(
        families,
        "send_messages_total",
        "Messages to clients (connmix' name).",
        "dragoman_gateway_messages_out_total",
        protocol,
        label);
    counter(
        families,
        "send_errors_total",
        "Messages that clients did not take (connmix' name).",
        SEND_FAILURES,
        protocol,
        label);
  }

  private void counter(
      Families families, String name, String help, String own, String protocol, String label) {
    long value = recorded.sum(own, "dialect", "connmix", "interface", label);
    families.counter(ENGINE + name, help, value, "protocol", protocol);
  }
}
