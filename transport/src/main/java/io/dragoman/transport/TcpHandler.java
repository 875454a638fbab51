// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.netty.buffer.ByteBuf;

/**
 * What is told about one {@link TcpSocket}; everything on its lane, nothing after {@code onClose}.
 * An exception that leaves a method is logged and closes the connection.
 */
public interface TcpHandler {

  /** The connection is open. */
  void onOpen(TcpSocket socket);

  /**
   * Bytes arrived. What the handler does not read comes again, together with what arrives next; it
   * is up to the handler to bound it, by closing. Bytes that are here when the client goes away
   * while reading is paused still come when it is resumed, before {@code onClose}.
   *
   * @param in valid until the return
   */
  void onBytes(TcpSocket socket, ByteBuf in);

  /** What was pending fell below the low mark after it had been above the high one. */
  default void onWritable(TcpSocket socket) {}

  /**
   * Bytes that were not taken, and will not come again: the connection ends, by somebody else than
   * the client, or because reading was not resumed in time. At most once, right before {@code
   * onClose}.
   *
   * @param in valid until the return
   */
  default void onUnread(TcpSocket socket, ByteBuf in) {}

  /**
   * Whether something the client asked for is still to be answered. A client that has closed its
   * direction only is closed when it is not, or after ten seconds.
   */
  default boolean working() {
    return false;
  }

  /**
   * The connection is closed or is about to be. Called exactly once.
   *
   * @param lost whether it broke off, as with a reset: the client had not closed its direction, and
   *     what was written may not have left
   */
  void onClose(TcpSocket socket, boolean lost);
}
