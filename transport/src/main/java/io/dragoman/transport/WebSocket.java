// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.core.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One open WebSocket, server side.
 *
 * <p>Messages are sent in the order of the calls of one thread. Sending to a socket that is closed
 * or closing drops the bytes (and tells the listener). Nothing here blocks: a sender that can
 * produce faster than the client reads must look at {@link #pendingBytes} and stop, and may go on
 * at {@link WebSocketHandler#onWritable}. As a last bound, a socket that is sent to while more than
 * {@link WebSocketOptions#pendingBytesMax} bytes are waiting is closed; one large message is not
 * counted.
 */
public interface WebSocket {

  /** The lane of the connection. */
  Lane lane();

  /** Where buffers for messages should come from. Safe from any thread. */
  ByteBufAllocator allocator();

  /**
   * Sends one text message, and flushes at the end of the lane's turn, together with what else is
   * sent in it. Takes ownership of the payload, which must be valid UTF-8. From any thread.
   */
  void send(ByteBuf payload);

  /**
   * Writes bytes that are framed already, one frame or many joined ones (see {@link
   * WebSocketFrames}), without flushing. Takes ownership. On the lane only.
   */
  void writeFrames(ByteBuf framed, @Nullable WriteListener listener);

  /**
   * The same for many joined frames, of which the first may have left when the connection is lost.
   */
  void writeFramesCounted(ByteBuf framed, WriteCounter counter);

  /** Flushes what {@link #writeFrames} wrote. On the lane only. */
  void flush();

  /** Has {@link #flush} called at the end of the lane's turn. On the lane only. */
  void flushSoon();

  /**
   * Bytes accepted but not yet taken by the kernel. Includes about 100 bytes of bookkeeping per
   * write, so that many tiny messages are not taken for nothing; 0 exactly when nothing waits. A
   * write that the kernel took partly counts in full. From any thread; a moment's value.
   */
  long pendingBytes();

  /**
   * Sends a close frame after everything that was sent before, takes no more, and closes the
   * connection when the client has answered, after 2 s at the latest. From any thread; the first
   * call counts.
   *
   * @param code a code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999
   * @param reason cut to what fits into a close frame (123 bytes)
   */
  void closeAfterWrites(int code, String reason);

  /**
   * Tells of a fault outside of the handler's methods, with the same consequences as an exception
   * that leaves one: it is logged, and the socket closed with 1011. On the lane only.
   */
  void failed(Throwable cause);

  /** Whether messages can still be sent. From any thread. */
  boolean open();

  /** The client's address; null when the connection is gone. */
  @Nullable InetSocketAddress remote();

  /**
   * Stops reading: no message is delivered after the one being delivered, and what the client sends
   * piles up at its side. A client that says nothing because it is not read is not taken for dead,
   * unless it takes nothing of what waits for it either. On the lane only.
   */
  void pauseReading();

  /** Reads again; messages already here are delivered in a later turn. On the lane only. */
  void resumeReading();
}
