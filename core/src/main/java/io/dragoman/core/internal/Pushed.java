// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Push;
import org.jspecify.annotations.Nullable;

/** A push on its way to the lanes, and who counts it, if anybody does. */
record Pushed(Push push, @Nullable PushTally tally) {

  void done(int took, int didNot) {
    if (tally != null) {
      tally.done(took, didNot);
    }
  }
}
