// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What one client may have at most (ruling 10): channels, and a context. */
@ConnmixSuite(
    settings = {
      "connmix.client.channelsMax=3",
      "connmix.client.contextChars=40",
      "connmix.clients=["
          + "{port: 0, events: {open: life}, verbs: {"
          + "join: {does: subscribe, allow: ['*']}, leave: {does: unsubscribe}}},"
          + "{port: 0, context: {name: '{query.name}'}, subscribe: [a, b, c, '{query.d}']}]"
    })
@Execution(ExecutionMode.SAME_THREAD) // they share the topic that tells who has come
class ClientBoundsTest {
  private final Connmix connmix;

  ClientBoundsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private static String call(JsonNode id, String function, String arguments) {
    return "{\"c\":%s,\"f\":\"%s\",\"a\":%s}".formatted(id, function, arguments);
  }

  private static JsonNode idOfNext(Backend backend) {
    return Json.parse(backend.event()).at("/p/c");
  }

  @Test
  void shouldBoundChannels() {
    try (Backend backend = connmix.backend()) {
      backend.pop("life");
      try (ChatClient client = connmix.chat()) {
        JsonNode id = idOfNext(backend);
        // All of a call or nothing of it; one that it has already counts once.
        backend.refused(301, "conn.call", call(id, "subscribe", "[\"a\",\"b\",\"c\",\"d\"]"));
        backend.done("conn.call", call(id, "subscribe", "[\"a\",\"a\",\"b\"]"));
        assertThat(client.say("{\"op\":\"join\",\"channel\":\"c\"}").hears())
            .isEqualTo("{\"result\":true}");
        assertThat(client.say("{\"op\":\"join\",\"channel\":\"d\"}").hears())
            .startsWith("{\"code\":1,")
            .contains("3 channels");
        backend.refused(301, "conn.call", call(id, "subscribe", "[\"d\"]"));
        backend.done("conn.call", call(id, "subscribe", "[\"c\"]"));

        assertThat(client.say("{\"op\":\"leave\",\"channel\":\"a\"}").hears())
            .isEqualTo("{\"result\":true}");
        backend.done("conn.call", call(id, "subscribe", "[\"d\"]"));
        assertThat(backend.result("mesh.publish", "{\"c\":\"d\",\"d\":\"x\"}"))
            .hasToString("{\"s\":1,\"f\":0}");
        assertThat(client.hears()).isEqualTo("x");
      }
    }
  }

  @Test
  void shouldCloseWhoIsToBeAMemberOfTooManyFromTheBeginning() {
    try (ChatClient fits =
            new ChatClient(RawWebSocket.connect(connmix.clients("connmix-client-2"), "/chat"));
        ChatClient many =
            new ChatClient(
                RawWebSocket.connect(connmix.clients("connmix-client-2"), "/chat?d=d"))) {
      assertThat(many.socket().readCloseCode()).isEqualTo(1013);
      assertThat(fits.pings()).isEqualTo("pong");
    }
  }

  @Test
  void shouldBoundTheContext() {
    try (Backend backend = connmix.backend()) {
      backend.pop("life");
      try (ChatClient client = connmix.chat()) {
        JsonNode id = idOfNext(backend);
        String fits = "[\"key\",\"" + "v".repeat(35) + "\"]";
        backend.done("conn.call", call(id, "set_context_value", fits));
        assertThat(backend.refused(101, "conn.call", call(id, "set_context_value", "[\"k\",1]")))
            .contains("40");
        backend.refused(
            101,
            "conn.call",
            call(id, "set_context", "[{\"key\":1,\"" + "k".repeat(37) + "\":1}]"));
        assertThat(
                backend
                    .result("conn.call", call(id, "context", "[]"))
                    .at("/context/key")
                    .textValue())
            .hasSize(35);
        // What it had makes room.
        backend.done("conn.call", call(id, "set_context_value", "[\"key\",\"short\"]"));
        backend.done("conn.call", call(id, "set_context_value", "[\"k\",1]"));
        assertThat(client.pings()).isEqualTo("pong");
      }
    }
  }

  @Test
  void shouldNotLetInWhoseContextIsTooLarge() {
    assertThat(
            RawWebSocket.refused(
                    connmix.clients("connmix-client-2"), "/chat?name=" + "n".repeat(40))
                .status())
        .isEqualTo(400);
  }
}
