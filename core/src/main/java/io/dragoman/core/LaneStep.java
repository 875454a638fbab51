// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the outcome of a call from the engine's thread to a lane, with one hop. A fault of the
 * broker becomes an ordinary outcome there, so that its client is answered too.
 */
public final class LaneStep<T> implements BiConsumer<T, Throwable>, Runnable {
  /** What stands for a fault. */
  public static final BrokerError FAULT = new BrokerError(ErrorCode.INTERNAL, "internal error");

  private static final Logger LOG = LoggerFactory.getLogger(LaneStep.class);

  private final Lane lane;
  private final T onFault;
  private final Consumer<T> then;
  private final Consumer<RuntimeException> guard;
  private T outcome;

  private LaneStep(Lane lane, T onFault, Consumer<T> then, Consumer<RuntimeException> guard) {
    this.lane = lane;
    this.onFault = onFault;
    this.outcome = onFault;
    this.then = then;
    this.guard = guard;
  }

  /** Gives the stage's outcome to the consumer, on the lane. */
  public static <T> void of(CompletionStage<Result<T>> stage, Lane lane, Consumer<Result<T>> then) {
    of(stage, lane, Result.refused(FAULT), then);
  }

  /**
   * The same for somebody who would wait for ever if the consumer failed.
   *
   * @param guard hears, on the lane, that it has; the fault is logged already
   */
  public static <T> void guarded(
      CompletionStage<Result<T>> stage,
      Lane lane,
      Consumer<Result<T>> then,
      Consumer<RuntimeException> guard) {
    of(stage, lane, Result.refused(FAULT), then, guard);
  }

  /** The same for other outcomes, with what stands for a fault. */
  public static <T> void of(
      CompletionStage<? extends T> stage, Lane lane, T onFault, Consumer<T> then) {
    of(stage, lane, onFault, then, cause -> {});
  }

  /** The same with a guard, as {@link #guarded}. */
  public static <T> void of(
      CompletionStage<? extends T> stage,
      Lane lane,
      T onFault,
      Consumer<T> then,
      Consumer<RuntimeException> guard) {
    stage.whenComplete(new LaneStep<>(lane, onFault, then, guard));
  }

  @Override
  public void accept(@Nullable T value, @Nullable Throwable fault) {
    if (value == null) {
      LOG.error("A call of the broker failed", fault);
      outcome = onFault;
    } else {
      outcome = value;
    }
    if (lane.inLane()) {
      run();
    } else {
      lane.execute(this);
    }
  }

  @Override
  public void run() {
    try {
      then.accept(outcome);
    } catch (RuntimeException e) {
      LOG.error("The outcome of a call could not be dealt with", e);
      guard.accept(e);
    } catch (Error e) {
      // Such as no memory for an answer: one client's trouble, who must not wait for ever.
      LOG.error("The outcome of a call could not be dealt with", e);
      guard.accept(new IllegalStateException("the outcome of a call could not be dealt with", e));
    }
  }
}
