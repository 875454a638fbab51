// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import io.dragoman.core.Broker;
import io.dragoman.gateway.connmix.internal.ApiInterface;
import io.dragoman.gateway.connmix.internal.GatewayContext;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Speaks the connmix dialect for a broker: the API of backends over WebSocket and HTTP, and where
 * they look for it. Holds no messages and no threads of its own. Safe from any thread.
 *
 * <p>What is pushed to connections is pushed at most once and counted. What backends consume are
 * the broker's queues: a message is done when its event has been written to the backend's socket,
 * or when the backend acknowledges it, if it asked for that.
 */
public final class ConnmixGateway {
  private final ApiInterface api;

  /**
   * A gateway that takes backends at once.
   *
   * @param apiPort the port that the API's listener is open on, asked at each request; empty if
   *     there is none
   */
  public ConnmixGateway(
      Broker broker,
      ConnmixOptions options,
      ConnmixSecurity security,
      Supplier<OptionalInt> apiPort) {
    api = new ApiInterface(new GatewayContext(broker, options, security), apiPort);
  }

  /**
   * Adds the routes of the API's listener.
   *
   * @param metrics what shows metrics to those who may look
   */
  public void addApiRoutes(Routes.Builder routes, HttpHandler metrics) {
    api.addTo(routes);
    api.addCenterTo(routes, metrics);
  }

  /** Adds the routes of the listener where backends look for nodes. */
  public void addCenterRoutes(Routes.Builder routes, HttpHandler metrics) {
    api.addCenterTo(routes, metrics);
  }
}
