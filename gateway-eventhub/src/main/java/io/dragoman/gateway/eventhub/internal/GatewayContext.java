// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.eventhub.EventhubOptions;
import java.util.concurrent.atomic.AtomicInteger;

/** What all interfaces of one Eventhub gateway share. Safe from any thread. */
public final class GatewayContext {
  private final Broker broker;
  private final EventhubOptions options;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger subscriptions = new AtomicInteger();
  private final Metrics.Counter connects;
  private final Metrics.Counter disconnects;
  private final Metrics.Counter published;
  private final Metrics.Counter delivered;
  private final Metrics.Counter dropped;
  private final Metrics.Counter paused;

  /** A context that takes clients at once. */
  public GatewayContext(Broker broker, EventhubOptions options) {
    this.broker = broker;
    this.options = options;
    Metrics metrics = broker.metrics();
    metrics.gauge(
        "dragoman_eventhub_connections", "Clients connected now", connections::doubleValue);
    metrics.gauge(
        "dragoman_eventhub_subscriptions",
        "Subscriptions of clients now",
        subscriptions::doubleValue);
    connects = metrics.counter("dragoman_eventhub_connects_total", "Clients that connected");
    disconnects = metrics.counter("dragoman_eventhub_disconnects_total", "Clients that left");
    published = metrics.counter("dragoman_eventhub_published_total", "Events published by clients");
    delivered = metrics.counter("dragoman_eventhub_delivered_total", "Events sent to subscribers");
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

  EventhubOptions options() {
    return options;
  }

  void connected() {
    connections.incrementAndGet();
    connects.increment();
  }

  void disconnected() {
    connections.decrementAndGet();
    disconnects.increment();
  }

  void subscribed(int more) {
    subscriptions.addAndGet(more);
  }

  void published() {
    published.increment();
  }

  void delivered(int events) {
    delivered.add(events);
  }

  void dropped(int events) {
    dropped.add(events);
  }

  void paused() {
    paused.increment();
  }
}
