// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.gateway.kubemq.KubemqSecurity;
import io.dragoman.security.Authentication;
import io.dragoman.security.Authentication.Accepted;
import io.dragoman.security.Authentication.Refused;
import io.dragoman.security.Principal;
import io.dragoman.security.Refusal;
import io.dragoman.security.Watch;
import io.dragoman.transport.Gate;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.grpc.Context;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.jspecify.annotations.Nullable;

/**
 * Where everybody comes in: finds the token, has it verified, and remembers with the request or
 * call who is asking (spec: kubemq §5.3). Safe from any thread.
 */
final class Entrance {
  private static final Context.Key<Caller> CALLER = Context.key("dragoman-caller");

  /** For browsers, which cannot send headers with the handshake of a WebSocket. */
  private static final String PARAMETER = "auth";

  private final Checks checks;
  private final KubemqSecurity security;
  private final Caller anyone;

  Entrance(Checks checks, KubemqSecurity security) {
    this.checks = checks;
    this.security = security;
    this.anyone = caller(Principal.ANYONE);
  }

  private Caller caller(Principal principal) {
    return new Caller(checks, principal, security);
  }

  /** Serves requests of those who are let in, and tells the others. */
  HttpHandler guard(HttpHandler handler) {
    if (!security.authenticator().isRequired()) {
      return handler;
    }
    return new Gate<>(
        Authentication.class,
        exchange -> security.authenticator().authenticate(credentials(exchange)),
        outcome -> outcome instanceof Accepted,
        (exchange, outcome) -> {
          if (outcome instanceof Accepted accepted) {
            exchange.attach(caller(accepted.principal()));
            handler.handle(exchange);
          } else {
            RestReplies.unauthenticated(exchange, text(outcome));
          }
        });
  }

  /** The same for what is about the whole node. */
  HttpHandler guardOverview(HttpHandler handler) {
    return guard(
        exchange -> {
          KubemqError error = caller(exchange).overview();
          if (error == null) {
            handler.handle(exchange);
          } else {
            RestReplies.forbidden(exchange, error.text());
          }
        });
  }

  private static @Nullable String credentials(HttpExchange exchange) {
    String header = exchange.header(HttpHeaderNames.AUTHORIZATION);
    return header == null && exchange.upgradeRequested()
        ? exchange.queryParameter(PARAMETER)
        : header;
  }

  /** Whoever sent a request that has passed {@link #guard}. */
  Caller caller(HttpExchange exchange) {
    return known(exchange.attachment() instanceof Caller caller ? caller : null);
  }

  /**
   * Lets a call in, or says why not.
   *
   * @param credentials null: there were none
   */
  Admission admit(@Nullable String credentials) {
    Authentication outcome = security.authenticator().authenticate(credentials);
    return outcome instanceof Accepted accepted
        ? new Admission(caller(accepted.principal()), "")
        : new Admission(null, text(outcome));
  }

  /**
   * What became of a call.
   *
   * @param caller null: it was not let in
   * @param error why
   */
  record Admission(@Nullable Caller caller, String error) {}

  /** While this is attached, {@link #caller()} gives this caller. */
  static Context with(Caller caller) {
    return Context.current().withValue(CALLER, caller);
  }

  /** Whoever began the call that is being begun on this thread. */
  Caller caller() {
    return known(CALLER.get());
  }

  /** A way in that goes past the entrance must not let everybody in. */
  private Caller known(@Nullable Caller caller) {
    if (caller == null && security.authenticator().isRequired()) {
      throw new IllegalStateException("nobody asked who this is");
    }
    return caller == null ? anyone : caller;
  }

  boolean isRequired() {
    return security.authenticator().isRequired();
  }

  /** Runs the task on the lane when this caller's token expires. */
  Watch watch(Caller caller, Lane lane, Runnable end) {
    return security.authenticator().watch(caller.principal(), lane, end);
  }

  /** What clients are told when their token has expired while they were connected. */
  static String expired() {
    return text(new Refused(Refusal.EXPIRED));
  }

  private static String text(Authentication outcome) {
    Refusal reason = outcome instanceof Refused refused ? refused.reason() : Refusal.NO_TOKEN;
    KubemqError error =
        reason == Refusal.NO_KEYS
            ? KubemqError.AUTHENTICATION_KEY_FILE
            : KubemqError.AUTHENTICATION_FAILED;
    return error.text() + reason.words();
  }
}
