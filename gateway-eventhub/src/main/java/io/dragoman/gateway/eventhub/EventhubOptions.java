// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub;

/**
 * Settings of the Eventhub gateway.
 *
 * @param eventLog whether history is kept for askers; off, it is refused or ignored as the
 *     reference does
 * @param keyValues whether {@code get}, {@code set} and {@code del} are served
 * @param eventStreams whether event streams (SSE) are served
 * @param historyMax events of one answer or subscription at most, and when none are asked for
 * @param historyBytesMax bytes of one answer or subscription's history at most; at least one event
 * @param historiesInFlightBytesMax bytes of all histories together that are being read or wait for
 *     their clients
 * @param defaultTtlSeconds the lifetime of events whose publisher asks for none; 0: without end
 * @param messageBytesMax the largest frame a client may send
 * @param sendBufferBytes how much may wait for one client
 * @param subscriptionsMax subscriptions of one connection
 * @param topicLengthMax characters of a topic or filter
 * @param pingMillis between pings, and between the comments that keep an event stream open
 */
public record EventhubOptions(
    boolean eventLog,
    boolean keyValues,
    boolean eventStreams,
    int historyMax,
    long historyBytesMax,
    long historiesInFlightBytesMax,
    long defaultTtlSeconds,
    long messageBytesMax,
    int sendBufferBytes,
    int subscriptionsMax,
    int topicLengthMax,
    long pingMillis) {

  /** What applies unless configured otherwise. */
  public static final EventhubOptions DEFAULTS =
      new EventhubOptions(
          true, true, true, 100, 8L << 20, 128L << 20, 0, 8L << 20, 1 << 20, 10_000, 256, 30_000);

  /** Checks the bounds. */
  public EventhubOptions {
    atLeast(1, "historyMax", historyMax);
    atLeast(1, "historyBytesMax", historyBytesMax);
    atLeast(4, "historiesInFlightBytesMax", historiesInFlightBytesMax);
    atLeast(0, "defaultTtlSeconds", defaultTtlSeconds);
    atLeast(1, "messageBytesMax", messageBytesMax);
    atLeast(1, "sendBufferBytes", sendBufferBytes);
    atLeast(1, "subscriptionsMax", subscriptionsMax);
    atLeast(1, "topicLengthMax", topicLengthMax);
    atLeast(1, "pingMillis", pingMillis);
  }

  private static void atLeast(long least, String name, long value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
  }
}
