// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.gateway.kubemq.internal.GatewayContext;
import io.dragoman.gateway.kubemq.internal.GrpcInterface;
import io.dragoman.transport.Guest;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Transport;
import io.dragoman.transport.TransportOptions;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

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

  /**
   * What a client may send before it is asked for more, per stream and per connection. A fixed
   * size: what streams that are not read at the moment hold is bounded by it.
   */
  private static final int WINDOW_BYTES = 1 << 20;

  /** Further calls of a connection wait at its client's side. */
  private static final int CALLS_PER_CONNECTION_MAX = 10_000;

  private static final int BACKLOG = 1024;

  /**
   * gRPC reports what clients do wrong (messages that are too large, streams that are reset) as
   * warnings with stack traces. A client could fill a disk with them; it is told, and counted.
   */
  private static final List<Logger> QUIET =
      List.of(
          Logger.getLogger("io.grpc.netty.NettyServerStream"),
          Logger.getLogger("io.grpc.netty.NettyServerHandler"));

  private final ListenerOptions options;
  private final Transport transport;
  private final GatewayContext context;
  private final Guest guest;
  private final GrpcInterface calls;
  private final List<Server> servers;

  private KubemqGrpcServer(ListenerOptions options, Transport transport, GatewayContext context)
      throws IOException {
    this.options = options;
    this.transport = transport;
    this.context = context;
    this.guest = transport.guest(options.name(), "grpc");
    this.calls = new GrpcInterface(context, guest, options.name(), transport::currentLane);
    quieten();
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

  private static void quieten() {
    for (Logger logger : QUIET) {
      if (logger.getLevel() == null) {
        logger.setLevel(Level.SEVERE);
      }
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
    TransportOptions shared = guest.options();
    return NettyServerBuilder.forAddress(address)
        .channelFactory(guest.sockets())
        .bossEventLoopGroup(transport.eventLoops())
        .workerEventLoopGroup(transport.eventLoops())
        .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
        .withOption(ChannelOption.SO_REUSEADDR, true)
        .directExecutor()
        .handshakeTimeout(shared.requestHeaderTimeoutMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTime(shared.webSocketPingMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(shared.webSocketPingMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(PINGS_SECONDS_MIN, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .flowControlWindow(WINDOW_BYTES)
        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
        .maxInboundMetadataSize(shared.headerBytesMax())
        .maxInboundMessageSize(
            (int) Math.min(context.messageBytesMax() + OVERHEAD_BYTES, Integer.MAX_VALUE))
        .addStreamTracerFactory(calls.meter())
        .intercept(calls.door())
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
