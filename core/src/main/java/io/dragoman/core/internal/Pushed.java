// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Message;
import io.dragoman.core.Push;
import io.dragoman.core.Utf8Text;
import org.jspecify.annotations.Nullable;

/** A push on its way to the lanes, and who counts it, if anybody does. */
final class Pushed {
  private final Message message;
  private final @Nullable PushTally tally;

  /** Lanes that ask at the same time may each make their own, which are equal. */
  private volatile @Nullable Push push;

  Pushed(Push push, PushTally tally) {
    this.message = push.message();
    this.push = push;
    this.tally = tally;
  }

  /**
   * What another dialect published, which does not say what it is. That is not looked at before a
   * lane asks: the thread that brings this may be the one on which all appends complete.
   */
  Pushed(Message message) {
    this.message = message;
    this.tally = null;
  }

  Message message() {
    return message;
  }

  /** For lanes: it may read the whole body. */
  Push push() {
    Push made = push;
    if (made == null) {
      made = new Push(message, !Utf8Text.isValid(message.body()));
      push = made;
    }
    return made;
  }

  void done(int took, int didNot) {
    if (tally != null) {
      tally.done(took, didNot);
    }
  }
}
