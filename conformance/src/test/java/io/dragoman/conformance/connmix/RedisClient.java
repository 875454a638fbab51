// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker's connection to Redis, with just what a test needs of its protocol: answers are a list
 * of texts, in which there is none where Redis has none.
 */
final class RedisClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket;
  private final InputStream in;

  RedisClient(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a command and gives its answer. */
  List<String> send(String... command) {
    StringBuilder out = new StringBuilder("*" + command.length + "\r\n");
    for (String each : command) {
      int bytes = each.getBytes(StandardCharsets.UTF_8).length;
      out.append('$').append(bytes).append("\r\n").append(each).append("\r\n");
    }
    try {
      socket.getOutputStream().write(out.toString().getBytes(StandardCharsets.UTF_8));
      List<String> answer = new ArrayList<>();
      read(answer);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(List<String> into) throws IOException {
    String line = line();
    int count = "$*".indexOf(line.charAt(0)) < 0 ? 0 : Integer.parseInt(line.substring(1));
    switch (line.charAt(0)) {
      case '*' -> {
        for (int i = 0; i < count; i++) {
          read(into);
        }
      }
      case '$' -> {
        if (count >= 0) {
          into.add(new String(in.readNBytes(count), StandardCharsets.UTF_8));
          line();
        }
      }
      default -> into.add(line.substring(1));
    }
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("Redis has closed the connection");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
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
