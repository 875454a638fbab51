// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import java.util.Optional;

/**
 * Settings of the connmix gateway.
 *
 * @param version of the broker, as {@code /version} tells it
 * @param apiAddress where other machines reach the API, as {@code host:port}; empty: the port of
 *     the API's listener, at the host that the asker has reached
 * @param messageBytesMax the largest frame or body of a backend
 * @param sendBufferBytes how much may wait for one socket
 * @param topicsMax queues that one backend's socket may consume
 * @param channelNameBytesMax UTF-8 bytes of a topic's name
 * @param pingMillis between pings of backends; one that is silent for three times as long is gone
 * @param publishesBySend whether {@code mesh.send} to what is no client's id publishes to the
 *     channel of that name, as the PHP client's synchronous mode means it
 */
public record ConnmixOptions(
    String version,
    Optional<String> apiAddress,
    int messageBytesMax,
    int sendBufferBytes,
    int topicsMax,
    int channelNameBytesMax,
    long pingMillis,
    boolean publishesBySend) {

  /** What applies unless configured otherwise. */
  public static final ConnmixOptions DEFAULTS =
      new ConnmixOptions("", Optional.empty(), 1 << 20, 1 << 20, 100, 256, 20_000, false);

  /** Checks the bounds. */
  public ConnmixOptions {
    atLeastOne("messageBytesMax", messageBytesMax);
    atLeastOne("sendBufferBytes", sendBufferBytes);
    atLeastOne("topicsMax", topicsMax);
    atLeastOne("channelNameBytesMax", channelNameBytesMax);
    atLeastOne("pingMillis", pingMillis);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + value);
    }
  }
}
