// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.security.Authentication;
import io.dragoman.security.Authentication.Accepted;
import io.dragoman.security.Authentication.Refused;
import io.dragoman.security.Authenticator;
import io.dragoman.security.Refusal;
import io.dragoman.transport.Gate;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.netty.handler.codec.http.HttpHeaderNames;

/**
 * Asks for tokens before anything about the node is told or done. Not every token is enough: what
 * is managed here belongs to everybody. Safe from any thread.
 */
final class Doorman {
  private final Authenticator authenticator;

  Doorman(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /** Serves those who are let in, and tells the others. */
  HttpHandler guard(HttpHandler handler) {
    if (!authenticator.isRequired()) {
      return handler;
    }
    return new Gate<>(
        Authentication.class,
        exchange -> authenticator.authenticate(exchange.header(HttpHeaderNames.AUTHORIZATION)),
        outcome -> outcome instanceof Accepted,
        (exchange, outcome) -> {
          if (lets(exchange, outcome)) {
            handler.handle(exchange);
          }
        });
  }

  private boolean lets(HttpExchange exchange, Authentication outcome) {
    if (outcome instanceof Accepted accepted) {
      if (authenticator.mayAdminister(accepted.principal())) {
        return true;
      }
      boolean limited = accepted.principal().isLimited();
      Answers.problem(
          exchange,
          403,
          limited ? "the token is limited to topics" : "the token is not an administrator's");
    } else {
      Refusal reason = outcome instanceof Refused no ? no.reason() : Refusal.NO_TOKEN;
      exchange.addResponseHeader(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
      Answers.problem(exchange, 401, reason.words());
    }
    return false;
  }
}
