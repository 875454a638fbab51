// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** What a WebSocket client writes, for clients without a thread of their own. */
final class Wire {

  static final int TEXT = 0x81;
  static final int CLOSE = 0x88;
  static final int PING = 0x89;

  private static final byte[] HANDSHAKE =
      String.join(
              "\r\n",
              "GET / HTTP/1.1",
              "Host: localhost",
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
              "",
              "")
          .getBytes(US_ASCII);

  /** What a broker that lets a client in answers first. */
  static final String UPGRADED = "HTTP/1.1 101 ";

  /** Masked, mask and payload empty. */
  private static final byte[] PONG = {(byte) 0x8A, (byte) 0x80, 0, 0, 0, 0};

  private Wire() {}

  static void handshake(SocketChannel channel) throws IOException {
    write(channel, ByteBuffer.wrap(HANDSHAKE));
  }

  static void pong(SocketChannel channel) throws IOException {
    write(channel, ByteBuffer.wrap(PONG));
  }

  /** A text frame, masked with zeros. */
  static void text(SocketChannel channel, String text) throws IOException {
    byte[] payload = text.getBytes(US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(8 + payload.length).put((byte) TEXT);
    if (payload.length < 126) {
      out.put((byte) (0x80 | payload.length));
    } else {
      out.put((byte) 0xFE).putShort((short) payload.length);
    }
    write(channel, out.putInt(0).put(payload).flip());
  }

  /** What these clients write is little and fits into the socket's buffer. */
  private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      throw new IOException("the broker does not read");
    }
  }
}
