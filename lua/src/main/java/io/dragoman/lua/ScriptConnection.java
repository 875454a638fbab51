// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A connection as scripts use it. All methods are called on the lane of the runtime, from inside a
 * callback: they must not block, and may call back into {@link ScriptSession} (which then waits for
 * the callback).
 *
 * <p>What gives a text gives why it was not done, which the script gets as its error; nothing when
 * it was.
 */
public interface ScriptConnection {

  /** Unique, as decimal digits: scripts get it as a string, because their numbers are not exact. */
  String id();

  String remoteAddress();

  /** All of the context: texts of JSON by their names. */
  Map<String, String> context();

  /** One value of the context, as the text of JSON; none when it is not set. */
  Optional<String> contextValue(String key);

  /** Sets values of the context, leaving the others. */
  Optional<String> setContext(Map<String, String> values);

  Optional<String> subscribe(List<String> channels);

  Optional<String> unsubscribe(List<String> channels);

  /**
   * Sends to the client. On a socket the bytes go out as they are.
   *
   * @param binary how a WebSocket is to send them; always true on a socket
   */
  Optional<String> send(byte[] data, boolean binary);

  /** The script wants it closed. Closing twice is harmless. */
  Optional<String> close();

  /**
   * The script failed for this connection, or too much waits for it: it is to be closed as after a
   * fault of the server.
   */
  void fail(String reason);

  /**
   * A callback of this connection waited, and neither it nor one behind it does any more. Not told
   * from inside a callback, and not once the connection is closed.
   */
  default void onResumed() {}
}
