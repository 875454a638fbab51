// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelStats;
import io.dragoman.security.Authenticator;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;

/**
 * The administration routes of the listener {@code http}: probes, metrics, the management API, and
 * an index at {@code /}. Safe from any thread.
 */
public final class AdminGateway implements AutoCloseable {
  private final HealthRoutes health;
  private final MetricsRoutes metrics;
  private final ManagementRoutes management;
  private final IndexRoute index;

  /**
   * Prepares the routes of one node.
   *
   * @param stats what passed through each channel
   * @param authenticator asked for all routes but the probes, {@code /metrics} and the index
   */
  public AdminGateway(
      Broker broker, ChannelStats stats, AdminOptions options, Authenticator authenticator) {
    Doorman doorman = new Doorman(authenticator);
    health = new HealthRoutes(broker.health());
    metrics = new MetricsRoutes(broker, stats, options, doorman);
    management = new ManagementRoutes(broker, doorman);
    index = new IndexRoute(broker, options);
  }

  /** Adds all routes, and how errors look beside them. */
  public void addRoutes(Routes.Builder routes) {
    health.addTo(routes);
    metrics.addTo(routes);
    management.addTo(routes);
    routes.afterUpgrades("GET", "/", index::handle);
    routes.errors(Answers.PROBLEMS);
  }

  /**
   * Adds what Eventhub's own server has beside its protocol, {@code /healthz} and {@code /metrics},
   * for a listener that serves only that.
   */
  public void addEventhubRoutes(Routes.Builder routes) {
    health.addEventhubTo(routes);
    metrics.addEventhubTo(routes);
  }

  /** What {@code /metrics} of the node shows, for other listeners. */
  public HttpHandler metrics() {
    return metrics.handler();
  }

  /** Stops what runs in the background; open requests are not answered. */
  @Override
  public void close() {
    metrics.close();
    management.close();
  }
}
