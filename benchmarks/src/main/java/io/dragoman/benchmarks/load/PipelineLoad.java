// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * The same request again and again over one WebSocket, many under way, and other sockets that are
 * read along. On one thread; frames are counted by their headers and not looked at. What counts is
 * answers.
 */
public final class PipelineLoad implements Load {

  private static final int READ_BYTES = 256 << 10;
  private static final long DRAIN_NANOS_MAX = 10_000_000_000L;

  private final ServerProcess server;
  private final int underWayMax;
  private final Selector selector;
  private final Socket requests;
  private final ByteBuffer out;
  private final int requestBytes;
  private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
  private long sent;
  private long answered;

  private record Socket(SocketChannel channel, FrameCounter counter, boolean asks) {}

  /**
   * Takes sockets over, and closes them.
   *
   * @param requests whose every frame is an answer
   * @param others get something because of the requests
   */
  public PipelineLoad(
      ServerProcess server,
      RpcSocket requests,
      List<RpcSocket> others,
      int underWayMax,
      String request) {
    this.server = server;
    this.underWayMax = underWayMax;
    ByteBuffer frame = RpcSocket.frame(request);
    requestBytes = frame.remaining();
    out = ByteBuffer.allocateDirect(requestBytes * underWayMax);
    while (out.hasRemaining()) {
      out.put(frame.duplicate());
    }
    out.position(out.limit());
    try {
      selector = Selector.open();
      this.requests = registered(requests.detached(), true);
      for (RpcSocket each : others) {
        registered(each.detached(), false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects to a server that answers every request on this path by itself. */
  public static PipelineLoad of(
      ServerProcess server, String path, int underWayMax, String request) {
    return new PipelineLoad(server, RpcSocket.open(server, path), List.of(), underWayMax, request);
  }

  private Socket registered(SocketChannel channel, boolean asks) throws IOException {
    Socket socket = new Socket(channel, new FrameCounter(), asks);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, socket);
    return socket;
  }

  @Override
  public Run run(int seconds) {
    try {
      double cpu = server.cpuSeconds();
      long before = answered;
      long began = System.nanoTime();
      long deadline = began + seconds * 1_000_000_000L;
      while (System.nanoTime() < deadline) {
        send();
        selector.select(this::read, 1);
      }
      double wall = (System.nanoTime() - began) / 1e9;
      drain();
      // Also what came while draining was paid for.
      double work = (double) answered - before;
      return new Run(work, wall, server.cpuSeconds() - cpu, Double.NaN, Double.NaN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void drain() throws IOException {
    long deadline = System.nanoTime() + DRAIN_NANOS_MAX;
    while (answered < sent) {
      flush();
      selector.select(this::read, 10);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            server.name() + " has not answered " + (sent - answered) + " requests");
      }
    }
  }

  // Not one by one: a backend that sends much sends many at once.
  private void send() throws IOException {
    int free = (int) (underWayMax - (sent - answered));
    if (!out.hasRemaining() && free >= underWayMax / 2) {
      out.position(out.capacity() - free * requestBytes);
      sent += free;
    }
    flush();
  }

  private void flush() throws IOException {
    if (out.hasRemaining()) {
      requests.channel.write(out);
    }
  }

  private void read(SelectionKey key) {
    Socket socket = (Socket) key.attachment();
    in.clear();
    try {
      if (socket.channel.read(in) < 0) {
        throw new IllegalStateException(server.name() + " has closed a socket");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int frames = socket.counter().count(in.flip());
    if (socket.asks) {
      answered += frames;
    }
  }

  @Override
  public void close() {
    try {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
