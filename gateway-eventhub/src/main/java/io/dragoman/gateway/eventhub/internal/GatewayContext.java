// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.eventhub.EventhubOptions;
import io.dragoman.gateway.eventhub.EventhubSecurity;
import java.util.concurrent.atomic.AtomicInteger;

/** What all interfaces of one Eventhub gateway share. Safe from any thread. */
public final class GatewayContext {
  private final Broker broker;
  private final EventhubOptions options;
  private final Entrance entrance;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger subscriptions = new AtomicInteger();
  private final HistoryRoom historiesRead;
  private final HistoryRoom historiesHeld;
  private final HistoryRoom historyAnswers;
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
    // Apart from one another, so that those who do not read hold up no subscriber.
    long quarter = options.historiesInFlightBytesMax() / 4;
    this.historiesRead = new HistoryRoom(2 * quarter);
    this.historiesHeld = new HistoryRoom(quarter);
    this.historyAnswers = new HistoryRoom(quarter);
    Metrics metrics = broker.metrics();
    show(metrics, historiesRead, "read");
    show(metrics, historiesHeld, "held");
    show(metrics, historyAnswers, "answer");
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

  private static void show(Metrics metrics, HistoryRoom room, String state) {
    metrics.gauge(
        "dragoman_eventhub_history_bytes",
        "History being read, and history that clients have not taken yet",
        room::taken,
        "state",
        state);
    metrics.gauge(
        "dragoman_eventhub_histories_waiting",
        "Requests for history that wait for room",
        room::waiting,
        "state",
        state);
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
   * Room for histories of subscribers, from when they are asked for until it is decided what is
   * held of them.
   */
  HistoryRoom historiesRead() {
    return historiesRead;
  }

  /** Room for histories, answers among them, that clients have not taken yet. */
  HistoryRoom historiesHeld() {
    return historiesHeld;
  }

  /** Room for answers of history while they are looked up and made. */
  HistoryRoom historyAnswers() {
    return historyAnswers;
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
