// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * A message for the queue it names as its channel, and what the sender asks about it.
 *
 * @param waitingMax refused with {@code CHANNEL_FULL} when that many messages wait in the queue; 0
 *     leaves it to the queue's own bound. For senders whose number nobody knows (ruling 19)
 */
public record QueueSend(Message message, QueuePolicy policy, int waitingMax) {

  /** A message for which the queue's own bound counts. */
  public QueueSend(Message message, QueuePolicy policy) {
    this(message, policy, 0);
  }
}
