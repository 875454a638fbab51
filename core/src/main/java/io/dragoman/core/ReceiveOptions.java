// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * How to receive from a queue.
 *
 * @param max messages to wait for, at least 1
 * @param waitNanos how long to wait until that many are there; 0 takes what is there
 * @param leaseNanos how long the messages are held for this consumer, counted from when they are
 *     handed out; {@link #UNTIL_SETTLED} for as long as it takes, when the caller promises to
 *     settle
 * @param bytesMax about how many bytes the messages may take in memory together, though one may
 *     take more; there is no waiting for more once that much is there
 * @param room asked when messages are about to be handed out; it may give less than {@code
 *     bytesMax}
 */
public record ReceiveOptions(
    int max, long waitNanos, long leaseNanos, long bytesMax, MessageRoom room) {
  public static final long UNTIL_SETTLED = Long.MAX_VALUE;

  /** Messages of any size. */
  public ReceiveOptions(int max, long waitNanos, long leaseNanos) {
    this(max, waitNanos, leaseNanos, Long.MAX_VALUE);
  }

  /** There is always room. */
  public ReceiveOptions(int max, long waitNanos, long leaseNanos, long bytesMax) {
    this(max, waitNanos, leaseNanos, bytesMax, MessageRoom.ALWAYS);
  }
}
