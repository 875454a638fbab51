// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import java.util.List;

/**
 * The settings of one WebSocket.
 *
 * @param messageBytesMax the largest message a client may send, all its fragments together; a
 *     larger one closes the socket with 1009
 * @param pingMillis time between pings; 0: the transport's
 * @param readTimeoutMillis how long a client may say nothing at all, pongs included, while it is
 *     read; then the socket is closed with 1001; 0: for ever, as long as it answers pings
 * @param writeTimeoutMillis how long a client may take nothing of what waits for it; then the
 *     connection is closed; 0: for ever, as long as it answers pings
 * @param pendingBytesHigh above this many waiting bytes the socket counts as not writable
 * @param pendingBytesLow below this it counts as writable again, and {@link
 *     WebSocketHandler#onWritable} is called
 * @param pendingBytesMax when more than this waits, not counting one message of more than half of
 *     it, another send closes the socket with 1008
 * @param echoSubprotocol whether the handshake's answer names a subprotocol that the client offers;
 *     otherwise none is selected
 * @param subprotocols those that may be selected: the first of the client's that is here; if it is
 *     empty, the first the client offers, for clients that insist on one
 */
public record WebSocketOptions(
    long messageBytesMax,
    long pingMillis,
    long readTimeoutMillis,
    long writeTimeoutMillis,
    int pendingBytesHigh,
    int pendingBytesLow,
    long pendingBytesMax,
    boolean echoSubprotocol,
    List<String> subprotocols) {

  private static final WebSocketOptions DEFAULTS =
      new WebSocketOptions(8L << 20, 0, 0, 0, 1 << 20, 512 << 10, 16L << 20, false, List.of());

  /** Checks that the bounds are positive and in order. */
  public WebSocketOptions {
    subprotocols = List.copyOf(subprotocols);
    if (messageBytesMax < 1 || messageBytesMax > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("messageBytesMax out of range: " + messageBytesMax);
    }
    if (pingMillis < 0) {
      throw new IllegalArgumentException("pingMillis must not be negative: " + pingMillis);
    }
    if (readTimeoutMillis < 0 || writeTimeoutMillis < 0) {
      throw new IllegalArgumentException(
          "timeouts must not be negative: " + readTimeoutMillis + ", " + writeTimeoutMillis);
    }
    if (pendingBytesLow < 1 || pendingBytesHigh < pendingBytesLow) {
      throw new IllegalArgumentException(
          "marks out of order: low " + pendingBytesLow + ", high " + pendingBytesHigh);
    }
    if (pendingBytesMax < pendingBytesHigh) {
      throw new IllegalArgumentException(
          "pendingBytesMax ("
              + pendingBytesMax
              + ") < pendingBytesHigh ("
              + pendingBytesHigh
              + ")");
    }
  }

  /**
   * Messages up to 8 MiB, the transport's ping, no other timeouts, marks at 1 MiB and 512 KiB, at
   * most 16 MiB, no subprotocol.
   */
  public static WebSocketOptions defaults() {
    return DEFAULTS;
  }

  /** The same with another bound for messages. */
  public WebSocketOptions withMessageBytesMax(long bytes) {
    return new WebSocketOptions(
        bytes,
        pingMillis,
        readTimeoutMillis,
        writeTimeoutMillis,
        pendingBytesHigh,
        pendingBytesLow,
        pendingBytesMax,
        echoSubprotocol,
        subprotocols);
  }

  /** The same with another time between pings. */
  public WebSocketOptions withPingMillis(long millis) {
    return new WebSocketOptions(
        messageBytesMax,
        millis,
        readTimeoutMillis,
        writeTimeoutMillis,
        pendingBytesHigh,
        pendingBytesLow,
        pendingBytesMax,
        echoSubprotocol,
        subprotocols);
  }

  /** The same with other timeouts. */
  public WebSocketOptions withTimeouts(long readMillis, long writeMillis) {
    return new WebSocketOptions(
        messageBytesMax,
        pingMillis,
        readMillis,
        writeMillis,
        pendingBytesHigh,
        pendingBytesLow,
        pendingBytesMax,
        echoSubprotocol,
        subprotocols);
  }

  /** The same with other bounds for what waits to be sent. */
  public WebSocketOptions withPendingBytes(int high, int low, long max) {
    return new WebSocketOptions(
        messageBytesMax,
        pingMillis,
        readTimeoutMillis,
        writeTimeoutMillis,
        high,
        low,
        max,
        echoSubprotocol,
        subprotocols);
  }

  /** The same, selecting the first subprotocol that the client offers. */
  public WebSocketOptions withSubprotocolEcho() {
    return withSubprotocols(List.of());
  }

  /** The same, selecting the first subprotocol that the client offers and is one of these. */
  public WebSocketOptions withSubprotocols(List<String> known) {
    return new WebSocketOptions(
        messageBytesMax,
        pingMillis,
        readTimeoutMillis,
        writeTimeoutMillis,
        pendingBytesHigh,
        pendingBytesLow,
        pendingBytesMax,
        true,
        known);
  }
}
