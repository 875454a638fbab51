// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;

/**
 * A WebSocket connection of which the test writes every frame itself, also those that nobody may
 * write.
 */
public final class RawWebSocket implements AutoCloseable {

  public static final int CONTINUATION = 0;
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

  private final RawHttp connection;

  private RawWebSocket(RawHttp connection) {
    this.connection = connection;
  }

  /** One frame as it was sent. */
  public static final class Frame {

    private final boolean fin;
    private final int reserved;
    private final int opcode;
    private final boolean masked;
    private final byte[] payload;

    private Frame(int first, int second, byte[] payload) {
      this.fin = (first & 0x80) != 0;
      this.reserved = (first >> 4) & 7;
      this.opcode = first & 15;
      this.masked = (second & 0x80) != 0;
      this.payload = payload;
    }

    public int opcode() {
      return opcode;
    }

    public String text() {
      return new String(payload, UTF_8);
    }

    /** The status code of a close frame; 1005 when it has none. */
    public int closeCode() {
      assertThat(opcode).as("opcode of %s", this).isEqualTo(CLOSE);
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
    }

    @Override
    public String toString() {
      return "opcode " + opcode + ", " + payload.length + " bytes: " + text();
    }
  }

  /** Connects and checks the handshake's answer. */
  public static RawWebSocket connect(URI server, String path, String... headers) {
    return connect(RawHttp.open(server), path, headers);
  }

  /**
   * Connects with a receive buffer as small as possible, so that unread frames stay with the
   * server.
   */
  public static RawWebSocket connectSlow(URI server, String path) {
    return connect(RawHttp.open(server, 4096), path);
  }

  /** The same over a connection that is there. */
  public static RawWebSocket connect(RawHttp connection, String path, String... headers) {
    connection.write(handshake(connection, path, headers));
    Answer answer = connection.readHead();
    assertThat(answer.status()).as("status of the handshake for %s", path).isEqualTo(101);
    assertThat(answer.header("Upgrade")).isEqualToIgnoringCase("websocket");
    assertThat(answer.header("Connection")).isEqualToIgnoringCase("upgrade");
    assertThat(answer.header("Sec-WebSocket-Accept")).isEqualTo(accept());
    return new RawWebSocket(connection);
  }

  /** Asks for a WebSocket where it must be refused, and returns the answer. */
  public static Answer refused(URI server, String path, String... headers) {
    try (RawHttp connection = RawHttp.open(server)) {
      connection.write(handshake(connection, path, headers));
      Answer answer = connection.read();
      assertThat(answer.status()).as("status of the handshake for %s", path).isNotEqualTo(101);
      return answer;
    }
  }

  /** The frames of a connection whose handshake the test has made itself. */
  public static RawWebSocket over(RawHttp connection) {
    return new RawWebSocket(connection);
  }

  private static String handshake(RawHttp connection, String path, String... headers) {
    return connection.head("GET", path, headers)
        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: "
        + KEY
        + "\r\n\r\n";
  }

  private static String accept() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public RawWebSocket send(int opcode, byte[] payload) {
    return send(true, 0, opcode, true, payload);
  }

  public RawWebSocket send(int opcode, String payload) {
    return send(opcode, payload.getBytes(UTF_8));
  }

  public RawWebSocket sendText(String text) {
    return send(TEXT, text);
  }

  public RawWebSocket sendClose(int code) {
    return send(CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
  }

  public RawWebSocket sendClose(int code, String reason) {
    byte[] words = reason.getBytes(UTF_8);
    return send(
        CLOSE, ByteBuffer.allocate(2 + words.length).putShort((short) code).put(words).array());
  }

  /** Sends a frame with any combination of bits. */
  public RawWebSocket send(boolean fin, int reserved, int opcode, boolean masked, byte[] payload) {
    connection.write(frame(fin, reserved, opcode, masked, payload));
    return this;
  }

  public static byte[] frame(
      boolean fin, int reserved, int opcode, boolean masked, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write((fin ? 0x80 : 0) | (reserved << 4) | opcode);
    int maskBit = masked ? 0x80 : 0;
    if (payload.length < 126) {
      frame.write(maskBit | payload.length);
    } else if (payload.length < 1 << 16) {
      frame.write(maskBit | 126);
      frame.writeBytes(ByteBuffer.allocate(2).putShort((short) payload.length).array());
    } else {
      frame.write(maskBit | 127);
      frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    byte[] sent = payload.clone();
    if (masked) {
      frame.writeBytes(MASK);
      for (int i = 0; i < sent.length; i++) {
        sent[i] ^= MASK[i % 4];
      }
    }
    frame.writeBytes(sent);
    return frame.toByteArray();
  }

  /** Sends bytes that are no frame, or a part of one. */
  public RawWebSocket sendBytes(byte[] bytes) {
    connection.write(bytes);
    return this;
  }

  /** Reads one frame of any kind. */
  public Frame readFrame() {
    try {
      int first = connection.readByte();
      int second = connection.readByte();
      long length = second & 0x7f;
      if (length == 126) {
        length = ByteBuffer.wrap(connection.exactly(2)).getShort() & 0xffff;
      } else if (length == 127) {
        length = ByteBuffer.wrap(connection.exactly(8)).getLong();
      }
      byte[] payload = connection.exactly(Math.toIntExact(length));
      return new Frame(first, second, payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the next text frame, which must be whole, unmasked and plain; answers pings before it.
   */
  public String readText() {
    Frame frame = readFrame();
    while (frame.opcode == PING) {
      send(PONG, frame.payload);
      frame = readFrame();
    }
    assertThat(frame.opcode).as("opcode of %s", frame).isEqualTo(TEXT);
    assertThat(frame.fin).as("FIN of %s", frame.text()).isTrue();
    assertThat(frame.reserved).as("reserved bits of %s", frame.text()).isZero();
    assertThat(frame.masked).as("mask of %s", frame.text()).isFalse();
    return frame.text();
  }

  /** The code of the close frame that must be what the server sends next. */
  public int readCloseCode() {
    return readFrame().closeCode();
  }

  public boolean endsWithin(Duration limit) {
    return connection.endsWithin(limit);
  }

  public RawWebSocket deadline(Duration deadline) {
    connection.deadline(deadline);
    return this;
  }

  /** Ends the TCP connection with a reset. */
  public void reset() {
    connection.reset();
  }

  @Override
  public void close() {
    connection.close();
  }
}
