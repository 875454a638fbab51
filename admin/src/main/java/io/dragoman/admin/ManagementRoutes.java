// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.admin.Parameters.BadParameterException;
import io.dragoman.core.Broker;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;

/** The management API under {@code /v1/}, as {@code docs/api.md} describes it. */
final class ManagementRoutes implements AutoCloseable {
  private static final int WAITING_MAX = 64;

  private final Background background = new Background("dragoman-api", WAITING_MAX);
  private final Doorman doorman;
  private final ChannelRoutes channels;
  private final QueueRoutes queues;
  private final LogRoutes logs;

  ManagementRoutes(Broker broker, Doorman doorman) {
    this.doorman = doorman;
    channels = new ChannelRoutes(broker, background);
    queues = new QueueRoutes(broker, background);
    logs = new LogRoutes(broker, background);
  }

  void addTo(Routes.Builder routes) {
    routes.exact("GET", "/v1/channels", checked(channels::list));
    routes.exact("POST", "/v1/channels", checked(channels::create));
    routes.exact("DELETE", "/v1/channels", checked(channels::delete));
    routes.exact("GET", "/v1/queues", checked(queues::list));
    routes.exact("GET", "/v1/queues/messages", checked(queues::browse));
    routes.exact("GET", "/v1/queues/delayed", checked(queues::delayed));
    routes.exact("POST", "/v1/queues/delayed/cancel", checked(queues::cancelDelayed));
    routes.exact("POST", "/v1/queues/delayed/deliver", checked(queues::deliverNow));
    routes.exact("POST", "/v1/queues/redrive", checked(queues::redrive));
    routes.exact("GET", "/v1/logs", checked(logs::list));
    routes.exact("GET", "/v1/logs/messages", checked(logs::browse));
  }

  /** Answers a request, unless its parameters are wrong. */
  @FunctionalInterface
  interface Action {
    void handle(HttpExchange exchange) throws BadParameterException;
  }

  private HttpHandler checked(Action action) {
    return doorman.guard(exchange -> answer(exchange, action));
  }

  private static void answer(HttpExchange exchange, Action action) {
    try {
      exchange.releaseBody();
      action.handle(exchange);
    } catch (BadParameterException e) {
      Answers.invalid(exchange, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    background.close();
  }
}
