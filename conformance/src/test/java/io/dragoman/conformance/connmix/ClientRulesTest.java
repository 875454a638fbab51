// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.core.Metrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Events to topics, contexts, channels, verbs and the gate (spec: connmix §5.2). */
@ConnmixSuite(settings = "connmix.clients=" + ClientRulesTest.LISTENERS)
class ClientRulesTest {
  static final String LISTENERS =
      """
      - port: 0
        path: /app
        subprotocols: [two, three]
        context: {room: '{query.room}', agent: '{header.X-Agent}', lang: en}
        subscribe: ['room:{query.room}', 'user:{ctx.uid}', everybody]
        events:
          open: {topic: 'life-{query.room}'}
          close: {topic: 'life-{query.room}', context: [uid]}
          ping: {topic: 'life-{query.room}'}
          message:
            - {topic: none, when: {/op: noise}}
            - topic: 'auth-{query.room}'
              when: {type: text, /op: auth}
              payload: full
              headers: always
              context: [lang]
            - {topic: 'full-{query.room}', when: {/op: full}, payload: full, headers: first}
            - {topic: 'binary-{query.room}', when: {type: binary}}
            - {topic: 'to-{message./args/0}', when: {/op: named}}
            - {topic: 'talk-{query.room}'}
        maxTopics: 100000
        verbs:
          join:
            does: subscribe
            channel: '{message.args}'
            allow: ['public:*', 'user:{ctx.uid}']
          leave: {does: unsubscribe, channel: 'public:{message.room}'}
          tell:
            does: publish
            channel: 'public:{message.room}'
            data: '{message.text}'
            allow: ['public:*']
            requireContext: uid
          beat: {does: ping}
        awaitContext: {when: {/op: auth}, key: uid, timeout: 500ms}
      """;

  private final Connmix connmix;
  private final String room = Names.unique("r");

  ClientRulesTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private ChatClient chat() {
    return connmix.chat("/app?room=" + room, "X-Agent: test");
  }

  private Backend backend(String... topics) {
    return connmix.consuming("-" + room, topics);
  }

  @Test
  void shouldTellOfTheBeginningAndTheEnd() {
    try (Backend backend = backend("life")) {
      ChatClient client = chat();
      JsonNode opened = backend.said();
      assertThat(Json.keys(opened.get("d"))).containsExactly("event", "headers");
      assertThat(opened.at("/d/event").textValue()).isEqualTo("handshake");
      assertThat(opened.at("/d/headers/X-Agent").textValue()).isEqualTo("test");
      backend.done(
          "conn.call",
          "{\"c\":" + opened.get("c") + ",\"f\":\"set_context_value\",\"a\":[\"uid\",7]}");

      assertThat(client.pings()).isEqualTo("pong");
      assertThat(backend.said().get("d")).hasToString("{\"event\":\"ping\"}");
      client.leave();

      JsonNode closed = backend.said();
      assertThat(closed.get("c")).isEqualTo(opened.get("c"));
      assertThat(closed.get("d"))
          .hasToString("{\"event\":\"close\",\"uid\":7,\"code\":1000,\"reason\":\"\"}");
    }
  }

  @Test
  void shouldTellTheCodeAndTheReasonOfTheEnd() {
    try (Backend backend = backend("life")) {
      ChatClient says = chat();
      String id = backend.said().get("c").textValue();
      says.socket().sendClose(4000, "bye").readCloseCode();
      assertThat(backend.said())
          .hasToString(end(id, "{\"event\":\"close\",\"code\":4000,\"reason\":\"bye\"}"));
      says.close();

      ChatClient goes = chat();
      id = backend.said().get("c").textValue();
      goes.close();
      assertThat(backend.said())
          .hasToString(end(id, "{\"event\":\"close\",\"code\":1006,\"reason\":\"\"}"));

      try (ChatClient sentAway = chat()) {
        id = backend.said().get("c").textValue();
        backend.done(
            "conn.call", "{\"c\":\"" + id + "\",\"f\":\"close\",\"a\":[4001,\"elsewhere\"]}");
        assertThat(sentAway.socket().readCloseCode()).isEqualTo(4001);
        sentAway.socket().sendClose(4001);
        assertThat(backend.said())
            .hasToString(end(id, "{\"event\":\"close\",\"code\":4001,\"reason\":\"elsewhere\"}"));
      }
    }
  }

  private String end(String id, String told) {
    return "{\"n\":1,\"c\":\"" + id + "\",\"t\":\"life-" + room + "\",\"d\":" + told + "}";
  }

  @Test
  void shouldTellHeadersByTheNamesThatBackendsLookFor() {
    try (Backend backend = backend("life");
        ChatClient client =
            connmix.chat("/app?room=" + room, "x-agent: lower", "user-AGENT: test")) {
      JsonNode headers = backend.said().at("/d/headers");
      assertThat(headers.get("X-Agent").textValue()).isEqualTo("lower");
      assertThat(headers.get("User-Agent").textValue()).isEqualTo("test");
      assertThat(Json.keys(headers)).contains("Sec-Websocket-Key");
      assertThat(client.pings()).isEqualTo("pong");
    }
  }

