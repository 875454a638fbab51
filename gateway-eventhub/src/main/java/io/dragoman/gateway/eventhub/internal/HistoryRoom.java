// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Lane;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the histories of all clients share. Room is taken before something is fetched, for
 * the most that it may be, and corrected when its size is known; who finds none waits, in order.
 * Safe from any thread.
 */
final class HistoryRoom {
  private final long max;
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private long taken;

  private record Waiting(long bytes, Lane lane, Runnable granted) {}

  HistoryRoom(long max) {
    this.max = max;
  }

  /**
   * Takes room, now or when there is some. What is larger than all of it gets it when nothing else
   * is held.
   *
   * @param granted runs on the lane, at once when there is room and this is the lane
   */
  void await(long bytes, Lane lane, Runnable granted) {
    synchronized (this) {
      if (!queue.isEmpty() || !fits(bytes)) {
        queue.add(new Waiting(bytes, lane, granted));
        return;
      }
      taken += bytes;
    }
    if (lane.inLane()) {
      granted.run();
    } else {
      lane.execute(granted);
    }
  }

  /** Takes room if there is that much and nobody waits for it. */
  synchronized boolean tryTake(long bytes) {
    if (!queue.isEmpty() || taken + bytes > max) {
      return false;
    }
    taken += bytes;
    return true;
  }

  /** Whether who comes now would get that much, as {@link #await} gives it. */
  synchronized boolean takes(long bytes) {
    return fits(bytes);
  }

  synchronized boolean hasRoomFor(long bytes) {
    return taken + bytes <= max;
  }

  /** More, or less, than there was to be. */
  void change(long bytes) {
    if (bytes < 0) {
      giveBack(-bytes);
    } else {
      synchronized (this) {
        taken += bytes;
      }
    }
  }

  void giveBack(long bytes) {
    Waiting next;
    synchronized (this) {
      taken -= bytes;
      next = poll();
    }
    while (next != null) {
      // Not in the middle of what gives back.
      next.lane.execute(next.granted);
      synchronized (this) {
        next = poll();
      }
    }
  }

  synchronized long taken() {
    return taken;
  }

  synchronized int waiting() {
    return queue.size();
  }

  private boolean fits(long bytes) {
    return taken == 0 || taken + bytes <= max;
  }

  private @Nullable Waiting poll() {
    Waiting next = queue.peek();
    if (next == null || !fits(next.bytes)) {
      return null;
    }
    taken += next.bytes;
    return queue.remove();
  }
}
