// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.KeyValues;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogHistory;
import io.dragoman.core.Result;
import io.dragoman.gateway.eventhub.EventhubOptions;
import io.dragoman.gateway.eventhub.internal.ClientSocket.Slot;
import io.dragoman.security.Topics;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The methods of one client (spec: eventhub §3, seed). For one lane. */
final class Methods {
  /** What an answer may be when much history waits for clients that do not read it. */
  private static final long CROWDED_ANSWER_BYTES = 64 << 10;

  private static final int NORMAL_CLOSURE = 1000;

  private final GatewayContext context;
  private final EventhubOptions options;
  private final Broker broker;
  private final ClientSocket client;

  Methods(GatewayContext context, ClientSocket client) {
    this.context = context;
    this.options = context.options();
    this.broker = context.broker();
    this.client = client;
  }

  static boolean isPublish(RpcRequest request) {
    return request.method().equalsIgnoreCase("publish");
  }

  /** Carries a request out, and answers it at once or later. */
  void handle(RpcRequest request, Slot slot) {
    switch (request.method().toLowerCase(Locale.ROOT)) {
      case "" -> client.answer(slot, replies().invalidRequest());
      case "subscribe" -> subscribe(request, slot);
      case "publish" -> publish(request, slot);
      case "unsubscribe" -> unsubscribe(request, slot);
      case "unsubscribeall" -> unsubscribeAll(request, slot);
      case "list" ->
          client.answer(slot, replies().topics(request.id(), client.subscriptions().keySet()));
      case "eventlog" -> eventLog(request, slot);
      case "get" -> get(request, slot);
      case "set" -> set(request, slot);
      case "del" -> delete(request, slot);
      case "ping" ->
          client.answer(
              slot,
              replies()
                  .pong(request.id(), TimeUnit.NANOSECONDS.toMillis(broker.clock().unixNanos())));
      case "disconnect" -> client.socket().closeAfterWrites(NORMAL_CLOSURE, "");
      default -> client.answer(slot, replies().noSuchMethod(request.id()));
    }
  }

  private void subscribe(RpcRequest request, Slot slot) {
    String topic = request.params().textOrEmpty("topic");
    String refused = refusedSubscription(topic);
    if (refused != null) {
      invalid(request, slot, refused);
      return;
    }
    TopicSubscription existing = client.subscriptions().get(topic);
    if (existing == null && client.subscriptions().size() >= options.subscriptionsMax()) {
      invalid(
          request, slot, "A connection may have " + options.subscriptionsMax() + " subscriptions.");
      return;
    }
    HistoryRequest history =
        HistoryRequest.of(request.params(), options.historyMax(), broker.clock().unixNanos());
    if (existing != null && (history.start() == null || !options.eventLog())) {
      existing.id(request.id());
      client.answer(slot, replies().subscribed(request.id(), topic, null));
      return;
    }
    TopicSubscription made = new TopicSubscription(context, topic, client, request.id());
    client.opening(made.following());
    made.following()
        .open(
            history,
            outcome -> subscribed(request, slot, topic, made, outcome),
            client.socket()::failed);
  }

  private @Nullable String refusedSubscription(String topic) {
    if (topic.isEmpty()) {
      return "You must specify 'topic' to subscribe to.";
    }
    if (isTooLong(topic)) {
      return tooLong();
    }
    if (!(Topics.isTopic(topic) || Topics.isFilter(topic))) {
      return "Invalid topic in request: " + Shown.of(topic);
    }
    return client.caller().maySubscribe(topic)
        ? null
        : "You are not allowed to subscribe to topic: " + Shown.of(topic);
  }

  /** Before anything is made of it: a topic of megabytes would become millions of levels. */
  private boolean isTooLong(String topic) {
    return topic.length() > options.topicLengthMax();
  }

  private String tooLong() {
    return "A topic may have " + options.topicLengthMax() + " characters.";
  }

  private void subscribed(
      RpcRequest request,
      Slot slot,
      String topic,
      TopicSubscription made,
      Result<Following.Opened> outcome) {
    if (outcome instanceof Result.Refused<Following.Opened> refused) {
      invalid(request, slot, "Error while subscribing: " + refused.error().detail());
      return;
    }
    if (client.closed()) {
      made.following().close();
      return;
    }
    LogHistory history = outcome.orThrow().history();
    client.answer(
        slot, replies().subscribed(request.id(), topic, history), () -> begin(topic, made));
  }

