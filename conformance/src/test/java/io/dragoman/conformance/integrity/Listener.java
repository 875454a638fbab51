// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.ServerFrame;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/**
 * One subscriber: a WebSocket that comes and goes, read without a thread of its own. What it has
 * subscribed to outlives its connections. For one thread.
 */
final class Listener {

  private static final int BUFFER_BYTES = 64 << 10;

  private final Account account;
  private final EventFrame frame;
  private final List<Subscription> subscriptions;
  private final int receiveBufferBytes;
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
  private SocketChannel channel;
  private long nextRequest = 1;
  private long unsubscribing;

  /** How many events have come since it was last told to subscribe. */
  private int heard;

  /**
   * @param receiveBufferBytes how much the kernel may keep for it, about; 0: as it likes
   */
  Listener(Account account, Plan plan, List<Subscription> subscriptions, int receiveBufferBytes) {
    this.account = account;
    this.frame = new EventFrame(plan);
    this.subscriptions = subscriptions;
    this.receiveBufferBytes = receiveBufferBytes;
  }

  List<Subscription> subscriptions() {
    return subscriptions;
  }

  boolean connected() {
    return channel != null;
  }

  int heard() {
    return heard;
  }

  boolean confirmed() {
    return subscriptions.stream().allMatch(Subscription::confirmed);
  }

  boolean complete() {
    return subscriptions.stream().allMatch(Subscription::complete);
  }

  /** Connects, and gives what is to be read from now on, which does not block. */
  SocketChannel connect(URI server) throws IOException {
    SocketChannel opened = SocketChannel.open();
    try {
      if (receiveBufferBytes > 0) {
        opened.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
      }
      opened.connect(new InetSocketAddress(server.getHost(), server.getPort()));
      opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
      Wire.handshake(opened);
      StringBuilder head = new StringBuilder();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (head.indexOf("\r\n\r\n") < 0) {
        one.clear();
        if (opened.read(one) < 0) {
          throw new IOException("the end after <" + head + ">");
        }
        head.append((char) one.get(0));
      }
      if (head.indexOf(Wire.UPGRADED) != 0) {
        throw new IOException("no WebSocket: " + head);
      }
      opened.configureBlocking(false);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    channel = opened;
    buffer.clear();
    unsubscribing = 0;
    return opened;
  }

  /**
   * Subscribes to everything, from where it was.
   *
   * @param fresh without history
   */
  void subscribe(boolean fresh) throws IOException {
    heard = 0;
    for (Subscription each : subscriptions) {
      Wire.text(channel, each.request(nextRequest++, fresh).toString());
    }
  }

  void unsubscribeAll() throws IOException {
    unsubscribing = nextRequest++;
    request(unsubscribing, "unsubscribeAll");
  }

  /** Asks the broker to end the connection. */
  void disconnect() throws IOException {
    request(nextRequest++, "disconnect");
  }

  private void request(long id, String method) throws IOException {
    Wire.text(channel, "{\"id\":" + id + ",\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"}");
  }

  /** Closes its side, as a client that dies. */
  void drop() throws IOException {
    channel.close();
    channel = null;
  }

  /**
   * Reads what has come.
   *
   * @return false at the end of the connection
   */
  boolean read() throws IOException {
    boolean open = channel.read(buffer) >= 0;
    buffer.flip();
    Optional<ServerFrame> next = ServerFrame.take(buffer);
    while (next.isPresent()) {
      take(next.get());
      next = ServerFrame.take(buffer);
    }
    buffer.compact();
    return open;
  }

  private void take(ServerFrame taken) throws IOException {
    switch (taken.first()) {
      case Wire.TEXT -> take(taken.from(), taken.to());
      case Wire.PING -> Wire.pong(channel);
      case Wire.CLOSE -> {
        // The end follows.
      }
      default -> throw new IOException("a frame that events have not: " + taken.first());
    }
  }

  private void take(int from, int to) {
    if (!frame.read(bytes, from, to)) {
      answer(Json.parse(new String(bytes, from, to - from, UTF_8)));
      return;
    }
    heard++;
    for (Subscription each : subscriptions) {
      if (each.isOf(frame.requestId)) {
        each.take(frame.publisher, frame.number, frame.place, frame.topic, frame.id);
        return;
      }
    }
    account.complain(
        "%s: an event for request %d, which is none now", subscriptions.get(0), frame.requestId);
  }

  private void answer(JsonNode reply) {
    long id = reply.path("id").asLong();
    if (id == unsubscribing && id != 0) {
      if (reply.path("result").path("unsubscribe_count").asInt() != subscriptions.size()) {
        account.complain("%s: %s", subscriptions.get(0), reply);
      }
      unsubscribing = 0;
      subscriptions.forEach(Subscription::unsubscribed);
      return;
    }
    for (Subscription each : subscriptions) {
      if (each.isOf(id)) {
        each.confirm(reply);
        return;
      }
    }
    account.complain("%s: %s", subscriptions.get(0), reply);
  }

  /** Whether the broker has not said yet that it has unsubscribed. */
  boolean unsubscribing() {
    return unsubscribing != 0;
  }
}
