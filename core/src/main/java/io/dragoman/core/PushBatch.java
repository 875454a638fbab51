// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pushes handed together to every connection of one list on one lane. All those connections see the
 * same object, so frames are encoded once and kept here.
 *
 * <p>Used on one lane only, and only during {@link ConnectionListener#onPushes}.
 */
public final class PushBatch {
  private final List<Push> pushes;
  private @Nullable AutoCloseable derived;
  private @Nullable BitSet skipped;

  public PushBatch(List<Push> pushes) {
    this.pushes = pushes;
  }

  /** The pushes in the order they were published; unmodifiable, never empty. */
  public List<Push> pushes() {
    return pushes;
  }

  /**
   * Says that some pushes are not taken by the connection that is being told, though it may take
   * others behind them.
   *
   * @param places of these in {@link #pushes}; not changed afterwards. Those beyond what is said to
   *     be taken do not matter
   */
  public void skip(BitSet places) {
    skipped = places;
  }

  /** What the connection that was told last has skipped; the lane asks it after each. */
  public @Nullable BitSet takeSkipped() {
    BitSet taken = skipped;
    skipped = null;
    return taken;
  }

  /**
   * What was derived from this batch, made at the first call and closed when all have been told.
   */
  public <T extends AutoCloseable> T derive(Class<T> type, Function<PushBatch, T> maker) {
    AutoCloseable made = derived;
    if (!type.isInstance(made)) {
      release();
      made = maker.apply(this);
      derived = made;
    }
    return type.cast(made);
  }

  /** Closes what was derived; the lane calls it. */
  public void release() {
    AutoCloseable made = derived;
    derived = null;
    if (made == null) {
      return;
    }
    try {
      made.close();
    } catch (Exception e) {
      throw new IllegalStateException("releasing what was derived from pushes failed", e);
    }
  }
}
