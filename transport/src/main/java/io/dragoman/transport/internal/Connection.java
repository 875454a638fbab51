// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a TCP connection is at the moment: HTTP, a WebSocket, a stream, or closing. Each is the only
 * handler in the channel's pipeline (besides TLS) and hands over to the next by {@link #succeed}.
 * All methods run on the connection's event loop.
 */
abstract class Connection extends ChannelInboundHandlerAdapter {

  static final long NEVER = Long.MAX_VALUE;

  /** The position in {@link Loop}'s list. */
  int slot;

  final Channel channel;
  final Endpoint endpoint;
  final Loop loop;

  private long deadline = NEVER;
  private long lastUnsent;
  private @Nullable Connection successor;

  /** The channel may go, and this stays until all that came has been handed over. */
  private boolean lingering;

  private boolean removed;

  Connection(Channel channel, Endpoint endpoint, Loop loop) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.loop = loop;
  }

  /**
   * Both, in the first one if it has room; owns them. Grows by doubling, so that what comes byte by
   * byte is not copied with each.
   */
  final ByteBuf joined(ByteBuf first, ByteBuf second) {
    ByteBuf kept = first;
    int size = second.readableBytes();
    if (kept.writableBytes() < size) {
      kept = channel.alloc().directBuffer(2 * (first.readableBytes() + size)).writeBytes(first);
      first.release();
    }
    kept.writeBytes(second);
    second.release();
    return kept;
  }

  /** Takes bytes from the client, and ownership of the buffer. */
  abstract void input(ByteBuf in);

  /** The deadline has passed. */
  abstract void expired();

  /** The broker wants to stop: close when nothing is in flight any more. */
  abstract void drain();

  /** The gauge that counts connections of this kind. */
  abstract LongAdder gauge();

  /** Whether many of these must not be closed all at once, because their clients will come back. */
  boolean longLived() {
    return false;
  }

  /** The connection is gone. */
  void gone() {}

  /** Nothing is waited for any more: the broker stops. */
  void abandon() {
    closeNow();
  }

  void tick(long now) {
    if (deadline != NEVER && now - deadline >= 0) {
      deadline = NEVER;
      expired();
    }
  }

  final void safeTick(long now) {
    try {
      tick(now);
    } catch (RuntimeException e) {
      Loggers.HANDLERS.error("A connection's timer failed; the connection is closed", e);
      closeNow();
    }
  }

  final void expireAfter(long millis) {
    deadline = loop.after(millis);
  }

  /** At the time when another one would have. */
  final void expireWith(Connection other) {
    deadline = other.deadline;
  }

  final void expireNever() {
    deadline = NEVER;
  }

  /** Writes without flushing. A failure closes the connection, so nobody needs the future. */
  final void write(ByteBuf bytes) {
    var unused = channel.write(bytes, channel.voidPromise());
  }

  /** Drops what is not yet written. */
  final void closeNow() {
    boolean said = channel instanceof DuplexChannel duplex && duplex.isOutputShutdown();
    if (said || unsentBytes() > 0) {
      closeBeneathTls();
    } else {
      var unused = channel.close();
    }
  }

  /** Without the last word of TLS, which would wait behind all that is not yet written. */
  final void closeBeneathTls() {
    ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
    var unused = tls == null ? channel.close() : tls.close();
  }

  /** Null without TLS. */
  final @Nullable SslHandler tls() {
    return channel.pipeline().get(SslHandler.class);
  }

  /** Bytes waiting for the kernel took part in; 0 if none wait. */
  final long unsentBytes() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  /** Whether bytes are waiting and some have gone since this was last asked. */
  final boolean outputMoves() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    long unsent = buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    boolean moves = unsent > 0 && unsent != lastUnsent;
    lastUnsent = unsent;
    return moves;
  }

  /** Puts another kind of connection into this one's place. */
  final <C extends Connection> C succeed(C next) {
    successor = next;
    channel.pipeline().replace(this, null, next);
    return next;
  }

  final @Nullable Connection successor() {
    return successor;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    loop.add(this);
    gauge().increment();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    removed = true;
    if (!lingering) {
      leave();
    }
  }

  private void leave() {
    loop.remove(this);
    gauge().decrement();
    if (successor == null) {
      endpoint.gate().leave();
    }
  }

  /**
   * Keeps this in the loop, and counted, though the channel is gone: so many cannot hold more than
   * connections can.
   */
  final void linger() {
    lingering = true;
  }

  final boolean lingers() {
    return lingering;
  }

  final void lingerNoMore() {
    if (lingering) {
      lingering = false;
      if (removed) {
        leave();
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    endpoint.metrics().bytesIn(in.readableBytes());
    input(in);
  }

  /** The client has ended TLS. That it has closed its socket too may come later, or never. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent completion && completion.isSuccess()) {
      closeNow();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (isEverydayLife(cause)) {
      Loggers.CONNECTIONS.debug("{}: connection lost: {}", endpoint.name(), cause.toString());
    } else {
      Loggers.HANDLERS.error("A connection failed on listener {}", endpoint.name(), cause);
    }
    closeNow();
  }

  /**
   * Resets, broken pipes and TLS garbage are nobody's fault here; nor is it that more handshakes
   * wait than may.
   */
  private static boolean isEverydayLife(Throwable cause) {
    return cause instanceof IOException
        || cause.getCause() instanceof SSLException
        || cause.getCause() instanceof HandshakeThreads.TooManyException;
  }
}