  @Test
  void shouldMakeNobodyAMemberOfAChannelWithABlank() {
    try (ChatClient client = chat()) {
      client.say("{\"op\":\"join\",\"args\":[\"public:one\",\"public:two words\"]}");
      JsonNode answer = Json.parse(client.hears());
      assertThat(answer.get("code").intValue()).isEqualTo(1);
      assertThat(answer.get("msg").textValue()).contains("blank");
    }
    String wide = "/app?room=a%20b";
    try (ChatClient client = connmix.chat(wide)) {
      assertThat(client.socket().readCloseCode()).isEqualTo(1008);
    }
  }

  @Test
  void shouldRouteByTypeAndContent() {
    try (Backend backend = backend("talk", "full", "binary");
        ChatClient client = chat()) {
      backend.pop("to-" + room);
      client.say("{\"op\":\"noise\"}").say("no JSON {");
      client.socket().send(RawWebSocket.BINARY, "b");
      client.say("{\"op\":\"named\",\"args\":[\"" + room + "\"]}");
      client.say("{\"op\":\"full\"}").say("{\"op\":\"full\"}");
      // Those of one topic are in order; topics are consumed side by side.
      Map<String, List<JsonNode>> byTopic = new HashMap<>();
      for (int i = 0; i < 5; i++) {
        JsonNode event = backend.said();
        byTopic
            .computeIfAbsent(event.get("t").textValue(), t -> new ArrayList<>())
            .add(event.get("d"));
      }
      assertThat(byTopic.get("talk-" + room))
          .hasToString("[{\"frame\":{\"type\":\"text\",\"data\":\"no JSON {\",\"finish\":true}}]");
      assertThat(byTopic.get("binary-" + room))
          .hasToString("[{\"frame\":{\"type\":\"binary\",\"data\":\"Yg==\",\"finish\":true}}]");
      assertThat(byTopic.get("to-" + room)).hasSize(1);
      List<JsonNode> full = byTopic.get("full-" + room);
      assertThat(full).hasSize(2);
      assertThat(full.get(0).get("event").textValue()).isEqualTo("message");
      assertThat(full.get(0).at("/headers/X-Agent").textValue()).isEqualTo("test");
      assertThat(full.get(0).get("room").textValue()).isEqualTo(room);
      assertThat(full.get(0).get("agent").textValue()).isEqualTo("test");
      assertThat(full.get(0).get("lang").textValue()).isEqualTo("en");
      assertThat(full.get(1).has("headers")).isFalse();
      assertThat(full.get(1).at("/frame/type").textValue()).isEqualTo("text");
    }
  }

  @Test
  void shouldSubscribeAtTheBeginningAndWhenAKeyAppears() {
    try (Backend backend = backend("life");
        ChatClient client = chat()) {
      JsonNode id = backend.said().get("c");
      assertThat(publish(backend, "room:" + room, "to the room")).isEqualTo(1);
      assertThat(client.hears()).isEqualTo("to the room");
      assertThat(publish(backend, "user:" + room, "too early")).isZero();

      backend.done(
          "conn.call",
          "{\"c\":" + id + ",\"f\":\"set_context_value\",\"a\":[\"uid\",\"" + room + "\"]}");

      assertThat(publish(backend, "user:" + room, "to the user")).isEqualTo(1);
      assertThat(client.hears()).isEqualTo("to the user");
    }
  }

  @Test
  void shouldNotTakeANoForAName() {
    try (Backend backend = backend("life");
        ChatClient client = chat()) {
      JsonNode id = backend.said().get("c");
      for (String no : List.of("0", "false", "null", "\"\"")) {
        setUid(backend, id, no);
      }
      setUid(backend, id, "\"late-" + room + "\"");

      assertThat(publish(backend, "user:late-" + room, "to the user")).isEqualTo(1);
      assertThat(client.hears()).isEqualTo("to the user");
    }
  }

  private static int publish(Backend backend, String channel, String text) {
    return backend
        .result("mesh.publish", "{\"c\":\"" + channel + "\",\"d\":\"" + text + "\"}")
        .get("s")
        .intValue();
  }

