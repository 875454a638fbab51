// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

/**
 * The settings of one WebSocket.
 *
 * @param messageBytesMax the largest message a client may send, all its fragments together; a
 *     larger one closes the socket with 1009
 * @param pingMillis time between pings; 0: the transport's
 * @param pendingBytesHigh above this many waiting bytes the socket counts as not writable
 * @param pendingBytesLow below this it counts as writable again, and {@link
 *     WebSocketHandler#onWritable} is called
 * @param pendingBytesMax when more than this waits, not counting one message of more than half of
 *     it, another send closes the socket with 1008
 * @param echoSubprotocol whether the handshake's answer names the first subprotocol that the client
 *     offers, for clients that insist on one; otherwise none is selected
 */
public record WebSocketOptions(
    long messageBytesMax,
    long pingMillis,
    int pendingBytesHigh,
    int pendingBytesLow,
    long pendingBytesMax,
    boolean echoSubprotocol) {

  private static final WebSocketOptions DEFAULTS =
      new WebSocketOptions(8L << 20, 0, 1 << 20, 512 << 10, 16L << 20, false);

  /** Checks that the bounds are positive and in order. */
  public WebSocketOptions {
    if (messageBytesMax < 1 || messageBytesMax > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("messageBytesMax out of range: " + messageBytesMax);
    }
    if (pingMillis < 0) {
      throw new IllegalArgumentException("pingMillis must not be negative: " + pingMillis);
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
   * Messages up to 8 MiB, the transport's ping, marks at 1 MiB and 512 KiB, at most 16 MiB, no
   * subprotocol.
   */
  public static WebSocketOptions defaults() {
    return DEFAULTS;
  }

  /** The same with another bound for messages. */
  public WebSocketOptions withMessageBytesMax(long bytes) {
    return new WebSocketOptions(
        bytes, pingMillis, pendingBytesHigh, pendingBytesLow, pendingBytesMax, echoSubprotocol);
  }

  /** The same with another time between pings. */
  public WebSocketOptions withPingMillis(long millis) {
    return new WebSocketOptions(
        messageBytesMax,
        millis,
        pendingBytesHigh,
        pendingBytesLow,
        pendingBytesMax,
        echoSubprotocol);
  }

  /** The same with other bounds for what waits to be sent. */
  public WebSocketOptions withPendingBytes(int high, int low, long max) {
    return new WebSocketOptions(messageBytesMax, pingMillis, high, low, max, echoSubprotocol);
  }

  /** The same, selecting the first subprotocol that the client offers. */
  public WebSocketOptions withSubprotocolEcho() {
    return new WebSocketOptions(
        messageBytesMax, pingMillis, pendingBytesHigh, pendingBytesLow, pendingBytesMax, true);
  }
}
