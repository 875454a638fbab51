// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Clock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids of connections: milliseconds since an epoch, the node's number, and a counter, in 42, 10 and
 * 12 bits (spec: connmix §1). Strictly increasing on a node, also when its clock is set back
 * meanwhile; a node that makes more than 4,096 in a millisecond takes those of the next. Safe from
 * any thread.
 */
final class ConnectionIds {
  /** The epoch that clients of the reference reckon from, in Unix milliseconds. */
  static final long EPOCH_MILLIS = 1_288_834_974_657L;

  static final int NODES = 1 << 10;

  private static final int COUNTER_BITS = 12;
  private static final int NODE_BITS = 10;
  private static final long COUNTER_MASK = (1L << COUNTER_BITS) - 1;

  private final Clock clock;
  private final int node;

  /** Milliseconds since the epoch and the counter of the last id. */
  private final AtomicLong last = new AtomicLong();

  ConnectionIds(Clock clock, int node) {
    if (node < 0 || node >= NODES) {
      throw new IllegalArgumentException("no number for a node: " + node);
    }
    this.clock = clock;
    this.node = node;
  }

  long next() {
    long now = (clock.unixNanos() / 1_000_000 - EPOCH_MILLIS) << COUNTER_BITS;
    long step = last.updateAndGet(before -> Math.max(before + 1, now));
    return step >>> COUNTER_BITS << NODE_BITS + COUNTER_BITS
        | (long) node << COUNTER_BITS
        | step & COUNTER_MASK;
  }

  /** The node's number in an id. */
  static int node(long id) {
    return (int) (id >>> COUNTER_BITS) & NODES - 1;
  }
}