  @Test
  void shouldLetClientsDoWhatIsAllowed() {
    try (Backend backend = backend("life");
        ChatClient client = chat();
        ChatClient other = chat()) {
      JsonNode id = backend.said().get("c");
      String channel = "public:" + room;
      for (ChatClient each : List.of(client, other)) {
        assertThat(each.say("{\"op\":\"join\",\"args\":[\"" + channel + "\"]}").hears())
            .isEqualTo("{\"result\":true}");
      }
      assertThat(client.say("{\"op\":\"beat\"}").hears()).isEqualTo("{\"op\":\"pong\"}");
      for (String refused :
          List.of("private:x", "user:{ctx.uid}", "user:", "public", "x", "user:*")) {
        assertThat(client.say("{\"op\":\"join\",\"args\":[\"" + refused + "\"]}").hears())
            .startsWith("{\"code\":1,\"msg\":\"");
      }
      assertThat(client.say("{\"op\":\"join\"}").hears()).startsWith("{\"code\":1,");
      String tell = "{\"op\":\"tell\",\"room\":\"" + room + "\",\"text\":\"hello\"}";
      assertThat(client.say(tell).hears()).isEqualTo("{\"code\":1,\"msg\":\"not authenticated\"}");
      // What a backend sets to say no is no more than nothing.
      setUid(backend, id, "0");
      assertThat(client.say(tell).hears()).startsWith("{\"code\":1,");
      setUid(backend, id, "42");
      client.say(tell);
      assertThat(List.of(client.hears(), client.hears()))
          .containsExactlyInAnyOrder("hello", "{\"result\":true}");
      assertThat(other.hears()).isEqualTo("hello");
      assertThat(other.say("{\"op\":\"leave\",\"room\":\"" + room + "\"}").hears())
          .isEqualTo("{\"result\":true}");
      assertThat(publish(backend, channel, "one left")).isEqualTo(1);
      assertThat(client.say("{\"op\":\"join\",\"args\":[\"user:42\"]}").hears())
          .isEqualTo("one left");
    }
  }

  @Test
  void shouldAnswerInTheOrderOfTheQuestions() {
    try (Backend backend = backend("life");
        ChatClient client = chat()) {
      setUid(backend, backend.said().get("c"), "42");
      String tell = "{\"op\":\"tell\",\"room\":\"nobody-" + room + "\",\"text\":\"hello\"}";
      for (int i = 0; i < 50; i++) {
        client.say(tell).say("{\"op\":\"join\"}").say("{\"op\":\"beat\"}");
      }
      for (int i = 0; i < 50; i++) {
        assertThat(client.hears()).isEqualTo("{\"result\":true}");
        assertThat(client.hears()).startsWith("{\"code\":1,");
        assertThat(client.hears()).isEqualTo("{\"op\":\"pong\"}");
      }
    }
  }

  private static void setUid(Backend backend, JsonNode id, String value) {
    backend.done(
        "conn.call",
        "{\"c\":" + id + ",\"f\":\"set_context_value\",\"a\":[\"uid\"," + value + "]}");
  }

  @Test
  void shouldHoldMessagesUntilTheKeyIsSet() {
    try (Backend backend = backend("auth", "talk");
        ChatClient client = chat()) {
      client.say("before").say("{\"op\":\"auth\"}").say("after").say("later");
      List<JsonNode> events = List.of(backend.said(), backend.said());
      JsonNode auth =
          events.get(0).get("t").textValue().startsWith("auth") ? events.get(0) : events.get(1);
      assertThat(auth.at("/d/lang").textValue()).isEqualTo("en");
      assertThat(auth.at("/d/headers/X-Agent").textValue()).isEqualTo("test");
      assertThat(auth.at("/d").has("room")).isFalse();
      // It is heard even now, and what was said before is not told yet.
      assertThat(client.pings()).isEqualTo("pong");
      assertThat(backend.call("server.ping", "{}").has("r")).isTrue();
      setUid(backend, auth.get("c"), "0");
      assertThat(backend.data(2)).containsExactly("after", "later");
      // It is set already: nothing is held.
      client.say("{\"op\":\"auth\"}").say("at once");
      List<String> topics =
          List.of(backend.said().get("t").textValue(), backend.said().get("t").textValue());
      assertThat(topics).containsExactlyInAnyOrder("auth-" + room, "talk-" + room);
    }
  }

  @Test
  void shouldSelectASubprotocolThatItHas() {
    try (RawHttp connection = RawHttp.open(connmix.clients())) {
      connection.write(
          connection.head("GET", "/app?room=" + room, "Sec-WebSocket-Protocol: one, two,three")
              + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(connection.readHead().header("Sec-WebSocket-Protocol")).isEqualTo("two");
    }
  }

  @Test
  void shouldCloseWhenTheKeyIsNotSetInTime() {
    try (ChatClient client = chat()) {
      client.say("{\"op\":\"auth\"}");
      assertThat(client.socket().readCloseCode()).isEqualTo(4408);
    }
  }

  @Test
  void shouldCountWhatIsStillHeldAtTheEnd() {
    double before = lost("held");
    try (Backend backend = backend("auth");
        ChatClient client = chat()) {
      client.say("{\"op\":\"auth\"}").say("one").say("two").say("three");
      client.leave();
      backend.said();
    }
    Awaitility.await().until(() -> lost("held") - before == 3);
  }

  private double lost(String reason) {
    return connmix.broker().core().metrics().families().stream()
        .filter(each -> each.name().equals("dragoman_connmix_events_lost_total"))
        .flatMap(each -> each.instruments().entrySet().stream())
        .filter(each -> each.getKey().equals(List.of("reason", reason)))
        .mapToDouble(each -> ((Metrics.Counter) each.getValue()).value())
        .sum();
  }
}