  /** Shows history, then what is published. */
  private void begin(String topic, TopicSubscription made) {
    if (client.closed()) {
      made.following().close();
      return;
    }
    // What one that it replaces has delivered comes again when it was asked for again: under the
    // new id there is no gap between history and what follows.
    TopicSubscription before = client.subscriptions().put(topic, made);
    if (before == null) {
      context.subscribed(1);
    } else {
      before.following().close();
    }
    made.following().begin();
  }

  private void publish(RpcRequest request, Slot slot) {
    Publishing.Outcome checked =
        Publishing.of(
            request.params().textOrEmpty("topic"),
            request.params().textOrEmpty("message").getBytes(StandardCharsets.UTF_8),
            request.params().number("timestamp", 0),
            request.params().number("ttl", 0),
            client.caller(),
            options);
    if (checked instanceof Publishing.Invalid invalid) {
      invalid(request, slot, invalid.reason());
    } else if (checked instanceof Publishing.RateLimited limited) {
      client.answer(slot, replies().rateLimited(request.id(), limited.topic()));
    } else {
      Publishing.Accepted accepted = (Publishing.Accepted) checked;
      then(
          request,
          slot,
          broker.logs().append(accepted.append()),
          "Error while publishing message: ",
          position -> {
            context.webSockets().published();
            return replies()
                .published(
                    request.id(),
                    accepted.append().message().channel(),
                    EventIds.of(position.timestampNanos(), accepted.append().eventTimeMillis()));
          });
    }
  }

  /** Topics in a list, or one under its name (ruling 32). Unknown ones count for nothing. */
  private void unsubscribe(RpcRequest request, Slot slot) {
    List<String> topics = request.params().list();
    if (topics == null) {
      Object one = request.params().named().get("topic");
      if (one == null) {
        invalid(request, slot, "Parameter is not array of topics to unsubscribe from.");
        return;
      }
      topics = one instanceof String topic ? List.of(topic) : List.of();
    }
    int removed = 0;
    for (String topic : topics) {
      TopicSubscription subscription = client.subscriptions().remove(topic);
      if (subscription != null) {
        subscription.following().close();
        removed++;
      }
    }
    context.subscribed(-removed);
    client.answer(slot, replies().unsubscribed(request.id(), removed));
  }

  private void unsubscribeAll(RpcRequest request, Slot slot) {
    int removed = client.subscriptions().size();
    client.subscriptions().values().forEach(each -> each.following().close());
    client.subscriptions().clear();
    context.subscribed(-removed);
    client.answer(slot, replies().unsubscribed(request.id(), removed));
  }

  private void eventLog(RpcRequest request, Slot slot) {
    String topic = request.params().textOrEmpty("topic");
    HistoryRequest history =
        HistoryRequest.of(request.params(), options.historyMax(), broker.clock().unixNanos());
    HistoryStart start = history.start();
    if (!options.eventLog()) {
      invalid(request, slot, "Cache is not enabled in server config");
    } else if (start == null) {
      invalid(request, slot, "You must specify either 'since' or 'sinceEventId'.");
    } else if (topic.isEmpty()) {
      invalid(request, slot, "You must specify topic.");
    } else if (isTooLong(topic)) {
      invalid(request, slot, tooLong());
    } else if (!(Topics.isTopic(topic) || Topics.isFilter(topic))) {
      invalid(request, slot, "Invalid topic in request: " + Shown.of(topic));
    } else if (!client.caller().maySubscribe(topic)) {
      invalid(request, slot, "You are not allowed to read from topic: " + Shown.of(topic));
    } else {
      long room = options.historyBytesMax();
      context
          .historyAnswers()
          .await(
              room,
              client.socket().lane(),
              () -> lookUp(request, slot, topic, start, history.limit(), room));
    }
  }

