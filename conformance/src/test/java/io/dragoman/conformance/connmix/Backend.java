// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A backend on the API's WebSocket. Events that come before an answer are kept for {@link #event}.
 */
final class Backend implements AutoCloseable {
  private final RawWebSocket socket;
  private final Deque<String> events = new ArrayDeque<>();
  private int lastId;

  Backend(RawWebSocket socket) {
    this.socket = socket;
  }

  RawWebSocket socket() {
    return socket;
  }

  Backend send(String text) {
    socket.sendText(text);
    return this;
  }

  /** The next frame, whatever it is. */
  String next() {
    return socket.readText();
  }

  /** Sends a frame and gives the answer to it, word for word. */
  String exchange(String text) {
    return send(text).answer();
  }

  /** The next answer; events before it are kept. */
  String answer() {
    String text = next();
    while (text.startsWith("{\"e\":")) {
      events.add(text);
      text = next();
    }
    return text;
  }

  /** The next event, word for word. */
  String event() {
    String text = events.isEmpty() ? next() : events.remove();
    assertThat(text).startsWith("{\"e\":\"queue.pop\",\"p\":{").endsWith("},\"id\":null}");
    return text;
  }

  /** What the next event says. */
  JsonNode said() {
    return Json.parse(event()).get("p");
  }

  /** Whether events have come before an answer that was read. */
  boolean hasEvents() {
    return !events.isEmpty();
  }

  /** The texts in the next so many events of clients. */
  List<String> data(int count) {
    List<String> data = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      data.add(Json.parse(event()).at("/p/d/frame/data").textValue());
    }
    return data;
  }

  /** Sends a request with params, which are JSON, and gives the answer. */
  JsonNode call(String method, String params) {
    int id = ++lastId;
    JsonNode answer =
        Json.parse(exchange("{\"m\":\"" + method + "\",\"p\":" + params + ",\"i\":" + id + "}"));
    assertThat(answer.path("i").asInt()).as("%s", answer).isEqualTo(id);
    return answer;
  }

  /** The same for a request that must succeed; gives the result. */
  JsonNode result(String method, String params) {
    JsonNode answer = call(method, params);
    assertThat(Json.keys(answer)).as("%s", answer).containsExactly("E", "r", "i");
    assertThat(answer.get("E").isNull()).as("%s", answer).isTrue();
    return answer.get("r");
  }

  /** Asserts that a request is done. */
  void done(String method, String params) {
    assertThat(result(method, params)).hasToString("{\"s\":true}");
  }

  /** Asserts that a request is refused with this code, and gives the text. */
  String refused(int code, String method, String params) {
    JsonNode answer = call(method, params);
    assertRefused(answer, code);
    return answer.at("/E/m").textValue();
  }

  static void assertRefused(JsonNode answer, int code) {
    assertThat(Json.keys(answer)).as("%s", answer).containsExactly("E", "i");
    assertThat(Json.keys(answer.get("E"))).as("%s", answer).containsExactly("c", "m");
    assertThat(answer.at("/E/c").asInt()).as("%s", answer).isEqualTo(code);
    assertThat(answer.at("/E/m").textValue()).as("%s", answer).isNotBlank();
  }

  void pop(String... topics) {
    done("queue.pop", "{\"t\":[\"" + String.join("\",\"", topics) + "\"]}");
  }

  @Override
  public void close() {
    socket.close();
  }
}
