// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.ResponseStream;
import io.dragoman.transport.StreamHandler;
import io.dragoman.transport.StreamOptions;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection that carries an answer without end. What the client still sends is dropped. */
final class StreamConnection extends SocketConnection implements ResponseStream {

  private static final int MISSES_MAX = 2;

  private final StreamHandler handler;
  private final StreamOptions options;
  private final long keepAliveNanos;

  private long nextKeepAlive;
  private int misses;
  private boolean closeTold;

  StreamConnection(
      Channel channel, Endpoint endpoint, Loop loop, StreamOptions options, StreamHandler handler) {
    super(channel, endpoint, loop, options.pendingBytesMax());
    this.handler = handler;
    this.options = options;
    keepAliveNanos = TimeUnit.MILLISECONDS.toNanos(options.keepAliveMillis());
    nextKeepAlive = loop.now() + keepAliveNanos;
    channel
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(options.pendingBytesLow(), options.pendingBytesHigh()));
  }

  @Override
  LongAdder gauge() {
    return endpoint.metrics().httpConnections();
  }

  @Override
  boolean longLived() {
    return true;
  }

  @Override
  void opened() {
    tell(h -> h.onOpen(this));
    flushSoon();
  }

  @Override
  void writable() {
    tell(h -> h.onWritable(this));
  }

  @Override
  void input(ByteBuf in) {
    in.release();
  }

  @Override
  public void send(ByteBuf bytes) {
    sendBytes(bytes);
  }

  @Override
  public void write(ByteBuf bytes, @Nullable WriteListener listener) {
    writeBytes(bytes, listener);
  }

  @Override
  public void end() {
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
      long stallMillis = endpoint.transportOptions().bodyIdleTimeoutMillis();
      succeed(new ClosingConnection(channel, endpoint, loop, stallMillis)).begin(true);
    }
  }

  @Override
  void tick(long now) {
    super.tick(now);
    if (keepAliveNanos > 0 && now - nextKeepAlive >= 0 && takesWrites()) {
      nextKeepAlive = now + keepAliveNanos;
      keepAlive();
    }
  }

  // Who takes what waits is alive, and needs no sign behind it. Who takes nothing is given up like
  // a
  // WebSocket that answers no pings.
  private void keepAlive() {
    if (unsentBytes() == 0) {
      misses = 0;
      AsciiString sign = options.keepAlive();
      writeBytes(Unpooled.wrappedBuffer(sign.array(), sign.arrayOffset(), sign.length()), null);
      flush();
    } else if (outputMoves()) {
      misses = 0;
    } else if (++misses > MISSES_MAX) {
      Loggers.CONNECTIONS.debug("{}: stream closed: nothing is read", endpoint.name());
      overrun();
    }
  }

  @Override
  void overrun() {
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
  }

  private void tellClosed() {
    if (!closeTold) {
      closeTold = true;
      tell(h -> h.onClose(this));
    }
  }

  private void tell(Consumer<StreamHandler> event) {
    try {
      event.accept(handler);
    } catch (RuntimeException e) {
      Loggers.HANDLERS.error("A stream's handler failed on {}", endpoint.name(), e);
      finish();
    }
  }
}
