// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import java.util.List;
import java.util.Optional;

/**
 * How one listener takes clients.
 *
 * @param protocol how they connect
 * @param path of WebSockets; those of paths below it are taken too
 * @param subprotocols that may be selected; empty: the first that a client offers
 * @param framing of TCP
 * @param messageBytesMax the largest message of a WebSocket client; a larger one closes it
 * @param readTimeoutMillis how long a client may say nothing at all
 * @param writeTimeoutMillis how long a client may take nothing of what waits for it, when such
 *     clients are closed
 * @param pingMillis between control pings to WebSockets
 * @param sendQueueMax pushes that may wait for one client
 * @param sendBufferBytes bytes that may wait for one client
 * @param slowConsumer what happens with clients that take nothing
 */
public record ClientOptions(
    Protocol protocol,
    String path,
    List<String> subprotocols,
    Optional<Framing> framing,
    int messageBytesMax,
    long readTimeoutMillis,
    long writeTimeoutMillis,
    long pingMillis,
    int sendQueueMax,
    int sendBufferBytes,
    SlowConsumer slowConsumer) {

  /** What applies unless configured otherwise. */
  public static final ClientOptions DEFAULTS =
      new ClientOptions(
          Protocol.WEBSOCKET,
          "/chat",
          List.of(),
          Optional.empty(),
          65_535,
          60_000,
          10_000,
          30_000,
          1024,
          1 << 20,
          SlowConsumer.CLOSE);

  /** How clients connect. */
  public enum Protocol {
    WEBSOCKET,
    TCP
  }

  /** What happens with clients that take nothing; what is pushed to them meanwhile has failed. */
  public enum SlowConsumer {
    /** They are closed after the write timeout. */
    CLOSE,
    /** They stay. */
    DROP
  }

  /** Checks the bounds. */
  public ClientOptions {
    subprotocols = List.copyOf(subprotocols);
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a path begins with a slash: " + path);
    }
    if (protocol == Protocol.TCP && framing.isEmpty()) {
      throw new IllegalArgumentException("TCP needs a framing");
    }
    atLeast(1, "messageBytesMax", messageBytesMax);
    atLeast(0, "readTimeoutMillis", readTimeoutMillis);
    atLeast(0, "writeTimeoutMillis", writeTimeoutMillis);
    atLeast(1, "pingMillis", pingMillis);
    atLeast(1, "sendQueueMax", sendQueueMax);
    atLeast(1, "sendBufferBytes", sendBufferBytes);
  }

  /** The same with another bound for what waits for one client. */
  public ClientOptions withSendBufferBytes(int bytes) {
    return new ClientOptions(
        protocol,
        path,
        subprotocols,
        framing,
        messageBytesMax,
        readTimeoutMillis,
        writeTimeoutMillis,
        pingMillis,
        sendQueueMax,
        bytes,
        slowConsumer);
  }

  private static void atLeast(long least, String name, long value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
  }
}
