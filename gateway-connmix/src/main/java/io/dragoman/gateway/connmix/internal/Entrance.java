// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.gateway.connmix.ConnmixSecurity;
import io.dragoman.security.Authentication;
import io.dragoman.security.Authentication.Accepted;
import io.dragoman.security.Authenticator;
import io.dragoman.security.Watch;
import io.dragoman.transport.Gate;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Query;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where every backend comes in (spec: connmix §2.8): by name and password in the header {@code
 * Authorization} ({@code Basic}), by a token there, or, for WebSockets, which browsers open without
 * headers, by {@code username} and {@code password} or {@code auth} in the query. Who says nothing
 * comes in by its address, if there is an account without a password for that. Who says something
 * wrong does not. Safe from any thread.
 */
final class Entrance {
  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");
  private static final String BASIC = "Basic ";

  /** What became of a request to be let in. */
  private sealed interface Decision {
    record Let(Backend backend) implements Decision {}

    record Not(String text) implements Decision {}
  }

  private final ConnmixSecurity security;
  private final Metrics.Counter refused;

  Entrance(ConnmixSecurity security, Metrics metrics) {
    this.security = security;
    this.refused =
        metrics.counter(
            "dragoman_connmix_refused_total",
            "Requests and connections of backends refused for their account or token");
  }

  /** Serves those who are let in, and tells the others. */
  HttpHandler guard(BiConsumer<HttpExchange, Backend> handler) {
    return guard(handler, false);
  }

  /** The same for what browsers open. */
  HttpHandler guardOpening(BiConsumer<HttpExchange, Backend> handler) {
    return guard(handler, true);
  }

  private HttpHandler guard(BiConsumer<HttpExchange, Backend> handler, boolean opening) {
    return new Gate<>(
        Decision.class,
        exchange -> decide(exchange, opening),
        decision -> decision instanceof Decision.Let,
        (exchange, decision) -> {
          if (decision instanceof Decision.Let let) {
            handler.accept(exchange, let.backend());
          } else {
            refused.increment();
            Answers.unauthorized(exchange, scheme(), ((Decision.Not) decision).text());
          }
        });
  }

  private String scheme() {
    return security.accounts().areAsked() ? "Basic realm=\"dragoman\"" : "Bearer";
  }

  private Decision decide(HttpExchange exchange, boolean opening) {
    if (!security.accounts().areAsked() && !security.authenticator().isRequired()) {
      return new Decision.Let(Backend.anybody(security.limiter()));
    }
    String header = exchange.header(AUTHORIZATION);
    if (header != null && header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return basic(exchange, header.substring(BASIC.length()));
    }
    if (header != null) {
      return token(header);
    }
    if (opening) {
      String query = exchange.rawQuery();
      String name = Query.find(query, "username");
      if (name != null) {
        String password = Query.find(query, "password");
        return named(exchange, name, password == null ? "" : password);
      }
      String token = Query.find(query, "auth", true);
      if (token != null) {
        return token(token);
      }
    }
    return byAddress(exchange)
        .<Decision>map(Decision.Let::new)
        .orElse(new Decision.Not("a name and password, or a token, are needed here"));
  }

  private Decision basic(HttpExchange exchange, String credentials) {
    String text;
    try {
      byte[] bytes = Base64.getDecoder().decode(credentials.strip());
      text = new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return new Decision.Not("the header Authorization cannot be read");
    }
    int colon = text.indexOf(':');
    return colon < 0
        ? new Decision.Not("the header Authorization cannot be read")
        : named(exchange, text.substring(0, colon), text.substring(colon + 1));
  }

  private Decision named(HttpExchange exchange, String name, String password) {
    for (ConnmixAccount each : security.accounts().list()) {
      if (each.name().equals(name)
          && each.password().filter(expected -> same(expected, password)).isPresent()
          && comesFrom(exchange, each)) {
        return new Decision.Let(Backend.of(each, security.limiter()));
      }
    }
    return new Decision.Not("no such account, or not from this address");
  }

  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean comesFrom(HttpExchange exchange, ConnmixAccount account) {
    InetSocketAddress remote = exchange.remote();
    return remote != null && account.host().matches(remote.getAddress());
  }

  private Decision token(@Nullable String credentials) {
    Authenticator authenticator = security.authenticator();
    if (!authenticator.isRequired()) {
      return new Decision.Not("tokens are not accepted here");
    }
    Authentication outcome = authenticator.authenticate(credentials);
    return outcome instanceof Accepted accepted
        ? new Decision.Let(Backend.of(accepted.principal(), security.limiter(), security.policy()))
        : new Decision.Not(((Authentication.Refused) outcome).reason().words());
  }

  /** The roles of all accounts that need no password from there. */
  private Optional<Backend> byAddress(HttpExchange exchange) {
    return security.accounts().list().stream()
        .filter(each -> each.password().isEmpty() && comesFrom(exchange, each))
        .map(each -> Backend.of(each, security.limiter()))
        .reduce(Backend::and);
  }

  /**
   * Runs the task on the lane, with the reason, when this backend's token expires, or its account
   * is gone or not as it was.
   */
  Watch watch(Backend backend, Lane lane, Consumer<String> end) {
    Watch token =
        security
            .authenticator()
            .watch(backend.principal(), lane, () -> end.accept("the token has expired"));
    Watch account =
        security
            .accounts()
            .watch(
                backend.accounts(), lane, () -> end.accept("the account does not hold any more"));
    return () -> {
      token.cancel();
      account.cancel();
    };
  }
}
