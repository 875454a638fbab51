// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * Memory that several receives share. A receive that waits needs none, so it is asked for only when
 * there is something to hand out.
 */
@FunctionalInterface
public interface MessageRoom {

  /** As much as is wanted. */
  MessageRoom ALWAYS = bytes -> bytes;

  /**
   * Takes room for messages of one receive. Called before its first message, and again when more
   * come later than were there then, unless it has given less than was wanted; on a thread of the
   * engine, not by two at once, before the receive is completed. Must not block. To give back all
   * that was taken, also when the receive then is cancelled or refused, is up to whoever asked for
   * the messages.
   *
   * @param bytes how many are wanted, at least 1
   * @return about how many bytes may be handed out, at most what was wanted; the first message is,
   *     whatever its size
   */
  long take(long bytes);
}
