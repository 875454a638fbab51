// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/** What becomes of a delivered queue message. */
public sealed interface Settlement {

  /** Done: it is removed. */
  record Ack() implements Settlement {}

  /**
   * Failed: it goes to the tail with its receive count kept, or, when it has been delivered as
   * often as its policy allows, to its dead-letter queue or away.
   */
  record Nack() implements Settlement {}

  /**
   * Not used: it returns to its place, its receive count unchanged.
   *
   * @param seen whether a consumer may have seen it: a limit of the channel counts that as a
   *     delivery, so that a message that kills its consumers ends somewhere
   */
  record Release(boolean seen) implements Settlement {}

  /** Still working: the lease runs for this long from now. */
  record Extend(long leaseNanos) implements Settlement {}

  /**
   * It is stored in another queue as if sent anew (policy kept, attributes reset) and removed here,
   * in one step where the engine can.
   */
  record MoveTo(String queue) implements Settlement {}

  /** Another message is sent and this one removed, in one step where the engine can. */
  record Replace(QueueSend replacement) implements Settlement {}

  Ack ACK = new Ack();
  Nack NACK = new Nack();
  Release RELEASE = new Release(true);

  /** It never left the broker. */
  Release PUT_BACK = new Release(false);
}
