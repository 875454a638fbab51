// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.ErrorResponder;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.TransportOptions;

/** What the connections of one listener share. Immutable; safe from any thread. */
final class Endpoint {

  private final Server server;
  private final ListenerOptions options;
  private final RouteTable routes;
  private final EndpointMetrics metrics;
  private final AccessRules access;
  private final long bodyBytesMax;
  private final long requestHeaderTimeoutMillis;

  Endpoint(
      Server server,
      ListenerOptions options,
      RouteTable routes,
      EndpointMetrics metrics,
      AccessRules access) {
    this.server = server;
    this.options = options;
    this.routes = routes;
    this.metrics = metrics;
    this.access = access;
    long own = options.bodyBytesMax();
    bodyBytesMax = own > 0 ? own : server.options().bodyBytesMax();
    long ownTimeout = options.requestHeaderTimeoutMillis();
    requestHeaderTimeoutMillis =
        ownTimeout > 0 ? ownTimeout : server.options().requestHeaderTimeoutMillis();
  }

  String name() {
    return options.name();
  }

  boolean cors() {
    return options.cors();
  }

  TransportOptions transportOptions() {
    return server.options();
  }

  BodyBudget budget() {
    return server.budget();
  }

  Gate gate() {
    return server.gate();
  }

  boolean draining() {
    return server.gate().draining();
  }

  RouteTable routes() {
    return routes;
  }

  ErrorResponder errors() {
    return routes.errors();
  }

  EndpointMetrics metrics() {
    return metrics;
  }

  AccessRules access() {
    return access;
  }

  long bodyBytesMax() {
    return bodyBytesMax;
  }

  long requestHeaderTimeoutMillis() {
    return requestHeaderTimeoutMillis;
  }
}
