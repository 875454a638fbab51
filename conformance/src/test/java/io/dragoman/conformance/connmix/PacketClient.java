// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;

/** A client over TCP. */
final class PacketClient implements AutoCloseable {
  private static final int DEADLINE_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;

  PacketClient(URI listener) {
    this(connected(listener));
  }

  /** Over a socket that is connected, such as one with TLS. */
  PacketClient(Socket connected) {
    socket = connected;
    try {
      socket.setSoTimeout(DEADLINE_MILLIS);
      in = new DataInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket connected(URI listener) {
    try {
      return new Socket(listener.getHost(), listener.getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  PacketClient send(byte... bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  PacketClient send(String text) {
    return send(text.getBytes(UTF_8));
  }

  /** So many bytes. */
  byte[] read(int count) {
    try {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw new AssertionError("the connection ended after " + Arrays.toString(bytes));
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String readText(int count) {
    return new String(read(count), UTF_8);
  }

  /** Whether the server ends the connection next, without a word. */
  boolean atEnd() {
    try {
      return in.read() < 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says that this was all. */
  PacketClient finish() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Goes without a word. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
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
