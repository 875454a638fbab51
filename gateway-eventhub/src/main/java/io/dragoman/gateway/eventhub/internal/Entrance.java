// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Lane;
import io.dragoman.gateway.eventhub.EventhubSecurity;
import io.dragoman.security.Authentication;
import io.dragoman.security.Authentication.Accepted;
import io.dragoman.security.Refusal;
import io.dragoman.security.Watch;
import io.dragoman.transport.Gate;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Query;
import io.netty.util.AsciiString;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where every client comes in: its token is in the header {@code Authorization}, with or without
 * {@code Bearer}, or else in the query as {@code auth} (spec: eventhub §5), but only of what
 * browsers open without headers: WebSockets and event streams. Safe from any thread.
 */
final class Entrance {
  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");
  private static final String PARAMETER = "auth";

  private final EventhubSecurity security;

  Entrance(EventhubSecurity security) {
    this.security = security;
  }

  /** Serves those who are let in, and tells the others. */
  HttpHandler guard(BiConsumer<HttpExchange, Caller> handler) {
    return guard(handler, exchange -> exchange.header(AUTHORIZATION));
  }

  /** The same for what browsers open. */
  HttpHandler guardOpening(BiConsumer<HttpExchange, Caller> handler) {
    return guard(handler, Entrance::openingCredentials);
  }

  private HttpHandler guard(
      BiConsumer<HttpExchange, Caller> handler,
      Function<HttpExchange, @Nullable String> credentials) {
    return new Gate<>(
        Authentication.class,
        exchange -> security.authenticator().authenticateForTopics(credentials.apply(exchange)),
        outcome -> outcome instanceof Accepted,
        (exchange, outcome) -> {
          if (outcome instanceof Accepted accepted) {
            handler.accept(exchange, new Caller(accepted.principal(), security.limiter()));
          } else {
            boolean none =
                outcome instanceof Authentication.Refused no && no.reason() == Refusal.NO_TOKEN;
            Answers.page(
                exchange,
                401,
                none ? "No authentication token was given." : "Authentication failed.");
          }
        });
  }

  private static @Nullable String openingCredentials(HttpExchange exchange) {
    String header = exchange.header(AUTHORIZATION);
    return header == null ? Query.find(exchange.rawQuery(), PARAMETER, true) : header;
  }

  /** Runs the task on the lane when this client's token expires. */
  Watch watch(Caller caller, Lane lane, Runnable end) {
    return security.authenticator().watch(caller.principal(), lane, end);
  }
}
