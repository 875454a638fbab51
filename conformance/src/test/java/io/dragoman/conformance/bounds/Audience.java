// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.bounds;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.conformance.ServerFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;

/**
 * Subscribers that read everything at once and answer pings, on one thread. Each event says in its
 * metadata when it was sent, as {@code @} and {@link System#nanoTime} in 19 digits.
 */
final class Audience implements AutoCloseable {

  private static final byte[] MARK = "\"Metadata\":\"@".getBytes(US_ASCII);
  private static final int DIGITS = 19;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int SAMPLES_MAX = 100_000;
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;

  /** What has come on one socket and is not a whole frame yet. */
  private static final class Inbox {
    private final int reader;
    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);

    Inbox(int reader) {
      this.reader = reader;
    }
  }

  private final Sockets sockets;
  private final Selector selector;
  private final Thread thread;
  private final AtomicInteger heard = new AtomicInteger();
  private final AtomicIntegerArray heardByEach;
  private final long[] latencies = new long[SAMPLES_MAX];

  /** Why readers have ended that were not meant to. */
  private final Queue<String> ends = new ConcurrentLinkedQueue<>();

  Audience(URI rest, int count, IntFunction<String> path) {
    sockets = new Sockets(rest, count, 0, path);
    heardByEach = new AtomicIntegerArray(count);
    try {
      selector = Selector.open();
      for (int i = 0; i < count; i++) {
        SocketChannel channel = sockets.channels().get(i);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new Inbox(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = new Thread(this::listen, "audience");
    thread.start();
  }

  /** The metadata of an event that is sent now. */
  static String now() {
    return String.format("@%019d", System.nanoTime());
  }

  private void listen() {
    try {
      while (selector.isOpen()) {
        selector.select(this::read);
      }
    } catch (IOException e) {
      ends.add("all: " + e);
    } catch (ClosedSelectorException e) {
      // The end.
    }
  }

  private void read(SelectionKey key) {
    Inbox inbox = (Inbox) key.attachment();
    SocketChannel channel = (SocketChannel) key.channel();
    ByteBuffer buffer = inbox.buffer;
    try {
      if (channel.read(buffer) < 0) {
        end(key, "end of the stream");
      }
      long now = System.nanoTime();
      buffer.flip();
      Optional<ServerFrame> next = ServerFrame.take(buffer);
      while (next.isPresent()) {
        take(next.get(), key, now);
        next = ServerFrame.take(buffer);
      }
      buffer.compact();
    } catch (IOException e) {
      end(key, e.toString());
    }
  }

  private void end(SelectionKey key, String why) {
    key.cancel();
    ends.add("reader " + ((Inbox) key.attachment()).reader + ": " + why);
  }

  private void take(ServerFrame frame, SelectionKey key, long now) throws IOException {
    Inbox inbox = (Inbox) key.attachment();
    switch (frame.first() & 15) {
      case TEXT -> hear(inbox, frame.from(), frame.to(), now);
      case PING -> ((SocketChannel) key.channel()).write(ByteBuffer.wrap(Sockets.PONG));
      case CLOSE -> {
        int reason = frame.from() + 2;
        end(key, new String(inbox.bytes, reason, frame.to() - reason, US_ASCII));
      }
      default -> throw new IOException("a frame that events have not: " + frame.first());
    }
  }

  private void hear(Inbox inbox, int from, int to, long now) {
    byte[] bytes = inbox.bytes;
    for (int at = from; at < to - MARK.length - DIGITS; at++) {
      if (bytes[at] == MARK[0]
          && Arrays.equals(bytes, at, at + MARK.length, MARK, 0, MARK.length)) {
        String digits = new String(bytes, at + MARK.length, DIGITS, US_ASCII);
        latencies[heard.get()] = now - Long.parseLong(digits);
        heardByEach.incrementAndGet(inbox.reader);
        heard.incrementAndGet();
        return;
      }
    }
  }

  /** Waits until so many events have come to each since the last call, and no more. */
  long[] latencies(int countOfEach) {
    int count = countOfEach * sockets.size();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(
            () -> assertThat(heard.get()).as("events heard; ended: %s", ends).isEqualTo(count));
    for (int reader = 0; reader < sockets.size(); reader++) {
      assertThat(heardByEach.getAndSet(reader, 0))
          .as("by reader %d", reader)
          .isEqualTo(countOfEach);
    }
    long[] taken = Arrays.copyOf(latencies, count);
    heard.set(0);
    return taken;
  }

  @Override
  public void close() {
    try {
      selector.close();
      thread.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sockets.close();
  }
}
