// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.KubeMq;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** An Eventhub client on a socket of its own. Either subscribes or does the rest. */
final class TopicClient implements AutoCloseable {
  private final WsClient socket;
  private int lastId;

  private TopicClient(WsClient socket) {
    this.socket = socket;
  }

  static TopicClient connect(KubeMq mq) {
    return connect(mq, "/hub");
  }

  /** A client with this token. */
  static TopicClient authorized(KubeMq mq, String token) {
    return connect(mq, "/hub?auth=" + token);
  }

  private static TopicClient connect(KubeMq mq, String path) {
    URI uri = URI.create("ws" + mq.api().resolve(path).toString().substring("http".length()));
    return new TopicClient(WsClient.connect(mq.http(), uri));
  }

  /** A client that is subscribed; more are names and values of parameters. */
  static TopicClient subscribed(KubeMq mq, String topic, Object... more) {
    TopicClient client = connect(mq);
    JsonNode confirmed = client.call("subscribe", topic, more);
    assertThat(confirmed.get("status").textValue()).isEqualTo("ok");
    return client;
  }

  /** Calls a method about a topic and gives its result. */
  JsonNode call(String method, String topic, Object... more) {
    ObjectNode params = Json.object(more);
    params.put("topic", topic);
    int id = ++lastId;
    socket.send(Json.object("jsonrpc", "2.0", "id", id, "method", method, "params", params));
    JsonNode answer = socket.next();
    assertThat(answer.get("id").intValue()).as(answer.toString()).isEqualTo(id);
    assertThat(answer.has("result")).as(answer.toString()).isTrue();
    return answer.get("result");
  }

  /** Publishes and gives the event's id. */
  String publish(String topic, String message, Object... more) {
    List<Object> params = new ArrayList<>(List.of("message", message));
    params.addAll(List.of(more));
    return call("publish", topic, params.toArray()).get("id").textValue();
  }

  /** Publishes without waiting for each answer. */
  void publishAll(String topic, List<String> messages) {
    for (String each : messages) {
      ObjectNode params = Json.object("message", each, "topic", topic);
      int id = ++lastId;
      socket.send(Json.object("jsonrpc", "2.0", "id", id, "method", "publish", "params", params));
    }
    for (int i = 0; i < messages.size(); i++) {
      JsonNode answer = socket.next();
      assertThat(answer.at("/result/status").textValue()).as(answer.toString()).isEqualTo("ok");
    }
  }

  /** What a request for history gives. */
  List<JsonNode> history(String topic, Object... more) {
    List<JsonNode> items = new ArrayList<>();
    call("eventlog", topic, more).get("items").forEach(items::add);
    return items;
  }

  /** The next event of the subscription. */
  JsonNode next() {
    JsonNode frame = socket.next();
    assertThat(frame.get("id").intValue()).as(frame.toString()).isEqualTo(lastId);
    return frame.get("result");
  }

  /** The messages of the next so many events. */
  List<String> messages(int count) {
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(next().get("message").textValue());
    }
    return messages;
  }

  /** KubeMQ's time of the event with this id, which has no time of its publisher. */
  static long nanos(String id) {
    String[] parts = id.split("-", 2);
    return Long.parseLong(parts[0]) * 1_000_000 + Long.parseLong(parts[1]);
  }

  @Override
  public void close() {
    socket.close();
  }
}
