// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.connmix.ConnmixOptions;
import io.dragoman.gateway.connmix.ConnmixSecurity;
import java.util.concurrent.atomic.AtomicInteger;

/** What all interfaces of one connmix gateway share. Safe from any thread. */
public final class GatewayContext {
  private final Broker broker;
  private final ConnmixOptions options;
  private final Entrance entrance;
  private final Methods methods;
  private final AtomicInteger backends = new AtomicInteger();
  private final AtomicInteger consumptions = new AtomicInteger();
  private final Traffic webSockets;
  private final Traffic http;
  private final EventsRoom eventsRoom;

  /** A context that takes backends at once. */
  public GatewayContext(Broker broker, ConnmixOptions options, ConnmixSecurity security) {
    Metrics metrics = broker.metrics();
    this.broker = broker;
    this.options = options;
    this.entrance = new Entrance(security, metrics);
    this.methods = new Methods(broker.connections(), options, metrics);
    this.webSockets = new Traffic(metrics, "api-websocket");
    this.http = new Traffic(metrics, "api-http");
    this.eventsRoom = new EventsRoom(metrics);
    metrics.gauge(
        "dragoman_connmix_clients",
        "Connections of clients now",
        () -> broker.connections().count());
    metrics.gauge("dragoman_connmix_backends", "WebSockets of backends now", backends::doubleValue);
    metrics.gauge(
        "dragoman_connmix_consumptions",
        "Queues that backends consume now",
        consumptions::doubleValue);
  }

  Broker broker() {
    return broker;
  }

  ConnmixOptions options() {
    return options;
  }

  Entrance entrance() {
    return entrance;
  }

  Methods methods() {
    return methods;
  }

  /** A backend has come, or gone. */
  void backends(int more) {
    backends.addAndGet(more);
  }

  /** Queues are consumed, or not any more. */
  void consumptions(int more) {
    consumptions.addAndGet(more);
  }

  EventsRoom eventsRoom() {
    return eventsRoom;
  }

  Traffic webSockets() {
    return webSockets;
  }

  Traffic http() {
    return http;
  }
}
