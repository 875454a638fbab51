// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of a server that is not configured at all (spec: connmix §5.2, defaults). */
@ConnmixSuite(ownServer = true)
@Execution(ExecutionMode.SAME_THREAD) // they share the topic of all clients
class ClientListenerTest {
  private final Connmix connmix;

  ClientListenerTest(Connmix connmix) {
    this.connmix = connmix;
  }

  /** The next event of a client that is still there. */
  private static String idOf(Backend backend, ChatClient client) {
    String mark = Names.unique("mark");
    client.say(mark);
    JsonNode event = Json.parse(backend.event());
    while (!event.at("/p/d/frame/data").asText().equals(mark)) {
      event = Json.parse(backend.event());
    }
    return event.at("/p/c").textValue();
  }

  @Test
  void shouldTellBackendsWhatClientsSay() {
    try (Backend backend = connmix.backend();
        ChatClient client = connmix.chat()) {
      backend.pop("default");
      String id = idOf(backend, client);
      client.say("{\"op\":\"hello\"}");

      assertThat(id).matches("[1-9][0-9]{18}");
      assertThat(backend.event())
          .isEqualTo(
              "{\"e\":\"queue.pop\",\"p\":{\"n\":1,\"c\":\""
                  + id
                  + "\",\"t\":\"default\",\"d\":{\"frame\":{\"type\":\"text\",\"data\":"
                  + "\"{\\\"op\\\":\\\"hello\\\"}\",\"finish\":true}}},\"id\":null}");

      client.socket().send(RawWebSocket.BINARY, new byte[] {1, (byte) 0xFF});
      assertThat(Json.parse(backend.event()).at("/p/d"))
          .hasToString("{\"frame\":{\"type\":\"binary\",\"data\":\"Af8=\",\"finish\":true}}");
    }
  }

  @Test
  void shouldShowKubeMqClientsWhatClientsSay() throws Exception {
    try (Connmix own = Connmix.start(Map.of());
        ChatClient client = own.chat()) {
      client.say("hi");
      Answer answer =
          own.exchange(
              own.kubemq(),
              "POST",
              "/queue/receive",
              "{\"RequestID\":\"1\",\"ClientID\":\"c\",\"Channel\":\"default\","
                  + "\"MaxNumberOfMessages\":1,\"WaitTimeSeconds\":20}",
              "Content-Type",
              "application/json");
      JsonNode message = Json.parse(answer.text()).at("/data/Messages/0");

      assertThat(message.path("ClientID").asText()).matches("[1-9][0-9]{18}");
      assertThat(Json.decoded(message.path("Body")))
          .isEqualTo("{\"frame\":{\"type\":\"text\",\"data\":\"hi\",\"finish\":true}}");
    }
  }

  @Test
  void shouldPushToOneAndToMembers() {
    String channel = Names.unique("room");
    try (Backend backend = connmix.backend();
        ChatClient one = connmix.chat();
        ChatClient other = connmix.chat()) {
      backend.pop("default");
      String first = idOf(backend, one);
      String second = idOf(backend, other);
      backend.done("mesh.send", "{\"c\":\"" + first + "\",\"d\":\"for you\"}");
      assertThat(one.hears()).isEqualTo("for you");
      for (String each : List.of(first, second)) {
        backend.done(
            "conn.call",
            "{\"c\":" + each + ",\"f\":\"subscribe\",\"a\":[\"" + channel + "\"]}");
      }
      assertThat(
              backend.result(
                  "mesh.publish", "{\"c\":\"" + channel + "\",\"d\":\"AAH/\",\"t\":\"binary\"}"))
          .hasToString("{\"s\":2,\"f\":0}");
      for (ChatClient each : List.of(one, other)) {
        RawWebSocket.Frame frame = each.socket().readFrame();
        assertThat(frame.opcode()).isEqualTo(RawWebSocket.BINARY);
        assertThat(frame.text()).isEqualTo(new String(new byte[] {0, 1, (byte) 0xFF}, UTF_8));
      }
      backend.done(
          "conn.call",
          "{\"c\":" + first + ",\"f\":\"unsubscribe\",\"a\":[\"" + channel + "\"]}");
      other.leave();
      backend.done("conn.call", "{\"c\":" + first + ",\"f\":\"set_context_value\",\"a\":[\"a\",1]}");
      assertThat(
              backend.result("mesh.publish", "{\"c\":\"" + channel + "\",\"d\":\"nobody\"}"))
          .hasToString("{\"s\":0,\"f\":0}");
      backend.refused(401, "mesh.send", "{\"c\":\"" + second + "\",\"d\":\"gone\"}");
    }
  }

