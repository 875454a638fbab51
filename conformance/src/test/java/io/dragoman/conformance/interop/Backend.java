// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.KubeMq;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;

/** A backend of connmix on a socket of its own. */
final class Backend implements AutoCloseable {
  /** The topic of the client listener as it is by default. */
  static final String TOPIC = "default";

  private final KubeMq mq;
  private final WsClient socket;
  private final Deque<JsonNode> events = new ArrayDeque<>();
  private int lastId;

  private Backend(KubeMq mq, WsClient socket) {
    this.mq = mq;
    this.socket = socket;
  }

  static Backend connect(KubeMq mq) {
    return new Backend(mq, WsClient.connect(mq.http(), webSocket(mq.backends(), "/ws/v1")));
  }

  static URI webSocket(URI listener, String path) {
    return URI.create("ws" + listener.resolve(path).toString().substring("http".length()));
  }

  /** Calls a method and gives its result; the parameters are keys and values in turn. */
  JsonNode call(String method, Object... params) {
    int id = ++lastId;
    socket.send(Json.object("m", method, "p", Json.object(params), "i", id));
    JsonNode answer = socket.next();
    while (answer.has("e")) {
      events.add(answer);
      answer = socket.next();
    }
    assertThat(answer.get("i").intValue()).as(answer.toString()).isEqualTo(id);
    assertThat(answer.get("E").isNull()).as(answer.toString()).isTrue();
    return answer.get("r");
  }

  void consume(String topic) {
    assertThat(call("queue.pop", "t", new String[] {topic}).get("s").booleanValue()).isTrue();
  }

  /** The next event's parameters. */
  JsonNode event() {
    JsonNode event = events.isEmpty() ? socket.next() : events.remove();
    assertThat(event.get("e").textValue()).as(event.toString()).isEqualTo("queue.pop");
    return event.get("p");
  }

  /** A client that is a member of a channel. This backend must consume {@link #TOPIC}, alone. */
  Member member(String channel) {
    Member member = Member.connect(mq);
    member.send("hello");
    String id = event().get("c").textValue();
    call("conn.call", "c", id, "f", "subscribe", "a", new String[] {channel});
    return member.named(id);
  }

  @Override
  public void close() {
    socket.close();
  }
}
