// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.TcpHandler;
import io.dragoman.transport.TcpOptions;
import io.dragoman.transport.TcpSocket;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection without HTTP. What its handler has not read yet is kept here. */
final class TcpConnection extends SocketConnection implements TcpSocket {

  private final TcpHandler handler;
  private @Nullable ByteBuf unread;
  private boolean paused;
  private boolean delivering;
  private boolean closeTold;

  TcpConnection(
      Channel channel, Endpoint endpoint, Loop loop, TcpOptions options, TcpHandler handler) {
    super(channel, endpoint, loop, options.pendingBytesMax());
    this.handler = handler;
    timeouts(options.readTimeoutMillis(), options.writeTimeoutMillis());
    channel
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(options.pendingBytesLow(), options.pendingBytesHigh()));
  }

  @Override
  LongAdder gauge() {
    return endpoint.metrics().tcpConnections();
  }

  @Override
  boolean longLived() {
    return true;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    opened();
  }

  @Override
  void opened() {
    tell(h -> h.onOpen(this));
  }

  @Override
  void writable() {
    tell(h -> h.onWritable(this));
  }

  @Override
  void input(ByteBuf in) {
    heard();
    ByteBuf kept = unread;
    if (kept == null) {
      unread = in;
    } else {
      unread =
          channel
              .alloc()
              .directBuffer(kept.readableBytes() + in.readableBytes())
              .writeBytes(kept)
              .writeBytes(in);
      kept.release();
      in.release();
    }
    if (!paused && !delivering) {
      deliver();
    }
  }

  private void deliver() {
    ByteBuf in = unread;
    if (in == null || closeTold) {
      return;
    }
    delivering = true;
    try {
      tell(h -> h.onBytes(this, in));
    } finally {
      delivering = false;
    }
    if (!in.isReadable() || closeTold) {
      dropInput();
    }
  }

  private void dropInput() {
    ByteBuf in = unread;
    if (in != null && !delivering) {
      unread = null;
      in.release();
    }
  }

  @Override
  public void pauseReading() {
    paused = true;
    readsNothing(true);
    channel.config().setAutoRead(false);
  }

  @Override
  public void resumeReading() {
    if (paused) {
      paused = false;
      readsNothing(false);
      loop.lane().execute(this::readOn);
    }
  }

  private void readOn() {
    if (paused || closeTold) {
      return;
    }
    deliver();
    if (!paused && successor() == null) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void write(ByteBuf bytes, @Nullable WriteListener listener) {
    writeBytes(bytes, listener);
  }

  @Override
  public void closeAfterWrites() {
    if (loop.lane().inLane()) {
      finish();
    } else {
      loop.lane().execute(this::finish);
    }
  }

  private void finish() {
    if (takesWrites()) {
      shut();
      tellClosed();
      dropInput();
      long stallMillis = endpoint.transportOptions().closeWaitMillis();
      succeed(new ClosingConnection(channel, endpoint, loop, stallMillis)).begin(true);
    }
  }

  @Override
  void heardNothing() {
    Loggers.CONNECTIONS.debug("{}: connection closed: nothing is received", endpoint.name());
    finish();
  }

  @Override
  void overrun() {
    Loggers.CONNECTIONS.debug("{}: connection closed: nothing is read", endpoint.name());
    shut();
    closeNow();
  }

  @Override
  void drain() {
    finish();
  }

  @Override
  void expired() {}

  @Override
  void gone() {
    shut();
    tellClosed();
    dropInput();
  }

  private void tellClosed() {
    if (!closeTold) {
      closeTold = true;
      tell(h -> h.onClose(this));
    }
  }

  private void tell(Consumer<TcpHandler> event) {
    try {
      event.accept(handler);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  @Override
  public void failed(Throwable cause) {
    Loggers.HANDLERS.error("A connection's handler failed on {}", endpoint.name(), cause);
    finish();
  }

  @Override
  public String toString() {
    return "TCP " + channel.id().asShortText();
  }
}
