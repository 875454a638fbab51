// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;

/** Receives from a log. All calls come on the subscription's lane, never two at a time. */
public interface LogListener {

  /**
   * More messages, in order of sequence (for a group member: with gaps that others have).
   *
   * @return whether more may follow at once. After false nothing follows until {@link
   *     LogSubscription#resume()}; nothing is lost and nothing piles up, since a subscription is a
   *     cursor and not a buffer
   */
  boolean onRecords(List<LogRecord> records);

  /**
   * Whether the listener takes records now. Asked before each {@link #onRecords}, but not of
   * members of groups; after false it is paused as if it had said so there, with nothing handed to
   * it.
   */
  default boolean takes() {
    return true;
  }

  /**
   * After {@link LogSubscription#resume()}: everything stored so far has been handed out, and what
   * follows comes as it is stored. Not told to members of groups.
   */
  default void onCaughtUp() {}

  /** The subscription ended by itself: the channel was deleted or the engine stopped. */
  void onEnd(BrokerError reason);
}
