// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.core.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An answer whose body has no end, such as an event stream. The bytes go out as they are. Writing
 * to a stream that is closed drops the bytes (and tells the listener).
 */
public interface ResponseStream {

  /** The lane of the connection. */
  Lane lane();

  /** Where buffers should come from. Safe from any thread. */
  ByteBufAllocator allocator();

  /**
   * Writes, and flushes at the end of the lane's turn, together with what else is sent in it. Takes
   * ownership of the bytes. From any thread; calls of one thread keep their order.
   */
  void send(ByteBuf bytes);

  /** Writes without flushing; on the lane only. Takes ownership of the bytes. */
  void write(ByteBuf bytes, @Nullable WriteListener listener);

  /** Flushes what was written; on the lane only. */
  void flush();

  /** Has {@link #flush} called at the end of the lane's turn. On the lane only. */
  void flushSoon();

  /**
   * Bytes accepted but not yet taken by the kernel, roughly (see {@link WebSocket}). Any thread.
   */
  long pendingBytes();

  /** Closes the connection once everything has been written. From any thread. */
  void end();

  /** Whether the stream still takes bytes. From any thread. */
  boolean open();

  /** The client's address; null when the connection is gone. */
  @Nullable InetSocketAddress remote();
}
