// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Delivery;
import io.dragoman.core.MessageRoom;
import io.dragoman.core.Metrics;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what messages take in memory from when queues hand them out for backends until they have
 * become events, for all backends together. A backend with many topics is handed something of each
 * at once, and has to read one after the other. When there is little room each is handed one
 * message, and what cannot become an event at once does not stay. Safe from any thread.
 */
final class EventsRoom {
  private static final long ALL_BYTES_MAX = 64L << 20;

  private final AtomicLong bytes = new AtomicLong();

  EventsRoom(Metrics metrics) {
    metrics.gauge(
        "dragoman_connmix_held_bytes",
        "Messages that queues have handed out for backends, and that are no events yet",
        bytes::get);
  }

  /** What one consumption has been handed. Not for use by several threads at once. */
  final class Share implements MessageRoom {
    private long held;

    @Override
    public long take(long wanted) {
      long used;
      long granted;
      do {
        used = bytes.get();
        granted = Math.min(wanted, Math.max((ALL_BYTES_MAX - used) / 2, 1));
      } while (!bytes.compareAndSet(used, used + granted));
      held += granted;
      return granted;
    }

    /** These are there, and no more will come. */
    void fetched(List<Delivery> deliveries) {
      long actual = 0;
      for (Delivery each : deliveries) {
        actual += each.message().message().weight();
      }
      become(actual);
    }

    /** They have become events, or gone back. */
    void end() {
      become(0);
    }

    /**
     * Whether they may stay until there is room at the backend's socket. They do not count
     * themselves: the largest message could never stay, and never be consumed beside others.
     */
    boolean mayStay() {
      return bytes.get() - held <= ALL_BYTES_MAX;
    }

    private void become(long actual) {
      bytes.addAndGet(actual - held);
      held = actual;
    }
  }
}
