// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.ChannelStats;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueueMessage;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntToLongFunction;

/**
 * Counts what goes over one interface of this dialect ({@code rest}, {@code grpc}): for {@code
 * /health}, and as the broker's metrics, which are the same counters. Safe from any thread. The
 * core counts messages too, whoever sends them; these say which interface they used.
 *
 * <p>"Sent" is from client to server and "received" from server to client, as in {@code /health}. A
 * message's volume is the length of its texts and body; names of fields do not count.
 */
final class InterfaceStats {

  /** What an open connection, or a call under way, is for; named as in {@code /health}. */
  enum Use {
    EVENTS_SENDERS("events_senders"),
    EVENTS_STREAM_SENDERS("events_stream_senders"),
    EVENTS_RECEIVERS("events_receivers"),
    EVENTS_STORE_RECEIVERS("events_store_receivers"),
    REQUESTS_SENDERS("requests_senders"),
    RESPONSES_SENDERS("responses_senders"),
    COMMANDS_RECEIVERS("commands_receivers"),
    QUERIES_RECEIVERS("queries_receivers"),
    QUEUE_SENDERS("queue_senders"),
    QUEUE_RECEIVERS("queue_receivers");

    private final String label;

    Use(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  private static final ChannelStats NOT_SHOWN = new ChannelStats(0);

  /** Messages and their volume in one direction. */
  record Flow(Metrics.Counter messages, Metrics.Counter bytes) {
    void add(long count, long volume) {
      messages.add(count);
      bytes.add(volume);
    }
  }

  private final Map<Use, LongAdder> open = new EnumMap<>(Use.class);
  private final Map<Kind, Flow> sent = new EnumMap<>(Kind.class);
  private final Map<Kind, Flow> received = new EnumMap<>(Kind.class);
  private final Flow responses;
  private final Flow errors;
  private final ChannelStats channels;

  InterfaceStats(Metrics metrics, ChannelStats channels, String name) {
    this.channels = channels;
    for (Use use : Use.values()) {
      open.put(use, new LongAdder());
    }
    for (Kind kind : Kind.values()) {
      sent.put(kind, flow(metrics, "in", name, kind.label()));
      received.put(kind, flow(metrics, "out", name, kind.label()));
    }
    responses = flow(metrics, "in", name, "response");
    errors =
        new Flow(
            metrics.counter(
                "dragoman_gateway_refused_total",
                "Messages from clients that were refused",
                "dialect",
                "kubemq",
                "interface",
                name),
            metrics.counter(
                "dragoman_gateway_refused_bytes_total",
                "Volume of messages from clients that were refused",
                "dialect",
                "kubemq",
                "interface",
                name));
  }

  private static Flow flow(Metrics metrics, String direction, String name, String kind) {
    String[] labels = {"dialect", "kubemq", "interface", name, "kind", kind};
    String words = direction.equals("in") ? "from clients" : "to clients";
    return new Flow(
        metrics.counter(
            "dragoman_gateway_messages_" + direction + "_total", "Messages " + words, labels),
        metrics.counter(
            "dragoman_gateway_message_bytes_" + direction + "_total",
            "Volume of messages " + words,
            labels));
  }

  /** The volume of a message. */
  static long volume(Message message) {
    long volume = (long) message.body().length + message.metadata().length();
    volume += message.id().length() + message.channel().length() + message.clientId().length();
    if (!message.tags().isEmpty()) {
      for (Map.Entry<String, String> tag : message.tags().entrySet()) {
        volume += tag.getKey().length() + tag.getValue().length();
      }
    }
    return volume;
  }

  void opened(Use use) {
    of(open, use).increment();
  }

  void closed(Use use) {
    of(open, use).decrement();
  }

  /** A message from a client was accepted. */
  void sent(Kind kind, Message message) {
    sent(kind, message.channel(), volume(message));
  }

  /** The same for one that nobody holds any more. */
  void sent(Kind kind, String channel, long volume) {
    of(sent, kind).add(1, volume);
    entry(kind, channel).in(1, volume);
  }

  /** A message from a client was accepted or refused. */
  void settled(Kind kind, Message message, boolean accepted) {
    if (accepted) {
      sent(kind, message);
    } else {
      sendFailed(kind, message);
    }
  }

  /** Messages of one queue went out to a client. */
  void received(List<QueueMessage> messages) {
    long volume = 0;
    for (QueueMessage message : messages) {
      volume += volume(message.message());
    }
    if (!messages.isEmpty()) {
      received(Kind.QUEUE, messages.get(0).message().channel(), messages.size(), volume);
    }
  }

  /** Messages of a channel went out to a client. */
  void received(Kind kind, String channel, long messages, long volume) {
    of(received, kind).add(messages, volume);
    channels.of(kind, channel).out(messages, volume);
  }

  /**
   * The first events of a batch went out to a client. Most batches are of one channel; only those
   * for a pattern may not be.
   *
   * @param volume gives the volume of so many of the first events
   */
  void received(List<Message> events, int count, IntToLongFunction volume) {
    int from = 0;
    for (int i = 1; i <= count; i++) {
      String channel = events.get(from).channel();
      if (i == count || !events.get(i).channel().equals(channel)) {
        received(Kind.EVENTS, channel, i - from, volume.applyAsLong(i) - volume.applyAsLong(from));
        from = i;
      }
    }
  }

  /** A receiver of a channel came; what this gives is to be handed in when it leaves. */
  ChannelStats.Entry receiverCame(Kind kind, String channel) {
    return channels.receiverCame(kind, channel);
  }

  /** A receiver of a channel left. */
  void receiverLeft(Kind kind, String channel, ChannelStats.Entry countedIn) {
    channels.receiverLeft(kind, channel, countedIn);
  }

  /** A request was answered. */
  void answered(Kind kind, String channel, Message answer, boolean executed) {
    ChannelStats.Entry entry = entry(kind, channel);
    entry.response(volume(answer));
    if (!executed) {
      entry.error();
    }
  }

  /** An answer from a client was passed on. */
  void responseSent(Message message) {
    responses.add(1, volume(message));
  }

  /** A message from a client was refused. */
  void sendFailed(Message message) {
    errors.add(1, volume(message));
  }

  /** A message from a client for a channel of this kind was refused. */
  void sendFailed(Kind kind, Message message) {
    sendFailed(kind, message.channel(), volume(message));
  }

  /** The same for one that nobody holds any more; without a channel it belongs to none. */
  void sendFailed(Kind kind, String channel, long volume) {
    errors.add(1, volume);
    if (!channel.isEmpty()) {
      entry(kind, channel).error();
    }
  }

  /** The server's own channel is none that is shown. */
  private ChannelStats.Entry entry(Kind kind, String channel) {
    boolean shown = kind != Kind.QUERY || !ChannelRequests.isMeant(channel);
    return shown ? channels.of(kind, channel) : NOT_SHOWN.of(kind, channel);
  }

  long open(Use use) {
    return of(open, use).sum();
  }

  Flow sent(Kind kind) {
    return of(sent, kind);
  }

  Flow received(Kind kind) {
    return of(received, kind);
  }

  Flow responses() {
    return responses;
  }

  Flow errors() {
    return errors;
  }

  private static <K, V> V of(Map<K, V> all, K key) {
    return Objects.requireNonNull(all.get(key));
  }
}
