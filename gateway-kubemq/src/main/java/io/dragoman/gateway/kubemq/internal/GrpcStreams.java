// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams that last until their client or the broker leaves, so that they can be ended in the
 * second case. Safe from any thread.
 */
final class GrpcStreams {

  /** A stream that is open. */
  interface Open {
    Lane lane();

    /** Finishes what has begun, and ends; on the lane. */
    void drain();
  }

  private final Set<Open> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /** One that comes while the others are being ended is ended too. */
  void add(Open stream) {
    open.add(stream);
    if (draining) {
      stream.lane().execute(stream::drain);
    }
  }

  void remove(Open stream) {
    open.remove(stream);
  }

  void drain() {
    draining = true;
    for (Open stream : open) {
      stream.lane().execute(stream::drain);
    }
  }
}
