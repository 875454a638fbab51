// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A client over a WebSocket that waits for what it reads. For one thread. */
public final class RpcSocket implements AutoCloseable {

  private static final int FRAME_BYTES_MAX = 4 << 20;
  private static final int UNDER_WAY_MAX = 128;
  private static final int HANDSHAKE_READS_MAX = 200;
  private static final int MASKED = 0x80;
  private static final int LENGTH_BITS = 0x7F;
  private static final int OPCODE_BITS = 0x0F;
  private static final int BINARY = 2;

  private final ServerProcess server;
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(FRAME_BYTES_MAX).flip();

  private RpcSocket(ServerProcess server, SocketChannel channel) {
    this.server = server;
    this.channel = channel;
  }

  /** Connects to Eventhub. */
  public static RpcSocket eventhub(ServerProcess broker) {
    return connected(broker, broker.port("http"), "/");
  }

  /** Connects to connmix as a backend does. */
  public static RpcSocket connmixApi(ServerProcess broker) {
    return connected(broker, broker.port("connmix-api"), "/ws/v1");
  }

  /** Connects to connmix as a client of its backends does. */
  public static RpcSocket connmixClient(ServerProcess broker) {
    return connected(broker, broker.port("connmix-client"), "/chat");
  }

  /** Connects to a server's main port. */
  static RpcSocket open(ServerProcess server, String path) {
    return connected(server, server.port(), path);
  }

  private static RpcSocket connected(ServerProcess server, int port, String path) {
    try {
      return new RpcSocket(server, open(server, port, path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A socket, in blocking mode, behind the handshake. */
  static SocketChannel open(ServerProcess server, int port, String path) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    ByteBuffer answer = ByteBuffer.allocate(2048);
    for (int i = 0; i < HANDSHAKE_READS_MAX && !ends(answer); i++) {
      if (channel.read(answer) < 0) {
        break;
      }
    }
    if (!ends(answer) || !text(answer).contains(" 101 ")) {
      throw new IllegalStateException(server.name() + path + " answered " + text(answer));
    }
    return channel;
  }

  private static boolean ends(ByteBuffer answer) {
    return text(answer).endsWith("\r\n\r\n");
  }

  private static String text(ByteBuffer answer) {
    return StandardCharsets.US_ASCII.decode(answer.duplicate().flip()).toString();
  }

  /** A text as a client's frame. */
  static ByteBuffer frame(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(8 + payload.length);
    frame.put((byte) 0x81);
    if (payload.length < 126) {
      frame.put((byte) (MASKED | payload.length));
    } else {
      frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
    }
    // A mask of zeros leaves the payload as it is.
    return frame.putInt(0).put(payload).flip();
  }

  public void send(String json) {
    try {
      write(frame(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(ByteBuffer out) throws IOException {
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /** Waits for the next text. */
  public String next() {
    try {
      String text = buffered();
      while (text == null) {
        in.compact();
        if (channel.read(in) < 0) {
          throw new EOFException(server.name() + " has closed a socket");
        }
        in.flip();
        text = buffered();
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next text if it has come; null if not. */
  private @Nullable String buffered() {
    while (in.remaining() >= 2) {
      int start = in.position();
      int length = in.get(start + 1) & LENGTH_BITS;
      int header = length < 126 ? 2 : length == 126 ? 4 : 10;
      if (in.remaining() < header) {
        return null;
      }
      long payload =
          length < 126
              ? length
              : length == 126 ? in.getShort(start + 2) & 0xFFFF : in.getLong(start + 2);
      if (payload > FRAME_BYTES_MAX - header) {
        throw new IllegalStateException(server.name() + " sent a frame of " + payload);
      }
      if (in.remaining() < header + payload) {
        return null;
      }
      in.position(start + header + (int) payload);
      if ((in.get(start) & OPCODE_BITS) <= BINARY) {
        return new String(in.array(), start + header, (int) payload, StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  /** Sends a request and waits for its answer, which must not be an error. */
  public String call(String json) {
    send(json);
    return checked(next());
  }

  /** The same for many, of which some are under way together. */
  public void callAll(int count, IntFunction<String> requests, Consumer<String> answered) {
    try {
      int sent = 0;
      for (int done = 0; done < count; done++) {
        if (sent - done <= UNDER_WAY_MAX / 2) {
          ByteBuffer[] frames = new ByteBuffer[Math.min(count - done, UNDER_WAY_MAX) - sent + done];
          for (int i = 0; i < frames.length; i++) {
            frames[i] = frame(requests.apply(sent++));
          }
          for (long left = bytes(frames); left > 0; ) {
            left -= channel.write(frames);
          }
        }
        answered.accept(checked(next()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long bytes(ByteBuffer[] frames) {
    long bytes = 0;
    for (ByteBuffer each : frames) {
      bytes += each.remaining();
    }
    return bytes;
  }

  private String checked(String answer) {
    if (answer.startsWith("{\"error\"")
        || answer.startsWith("{\"E\":{")
        || answer.contains("\"status\":\"ERR")) {
      throw new IllegalStateException(server.name() + " answered " + answer);
    }
    return answer;
  }

  /** Hands the socket over to who reads it otherwise; all that has come must have been read. */
  SocketChannel detached() {
    if (in.hasRemaining()) {
      throw new IllegalStateException(server.name() + " sent what nobody has asked for");
    }
    return channel;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
