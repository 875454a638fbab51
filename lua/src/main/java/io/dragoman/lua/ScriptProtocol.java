// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

/** What the connections of a script's server speak, which decides its callbacks. */
public enum ScriptProtocol {
  /** Messages with a type: on_handshake, on_message, on_close. */
  WEBSOCKET,
  /** A stream of bytes, cut by the script: protocol_input, protocol_decode, protocol_encode too. */
  SOCKET
}
