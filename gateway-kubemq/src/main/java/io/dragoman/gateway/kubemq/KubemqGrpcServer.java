// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.gateway.kubemq.internal.GatewayContext;
import io.dragoman.gateway.kubemq.internal.GrpcInterface;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Transport;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The dialect's gRPC port. Calls run on the event loops of the broker's transport and never block
 * them. Safe from any thread but the event loops, which must not call {@link #drain}.
 */
public final class KubemqGrpcServer implements Listener {
  /** With port 0 the first address chooses the port, which may be taken on another one. */
  private static final int ATTEMPTS_MAX = 50;

  /** Clients of this dialect ping every 10 s, also without calls. */
  private static final long PINGS_SECONDS_MIN = 1;

  /** Room for what a message has besides its body. */
  private static final long OVERHEAD_BYTES = 1 << 20;

  private final ListenerOptions options;
  private final Transport transport;
  private final GatewayContext context;
  private final GrpcInterface calls;
  private final List<Server> servers;

  private KubemqGrpcServer(ListenerOptions options, Transport transport, GatewayContext context)
      throws IOException {
    this.options = options;
    this.transport = transport;
    this.context = context;
    this.calls = new GrpcInterface(context, transport::currentLane);
    this.servers = bind(Transport.addresses(options.hosts()));
  }

  /**
   * Opens the port.
   *
   * @throws IOException if an address cannot be bound; the message names it
   */
  static KubemqGrpcServer open(ListenerOptions options, Transport transport, GatewayContext context)
      throws IOException {
    return new KubemqGrpcServer(options, transport, context);
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public InetSocketAddress address() {
    return address(servers.get(0));
  }

  @Override
  public void close() {
    servers.forEach(Server::shutdown);
  }

  /**
   * Accepts no more connections and calls, ends subscriptions, and lets calls under way finish.
   * Blocks until all are gone or the grace is over; what is left then is ended.
   */
  public void drain(Duration grace) {
    long deadline = System.nanoTime() + grace.toNanos();
    close();
    calls.drain();
    for (Server server : servers) {
      if (!terminated(server, deadline - System.nanoTime())) {
        server.shutdownNow();
      }
    }
  }

  private static boolean terminated(Server server, long nanos) {
    try {
      return server.awaitTermination(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** On all addresses or on none. */
  private List<Server> bind(List<InetAddress> addresses) throws IOException {
    for (int attempt = 1; ; attempt++) {
      List<Server> bound = new ArrayList<>();
      try {
        int port = options.port();
        for (InetAddress each : addresses) {
          Server server = server(new InetSocketAddress(each, port)).start();
          bound.add(server);
          port = address(server).getPort();
        }
        return List.copyOf(bound);
      } catch (IOException e) {
        bound.forEach(Server::shutdownNow);
        if (options.port() != 0 || attempt == ATTEMPTS_MAX) {
          throw new IOException(reason(e), e);
        }
      }
    }
  }

  private Server server(InetSocketAddress address) {
    return NettyServerBuilder.forAddress(address)
        .channelType(transport.serverChannelType())
        .bossEventLoopGroup(transport.eventLoops())
        .workerEventLoopGroup(transport.eventLoops())
        .directExecutor()
        .permitKeepAliveTime(PINGS_SECONDS_MIN, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxInboundMessageSize(
            (int) Math.min(context.messageBytesMax() + OVERHEAD_BYTES, Integer.MAX_VALUE))
        .addServices(calls.services())
        .build();
  }

  private static InetSocketAddress address(Server server) {
    return (InetSocketAddress) server.getListenSockets().get(0);
  }

  /** The innermost words are the system's. */
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
