// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

/** Hears how much of one write to a {@link WebSocket} has left. */
@FunctionalInterface
public interface WriteCounter {

  /**
   * Called exactly once, on the connection's lane, in the order of the writes of one socket.
   *
   * @param bytes how many, from the first on, were handed to the kernel: all, or fewer when the
   *     connection was gone before that. Over TLS it is all or 0, though some may have left.
   */
  void written(long bytes);
}
