// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.transport.internal.RouteTable;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which request. Immutable; safe from any thread.
 *
 * <p>A request goes to the first of these that fits:
 *
 * <ol>
 *   <li>a path registered with {@code exact} or {@code webSocket}: an upgrade request to its
 *       WebSocket handler if it has one, else to the handler of its method, else (GET) to the
 *       WebSocket handler
 *   <li>the longest prefix registered for its method, or for WebSockets, as with paths
 *   <li>{@code anyWebSocket}, if it is an upgrade request
 *   <li>{@code eventStream}, if it is a GET that accepts {@code text/event-stream}
 *   <li>a path registered with {@code afterUpgrades}, such as the page at {@code /} beside
 *       WebSockets on any path
 *   <li>{@code methodNotAllowed}, if the path (or prefix) is there with other methods; without that
 *       handler 405
 *   <li>{@code fallback}; without it 404
 * </ol>
 *
 * HEAD goes where GET goes, unless it has a route of its own.
 */
public final class Routes {

  private final RouteTable table;

  private Routes(RouteTable table) {
    this.table = table;
  }

  /** A builder without routes. */
  public static Builder builder() {
    return new Builder();
  }

  /** What the transport looks requests up in. */
  public RouteTable table() {
    return table;
  }

  /** Collects routes. For one thread; to be built once. */
  public static final class Builder {
    private final RouteTable.Builder table = new RouteTable.Builder();

    private Builder() {}

    /**
     * Sets the origin policy of the routes that are added from here on; the listener's own if it is
     * null, as at the start.
     */
    public Builder origins(@Nullable OriginPolicy policy) {
      table.origins(policy);
      return this;
    }

    /** A route for one method and path. */
    public Builder exact(String method, String path, HttpHandler handler) {
      table.exact(method, path, handler);
      return this;
    }

    /** A route for GET and one path, whose handler wants no body: for what anybody may ask. */
    public Builder get(String path, HttpHandler handler) {
      table.exact("GET", path, handler.withoutBody());
      return this;
    }

    /**
     * A route for all paths that begin with a prefix.
     *
     * @param method a method, or {@code *} for all
     */
    public Builder prefix(String method, String prefix, HttpHandler handler) {
      table.prefix(method, prefix, handler);
      return this;
    }

    /**
     * A route for WebSockets on one path. A GET without upgrade comes to the handler too, unless
     * the path has a GET route; the handler decides what it means.
     */
    public Builder webSocket(String path, HttpHandler handler) {
      table.webSocket(path, handler);
      return this;
    }

    /** The same on all paths that begin with a prefix. */
    public Builder webSocketPrefix(String prefix, HttpHandler handler) {
      table.webSocketPrefix(prefix, handler);
      return this;
    }

    /** A route for upgrade requests on paths that nothing else takes. */
    public Builder anyWebSocket(HttpHandler handler) {
      table.anyWebSocket(handler);
      return this;
    }

    /** A route for requests that accept an event stream, on paths that nothing else takes. */
    public Builder eventStream(HttpHandler handler) {
      table.eventStream(handler);
      return this;
    }

    /** A route for one method and path that upgrade requests and event streams do not reach. */
    public Builder afterUpgrades(String method, String path, HttpHandler handler) {
      table.afterUpgrades(method, path, handler);
      return this;
    }

    /** What answers requests with a known path and a method it has no route for. */
    public Builder methodNotAllowed(HttpHandler handler) {
      table.methodNotAllowed(handler);
      return this;
    }

    /** What answers requests that nothing else takes. */
    public Builder fallback(HttpHandler handler) {
      table.fallback(handler);
      return this;
    }

    /** How the transport's own answers look; plain text if not set. */
    public Builder errors(ErrorResponder responder) {
      table.errors(responder);
      return this;
    }

    /** The routes. */
    public Routes build() {
      return new Routes(table.build());
    }
  }
}
