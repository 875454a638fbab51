// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Set;

/** What is told about one {@link Connection}, on its lane. */
public interface ConnectionListener {

  /**
   * Takes pushes, in their order. Nothing may be taken after something that was not, but for what
   * cannot be given to this connection at all: see {@link PushBatch#skip}.
   *
   * @return how many were taken or skipped, from the first on; those that were not taken are
   *     counted as failed and do not come again
   */
  int onPushes(PushBatch batch);

  /** Keys of the connection's context were set by somebody. */
  void onContext(Set<String> keys);

  /** Somebody asks for this connection to be closed. */
  void onCloseAsked(int code, String reason);
}
