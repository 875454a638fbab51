// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Set;

/** What is told about one {@link Connection}, on its lane. */
public interface ConnectionListener {

  /**
   * Takes pushes, in their order. Nothing may be taken after something that was not.
   *
   * @return how many were taken, from the first on; those that were not are counted as failed and
   *     do not come again
   */
  int onPushes(PushBatch batch);

  /** Keys of the connection's context were set by somebody. */
  void onContext(Set<String> keys);

  /** Somebody asks for this connection to be closed. */
  void onCloseAsked(int code, String reason);
}
