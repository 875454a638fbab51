// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.gateway.connmix.ConnmixOptions;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Routes;
import io.dragoman.transport.WebSocketOptions;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** The routes of backends (spec: connmix §2 and §7). */
public final class ApiInterface {
  private static final String SOCKET = "/ws/v1";

  private final GatewayContext context;
  private final Entrance entrance;
  private final MeshEndpoint mesh;
  private final NodesEndpoint nodes;

  /** Serves this dialect with this context. */
  public ApiInterface(GatewayContext context, Supplier<OptionalInt> apiPort) {
    this.context = context;
    this.entrance = context.entrance();
    this.mesh = new MeshEndpoint(context);
    this.nodes = new NodesEndpoint(context, apiPort);
  }

  /** The API itself. */
  public void addTo(Routes.Builder routes) {
    routes
        .webSocket(SOCKET, entrance.guardOpening(this::webSocket))
        .exact("POST", MeshEndpoint.SEND, entrance.guard(mesh::send))
        .exact("POST", MeshEndpoint.PUBLISH, entrance.guard(mesh::publish));
  }

  /** What backends ask before they use it, and what its operator looks at. */
  public void addCenterTo(Routes.Builder routes, HttpHandler metrics) {
    routes
        .get("/version", reading(nodes::version))
        .get("/v1/nodes", reading(nodes::nodes))
        .get("/metrics", reading(metrics));
  }

  private HttpHandler reading(HttpHandler handler) {
    return entrance.guard(
        (exchange, backend) -> {
          if (backend.reads()) {
            handler.handle(exchange);
          } else {
            Answers.forbidden(exchange, "this account may not read");
          }
        });
  }

  private void webSocket(HttpExchange exchange, Backend backend) {
    if (exchange.upgradeRequested()) {
      exchange.acceptWebSocket(options(), new ApiSocket(context, backend));
    } else {
      Answers.badRequest(exchange, "this is where WebSockets are opened");
    }
  }

  private WebSocketOptions options() {
    ConnmixOptions options = context.options();
    int high = options.sendBufferBytes();
    return WebSocketOptions.defaults()
        .withMessageBytesMax(options.messageBytesMax())
        .withPingMillis(options.pingMillis())
        .withPendingBytes(
            high,
            Math.max(1, high / 2),
            Math.max(WebSocketOptions.defaults().pendingBytesMax(), 4L * high));
  }
}
