// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.netty.buffer.ByteBuf;

/**
 * What is told about one {@link WebSocket}; everything on its lane, nothing after {@code onClose}.
 * An exception that leaves a method is logged and closes the socket with 1011.
 */
public interface WebSocketHandler {

  /** The handshake is complete. */
  void onOpen(WebSocket socket);

  /**
   * A whole text message arrived.
   *
   * @param payload valid UTF-8; released after the return. If it is large, whoever retains it keeps
   *     it in the budget for bodies in flight.
   */
  void onText(WebSocket socket, ByteBuf payload);

  /**
   * A whole binary message arrived.
   *
   * @param payload released after the return
   */
  default void onBinary(WebSocket socket, ByteBuf payload) {}

  /**
   * A whole message arrived and is not handed over: the socket ended while reading was paused, and
   * it was not resumed in time. Before {@code onClose}.
   */
  default void onUnread(WebSocket socket) {}

  /**
   * Whether something the client asked for is still to be answered. A socket that is to be closed
   * because the broker stops is closed only when it is not, or after two seconds.
   */
  default boolean working() {
    return false;
  }

  /** What was pending fell below the low mark after it had been above the high one. */
  default void onWritable(WebSocket socket) {}

  /**
   * The socket is closed or is about to be: nothing arrives and nothing can be sent any more.
   * Called exactly once. What had arrived when the client went away while reading was paused comes
   * before, when it is resumed.
   *
   * @param code the client's code; 1005 if its close frame had none, 1006 if it went away without a
   *     close frame; our own if we closed first
   * @param reason what came with that code; empty when nothing did
   */
  void onClose(WebSocket socket, int code, String reason);
}
