// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.WsClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A client of the protocol. Requests get ids of their own; events that come while a reply is
 * awaited are kept for {@link #event}.
 */
final class RpcClient implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final WsClient socket;
  private final Deque<JsonNode> events = new ArrayDeque<>();
  private int lastId;

  RpcClient(WsClient socket) {
    this.socket = socket;
  }

  WsClient socket() {
    return socket;
  }

  // --- frames

  /** Sends a frame as it is. */
  RpcClient send(String text) {
    socket.send(text);
    return this;
  }

  /** The next frame, word for word. */
  String nextText() {
    return socket
        .poll(DEADLINE)
        .orElseThrow(
            () ->
                new AssertionError(
                    socket.isClosed()
                        ? "the server closed with " + socket.closeCode()
                        : "no frame came"));
  }

  /** Sends a frame and gives the next one that comes, word for word. */
  String exchange(String text) {
    return send(text).nextText();
  }

  // --- requests

  /** A request as JSON. */
  static ObjectNode request(Object id, String method, JsonNode params) {
    return Json.object("id", id, "jsonrpc", "2.0", "method", method, "params", params);
  }

  /** Sends a request and gives its id. */
  int begin(String method, JsonNode params) {
    int id = ++lastId;
    socket.send(request(id, method, params));
    return id;
  }

  /** The reply to a request; events before it are kept. */
  JsonNode reply(int id) {
    JsonNode frame = Json.parse(nextText());
    while (frame.path("id").asInt() != id) {
      events.add(frame);
      frame = Json.parse(nextText());
    }
    assertThat(frame.path("jsonrpc").textValue()).as("%s", frame).isEqualTo("2.0");
    return frame;
  }

  JsonNode call(String method, JsonNode params) {
    return reply(begin(method, params));
  }

  /** The result of a request with these params, keys and values in turn. */
  JsonNode result(String method, Object... params) {
    return result(method, Json.object(params));
  }

  JsonNode result(String method, JsonNode params) {
    JsonNode reply = call(method, params);
    assertThat(Json.keys(reply)).as("%s", reply).containsExactly("id", "jsonrpc", "result");
    return reply.get("result");
  }

  /** Asserts that a request with these params is refused with this reason. */
  void assertInvalid(String reason, String method, Object... params) {
    assertInvalid(reason, method, Json.object(params));
  }

  void assertInvalid(String reason, String method, JsonNode params) {
    JsonNode reply = call(method, params);
    assertThat(reply.get("error"))
        .as("%s of %s: %s", method, params, reply)
        .isEqualTo(Json.object("code", -32602, "data", reason, "message", "Invalid params"));
  }

  String publish(String topic, String message) {
    JsonNode result = result("publish", "topic", topic, "message", message);
    assertThat(result.path("status").textValue()).as("%s", result).isEqualTo("ok");
    return result.get("id").textValue();
  }

  /** Subscribes and gives the id that events carry. */
  int subscribe(String topic) {
    int id = begin("subscribe", Json.object("topic", topic));
    assertThat(reply(id).get("result"))
        .isEqualTo(Json.object("action", "subscribe", "status", "ok", "topic", topic));
    return id;
  }

  // --- events

  /** The next event, as the frame that brought it. */
  JsonNode event() {
    JsonNode frame = events.isEmpty() ? Json.parse(nextText()) : events.remove();
    assertThat(Json.keys(frame)).as("%s", frame).containsExactly("id", "jsonrpc", "result");
    return frame;
  }

  /** The messages of the next so many events. */
  List<String> messages(int count) {
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(event().get("result").get("message").textValue());
    }
    return messages;
  }

  /** The messages of the events that came before the last reply; other replies are dropped. */
  List<String> kept() {
    List<String> messages = new ArrayList<>();
    for (JsonNode frame = events.poll(); frame != null; frame = events.poll()) {
      if (frame.at("/result/message").isTextual()) {
        messages.add(frame.at("/result/message").textValue());
      }
    }
    return messages;
  }

  @Override
  public void close() {
    socket.close();
  }
}
