// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

/**
 * Settings of the connmix gateway.
 *
 * @param messageBytesMax the largest frame or body of a backend or client
 * @param sendBufferBytes how much may wait for one socket
 * @param topicsMax queues that one backend's socket may consume
 */
public record ConnmixOptions(int messageBytesMax, int sendBufferBytes, int topicsMax) {

  /** What applies unless configured otherwise. */
  public static final ConnmixOptions DEFAULTS = new ConnmixOptions(1 << 20, 1 << 20, 100);

  /** Checks the bounds. */
  public ConnmixOptions {
    if (messageBytesMax < 1 || sendBufferBytes < 1 || topicsMax < 1) {
      throw new IllegalArgumentException("bounds must be positive");
    }
  }
}
