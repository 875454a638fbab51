// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Those who have more for a client than it takes now. They go on one after the other, each for one
 * batch: what is fetched for a client that has fallen behind with many topics is never more than
 * one batch, and none of them has to wait for another to be done. For one lane.
 */
final class InTurn {

  /** Somebody with something to send. */
  interface Waiter {

    /** May send one batch, and then says {@link #done} or {@link #await}. */
    void goOn();
  }

  private final BooleanSupplier ready;
  private final Set<Waiter> waiting = new LinkedHashSet<>();
  private @Nullable Waiter current;
  private boolean passing;
  private boolean closed;

  /**
   * @param ready whether the client takes more. After it has been false, {@link #onWritable} must
   *     be called
   */
  InTurn(BooleanSupplier ready) {
    this.ready = ready;
  }

  /** Waits for a turn, which may come at once. Whoever has it gives it to the next. */
  void await(Waiter waiter) {
    if (!closed) {
      waiting.add(waiter);
    }
    leave(waiter);
  }

  /** Wants no turn any more. */
  void done(Waiter waiter) {
    waiting.remove(waiter);
    leave(waiter);
  }

  boolean isItsTurn(Waiter waiter) {
    return current == waiter;
  }

  boolean othersWait() {
    return !waiting.isEmpty();
  }

  /** The client takes more. */
  void onWritable() {
    pass();
  }

  /** The client is gone; nobody's turn comes any more. */
  void close() {
    closed = true;
    waiting.clear();
    current = null;
  }

  private void leave(Waiter waiter) {
    if (current == waiter) {
      current = null;
    }
    pass();
  }

  private void pass() {
    if (passing) {
      return;
    }
    passing = true;
    try {
      while (!closed && current == null && !waiting.isEmpty() && ready.getAsBoolean()) {
        Waiter next = waiting.iterator().next();
        waiting.remove(next);
        current = next;
        try {
          next.goOn();
        } catch (RuntimeException | Error e) {
          // Whoever it was, the others still want their turns.
          if (current == next) {
            current = null;
          }
          throw e;
        }
      }
    } finally {
      passing = false;
    }
  }
}
