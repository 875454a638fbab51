// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.ErrorResponder;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.OriginPolicy;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request. What is found always answers: where no route fits it is one that
 * says so. Immutable once built. See {@link io.dragoman.transport.Routes} for the order.
 */
public final class RouteTable {

  private static final AsciiString ALLOW = AsciiString.cached("allow");

  private final Map<String, PathRoutes> exact;
  private final Map<String, PathRoutes> afterUpgrades;
  private final Prefix[] prefixes;
  private final @Nullable Route anyWebSocket;
  private final @Nullable Route eventStream;
  private final @Nullable Route methodNotAllowed;
  private final Route fallback;
  private final ErrorResponder errors;

  private RouteTable(Builder builder) {
    exact = Map.copyOf(builder.exact);
    afterUpgrades = Map.copyOf(builder.afterUpgrades);
    prefixes =
        builder.prefixes.entrySet().stream()
            .map(e -> new Prefix(e.getKey(), e.getValue()))
            .sorted((a, b) -> b.text.length() - a.text.length())
            .toArray(Prefix[]::new);
    anyWebSocket = builder.anyWebSocket;
    eventStream = builder.eventStream;
    methodNotAllowed = builder.methodNotAllowed;
    errors = builder.errors;
    fallback =
        builder.fallback != null
            ? builder.fallback
            : withoutBody(exchange -> answer(exchange, 404, "Not Found"));
  }

  ErrorResponder errors() {
    return errors;
  }

  Route find(HttpExchange request) {
    String method = request.method();
    boolean upgrade = request.upgradeRequested();
    PathRoutes path = exact.get(request.path());
    Route route = path == null ? null : path.find(method, upgrade);
    return route != null ? route : findByPrefix(request, method, upgrade, path);
  }

  private Route findByPrefix(
      HttpExchange request, String method, boolean upgrade, @Nullable PathRoutes known) {
    PathRoutes other = known;
    if (known == null) {
      for (Prefix prefix : prefixes) {
        if (request.path().startsWith(prefix.text)) {
          Route route = prefix.routes.find(method, upgrade);
          if (route != null) {
            return route;
          }
          other = other == null ? prefix.routes : other;
        }
      }
    }
    return other != null ? methodNotAllowed(other) : findByKind(request, method, upgrade);
  }

  private Route findByKind(HttpExchange request, String method, boolean upgrade) {
    if (upgrade && anyWebSocket != null) {
      return anyWebSocket;
    }
    if (eventStream != null && method.equals("GET") && acceptsEventStream(request)) {
      return eventStream;
    }
    PathRoutes path = afterUpgrades.get(request.path());
    if (path == null) {
      return fallback;
    }
    Route route = path.find(method, upgrade);
    return route != null ? route : methodNotAllowed(path);
  }

  private static boolean acceptsEventStream(HttpExchange request) {
    String accept = request.header("accept");
    return accept != null && accept.toLowerCase(Locale.ROOT).contains("text/event-stream");
  }

  private Route methodNotAllowed(PathRoutes path) {
    if (methodNotAllowed != null) {
      return methodNotAllowed;
    }
    return withoutBody(
        exchange -> {
          exchange.addResponseHeader(ALLOW, path.methods());
          answer(exchange, 405, "Method Not Allowed");
        });
  }

  /** No memory is filled for what is refused whatever it is. */
  private static Route withoutBody(HttpHandler handler) {
    return new Route(handler.withoutBody());
  }

  private void answer(HttpExchange exchange, int status, String reason) {
    ErrorResponder.Body body = errors.body(status, reason);
    exchange.respond(status, body.contentType(), Unpooled.wrappedBuffer(body.bytes()));
  }

  private record Prefix(String text, PathRoutes routes) {}

  /** Collects routes. */
  public static final class Builder {
    private final Map<String, PathRoutes> exact = new HashMap<>();
    private final Map<String, PathRoutes> afterUpgrades = new HashMap<>();
    private final Map<String, PathRoutes> prefixes = new TreeMap<>();
    private @Nullable Route anyWebSocket;
    private @Nullable Route eventStream;
    private @Nullable Route methodNotAllowed;
    private @Nullable Route fallback;
    private @Nullable OriginPolicy origins;
    private ErrorResponder errors = ErrorResponder.PLAIN_TEXT;

    /** The policy of the routes that follow. */
    public void origins(@Nullable OriginPolicy policy) {
      origins = policy;
    }

    /** A route for one method and path. */
    public void exact(String method, String path, HttpHandler handler) {
      at(exact, path).put(method, route(handler));
    }

    /** A route for one method, or all ({@code *}), and a prefix. */
    public void prefix(String method, String prefix, HttpHandler handler) {
      at(prefixes, prefix).put(method, route(handler));
    }

    /** A route for WebSockets on one path. */
    public void webSocket(String path, HttpHandler handler) {
      at(exact, path).webSocket(new Route(handler, origins, true));
    }

    /** A route for WebSockets and a prefix. */
    public void webSocketPrefix(String prefix, HttpHandler handler) {
      at(prefixes, prefix).webSocket(new Route(handler, origins, true));
    }

    /** A route for WebSockets on all other paths. */
    public void anyWebSocket(HttpHandler handler) {
      anyWebSocket = new Route(handler, origins, true);
    }

    /** A route for event streams on all other paths. */
    public void eventStream(HttpHandler handler) {
      eventStream = route(handler);
    }

    /** A route for one method and path that comes after upgrades. */
    public void afterUpgrades(String method, String path, HttpHandler handler) {
      at(afterUpgrades, path).put(method, route(handler));
    }

    /** The answer to other methods. */
    public void methodNotAllowed(HttpHandler handler) {
      methodNotAllowed = route(handler.withoutBody());
    }

    /** The answer to everything else. */
    public void fallback(HttpHandler handler) {
      fallback = route(handler.withoutBody());
    }

    /** How errors look. */
    public void errors(ErrorResponder responder) {
      errors = responder;
    }

    /** The table. */
    public RouteTable build() {
      return new RouteTable(this);
    }

    private Route route(HttpHandler handler) {
      return new Route(handler, origins, false);
    }

    private static PathRoutes at(Map<String, PathRoutes> routes, String path) {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("a path must begin with a slash: " + path);
      }
      return routes.computeIfAbsent(path, p -> new PathRoutes());
    }
  }
}