  /**
   * @param room that was taken, and is given back when the answer is made: what others have not
   *     read holds nobody up, it only makes answers smaller
   */
  private void lookUp(
      RpcRequest request, Slot slot, String topic, HistoryStart start, int limit, long room) {
    HistoryRoom lookUps = context.historyAnswers();
    HistoryRoom unread = context.historiesHeld();
    if (client.closed()) {
      lookUps.giveBack(room);
      return;
    }
    long bytes = unread.takes(room) ? room : Math.min(room, CROWDED_ANSWER_BYTES);
    LaneStep.guarded(
        broker.logs().history(ChannelFilter.slashed(topic), start, limit, bytes),
        client.socket().lane(),
        outcome -> {
          ByteBuf reply;
          try {
            reply =
                outcome instanceof Result.Ok<LogHistory> ok && !client.closed()
                    ? replies().events(request.id(), topic, ok.value().records())
                    : replies()
                        .invalidParams(
                            request.id(), "Error while looking up cache: " + detail(outcome));
          } finally {
            lookUps.giveBack(room);
          }
          int size = reply.readableBytes();
          unread.change(size);
          slot.onWritten(() -> unread.giveBack(size));
          client.answer(slot, reply);
        },
        client.socket()::failed);
  }

  private void get(RpcRequest request, Slot slot) {
    String key = key(request, slot);
    if (key == null) {
      return;
    }
    if (!client.caller().mayReadKey(key)) {
      invalid(request, slot, "You are not allowed to read key " + Shown.of(key));
      return;
    }
    then(
        request,
        slot,
        broker.keyValues().get(key),
        "KVStore: ",
        found ->
            found
                .map(value -> replies().value(request.id(), key, value))
                .orElseGet(() -> replies().invalidParams(request.id(), "KVStore: key not found")));
  }

  private void set(RpcRequest request, Slot slot) {
    String key = key(request, slot);
    if (key == null) {
      return;
    }
    String value = request.params().text("value");
    if (value == null) {
      invalid(request, slot, "You must specify 'value' as a string.");
      return;
    }
    if (!client.caller().mayWriteKey(key)) {
      invalid(request, slot, "You are not allowed to write key " + Shown.of(key));
      return;
    }
    long ttl =
        request.params().named().get("ttl") instanceof Long seconds ? Math.max(0, seconds) : 0;
    then(
        request,
        slot,
        broker.keyValues().set(key, value.getBytes(StandardCharsets.UTF_8), ttl),
        "KVStore: ",
        done -> replies().changed(request.id(), "set", key, done));
  }

  private void delete(RpcRequest request, Slot slot) {
    String key = key(request, slot);
    if (key == null) {
      return;
    }
    if (!client.caller().mayWriteKey(key)) {
      invalid(request, slot, "You are not allowed to delete key " + Shown.of(key));
      return;
    }
    then(
        request,
        slot,
        broker.keyValues().delete(key),
        "KVStore: ",
        existed -> replies().changed(request.id(), "del", key, existed));
  }

  /** The key of a request; null if there is none, which has been answered. */
  private @Nullable String key(RpcRequest request, Slot slot) {
    String key = request.params().text("key");
    if (!options.keyValues()) {
      invalid(request, slot, "KVStore is not enabled.");
      return null;
    }
    if (key == null) {
      invalid(request, slot, "You must specify 'key' as a string.");
      return null;
    }
    if (key.length() > KeyValues.KEY_BYTES_MAX) {
      invalid(request, slot, "KVStore: the key is over " + KeyValues.KEY_BYTES_MAX + " bytes");
      return null;
    }
    return key;
  }

  /** Answers with the outcome of a call. */
  private <T> void then(
      RpcRequest request,
      Slot slot,
      CompletionStage<Result<T>> stage,
      String failed,
      Function<T, ByteBuf> reply) {
    LaneStep.guarded(
        stage,
        client.socket().lane(),
        outcome -> {
          if (client.closed()) {
            return;
          }
          client.answer(
              slot,
              outcome instanceof Result.Ok<T> ok
                  ? reply.apply(ok.value())
                  : replies().invalidParams(request.id(), failed + error(outcome).detail()));
        },
        client.socket()::failed);
  }

  private static String detail(Result<?> outcome) {
    return outcome.isOk() ? "" : error(outcome).detail();
  }

  private static BrokerError error(Result<?> outcome) {
    return ((Result.Refused<?>) outcome).error();
  }

  private void invalid(RpcRequest request, Slot slot, String data) {
    client.answer(slot, replies().invalidParams(request.id(), data));
  }

  private Replies replies() {
    return new Replies(client.socket().allocator());
  }
}
