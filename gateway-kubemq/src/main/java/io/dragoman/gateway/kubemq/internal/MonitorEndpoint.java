// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/stats/attach} and {@code /api/monitor}. What is wrong with the parameters is told
 * before the upgrade, with the status and in the form that tools know.
 */
final class MonitorEndpoint implements HttpHandler {
  private static final int NOT_FOUND = 404;

  private final GatewayContext context;

  MonitorEndpoint(GatewayContext context) {
    this.context = context;
  }

  /** The counter of what monitors missed. */
  static Metrics.Counter dropped(Metrics metrics) {
    return metrics.counter(
        "dragoman_monitor_dropped_total",
        "Messages that a monitor was not shown: it did not read, or too much was on its way to it",
        "dialect",
        "kubemq");
  }

  @Override
  public void handle(HttpExchange exchange) {
    Kind kind = kind(parameter(exchange, "kind"));
    String channel = parameter(exchange, "channel");
    KubemqError error = error(kind, channel, parameter(exchange, "max_size"));
    if (error != null || kind == null) {
      refuse(exchange, error == null ? KubemqError.KIND : error);
    } else if (!exchange.upgradeRequested()) {
      RestReplies.notWebSocket(exchange);
    } else {
      WebSockets.accept(
          context,
          exchange,
          new MonitorSocket(context, kind, channel, frames(exchange), exchange.lane()));
    }
  }

  private static MonitorFrames frames(HttpExchange exchange) {
    return parameter(exchange, "bodies").equals("exact")
        ? MonitorFrames.EXACT
        : MonitorFrames.FOR_PEOPLE;
  }

  private static @Nullable KubemqError error(@Nullable Kind kind, String channel, String maxSize) {
    if (kind == null) {
      return KubemqError.KIND;
    }
    KubemqError error = Checks.monitored(kind, channel);
    return error == null && maxSize.startsWith("-") ? KubemqError.BODY_SIZE : error;
  }

  private static void refuse(HttpExchange exchange, KubemqError error) {
    exchange.respond(
        NOT_FOUND, RestReplies.TEXT, ByteBufUtil.writeUtf8(exchange.allocator(), error.text()));
  }

  private static @Nullable Kind kind(String word) {
    // Here the word for queues is another than elsewhere; both are understood.
    ChannelType type = ChannelType.of(word.equals("queue") ? ChannelType.QUEUES.word() : word);
    return type == null ? null : type.kind();
  }

  private static String parameter(HttpExchange exchange, String name) {
    String value = exchange.queryParameter(name);
    return value == null ? "" : value;
  }
}
