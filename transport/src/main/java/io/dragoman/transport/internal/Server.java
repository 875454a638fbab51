// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.transport.Guest;
import io.dragoman.transport.Listener;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.Routes;
import io.dragoman.transport.TcpHandler;
import io.dragoman.transport.TcpOptions;
import io.dragoman.transport.TransportMetrics;
import io.dragoman.transport.TransportOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The event loops of a transport, its listeners, and what all connections count together. */
public final class Server {

  /**
   * Connections that wait to be accepted, of each listener. All clients of a broker come back at
   * once when it was away, and one that finds no room tries again only after a second, and then
   * after two. The kernel gives at most {@code net.core.somaxconn}, which is 4096 by default.
   */
  private static final int BACKLOG = 4096;

  private static final long TICK_MILLIS_MAX = 250;
  private static final long TICK_MILLIS_MIN = 5;
  private static final long CLOSE_SECONDS_MAX = 5;

  private final TransportOptions options;
  private final Metrics metrics;
  private final BodyBudget budget;
  private final Gate gate;
  private final EventLoopGroup group;
  private final Class<? extends ServerChannel> channelType;
  private final Map<EventLoop, Loop> loops = new IdentityHashMap<>();
  private final List<Lane> lanes;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final HandshakeThreads handshakes;

  /** Starts the event loops. */
  public Server(TransportOptions options, Metrics metrics) {
    this(options, metrics, HandshakeThreads.WAITING_MAX);
  }

  Server(TransportOptions options, Metrics metrics, int handshakesWaitingMax) {
    this.options = options;
    handshakes = new HandshakeThreads(handshakesWaitingMax);
    this.metrics = metrics;
    budget = new BodyBudget(options.bodyBytesInFlightMax());
    gate = new Gate(options.connectionsMax());
    boolean epoll = options.nativeTransport() && Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    channelType = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    group =
        new MultiThreadIoEventLoopGroup(
            options.eventLoops(), new DefaultThreadFactory("dragoman-loop"), handlers);
    lanes = startLoops();
    metrics.gauge(
        TransportMetrics.BODY_BYTES_IN_FLIGHT,
        "Bytes of request bodies and WebSocket messages held now.",
        budget::reserved);
    metrics.gauge(TransportMetrics.EVENT_LOOPS, "Threads that serve connections.", loops::size);
    metrics.gauge(
        TransportMetrics.EVENT_LOOP_DELAY,
        "How late event loops come to what is due.",
        () -> loops.values().stream().mapToLong(Loop::delayNanos).average().orElse(0) / 1e9);
  }

  private List<Lane> startLoops() {
    List<Lane> result = new ArrayList<>();
    long tick = tickMillis(options);
    for (EventExecutor executor : group) {
      Loop loop = new Loop((EventLoop) executor, tick);
      loops.put(loop.eventLoop(), loop);
      result.add(loop.lane());
      loop.start();
    }
    return List.copyOf(result);
  }

  /** Fine enough for the shortest of the timeouts. */
  private static long tickMillis(TransportOptions options) {
    long shortest =
        LongStream.of(
                options.requestHeaderTimeoutMillis(),
                options.bodyIdleTimeoutMillis(),
                options.keepAliveIdleMillis(),
                options.webSocketPingMillis(),
                options.closeWaitMillis())
            .min()
            .orElseThrow();
    return Math.max(TICK_MILLIS_MIN, Math.min(TICK_MILLIS_MAX, shortest / 8));
  }

  /** Opens a port. */
  public Listener listen(ListenerOptions listenerOptions, Routes routes) throws IOException {
    return listen(listenerOptions, routes, Acceptor.HTTP);
  }

  /** Opens a port without HTTP. */
  public Listener listenTcp(
      ListenerOptions listenerOptions, TcpOptions tcpOptions, Supplier<TcpHandler> handlers)
      throws IOException {
    return listen(
        listenerOptions,
        Routes.builder().build(),
        (channel, endpoint, loop) -> {
          TcpHandler handler = handlers.get();
          return new TcpConnection(channel, endpoint, loop, tcpOptions, handler);
        });
  }

