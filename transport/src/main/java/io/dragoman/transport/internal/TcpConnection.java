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
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection without HTTP. What its handler has not read yet is kept here.
 *
 * <p>A client may send and go at once. What came from it is handed over all the same, even if the
 * handler has paused reading: its end is told when all is read, or after a while.
 */
final class TcpConnection extends SocketConnection implements TcpSocket {

  /** Input that may be kept outside of the budget. */
  private static final int KEPT_FREE_MAX = 4 << 10;

  private final TcpHandler handler;
  private @Nullable ByteBuf unread;

  /** How much of the budget {@link #unread} has. */
  private int reserved;

  private boolean paused;
  private boolean delivering;

  /** Nothing more comes: the client has closed its direction, or is gone. */
  private boolean ended;

  /** Nobody waits for what was not read. */
  private boolean abandoned;

  private boolean closeTold;

  /** It broke off before either side had ended it. */
  private boolean lost;

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
    ByteBuf kept = unread;
    if (kept == null) {
      // Parts of what began before do not count: they could come one by one for ever.
      heard();
      unread = in;
    } else {
      unread = joined(kept, in);
    }
    if (!paused && !delivering) {
      deliver();
    } else {
      keep();
    }
  }

  private void deliver() {
    ByteBuf in = unread;
    if (in == null || closeTold) {
      return;
    }
    int before = in.readableBytes();
    delivering = true;
    try {
      tell(h -> h.onBytes(this, in));
    } finally {
      delivering = false;
    }
    int rest = in.readableBytes();
    if (rest < before) {
      heard();
      if (ended) {
        expireAfter(UNREAD_MILLIS_MAX);
      }
    }
    if (rest == 0 || closeTold) {
      dropInput();
    } else {
      keep();
    }
  }

  /** What is kept for longer than this turn is within the budget, but for a few bytes. */
  private void keep() {
    ByteBuf in = unread;
    if (in == null || closeTold || delivering) {
      return;
    }
    if (in.capacity() > KEPT_FREE_MAX && in.readableBytes() < in.capacity() / 4) {
      int size = 2 * in.readableBytes();
      unread = channel.alloc().directBuffer(size).writeBytes(in);
      in.release();
      in = unread;
    }
    int held = in.capacity() > KEPT_FREE_MAX ? in.capacity() : 0;
    if (held > reserved && !endpoint.budget().reserve(held - reserved, held)) {
      endpoint.metrics().bodyOverBudget();
      Loggers.CONNECTIONS.debug("{}: connection closed: no room for its input", endpoint.name());
      end();
      return;
    }
    if (held < reserved) {
      endpoint.budget().release(reserved - held);
    }
    reserved = held;
  }

  private void dropInput() {
    ByteBuf in = unread;
    if (in != null && !delivering) {
      unread = null;
      in.release();
      endpoint.budget().release(reserved);
      reserved = 0;
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
      readsNothing(ended);
      loop.lane().execute(this::readOn);
    }
  }

  private void readOn() {
    if (paused || closeTold) {
      return;
    }
    if (ended) {
      endWhenDone();
      return;
    }
    deliver();
    if (!paused && successor() == null) {
      channel.config().setAutoRead(true);
    }
  }

  // ---- nothing more comes

  /** The client has said all that it has to say; it may still be waiting for answers. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    boolean end =
        event instanceof ChannelInputShutdownEvent
            || event instanceof SslCloseCompletionEvent completion && completion.isSuccess();
    if (end && !ended) {
      inputEnded();
    }
  }

  private void inputEnded() {
    ended = true;
    readsNothing(true);
    channel.config().setAutoRead(false);
    expireAfter(UNREAD_MILLIS_MAX);
    endWhenDone();
  }

  private void endWhenDone() {
    if (closeTold || delivering) {
      return;
    }
    if (!paused) {
      deliver();
    }
    if (!closeTold && !waitsToBeRead() && !(takesWrites() && handler.working())) {
      end();
    }
  }

  private boolean waitsToBeRead() {
    ByteBuf in = unread;
    return paused && in != null && in.isReadable();
  }

  @Override
  void tick(long now) {
    super.tick(now);
    if (ended) {
      endWhenDone();
    }
  }

  @Override
  void expired() {
    if (ended) {
      end();
    }
  }

  private void end() {
    if (takesWrites()) {
      finish();
    } else {
      closed();
    }
  }

  private void closed() {
    tellClosed();
    dropInput();
    lingerNoMore();
  }

  @Override
  void abandon() {
    abandoned = true;
    if (lingers()) {
      closed();
    }
    closeNow();
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
    if (!ended) {
      finish();
    }
  }

  @Override
  void gone() {
    lost = !ended;
    shut();
    if (!paused && !abandoned) {
      deliver(); // It was just resumed.
    }
    if (abandoned || closeTold || !waitsToBeRead()) {
      closed();
      return;
    }
    linger();
    if (!ended) {
      ended = true;
      readsNothing(true);
      expireAfter(UNREAD_MILLIS_MAX);
    }
    // Nothing is pending any more, if that is what it waits for.
    tell(h -> h.onWritable(this));
  }

  private void tellClosed() {
    if (closeTold) {
      return;
    }
    closeTold = true;
    ByteBuf in = unread;
    if (in != null && in.isReadable() && !delivering) {
      tell(h -> h.onUnread(this, in));
    }
    tell(h -> h.onClose(this, lost));
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
    end();
  }

  @Override
  public String toString() {
    return "TCP " + channel.id().asShortText();
  }
}
