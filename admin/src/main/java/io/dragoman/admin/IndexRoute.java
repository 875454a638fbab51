// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.core.Broker;
import io.dragoman.transport.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page at {@code /}: what this node serves and where, as HTML for browsers, else as JSON. */
final class IndexRoute {
  private static final Map<String, String> ROUTES = new LinkedHashMap<>();

  static {
    ROUTES.put("/livez", "whether the process makes progress");
    ROUTES.put("/readyz?verbose", "whether the node takes work, and why not");
    ROUTES.put("/healthz", "answers as long as the process does");
    ROUTES.put("/health", "state and traffic, as KubeMQ tells it");
    ROUTES.put("/ready", "readiness, as KubeMQ tells it");
    ROUTES.put("/v1/stats/queues", "queues, as KubeMQ tells it");
    ROUTES.put("/v1/stats/events_stores", "logs, as KubeMQ tells it");
    ROUTES.put("/v1/stats/channels", "traffic of all channels, as KubeMQ tells it");
    ROUTES.put("/v1/stats/attach?kind=KIND&channel=NAME", "what passes a channel, as a WebSocket");
    ROUTES.put("/v1/channels", "channels of every kind, with their traffic");
    ROUTES.put("/v1/queues", "queues, with their figures");
    ROUTES.put("/v1/logs", "logs, with their figures");
    ROUTES.put("/metrics", "Prometheus metrics");
    ROUTES.put("/metrics/detailed?channel=NAME", "Prometheus metrics of one channel");
  }

  private final Broker broker;
  private final AdminOptions options;

  IndexRoute(Broker broker, AdminOptions options) {
    this.broker = broker;
    this.options = options;
  }

  void handle(HttpExchange exchange) {
    String accept = exchange.header("accept");
    if (accept != null && accept.contains("text/html")) {
      byte[] page = html().getBytes(StandardCharsets.UTF_8);
      Answers.bytes(exchange, 200, Answers.HTML, page);
    } else {
      Answers.json(exchange, 200, this::json);
    }
  }

  private void json(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", "dragoman");
    json.writeStringField("version", options.version());
    json.writeStringField("node", broker.nodeName());
    json.writeStringField("durability", options.durability());
    json.writeBooleanField("ready", broker.health().ready());
    json.writeArrayFieldStart("listeners");
    for (AdminOptions.Surface surface : options.surfaces().get()) {
      json.writeStartObject();
      json.writeStringField("name", surface.name());
      json.writeStringField("url", surface.uri());
      json.writeStringField("description", surface.description());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("routes");
    for (Map.Entry<String, String> route : ROUTES.entrySet()) {
      json.writeStringField(route.getKey(), route.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private String html() {
    StringBuilder page = new StringBuilder(2048);
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Dragoman</title>");
    page.append(
        "<style>body{font:16px system-ui;margin:2em;max-width:50em}td{padding:.2em 1em 0 0}");
    page.append("</style><h1>Dragoman ").append(escape(options.version())).append("</h1><p>node ");
    page.append(escape(broker.nodeName())).append(", ");
    page.append(broker.health().ready() ? "ready" : "not ready")
        .append("<h2>Listeners</h2><table>");
    for (AdminOptions.Surface surface : options.surfaces().get()) {
      row(
          page,
          escape(surface.name()) + "<td>" + escape(surface.uri()),
          escape(surface.description()));
    }
    page.append("</table><h2>Routes</h2><table>");
    ROUTES.forEach((route, meaning) -> row(page, link(route), escape(meaning)));
    return page.append("</table></html>\n").toString();
  }

  private static String link(String route) {
    return "<a href=\"" + escape(route) + "\">" + escape(route) + "</a>";
  }

  /** A row of cells that are HTML already. */
  private static void row(StringBuilder page, String first, String second) {
    page.append("<tr><td>").append(first).append("<td>").append(second);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
