// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.core.Metrics;
import io.dragoman.core.Metrics.Counter;
import io.dragoman.transport.TransportMetrics;
import java.util.concurrent.atomic.LongAdder;

/** The instruments of one listener, looked up once. Safe from any thread. */
final class EndpointMetrics {

  static final String ACCEPTED_HELP = "Connections accepted.";

  private static final String RESPONSES_HELP = "Answers to HTTP requests by class of status.";
  private static final String REFUSED_HELP = "Connections and requests turned away at the door.";
  private static final String BODIES_HELP = "Request bodies refused because of their size.";
  private static final String NETWORK_HELP = "Bytes read from and given to sockets.";

  private final LongAdder httpConnections = new LongAdder();
  private final LongAdder webSockets = new LongAdder();
  private final LongAdder tcpConnections = new LongAdder();
  private final Counter connections;
  private final Counter[] responses = new Counter[6];
  private final Counter bytesIn;
  private final Counter bytesOut;
  private final Counter refusedByLimit;
  private final Counter refusedByHost;
  private final Counter refusedByOrigin;
  private final Counter refusedByTls;
  private final Counter bodyTooLarge;
  private final Counter bodyOverBudget;

  EndpointMetrics(Metrics metrics, String listener) {
    connections =
        metrics.counter(TransportMetrics.CONNECTIONS_TOTAL, ACCEPTED_HELP, "listener", listener);
    gauge(metrics, listener, "http", httpConnections);
    gauge(metrics, listener, "websocket", webSockets);
    for (int i = 1; i < responses.length; i++) {
      responses[i] =
          metrics.counter(
              TransportMetrics.HTTP_RESPONSES_TOTAL,
              RESPONSES_HELP,
              "listener",
              listener,
              "status",
              i + "xx");
    }
    responses[0] = responses[5];
    bytesIn = network(metrics, listener, "in");
    bytesOut = network(metrics, listener, "out");
    refusedByLimit = refused(metrics, listener, "limit");
    refusedByHost = refused(metrics, listener, "host");
    refusedByOrigin = refused(metrics, listener, "origin");
    refusedByTls = refused(metrics, listener, "tls");
    bodyTooLarge = body(metrics, listener, "size");
    bodyOverBudget = body(metrics, listener, "budget");
  }

  /** Shows connections without HTTP, on a listener that has them. */
  void showTcp(Metrics metrics, String listener) {
    gauge(metrics, listener, "tcp", tcpConnections);
  }

  static void gauge(Metrics metrics, String listener, String kind, LongAdder value) {
    metrics.gauge(
        TransportMetrics.CONNECTIONS,
        "Open connections.",
        value::doubleValue,
        "listener",
        listener,
        "kind",
        kind);
  }

  static Counter network(Metrics metrics, String listener, String direction) {
    return metrics.counter(
        TransportMetrics.NETWORK_BYTES_TOTAL,
        NETWORK_HELP,
        "listener",
        listener,
        "direction",
        direction);
  }

  static Counter refused(Metrics metrics, String listener, String reason) {
    return metrics.counter(
        TransportMetrics.CONNECTIONS_REFUSED_TOTAL,
        REFUSED_HELP,
        "listener",
        listener,
        "reason",
        reason);
  }

  static Counter body(Metrics metrics, String listener, String reason) {
    return metrics.counter(
        TransportMetrics.BODY_REFUSED_TOTAL, BODIES_HELP, "listener", listener, "reason", reason);
  }

  LongAdder httpConnections() {
    return httpConnections;
  }

  LongAdder webSockets() {
    return webSockets;
  }

  LongAdder tcpConnections() {
    return tcpConnections;
  }

  void accepted() {
    connections.increment();
  }

  void responded(int status) {
    responses[status / 100].increment();
  }

  void bytesIn(int bytes) {
    bytesIn.add(bytes);
  }

  void bytesOut(int bytes) {
    bytesOut.add(bytes);
  }

  void refusedByLimit() {
    refusedByLimit.increment();
  }

  void refusedByHost() {
    refusedByHost.increment();
  }

  void refusedByOrigin() {
    refusedByOrigin.increment();
  }

  void refusedByTls() {
    refusedByTls.increment();
  }

  void bodyTooLarge() {
    bodyTooLarge.increment();
  }

  void bodyOverBudget() {
    bodyOverBudget.increment();
  }
}