  private Listener listen(ListenerOptions listenerOptions, Routes routes, Acceptor.Kind kind)
      throws IOException {
    if (listenerOptions.bodyBytesMax() > options.bodyBytesInFlightMax()) {
      throw new IllegalArgumentException(
          "listener "
              + listenerOptions.name()
              + ": bodyBytesMax is more than bodyBytesInFlightMax");
    }
    List<InetAddress> addresses = Binder.addresses(listenerOptions.hosts());
    boolean loopback = addresses.stream().allMatch(InetAddress::isLoopbackAddress);
    Endpoint endpoint =
        new Endpoint(
            this,
            listenerOptions,
            routes.table(),
            endpointMetrics(listenerOptions.name(), kind),
            new AccessRules(listenerOptions, loopback));
    Acceptor acceptor = new Acceptor(endpoint, loops, listenerOptions.tls(), handshakes, kind);
    Binder binder = new Binder(bootstrap(acceptor));
    List<Channel> channels = binder.bind(addresses, listenerOptions.port());
    BoundListener listener = new BoundListener(listenerOptions.name(), channels);
    listeners.add(listener);
    Loggers.LISTENERS.info(
        "Listener {} is open on {}{}",
        listener.name(),
        listener.address(),
        listenerOptions.tls() == null ? "" : ", with TLS");
    return listener;
  }

  private EndpointMetrics endpointMetrics(String listener, Acceptor.Kind kind) {
    EndpointMetrics made = new EndpointMetrics(metrics, listener);
    if (!kind.http()) {
      made.showTcp(metrics, listener);
    }
    return made;
  }

  /** A place for a server that brings its own protocol. */
  public Guest guest(String listener, String kind) {
    return new GuestDoor(this, new GuestMetrics(metrics, listener, kind));
  }

  private ServerBootstrap bootstrap(ChannelInitializer<Channel> acceptor) {
    return new ServerBootstrap()
        .group(group)
        .channel(channelType)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .handler(new AcceptFailures())
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childHandler(acceptor);
  }

  /** The addresses of a list of hosts. */
  public static List<InetAddress> addresses(List<String> hosts) throws IOException {
    return Binder.addresses(hosts);
  }

  /** The lane of the event loop that calls this. */
  public Lane currentLane() {
    for (Lane lane : lanes) {
      if (lane.inLane()) {
        return lane;
      }
    }
    throw new IllegalStateException("not on an event loop: " + Thread.currentThread().getName());
  }

  /** The event loops as lanes. */
  public List<Lane> lanes() {
    return lanes;
  }

  /** The event loops. */
  public EventLoopGroup eventLoops() {
    return group;
  }

  /** The kind of server channel that fits the event loops. */
  public Class<? extends ServerChannel> serverChannelType() {
    return channelType;
  }

  TransportOptions options() {
    return options;
  }

  BodyBudget budget() {
    return budget;
  }

  Gate gate() {
    return gate;
  }

  /** Stops in an orderly way; blocks. */
  public void drain(Duration grace) {
    long deadline = System.nanoTime() + grace.toNanos();
    gate.beginDrain();
    listeners.forEach(Listener::close);
    long window = grace.toMillis() / 2;
    for (Loop loop : loops.values()) {
      loop.lane().execute(() -> Drain.run(loop, window));
    }
    int left = gate.awaitEmpty(deadline);
    if (left > 0) {
      Loggers.LISTENERS.info("{} connections were still open when the drain time was over", left);
    }
  }

  /** Closes everything; blocks. */
  public void close() {
    gate.beginDrain();
    listeners.forEach(Listener::close);
    for (Loop loop : loops.values()) {
      loop.lane().execute(loop::closeAll);
    }
    // So that all handlers hear of the end before their lanes stop.
    gate.awaitEmpty(System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS_MAX) / 2);
    group
        .shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    handshakes.close();
  }
}
