// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.core.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One open connection without HTTP, server side. The bytes go out as they are. Writing to a
 * connection that is closed or closing drops the bytes (and tells the listener). Nothing here
 * blocks; see {@link WebSocket} for what a sender has to look at.
 */
public interface TcpSocket {

  /** The lane of the connection. */
  Lane lane();

  /** Where buffers should come from. Safe from any thread. */
  ByteBufAllocator allocator();

  /** Writes without flushing. Takes ownership. On the lane only. */
  void write(ByteBuf bytes, @Nullable WriteListener listener);

  /** Has what was written flushed at the end of the lane's turn. On the lane only. */
  void flushSoon();

  /**
   * Bytes accepted but not yet taken by the kernel, roughly (see {@link WebSocket}). Any thread.
   */
  long pendingBytes();

  /** Closes the connection once everything has been written. From any thread. */
  void closeAfterWrites();

  /**
   * Tells of a fault outside of the handler's methods, with the same consequences as an exception
   * that leaves one: it is logged, and the connection closed. On the lane only.
   */
  void failed(Throwable cause);

  /** Whether bytes can still be written. From any thread. */
  boolean open();

  /** The client's address; null when the connection is gone. */
  @Nullable InetSocketAddress remote();

  /**
   * Stops reading: nothing is delivered after what is being delivered, and what the client sends
   * piles up at its side. On the lane only.
   */
  void pauseReading();

  /** Reads again; bytes already here are delivered in a later turn. On the lane only. */
  void resumeReading();
}
