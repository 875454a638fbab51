// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.core.Lane;
import io.dragoman.transport.WriteCounter;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What WebSockets and streams have in common: a connection that the broker writes to whenever it
 * has something to say.
 *
 * <p>Bytes go from any thread to the lane as one task per call, are written there at once, and
 * flushed once per turn of the loop.
 */
abstract class SocketConnection extends Connection {

  /** How long what came from a client that is gone waits to be read. */
  static final long UNREAD_MILLIS_MAX = 10_000;

  private final long pendingBytesMax;

  /** Bytes on their way to the lane. */
  private final AtomicLong handedOver = new AtomicLong();

  private volatile boolean open = true;
  private boolean flushAwaited;

  private long readTimeoutNanos = NEVER;
  private long writeTimeoutNanos = NEVER;

  /** When something came from the client last, or it was read again. */
  private long heardAt;

  private boolean readsNothing;

  /** When the client took something last, or nothing waited for it. */
  private long tookAt;

  /** What was the first to be taken then, and how much of it was. */
  private @Nullable Object nextTaken;

  private long nextTakenBytes;

  /** The size of one write that alone takes much of the bound, while it waits; else 0. */
  private int large;

  SocketConnection(Channel channel, Endpoint endpoint, Loop loop, long pendingBytesMax) {
    super(channel, endpoint, loop);
    this.pendingBytesMax = pendingBytesMax;
  }

  /** The head has been written: tell the handler. */
  abstract void opened();

  /**
   * More is waiting than is allowed, not counting one large message, and still more came: the
   * client does not read.
   */
  abstract void overrun();

  /** The client has said nothing for as long as it may. */
  void heardNothing() {}

  /**
   * How long the client may say nothing while it is read, and take nothing of what waits; 0: for
   * ever.
   */
  final void timeouts(long readMillis, long writeMillis) {
    readTimeoutNanos = readMillis == 0 ? NEVER : TimeUnit.MILLISECONDS.toNanos(readMillis);
    writeTimeoutNanos = writeMillis == 0 ? NEVER : TimeUnit.MILLISECONDS.toNanos(writeMillis);
    heardAt = loop.now();
    tookAt = heardAt;
  }

  final void heard() {
    heardAt = loop.now();
  }

  /** A client that is not read cannot be heard. */
  final void readsNothing(boolean nothing) {
    readsNothing = nothing;
    heard();
  }

  @Override
  void tick(long now) {
    super.tick(now);
    if (open && !readsNothing && now - heardAt >= readTimeoutNanos) {
      heardNothing();
    }
    if (open && writeTimeoutNanos != NEVER && takesNothing(now)) {
      overrun();
    }
  }

  private boolean takesNothing(long now) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    Object next = buffer == null ? null : buffer.current();
    long bytes = buffer == null ? 0 : buffer.currentProgress();
    if (next == null || next != nextTaken || bytes != nextTakenBytes) {
      tookAt = now;
      nextTaken = next;
      nextTakenBytes = bytes;
      return false;
    }
    return now - tookAt >= writeTimeoutNanos;
  }

  /** What is pending fell below the low mark again. */
  abstract void writable();

  /** Reading was off when the connection became this one. */
  void readAgain() {
    channel.config().setAutoRead(true);
  }

  public final Lane lane() {
    return loop.lane();
  }

  public final ByteBufAllocator allocator() {
    return channel.alloc();
  }

  public final @Nullable InetSocketAddress remote() {
    return (InetSocketAddress) channel.remoteAddress();
  }

  public final boolean open() {
    return open && channel.isActive();
  }

  /** No more writes are taken. */
  final void shut() {
    open = false;
  }

  /** Whether {@link #shut} has not been called. */
  final boolean takesWrites() {
    return open;
  }

  public final long pendingBytes() {
    return handedOver.get() + unsentBytes();
  }

  /** Writes and flushes soon, from any thread. Takes ownership. */
  final void sendBytes(ByteBuf bytes) {
    if (loop.lane().inLane()) {
      writeBytes(bytes, null);
      flushSoon();
      return;
    }
    int size = bytes.readableBytes();
    handedOver.addAndGet(size);
    if (!loop.lane().tryExecute(() -> sendHandedOver(bytes, size))) {
      bytes.release();
    }
  }

  private void sendHandedOver(ByteBuf bytes, int size) {
    handedOver.addAndGet(-size);
    writeBytes(bytes, null);
    flushSoon();
  }

  /** Writes without flushing. Takes ownership. */
  final void writeBytes(ByteBuf bytes, @Nullable WriteListener listener) {
    writeBytes(bytes, null, listener);
  }

  /** The same, and tells how much of it was written. */
  final void writeCounted(ByteBuf bytes, WriteCounter counter) {
    int size = bytes.readableBytes();
    CountedWrite write = new CountedWrite(channel);
    writeBytes(bytes, write, ok -> counter.written(ok ? size : write.taken()));
  }

  private void writeBytes(
      ByteBuf bytes, @Nullable CountedWrite counted, @Nullable WriteListener listener) {
    if (!open) {
      drop(bytes, listener);
    } else if (unsentBytes() - large > pendingBytesMax) {
      drop(bytes, listener);
      overrun();
    } else {
      int size = bytes.readableBytes();
      endpoint.metrics().bytesOut(size);
      if (large == 0 && size > pendingBytesMax / 2) {
        writeLarge(bytes, size, counted, listener);
      } else if (listener == null) {
        write(bytes);
      } else {
        channel.write(bytes, promise(counted)).addListener(f -> listener.written(f.isSuccess()));
      }
    }
  }

  /**
   * One message may be larger than all that may wait. Its client is not cut off for it: what little
   * else is sent meanwhile is what counts.
   */
  private void writeLarge(
      ByteBuf bytes, int size, @Nullable CountedWrite counted, @Nullable WriteListener listener) {
    large = size;
    channel
        .write(bytes, promise(counted))
        .addListener(
            f -> {
              large = 0;
              if (listener != null) {
                listener.written(f.isSuccess());
              }
            });
  }

  private ChannelPromise promise(@Nullable CountedWrite counted) {
    return counted == null ? channel.newPromise() : counted;
  }

  private static void drop(ByteBuf bytes, @Nullable WriteListener listener) {
    bytes.release();
    if (listener != null) {
      listener.written(false);
    }
  }

  public final void flush() {
    flushAwaited = false;
    channel.flush();
  }

  public final void flushSoon() {
    if (!flushAwaited) {
      flushAwaited = true;
      loop.flushSoon(this);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable() && open) {
      writable();
    }
  }
}
