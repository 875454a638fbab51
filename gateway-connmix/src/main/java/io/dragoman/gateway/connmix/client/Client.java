// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.dragoman.core.Connection;
import io.dragoman.core.Lane;

/** A client that is connected, or asks to be. For its lane, unless it says otherwise. */
public interface Client {

  /** Its place in the broker: its id, its context and its channels. Safe from any thread. */
  Connection connection();

  /** What it said when it came. Safe from any thread. */
  Introduction introduction();

  /** The lane of its socket. Safe from any thread. */
  Lane lane();

  /** Whether its data is of two types, text and binary; false for TCP. */
  boolean webSocket();

  /**
   * Sends to this client alone. Before it is let in nothing can be sent.
   *
   * @param payload a text's is valid UTF-8
   * @return whether its socket's buffer took it; it does not when the client is too far behind
   */
  boolean send(byte[] payload, boolean binary);

  /**
   * Sends to this client alone what is a packet already, over TCP.
   *
   * @return as {@link #send}
   */
  boolean sendPacket(byte[] packet);

  /** Whether the client has not read what was sent, so that it should not be asked for more. */
  boolean behind();

  /**
   * Closes the connection after what was sent. From any thread.
   *
   * @param code for WebSockets: 1000 to 1003, 1007 to 1014, 3000 to 4999
   */
  void close(int code, String reason);

  /**
   * Reads nothing more until {@link #resumeReading}; nothing is delivered after the message being
   * delivered.
   */
  void pauseReading();

  /** Reads again. */
  void resumeReading();

  /** Tells of a fault outside of the handler's methods: it is logged, and the client closed. */
  void failed(Throwable cause);
}
