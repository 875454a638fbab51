// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.ServerFrame;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Thousands of subscribers, each of one topic, that connect all at once and go on where they were.
 * The messages of each topic are the numbers from 0; a subscriber must get each once and in order.
 * All on the thread that calls.
 */
final class Returners implements AutoCloseable {

  private static final int COMPLAINTS_MAX = 20;
  private static final int SELECT_MILLIS = 100;

  private static final class Client {
    private final String topic;
    private SocketChannel channel;
    private String lastId = "";
    private int next;
    private boolean upgraded;
    private boolean confirmed;
    private ByteBuffer rest = ByteBuffer.allocate(0);

    Client(String topic) {
      this.topic = topic;
    }
  }

  private final List<Client> clients = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
  private final Selector selector = Selector.open();

  Returners(int count, List<String> topics) throws IOException {
    for (int i = 0; i < count; i++) {
      clients.add(new Client(topics.get(i % topics.size())));
    }
  }

  List<String> complaints() {
    return complaints;
  }

  /** Begins to connect, all of them, and to subscribe from the last event that each has had. */
  void connect(URI server) throws IOException {
    InetSocketAddress address = new InetSocketAddress(server.getHost(), server.getPort());
    for (Client each : clients) {
      each.upgraded = false;
      each.confirmed = false;
      each.rest = ByteBuffer.allocate(0);
      each.channel = SocketChannel.open();
      each.channel.configureBlocking(false);
      each.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      boolean connected = each.channel.connect(address);
      each.channel.register(
          selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, each);
      if (connected) {
        Wire.handshake(each.channel);
      }
    }
  }

  /** Reads until all have subscribed and have had so many messages since their topics began. */
  void await(int messages, long deadlineNanos) throws IOException {
    while (!clients.stream().allMatch(each -> each.confirmed && each.next >= messages)) {
      if (!complaints.isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadlineNanos) {
        long there = clients.stream().filter(each -> each.next >= messages).count();
        long confirmed = clients.stream().filter(each -> each.confirmed).count();
        complain("in time only %d have subscribed and %d have all", confirmed, there);
        return;
      }
      selector.select(this::serve, SELECT_MILLIS);
    }
  }

  /** Ends all connections without a word. */
  void drop() throws IOException {
    for (Client each : clients) {
      each.channel.close();
    }
    selector.selectNow();
  }

  private void serve(SelectionKey key) {
    Client client = (Client) key.attachment();
    try {
      if (key.isConnectable()) {
        client.channel.finishConnect();
        key.interestOps(SelectionKey.OP_READ);
        Wire.handshake(client.channel);
      } else {
        read(client);
      }
    } catch (IOException e) {
      key.cancel();
      complain("a subscriber of %s: %s", client.topic, e);
    }
  }

  private void read(Client client) throws IOException {
    buffer.clear();
    buffer.put(client.rest);
    int count = client.channel.read(buffer);
    if (count < 0) {
      throw new IOException("the end of the connection");
    }
    buffer.flip();
    if (client.upgraded || upgrade(client)) {
      Optional<ServerFrame> next = ServerFrame.take(buffer);
      while (next.isPresent()) {
        take(client, next.get());
        next = ServerFrame.take(buffer);
      }
    }
    client.rest = ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
  }

  private boolean upgrade(Client client) throws IOException {
    String head = US_ASCII.decode(buffer.duplicate()).toString();
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    if (!head.startsWith(Wire.UPGRADED)) {
      throw new IOException(head);
    }
    buffer.position(end + 4);
    client.upgraded = true;
    String since = client.lastId.isEmpty() ? "" : ",\"sinceEventId\":\"" + client.lastId + "\"";
    Wire.text(
        client.channel,
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":{\"topic\":\""
            + client.topic
            + "\""
            + since
            + "}}");
    return true;
  }

  private void take(Client client, ServerFrame frame) throws IOException {
    String text = new String(buffer.array(), frame.from(), frame.to() - frame.from(), UTF_8);
    switch (frame.first()) {
      case Wire.TEXT -> take(client, Json.parse(text));
      case Wire.PING -> Wire.pong(client.channel);
      default -> throw new IOException("a frame that is none of an event: " + text);
    }
  }

  private void take(Client client, JsonNode frame) {
    JsonNode result = frame.path("result");
    if (result.has("action")) {
      boolean history = !client.lastId.isEmpty();
      if (client.confirmed
          || history && !result.path("recovered").asBoolean()
          || !result.path("status").asText().equals("ok")) {
        complain("a subscriber of %s: %s", client.topic, frame);
      }
      client.confirmed = true;
      return;
    }
    if (!client.confirmed
        || result.path("message").asInt(-1) != client.next
        || !result.path("topic").asText().equals(client.topic)) {
      complain("a subscriber of %s that wants %d: %s", client.topic, client.next, frame);
    }
    client.next++;
    client.lastId = result.path("id").asText();
  }

  private void complain(String format, Object... arguments) {
    if (complaints.size() < COMPLAINTS_MAX) {
      complaints.add(String.format(Locale.ROOT, format, arguments));
    }
  }

  @Override
  public void close() throws IOException {
    drop();
    selector.close();
  }
}
