// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.transport.internal.Server;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * The event loops of one broker and all its listeners. Safe from any thread but the event loops
 * themselves, which must not call {@link #listen}, {@link #drain} or {@link #close}: these block.
 */
public final class Transport implements AutoCloseable {

  private final Server server;

  /** Starts the event loops; nothing listens yet. */
  public Transport(TransportOptions options, Metrics metrics) {
    server = new Server(options, metrics);
    // Shown whether or not a listener has TLS.
    var unused =
        metrics.counter(
            TransportMetrics.TLS_RELOAD_FAILED_TOTAL, TransportMetrics.TLS_RELOAD_FAILED_HELP);
  }

  /**
   * Opens a port and serves the routes on it.
   *
   * @throws IOException if an address cannot be bound; the message names it
   * @throws IllegalArgumentException if the listener's bodies may be larger than the budget
   */
  public Listener listen(ListenerOptions options, Routes routes) throws IOException {
    return server.listen(options, routes);
  }

  /**
   * Opens a port for a protocol of its own, without HTTP.
   *
   * @param handlers makes the handler of one connection; called on its lane
   * @throws IOException if an address cannot be bound; the message names it
   */
  public Listener listenTcp(
      ListenerOptions options, TcpOptions tcpOptions, Supplier<TcpHandler> handlers)
      throws IOException {
    return server.listenTcp(options, tcpOptions, handlers);
  }

  /** One lane per event loop, always the same objects in the same order. */
  public List<Lane> lanes() {
    return server.lanes();
  }

  /**
   * The lane of the event loop that calls this.
   *
   * @throws IllegalStateException on any other thread
   */
  public Lane currentLane() {
    return server.currentLane();
  }

  /**
   * The addresses that a listener on these hosts is bound to; see {@link ListenerOptions#hosts}.
   *
   * @throws IOException if a host has no address, or this machine has none of them
   */
  public static List<InetAddress> addresses(List<String> hosts) throws IOException {
    return Server.addresses(hosts);
  }

  /**
   * A place for a server that brings its own protocol.
   *
   * @param listener its name in metrics
   * @param kind what its connections are called there
   */
  public Guest guest(String listener, String kind) {
    return server.guest(listener, kind);
  }

  /** The event loops, for other servers of the broker (gRPC) to share. */
  public EventLoopGroup eventLoops() {
    return server.eventLoops();
  }

  /** The kind of server channel that fits the event loops. */
  public Class<? extends ServerChannel> serverChannelType() {
    return server.serverChannelType();
  }

  /**
   * Stops in an orderly way: accepts no more connections, answers what is in flight (with {@code
   * Connection: close}), closes idle connections at once and WebSockets and streams spread over up
   * to half of the grace, with 1001. Blocks until all connections are gone or the grace is over.
   * What is left then is ended by {@link #close}.
   */
  public void drain(Duration grace) {
    server.drain(grace);
  }

  /**
   * Closes all ports and connections, tells their handlers, and stops the event loops. Blocks for
   * at most 10 s. A second call does nothing.
   */
  @Override
  public void close() {
    server.close();
  }
}
