// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An HTTP/1.1 connection of which the test writes every byte itself. Reads have a deadline, so that
 * a server that stays silent fails the test that waits for it.
 */
public final class RawHttp implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final URI server;
  private final Socket socket;
  private final InputStream in;

  private RawHttp(URI server, Socket socket, InputStream in) {
    this.server = server;
    this.socket = socket;
    this.in = in;
  }

  public static RawHttp open(URI server) {
    return open(server, 0);
  }

  /** Opens a connection whose receive buffer holds about this many bytes; 0 leaves it alone. */
  public static RawHttp open(URI server, int receiveBufferBytes) {
    try {
      Socket socket = new Socket();
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 10_000);
      return over(server, socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Over a socket that is connected to this server, such as one with TLS. */
  public static RawHttp over(URI server, Socket socket) {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) DEADLINE.toMillis());
      return new RawHttp(server, socket, new BufferedInputStream(socket.getInputStream(), 1 << 16));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawHttp deadline(Duration deadline) {
    try {
      socket.setSoTimeout((int) deadline.toMillis());
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** A POST of JSON, complete with its headers. */
  public String post(String path, String json) {
    return requestWithBody("POST", path, json, "Content-Type: application/json");
  }

  /** A request with a body; Host and Content-Length are added. */
  public String requestWithBody(String method, String path, String body, String... headers) {
    return head(method, path, headers)
        + "Content-Length: "
        + body.getBytes(UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  /** A request without a body, complete. */
  public String request(String method, String path, String... headers) {
    return head(method, path, headers) + "\r\n";
  }

  /** Request line and headers, without the empty line that ends them. */
  public String head(String method, String path, String... headers) {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: ").append(host());
    head.append("\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.toString();
  }

  String host() {
    return server.getHost() + ":" + server.getPort();
  }

  public RawHttp write(String text) {
    return write(text.getBytes(UTF_8));
  }

  public RawHttp write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes what the server may refuse to take; false when the connection broke meanwhile. */
  public boolean writeIfTaken(byte[] bytes) {
    try {
      write(bytes);
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Reads one answer, including its body. */
  public Answer read() {
    return read(true);
  }

  /** Reads an answer that has no body whatever its Content-Length says, as to HEAD. */
  public Answer readHead() {
    return read(false);
  }

  private Answer read(boolean withBody) {
    try {
      String statusLine = line();
      if (!statusLine.matches("HTTP/1\\.1 \\d{3}( .*)?")) {
        throw new AssertionError("not a status line: <" + statusLine + ">");
      }
      int status = Integer.parseInt(statusLine.substring(9, 12));
      Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers
            .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>())
            .add(line.substring(colon + 1).strip());
      }
      boolean none = !withBody || status / 100 == 1 || status == 204 || status == 304;
      byte[] body = none ? new byte[0] : body(headers);
      return new Answer(status, headers, new String(body, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] body(Map<String, List<String>> headers) throws IOException {
    String coding = String.join(",", headers.getOrDefault("Transfer-Encoding", List.of()));
    if (coding.toLowerCase(Locale.ROOT).contains("chunked")) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        body.write(exactly(size));
        line();
      }
      line();
      return body.toByteArray();
    }
    List<String> length = headers.getOrDefault("Content-Length", List.of());
    return length.isEmpty() ? in.readAllBytes() : exactly(Integer.parseInt(length.get(0)));
  }

  private int chunkSize() throws IOException {
    String line = line();
    int end = line.indexOf(';');
    return Integer.parseInt((end < 0 ? line : line.substring(0, end)).strip(), 16);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended after <" + line.toString(ISO_8859_1) + ">");
      }
      line.write(next);
    }
    String text = line.toString(ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  int readByte() throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException("the connection ended");
    }
    return next;
  }

  byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("the connection ended after " + bytes.length + " of " + count);
    }
    return bytes;
  }

  /** Waits until the server ends the connection, without or after further bytes. */
  public boolean endsWithin(Duration limit) {
    long start = System.nanoTime();
    try {
      socket.setSoTimeout((int) limit.toMillis());
      byte[] rest = new byte[8192];
      while (System.nanoTime() - start < limit.toNanos()) {
        if (in.read(rest) < 0) {
          return true;
        }
      }
      return false;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Whether the server ends the connection, or answers 503, instead of serving it. */
  public boolean isRefused() {
    try {
      return read().status() == 503;
    } catch (UncheckedIOException e) {
      return true;
    }
  }

  /** Ends the connection as a crashed client does: with a reset. */
  public void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends only the direction towards the server. */
  public RawHttp endOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #endOutput}, when the server has not ended the connection already. */
  public void endOutputIfOpen() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      // it has
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
