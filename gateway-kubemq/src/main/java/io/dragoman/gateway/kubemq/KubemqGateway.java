// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.core.Broker;
import io.dragoman.gateway.kubemq.internal.ApiInterface;
import io.dragoman.gateway.kubemq.internal.GatewayContext;
import io.dragoman.gateway.kubemq.internal.RestInterface;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Routes;
import io.dragoman.transport.Transport;
import java.io.IOException;

/**
 * Speaks the KubeMQ dialect over HTTP, WebSockets and gRPC for a broker. Holds no messages and no
 * threads of its own. Safe from any thread.
 *
 * <p>Clients are promised what the broker promises: a send that was answered without error is
 * stored as its channel's durability says; a received message counts as consumed when the answer
 * has been handed to the kernel; an events store subscriber's position moves likewise.
 */
public final class KubemqGateway {
  private final GatewayContext context;

  /** A gateway that takes requests at once. */
  public KubemqGateway(Broker broker, KubemqOptions options) {
    context = new GatewayContext(broker, options);
  }

  /**
   * The same with routes that senders can name, for those who are let in; whoever made these closes
   * them.
   */
  public KubemqGateway(
      Broker broker, KubemqOptions options, KubemqRoutes routes, KubemqSecurity security) {
    context = new GatewayContext(broker, options, routes::table, security);
  }

  /** The routes of the REST port. */
  public Routes restRoutes() {
    return new RestInterface(context).routes();
  }

  /**
   * Opens the gRPC port on the transport's event loops. It is to be drained before the transport is
   * closed.
   *
   * @throws IOException if an address cannot be bound; the message names it
   */
  public KubemqGrpcServer openGrpc(ListenerOptions options, Transport transport)
      throws IOException {
    return KubemqGrpcServer.open(options, transport, context);
  }

  /**
   * Adds this dialect's routes of the API port: {@code /health}, {@code /ready}, {@code
   * /v1/stats/queues} and {@code /v1/stats/events_stores}.
   */
  public void addApiRoutes(Routes.Builder routes) {
    new ApiInterface(context).addTo(routes);
  }

  /**
   * Whether REST requests are taken. If not, each is answered with 503 and the words that clients
   * know, and {@code /health} and {@code /ready} say 500. To be called with false when the broker
   * begins to stop.
   */
  public void acceptRequests(boolean accept) {
    context.accepting(accept);
  }
}
