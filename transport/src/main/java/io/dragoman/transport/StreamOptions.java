// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.netty.util.AsciiString;

/**
 * The settings of one {@link ResponseStream}.
 *
 * @param keepAliveMillis time between signs of life, which are also how a client that has gone
 *     without a word is noticed; 0: none
 * @param keepAlive what is written then; it comes between two writes, so each must be whole
 * @param pendingBytesHigh above this many waiting bytes the stream counts as not writable
 * @param pendingBytesLow below this it counts as writable again, and {@link
 *     StreamHandler#onWritable} is called
 * @param pendingBytesMax when more than this waits, not counting one write of more than half of it,
 *     another write ends the connection
 */
public record StreamOptions(
    long keepAliveMillis,
    AsciiString keepAlive,
    int pendingBytesHigh,
    int pendingBytesLow,
    long pendingBytesMax) {

  private static final StreamOptions DEFAULTS =
      new StreamOptions(0, AsciiString.EMPTY_STRING, 1 << 20, 512 << 10, 16L << 20);

  /** Checks that the bounds are positive and in order. */
  public StreamOptions {
    if (keepAliveMillis < 0) {
      throw new IllegalArgumentException(
          "keepAliveMillis must not be negative: " + keepAliveMillis);
    }
    if (pendingBytesLow < 1
        || pendingBytesHigh < pendingBytesLow
        || pendingBytesMax < pendingBytesHigh) {
      throw new IllegalArgumentException(
          "bounds out of order: low "
              + pendingBytesLow
              + ", high "
              + pendingBytesHigh
              + ", most "
              + pendingBytesMax);
    }
  }

  /** No signs of life, marks at 1 MiB and 512 KiB, at most 16 MiB. */
  public static StreamOptions defaults() {
    return DEFAULTS;
  }

  /** The same with another sign of life, such as an empty comment in an event stream. */
  public StreamOptions withKeepAlive(long millis, AsciiString bytes) {
    return new StreamOptions(millis, bytes, pendingBytesHigh, pendingBytesLow, pendingBytesMax);
  }

  /** The same with other bounds for what waits to be sent. */
  public StreamOptions withPendingBytes(int high, int low, long max) {
    return new StreamOptions(keepAliveMillis, keepAlive, high, low, max);
  }
}
