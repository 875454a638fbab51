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
   * is up to the handler to bound it, by closing.
   *
   * @param in valid until the return
   */
  void onBytes(TcpSocket socket, ByteBuf in);

  /** What was pending fell below the low mark after it had been above the high one. */
  default void onWritable(TcpSocket socket) {}

  /** The connection is closed or is about to be. Called exactly once. */
  void onClose(TcpSocket socket);
}
