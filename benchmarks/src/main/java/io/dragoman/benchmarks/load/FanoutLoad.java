// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One publisher and many subscribers over WebSockets, on one thread. Frames are counted by their
 * headers and not looked at. A message is in flight until as many deliveries have come as there are
 * subscribers.
 */
public final class FanoutLoad implements Load {

  private static final int READ_BYTES = 256 << 10;

  private final ServerProcess server;
  private final int inFlightMax;
  private final Selector selector;
  private final @Nullable Socket publisher;
  private final List<Socket> subscribers = new ArrayList<>();
  private final ByteBuffer message;
  private final ByteBuffer out;
  private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
  private long published;
  private final AtomicLong delivered = new AtomicLong();

  /** When messages were published that are in flight: up to which one, and System.nanoTime. */
  private final Deque<long[]> publishedAt = new ArrayDeque<>();

  private final List<Double> latencies = new ArrayList<>();

  /**
   * Connects all.
   *
   * @param subscribePath of each subscriber by its number
   * @param json what is published
   */
  public FanoutLoad(
      ServerProcess server,
      int subscriberCount,
      int inFlightMax,
      IntFunction<String> subscribePath,
      String publishPath,
      String json) {
    this(
        server,
        inFlightMax,
        IntStream.range(0, subscriberCount)
            .mapToObj(i -> connect(server, subscribePath.apply(i)))
            .toList(),
        connect(server, publishPath),
        json);
  }

  /**
   * Subscribers and a publisher that are connected; closes them too.
   *
   * @param subscribers have subscribed, each to one delivery of what is published
   */
  public static FanoutLoad of(
      ServerProcess server,
      int inFlightMax,
      List<RpcSocket> subscribers,
      RpcSocket publisher,
      String json) {
    return new FanoutLoad(
        server,
        inFlightMax,
        subscribers.stream().map(RpcSocket::detached).toList(),
        publisher.detached(),
        json);
  }

  private FanoutLoad(
      ServerProcess server,
      int inFlightMax,
      List<SocketChannel> subscribed,
      SocketChannel publishing,
      String json) {
    this.server = server;
    this.inFlightMax = inFlightMax;
    message = RpcSocket.frame(json);
    out = ByteBuffer.allocateDirect(message.remaining() * inFlightMax);
    out.flip();
    try {
      selector = Selector.open();
      for (SocketChannel each : subscribed) {
        subscribers.add(registered(each, true));
      }
      publisher = registered(publishing, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One subscriber and no publisher: {@link #readFor} counts what it gets. */
  FanoutLoad(ServerProcess server, String subscribePath) {
    this.server = server;
    inFlightMax = 0;
    message = ByteBuffer.allocate(0);
    out = ByteBuffer.allocate(0);
    try {
      selector = Selector.open();
      subscribers.add(registered(connect(server, subscribePath), true));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    publisher = null;
  }

  void readFor(int millis) {
    try {
      read(millis);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long delivered() {
    return delivered.get();
  }

  /** The payload of the last frame that came to the first subscriber. */
  long lastPayloadBytes() {
    return subscribers.get(0).counter().payloadBytes();
  }

  private record Socket(SocketChannel channel, FrameCounter counter, boolean subscribes) {}

  private static SocketChannel connect(ServerProcess server, String path) {
    try {
      return RpcSocket.open(server, server.port(), path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Socket registered(SocketChannel channel, boolean subscribes) throws IOException {
    Socket socket = new Socket(channel, new FrameCounter(), subscribes);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, socket);
    return socket;
  }

  @Override
  public Run run(int seconds) {
    try {
      // What is still on its way belongs to the run before.
      drain();
      double cpu = server.cpuSeconds();
      long before = delivered.get();
      long began = System.nanoTime();
      long deadline = began + seconds * 1_000_000_000L;
      latencies.clear();
      while (System.nanoTime() < deadline) {
        publish();
        read(1);
      }
      double wall = (System.nanoTime() - began) / 1e9;
      double work = delivered.get() - before;
      double cost = server.cpuSeconds() - cpu;
      return new Run(work, wall, cost, percentile(0.5), percentile(0.99));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From publishing a batch until the last delivery to the last subscriber, in milliseconds. */
  private double percentile(double part) {
    double[] sorted = latencies.stream().mapToDouble(each -> each).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[(int) (part * (sorted.length - 1))];
  }

  private void drain() throws IOException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (inFlight() > 0) {
      flush();
      read(10);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            server.name() + " has not delivered " + inFlight() + " messages to all");
      }
    }
  }

  private long inFlight() {
    return published - delivered.get() / subscribers.size();
  }

  private void publish() throws IOException {
    if (!out.hasRemaining() && inFlight() < inFlightMax) {
      out.clear();
      for (long i = inFlight(); i < inFlightMax; i++) {
        out.put(message.duplicate());
        published++;
      }
      out.flip();
      publishedAt.add(new long[] {published, System.nanoTime()});
    }
    flush();
  }

  private void flush() throws IOException {
    if (out.hasRemaining() && publisher != null) {
      publisher.channel.write(out);
    }
  }

  private void read(int millis) throws IOException {
    selector.select(this::readSome, millis);
    long toAll = delivered.get() / subscribers.size();
    while (!publishedAt.isEmpty() && publishedAt.element()[0] <= toAll) {
      latencies.add((System.nanoTime() - publishedAt.remove()[1]) / 1e6);
    }
  }

  private void readSome(SelectionKey key) {
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
    if (socket.subscribes) {
      delivered.getAndAdd(frames);
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
