// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;

/**
 * A gRPC client that writes its own frames, so that it can do what no proper client does: send half
 * a message, or leave pings unanswered. Headers are neither compressed nor decompressed.
 */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int PING = 6;
  static final int GO_AWAY = 7;

  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int READ_MILLIS_MAX = 20_000;
  private static final int FRAME_BYTES_MAX = 16 << 10;

  private final Socket socket;
  private final DataInputStream in;

  /** What the server said; the payload of headers still is as it was on the wire. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Frame(int type, int flags, int stream, byte[] payload) {
    /**
     * Whether one of these headers has this value. Names may have been said before, but values that
     * are new and short are on the wire as they are.
     */
    boolean hasValue(String value) {
      return new String(payload, ISO_8859_1).contains((char) value.length() + value);
    }
  }

  private RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
  }

  static RawHttp2 connect(URI target) {
    try {
      RawHttp2 client = new RawHttp2(new Socket(target.getHost(), target.getPort()));
      client.socket.setSoTimeout(READ_MILLIS_MAX);
      client.socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
      client.write(SETTINGS, 0, 0, new byte[0]);
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins a call. */
  RawHttp2 call(int stream, String method) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", "/kubemq.kubemq/" + method);
    header(block, ":authority", "localhost");
    header(block, "content-type", "application/grpc");
    header(block, "te", "trailers");
    return write(HEADERS, END_HEADERS, stream, block.toByteArray());
  }

  /** A literal that nobody is to remember. */
  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String part : new String[] {name, value}) {
      block.write(part.length());
      block.writeBytes(part.getBytes(US_ASCII));
    }
  }

  /** Announces a message of this length, and sends as much of it as is given. */
  RawHttp2 message(int stream, int length, byte[] beginning) {
    byte[] prefix = {
      0, (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
    };
    write(DATA, 0, stream, prefix);
    for (int from = 0; from < beginning.length; from += FRAME_BYTES_MAX) {
      int to = Math.min(beginning.length, from + FRAME_BYTES_MAX);
      write(DATA, 0, stream, java.util.Arrays.copyOfRange(beginning, from, to));
    }
    return this;
  }

  RawHttp2 halfClose(int stream) {
    return write(DATA, END_STREAM, stream, new byte[0]);
  }

  RawHttp2 ping(byte[] data) {
    return write(PING, 0, 0, data);
  }

  private RawHttp2 write(int type, int flags, int stream, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(payload.length >> 16);
    frame.write(payload.length >> 8);
    frame.write(payload.length);
    frame.write(type);
    frame.write(flags);
    for (int shift = 24; shift >= 0; shift -= 8) {
      frame.write(stream >> shift);
    }
    frame.writeBytes(payload);
    try {
      socket.getOutputStream().write(frame.toByteArray());
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame of this type. */
  Frame next(int type) {
    for (Frame frame = next(); ; frame = next()) {
      if (frame.type() == type) {
        return frame;
      }
    }
  }

  private Frame next() {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[length];
      in.readFully(payload);
      return new Frame(type, flags, stream, payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
