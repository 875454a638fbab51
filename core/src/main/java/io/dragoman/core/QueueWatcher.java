// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/** Sees messages come into a queue without taking them. */
@FunctionalInterface
public interface QueueWatcher {

  /**
   * A message has got a place in the queue and is as safe as the queue's durability says: it was
   * sent, came due, was given back to the tail, or came from another queue. Called on an engine
   * thread, in the order of their places; must hand over and return.
   *
   * @param message {@code receiveCount} is how often it was handed out so far
   */
  void onEntered(QueueMessage message);
}
