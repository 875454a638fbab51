// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.core.Metrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The families of Eventhub under their own names, so that its dashboards keep working. What they
 * say is read from the broker's own instruments; the two about Redis are 0, since there is none.
 */
final class EventhubFamilies {
  private static final String PREFIX = "eventhub_";
  private static final String DIALECT = "eventhub";

  /** Connections of Eventhub's clients now; recorded by its gateway. */
  static final String CONNECTIONS = "dragoman_eventhub_connections";

  /** Connections of Eventhub's clients since the start; recorded by its gateway. */
  static final String CONNECTIONS_TOTAL = "dragoman_eventhub_connections_total";

  private record Value(String name, boolean counter, String help, long value) {}

  private final Recorded recorded;

  EventhubFamilies(Metrics metrics) {
    this.recorded = new Recorded(metrics);
  }

  /**
   * @param instance the label of this name: node and port
   */
  void addTo(Families families, String instance) {
    for (Value each : values()) {
      String name = PREFIX + each.name;
      String help = each.help + " (Eventhub's name).";
      if (each.counter) {
        families.foreignCounter(name, help, each.value, "instance", instance);
      } else {
        families.gauge(name, help, each.value, "instance", instance);
      }
    }
  }

  /** One JSON object, with the names without their beginning. */
  void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (Value each : values()) {
      json.writeNumberField(each.name, each.value);
    }
    json.writeEndObject();
  }

  private List<Value> values() {
    long now = recorded.sum(CONNECTIONS);
    long total = recorded.sum(CONNECTIONS_TOTAL);
    List<Value> values = new ArrayList<>();
    values.add(gauge("worker_count", "Event loops", recorded.sum("dragoman_event_loops")));
    values.add(
        counter(
            "publish_count",
            "Events published by clients",
            recorded.sum("dragoman_gateway_messages_in_total", "dialect", DIALECT)));
    values.add(counter("redis_connection_fail_count", "Always 0: there is no Redis", 0));
    values.add(gauge("redis_publish_delay_ms", "Always 0: there is no Redis", 0));
    values.add(gauge("current_connections_count", "Open connections", now));
    values.add(counter("total_connect_count", "Connections since the start", total));
    values.add(
        counter("total_disconnect_count", "Connections that have ended", Math.max(0, total - now)));
    values.add(
        gauge(
            "eventloop_delay_ms",
            "How late event loops come to what is due",
            Math.round(1000 * recorded.value("dragoman_event_loop_delay_seconds"))));
    return values;
  }

  private static Value gauge(String name, String help, long value) {
    return new Value(name, false, help, value);
  }

  private static Value counter(String name, String help, long value) {
    return new Value(name, true, help, value);
  }
}
