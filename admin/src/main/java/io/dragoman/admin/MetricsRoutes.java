// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Result;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;
import java.net.URI;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code /metrics} and {@code /metrics/detailed}. A scrape is made on a thread of its own, which
 * only exists while there are scrapes: reading everything takes too long for an event loop.
 */
final class MetricsRoutes implements AutoCloseable {
  private static final int WAITING_MAX = 8;

  private final Broker broker;
  private final ChannelStats stats;
  private final AdminOptions options;
  private final EventhubFamilies eventhub;
  private final ConnmixFamilies connmix;
  private final Doorman doorman;
  private final Background background = new Background("dragoman-metrics", WAITING_MAX);

  MetricsRoutes(Broker broker, ChannelStats stats, AdminOptions options, Doorman doorman) {
    this.broker = broker;
    this.stats = stats;
    this.options = options;
    this.eventhub = new EventhubFamilies(broker.metrics());
    this.connmix = new ConnmixFamilies(broker.metrics());
    this.doorman = doorman;
  }

  void addTo(Routes.Builder routes) {
    routes.get("/metrics", this::all);
    routes.get("/metrics/", this::all);
    routes.exact("GET", "/metrics/detailed", doorman.guard(this::detailed));
  }

  /**
   * Only what Eventhub's clients and dashboards ask for, for a listener that is to show nothing
   * else.
   */
  void addEventhubTo(Routes.Builder routes) {
    routes.get("/metrics", this::eventhub);
    routes.get("/metrics/", this::eventhub);
  }

  /** All, for whoever guards it. */
  HttpHandler handler() {
    return this::all;
  }

  private void eventhub(HttpExchange exchange) {
    Answers.allowAllOrigins(exchange);
    if (wantsJson(exchange)) {
      json(exchange);
    } else {
      answer(exchange, families -> eventhub.addTo(families, instance()));
    }
  }

  private boolean wantsJson(HttpExchange exchange) {
    return options.compatMetrics() && "json".equals(exchange.queryParameter("format"));
  }

  private void json(HttpExchange exchange) {
    Answers.json(exchange, 200, eventhub::writeTo);
  }

  // As Eventhub says it: where it listens.
  private String instance() {
    List<AdminOptions.Surface> surfaces = options.surfaces().get();
    return broker.nodeName()
        + ":"
        + port(surfaces, "eventhub").orElse(port(surfaces, "http").orElse(0));
  }

  private static OptionalInt port(List<AdminOptions.Surface> surfaces, String listener) {
    return surfaces.stream()
        .filter(surface -> surface.name().equals(listener))
        .mapToInt(surface -> URI.create(surface.uri()).getPort())
        .findFirst();
  }

  private void all(HttpExchange exchange) {
    if (wantsJson(exchange)) {
      json(exchange);
      return;
    }
    scrape(exchange, () -> Depths.read(broker), this::all);
  }

  private void all(Families families, Depths depths) {
    CoreFamilies.addTo(families, broker, options.version());
    new ProcessFamilies(families).add();
    if (options.compatMetrics()) {
      eventhub.addTo(families, instance());
      connmix.addTo(families);
    }
    ChannelFamilies own = new ChannelFamilies(families);
    own.addChannels(depths);
    addChannels(families, own, Counted.of(stats, name -> true), depths, options.channelsMax());
  }

  private void detailed(HttpExchange exchange) {
    String channel = exchange.queryParameter("channel");
    if (channel == null || channel.isEmpty()) {
      Answers.problem(exchange, 400, "the query parameter channel is missing");
      return;
    }
    scrape(
        exchange,
        () -> Depths.read(broker, channel),
        (families, depths) -> detailed(families, channel, depths));
  }

  private void detailed(Families families, String channel, Depths depths) {
    List<Counted> counted = Counted.of(stats, channel::equals);
    addChannels(families, new ChannelFamilies(families), counted, depths, Integer.MAX_VALUE);
  }

  private void addChannels(
      Families families, ChannelFamilies own, List<Counted> counted, Depths depths, int ownMax) {
    List<Named<Counted>> channels = Counted.busiest(counted, ownMax);
    own.addCounts(channels);
    own.addQueues(depths.busiestQueues(ownMax));
    own.addLogs(depths.busiestLogs(ownMax));
    if (options.compatMetrics()) {
      KubemqFamilies kubemq = new KubemqFamilies(families, broker.nodeName());
      kubemq.addCounts(channels);
      kubemq.addQueues(depths.busiestQueues(ownMax));
    }
  }

  private void scrape(
      HttpExchange exchange,
      Supplier<CompletionStage<Depths>> read,
      BiConsumer<Families, Depths> content) {
    background.answer(
        exchange,
        () -> read.get().thenApply(Result::ok),
        depths -> answer(exchange, families -> content.accept(families, depths)));
  }

  private static void answer(HttpExchange exchange, Consumer<Families> content) {
    Families families = new Families();
    content.accept(families);
    Answers.bytes(exchange, 200, Exposition.CONTENT_TYPE, Exposition.write(families));
  }

  @Override
  public void close() {
    background.close();
  }
}
