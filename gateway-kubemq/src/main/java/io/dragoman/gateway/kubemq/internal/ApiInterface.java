// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Health;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.internal.QueueRules.QueueFigures;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** The dialect's share of the API port: health, readiness and figures of stored channels. */
public final class ApiInterface {
  private static final int OK = 200;
  private static final int NOT_READY = 500;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final GatewayContext context;
  private final ChannelFigures figures;

  public ApiInterface(GatewayContext context) {
    this.context = context;
    this.figures = new ChannelFigures(context.broker());
  }

  /** Adds the routes. */
  public void addTo(Routes.Builder routes) {
    routes
        .get("/health", this::health)
        .get("/ready", this::ready)
        .exact("GET", "/v1/stats/queues", guarded(this::queueStats))
        .exact("GET", "/v1/stats/events_stores", guarded(this::logStats))
        .exact("GET", "/v1/stats/channels", guarded(this::channelStats))
        .webSocket("/v1/stats/attach", guarded(new MonitorEndpoint(context)))
        .webSocket("/api/monitor", guarded(new MonitorEndpoint(context)));
  }

  /** All but the probes, which ask without tokens. */
  private HttpHandler guarded(HttpHandler handler) {
    return context.entrance().guardOverview(handler);
  }

  void health(HttpExchange exchange) {
    JsonWriter out = JsonWriter.start(exchange.allocator());
    HealthReport.write(
        out, context.options().hostName(), now(), context.grpcStats(), context.restStats());
    exchange.respond(context.isReady() ? OK : NOT_READY, RestReplies.JSON, out.finish());
  }

  void ready(HttpExchange exchange) {
    Health health = context.broker().health();
    boolean ready = context.isReady();
    JsonWriter out =
        JsonWriter.start(exchange.allocator())
            .beginObject()
            .key(ApiKeys.IS_HEALTHY)
            .value(health.live())
            .key(ApiKeys.IS_READY)
            .value(ready)
            .endObject();
    exchange.respond(ready ? OK : NOT_READY, RestReplies.JSON, out.finish());
  }

  void queueStats(HttpExchange exchange) {
    LaneStep.of(figures.queues(List.of()), exchange.lane(), outcome -> stats(exchange, outcome));
  }

  void logStats(HttpExchange exchange) {
    LaneStep.of(figures.logs(), exchange.lane(), outcome -> stats(exchange, outcome));
  }

  void channelStats(HttpExchange exchange) {
    JsonWriter out =
        JsonWriter.start(exchange.allocator())
            .beginObject()
            .key(ApiKeys.ERROR)
            .value(false)
            .key(ApiKeys.ERROR_STRING)
            .value("")
            .key(ApiKeys.DATA);
    ChannelCounts.write(out, context.options().hostName(), now(), context.broker().channelStats());
    exchange.respond(OK, RestReplies.JSON, out.endObject().finish());
  }

  /** Errors have status 200 on this port. */
  private void stats(HttpExchange exchange, Result<List<QueueFigures>> outcome) {
    JsonWriter out =
        JsonWriter.start(exchange.allocator())
            .beginObject()
            .key(ApiKeys.ERROR)
            .value(!outcome.isOk())
            .key(ApiKeys.ERROR_STRING)
            .value(KubemqErrorMapper.text(outcome))
            .key(ApiKeys.DATA);
    if (outcome instanceof Result.Ok<List<QueueFigures>> ok) {
      StatsReport.write(out, now(), ok.value());
    } else {
      out.raw(ApiKeys.NULL);
    }
    exchange.respond(OK, RestReplies.JSON, out.endObject().finish());
  }

  private String now() {
    long nanos = context.broker().clock().unixNanos();
    return TIME.format(Instant.ofEpochSecond(0, nanos));
  }
}
