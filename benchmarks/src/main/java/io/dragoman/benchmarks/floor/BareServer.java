// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.floor;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Netty with one event loop per processor, on a free loopback port, whose number it prints. */
final class BareServer {

  private BareServer() {}

  /** Event loops, and the sockets that fit them. */
  record Loops(EventLoopGroup group, Class<? extends ServerChannel> channelType) {}

  /** Opens a port on these loops and gives its number. */
  @FunctionalInterface
  interface Start {
    int on(Loops loops) throws Exception;
  }

  /**
   * Starts a server; the process ends with its standard input, so that it never outlives who
   * started it.
   */
  static void start(Start start) throws Exception {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), handlers);
    int port =
        start.on(
            new Loops(
                group, epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class));
    System.out.println("port " + port);
    while (System.in.read() >= 0) {
      // Nothing is ever said to it; the end is what counts.
    }
    System.exit(0);
  }

  /**
   * The same for a server of plain sockets.
   *
   * @param init fills the pipeline of each connection
   */
  static void run(Consumer<Channel> init) throws Exception {
    start(loops -> bind(loops, init));
  }

  private static int bind(Loops loops, Consumer<Channel> init) throws InterruptedException {
    Channel server =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.channelType())
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    init.accept(channel);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return ((InetSocketAddress) server.localAddress()).getPort();
  }
}
