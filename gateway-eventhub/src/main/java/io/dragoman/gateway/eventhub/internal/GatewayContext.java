// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.eventhub.EventhubOptions;
import io.dragoman.gateway.eventhub.EventhubSecurity;
import java.util.concurrent.atomic.AtomicInteger;

/** What all interfaces of one Eventhub gateway share. Safe from any thread. */
public final class GatewayContext {
  /**
   * What a byte of an event can become when it is written: six are a control character in JSON,
   * seven a line end in an event stream; and there are ids and names.
   */
  private static final int GROWTH_MAX = 8;

  private final Broker broker;
  private final EventhubOptions options;
  private final Entrance entrance;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger subscriptions = new AtomicInteger();
  private final Metrics.Counter connects;
  private final Traffic webSockets;
  private final Traffic eventStreams;
  private final Traffic http;
  private final Metrics.Counter dropped;
  private final Metrics.Counter paused;

  /** A context that takes clients at once. */
  public GatewayContext(Broker broker, EventhubOptions options, EventhubSecurity security) {
    this.entrance = new Entrance(security);
    this.broker = broker;
    this.options = options;
    Metrics metrics = broker.metrics();
    metrics.gauge(
        "dragoman_eventhub_connections", "Clients connected now", connections::doubleValue);
    metrics.gauge(
        "dragoman_eventhub_subscriptions",
        "Subscriptions of clients now",
        subscriptions::doubleValue);
    connects = metrics.counter("dragoman_eventhub_connections_total", "Clients that connected");
    webSockets = new Traffic(metrics, "websocket");
    eventStreams = new Traffic(metrics, "sse");
    http = new Traffic(metrics, "http");
    dropped =
        metrics.counter(
            "dragoman_slow_receiver_dropped_total",
            "Messages dropped for receivers that did not read fast enough",
            "dialect",
            "eventhub");
    paused =
        metrics.counter(
            "dragoman_slow_receiver_paused_total",
            "Log subscriptions paused until their receiver had read more",
            "dialect",
            "eventhub");
  }

  Broker broker() {
    return broker;
  }

  Entrance entrance() {
    return entrance;
  }

  EventhubOptions options() {
    return options;
  }

  /**
   * How much may wait for a client at all. History is written at once, whatever waits: what the
   * server gives must never be what a client is closed for.
   */
  long pendingBytesMax() {
    return 4L * options.sendBufferBytes() + GROWTH_MAX * options.historyBytesMax();
  }

  void connected() {
    connections.incrementAndGet();
    connects.increment();
  }

  void disconnected() {
    connections.decrementAndGet();
  }

  void subscribed(int more) {
    subscriptions.addAndGet(more);
  }

  Traffic webSockets() {
    return webSockets;
  }

  Traffic eventStreams() {
    return eventStreams;
  }

  Traffic http() {
    return http;
  }

  void dropped(int events) {
    dropped.add(events);
  }

  void paused() {
    paused.increment();
  }
}
