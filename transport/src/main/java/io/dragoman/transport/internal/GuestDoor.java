// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.Guest;
import io.dragoman.transport.TransportOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.ServerChannel;

/**
 * Stands before a server that brings its own protocol: what its server sockets accept passes here
 * first.
 */
final class GuestDoor implements Guest {
  private final Server server;
  private final GuestMetrics metrics;
  private final ChannelFactory<ServerChannel> factory;

  GuestDoor(Server server, GuestMetrics metrics) {
    this.server = server;
    this.metrics = metrics;
    this.factory = new ReflectiveChannelFactory<>(server.serverChannelType());
  }

  @Override
  public ChannelFactory<ServerChannel> sockets() {
    return () -> {
      ServerChannel socket = factory.newChannel();
      socket.pipeline().addFirst(new AcceptFailures(), new Arrivals());
      return socket;
    };
  }

  @Override
  public TransportOptions options() {
    return server.options();
  }

  @Override
  public boolean reserve(long bytes, long whole) {
    return server.budget().reserve(bytes, whole);
  }

  @Override
  public void release(long bytes) {
    server.budget().release(bytes);
  }

  @Override
  public void refusedByBudget() {
    metrics.refusedByBudget();
  }

  @Override
  public void refusedBySize() {
    metrics.refusedBySize();
  }

  /** Sees accepted connections before they are registered, which is the last moment to say no. */
  private final class Arrivals extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      Channel connection = (Channel) message;
      metrics.accepted();
      if (server.gate().enter() == Gate.Verdict.ADMITTED) {
        metrics.opened();
        connection.pipeline().addFirst(meter);
        connection.closeFuture().addListener(closed -> left());
        ctx.fireChannelRead(message);
      } else {
        metrics.refusedByLimit();
        server.gate().leave();
        connection.unsafe().closeForcibly();
      }
    }

    private void left() {
      metrics.closed();
      server.gate().leave();
    }
  }

  private final Meter meter = new Meter();

  /** Counts the bytes of connections. */
  @Sharable
  private final class Meter extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes) {
        metrics.bytesIn(bytes.readableBytes());
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (message instanceof ByteBuf bytes) {
        metrics.bytesOut(bytes.readableBytes());
      }
      var unused = ctx.write(message, promise);
    }
  }
}
