// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

/**
 * The settings of the connections of a listener without HTTP.
 *
 * @param readTimeoutMillis how long a client that is read may send nothing that is taken, as parts
 *     of what its handler waits for are not; 0: for ever
 * @param writeTimeoutMillis how long a client may take nothing of what waits for it; 0: for ever
 * @param pendingBytesHigh above this many waiting bytes a connection counts as not writable
 * @param pendingBytesLow below this it counts as writable again, and {@link TcpHandler#onWritable}
 *     is called
 * @param pendingBytesMax when more than this waits, not counting one write of more than half of it,
 *     another write ends the connection
 */
public record TcpOptions(
    long readTimeoutMillis,
    long writeTimeoutMillis,
    int pendingBytesHigh,
    int pendingBytesLow,
    long pendingBytesMax) {

  /** Checks that the bounds are positive and in order. */
  public TcpOptions {
    if (readTimeoutMillis < 0 || writeTimeoutMillis < 0) {
      throw new IllegalArgumentException(
          "timeouts must not be negative: " + readTimeoutMillis + ", " + writeTimeoutMillis);
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
}