  @Test
  void shouldKeepTheOrderOfOneClient() {
    try (Backend backend = connmix.backend();
        ChatClient client = connmix.chat()) {
      backend.pop("default");
      idOf(backend, client);
      List<String> said = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        said.add("message " + i);
        client.say("message " + i);
      }
      assertThat(backend.data(2000)).isEqualTo(said);
    }
  }

  @Test
  void shouldPutFragmentsTogether() {
    try (Backend backend = connmix.backend();
        ChatClient client = connmix.chat()) {
      backend.pop("default");
      idOf(backend, client);
      client.socket().send(false, 0, RawWebSocket.TEXT, true, "in two ".getBytes(UTF_8));
      client.socket().send(true, 0, RawWebSocket.CONTINUATION, true, "parts".getBytes(UTF_8));
      assertThat(backend.data(1)).containsExactly("in two parts");
    }
  }

  @Test
  void shouldAnswerPings() {
    try (ChatClient client = connmix.chat()) {
      assertThat(client.pings()).isEqualTo("pong");
      client.socket().send(RawWebSocket.PING, "beat");
      RawWebSocket.Frame frame = client.socket().readFrame();
      assertThat(frame.opcode()).isEqualTo(RawWebSocket.PONG);
      assertThat(frame.text()).isEqualTo("beat");
    }
  }

  @Test
  void shouldCloseForMessagesThatAreTooLarge() {
    try (ChatClient client = connmix.chat()) {
      byte[] largest = new byte[65_535];
      Arrays.fill(largest, (byte) 'x');
      client.socket().send(RawWebSocket.TEXT, largest);
      assertThat(client.pings()).isEqualTo("pong");
      client.socket().send(RawWebSocket.TEXT, new byte[65_536]);
      assertThat(client.socket().readCloseCode()).isEqualTo(1009);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/chat", "/chat?token=x", "/chat/room/1"})
  void shouldServeItsPath(String path) {
    try (ChatClient client = connmix.chat(path, "Sec-WebSocket-Protocol: one, two")) {
      assertThat(client.pings()).isEqualTo("pong");
    }
  }

  @Test
  void shouldRefuseWhatIsNoWebSocketAndOtherPaths() {
    assertThat(RawWebSocket.refused(connmix.clients(), "/other").status()).isEqualTo(404);
    assertThat(connmix.get(connmix.clients(), "/chat").status()).isEqualTo(400);
  }

  @Test
  void shouldSelectTheFirstSubprotocol() {
    try (RawHttp connection = RawHttp.open(connmix.clients())) {
      connection.write(
          connection.head("GET", "/chat", "Sec-WebSocket-Protocol: one, two")
              + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(connection.readHead().header("Sec-WebSocket-Protocol")).isEqualTo("one");
    }
  }

  @Test
  void shouldCloseWhomABackendWantsClosed() {
    try (Backend backend = connmix.backend();
        ChatClient client = connmix.chat()) {
      backend.pop("default");
      String id = idOf(backend, client);
      backend.done(
          "conn.call", "{\"c\":\"" + id + "\",\"f\":\"close\",\"a\":[4001,\"elsewhere\"]}");
      assertThat(client.socket().readCloseCode()).isEqualTo(4001);
    }
  }

  @Test
  void shouldPassOnWhatIsPublishedElsewhere() {
    String channel = Names.unique("orders");
    try (Backend backend = connmix.backend();
        ChatClient client = connmix.chat()) {
      backend.pop("default");
      String id = idOf(backend, client);
      backend.done(
          "conn.call", "{\"c\":\"" + id + "\",\"f\":\"subscribe\",\"a\":[\"" + channel + "\"]}");
      connmix.exchange(
          connmix.kubemq(),
          "POST",
          "/send/event",
          "{\"EventID\":\"1\",\"ClientID\":\"c\",\"Channel\":\""
              + channel
              + "\",\"Body\":\""
              + Json.base64("an event")
              + "\",\"Store\":false}",
          "Content-Type",
          "application/json");
      assertThat(client.hears()).isEqualTo("an event");
    }
  }
}
