// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one lane. Any thread adds; the lane takes everything there is and delivers it in
 * runs: what follows one another for the same target is one run.
 *
 * <p>Order is kept per adding thread. The queue is bounded in bytes, softly: what is added is
 * always taken, but {@link #offer} says when the bound is passed, and a sender then waits for
 * {@link #whenRoom} before it sends more. So it holds at most the bound and one message of each
 * sender.
 *
 * @param <E> what is delivered
 * @param <L> the receivers' listeners
 */
final class LaneQueue<E, L> {
  /*
   * A stack whose top is exchanged: adding is one compare-and-set, taking everything is one exchange
   * and a reversal. Whoever adds to an empty stack hands the lane its task, so a lane has one task
   * for whatever has queued, and there is no flag that could be left in the wrong position.
   */

  /**
   * Bytes in one run at most. A receiver decides run by run whether its socket can take more, so a
   * run must be small beside a socket's bound (1 MiB).
   */
  static final int RUN_BYTES_MAX = 128 << 10;

  /** Tells the receivers of a target. Called on the lane. */
  interface Deliverer<E, L> {
    void deliver(List<E> run, List<Receiver<E, L>> receivers);

    /** Hears of what is not delivered because nobody listens on the lane any more. */
    default void dropped(E payload, List<Receiver<E, L>> receivers) {}
  }

  private static final class Item<E, L> {
    final E payload;
    final int weight;
    final Target<E, L> target;
    @Nullable Item<E, L> next;

    Item(E payload, int weight, Target<E, L> target) {
      this.payload = payload;
      this.weight = weight;
      this.target = target;
    }
  }

  private static final Result<Boolean> ROOM = Result.ok(true);

  private final Lane lane;
  private final long bytesMax;
  private final Deliverer<E, L> deliverer;
  private final Runnable drain = this::drain;
  private final AtomicReference<@Nullable Item<E, L>> newest = new AtomicReference<>();
  private final AtomicLong bytes = new AtomicLong();

  /** Guarded by itself. */
  private final List<CompletableFuture<Result<Boolean>>> waiting = new ArrayList<>();

  private volatile boolean closed;

  LaneQueue(Lane lane, long bytesMax, Deliverer<E, L> deliverer) {
    this.lane = lane;
    this.bytesMax = bytesMax;
    this.deliverer = deliverer;
  }

  /** Adds; gives whether there is room for more. */
  boolean offer(E payload, int weight, Target<E, L> target) {
    if (closed) {
      deliverer.dropped(payload, target.receivers());
      return true;
    }
    boolean room = bytes.addAndGet(weight) <= bytesMax;
    Item<E, L> item = new Item<>(payload, weight, target);
    Item<E, L> before;
    do {
      before = newest.get();
      item.next = before;
    } while (!newest.compareAndSet(before, item));
    if (before == null) {
      lane.execute(drain);
    }
    return room;
  }

  /** Completes when the queue is within its bound, on the lane or at once. */
  CompletionStage<Result<Boolean>> whenRoom() {
    CompletableFuture<Result<Boolean>> stage = new CompletableFuture<>();
    synchronized (waiting) {
      if (!hasRoom() && !closed) {
        waiting.add(stage);
        return stage;
      }
    }
    stage.complete(ROOM);
    return stage;
  }

  boolean hasRoom() {
    return bytes.get() <= bytesMax;
  }

  long bytes() {
    return bytes.get();
  }

  /** Nobody listens on this lane any more: nobody waits for it either. */
  void close() {
    closed = true;
    wake(true);
  }

  private void drain() {
    Item<E, L> item = reversed(newest.getAndSet(null));
    while (item != null) {
      item = deliverRun(item);
    }
  }

  /** Delivers a run and gives what follows it. */
  private @Nullable Item<E, L> deliverRun(Item<E, L> first) {
    Target<E, L> target = first.target;
    List<E> run = new ArrayList<>();
    int weight = 0;
    Item<E, L> item = first;
    do {
      run.add(item.payload);
      weight += item.weight;
      item = item.next;
    } while (item != null
        && item.target == target
        && weight < RUN_BYTES_MAX
        && item.weight <= RUN_BYTES_MAX - weight);
    try {
      deliverer.deliver(run, target.receivers());
    } finally {
      bytes.addAndGet(-(long) weight);
      wake(false);
    }
    return item;
  }

  private void wake(boolean all) {
    List<CompletableFuture<Result<Boolean>>> woken;
    synchronized (waiting) {
      if (waiting.isEmpty() || !all && !hasRoom()) {
        return;
      }
      woken = List.copyOf(waiting);
      waiting.clear();
    }
    woken.forEach(stage -> stage.complete(ROOM));
  }

  private static <E, L> @Nullable Item<E, L> reversed(@Nullable Item<E, L> newestFirst) {
    Item<E, L> oldestFirst = null;
    Item<E, L> item = newestFirst;
    while (item != null) {
      Item<E, L> next = item.next;
      item.next = oldestFirst;
      oldestFirst = item;
      item = next;
    }
    return oldestFirst;
  }
}
