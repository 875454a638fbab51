// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.PublishCount;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Adds up what became of one push on each lane. Safe from any thread. */
final class PushTally {
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger lanes;
  private final CompletableFuture<PublishCount> outcome = new CompletableFuture<>();

  /**
   * @param lanes how many lanes have receivers; at least one
   */
  PushTally(int lanes) {
    this.lanes = new AtomicInteger(lanes);
  }

  /** Completes when every lane has said what became of it, on the last one. */
  CompletableFuture<PublishCount> outcome() {
    return outcome;
  }

  /** One lane is done. */
  void done(int took, int didNot) {
    taken.addAndGet(took);
    failed.addAndGet(didNot);
    if (lanes.decrementAndGet() == 0) {
      outcome.complete(new PublishCount(taken.get(), failed.get()));
    }
  }
}
