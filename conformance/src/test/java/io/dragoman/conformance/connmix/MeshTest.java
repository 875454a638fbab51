// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending, publishing and calling, over WebSocket and HTTP (spec: connmix §2.7, §3, §4). */
@ConnmixSuite
class MeshTest {
  private final Connmix connmix;
  private final String channel = Names.unique("channel");

  MeshTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private JsonNode http(String path, String body) {
    Answer answer = connmix.post(path, body, "Content-Type", "application/json");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private String subscribe(PushedClient client) {
    return "{\"c\":\"%s\",\"f\":\"subscribe\",\"a\":[\"%s\"]}".formatted(client.id(), channel);
  }

  // --- binary

  @Test
  void shouldPushBinaryData() {
    String binary = "/wABgA==";
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      backend.done("conn.call", subscribe(client));
      backend.done(
          "mesh.send",
          "{\"c\":\"%s\",\"d\":\"%s\",\"t\":\"binary\"}".formatted(client.id(), binary));
      assertThat(
              backend.result(
                  "mesh.publish",
                  "{\"c\":\"%s\",\"d\":\"%s\",\"t\":\"binary\"}".formatted(channel, binary)))
          .hasToString("{\"s\":1,\"f\":0}");
      http(
          "/v1/mesh/send",
          "{\"c\":\"%s\",\"d\":\"%s\",\"t\":\"binary\"}".formatted(client.id(), binary));

      assertThat(client.next(3)).containsOnly("binary:" + binary);
    }
  }

  // --- counts

  @Test
  void shouldCountMembersWhoseSocketsTakeItAndThoseThatDoNot() {
    try (Backend backend = connmix.backend();
        PushedClient one = connmix.client();
        PushedClient two = connmix.client();
        PushedClient stuck = connmix.client().stuck();
        PushedClient left = connmix.client()) {
      for (PushedClient each : List.of(one, two, stuck, left)) {
        backend.done("conn.call", subscribe(each));
        backend.done("conn.call", subscribe(each));
      }
      left.connection().close();

      assertThat(backend.result("mesh.publish", "{\"c\":\"" + channel + "\",\"d\":\"x\"}"))
          .hasToString("{\"s\":2,\"f\":1}");
      assertThat(http("/v1/mesh/publish", "{\"c\":\"" + channel + "\",\"d\":\"y\"}"))
          .hasToString("{\"E\":null,\"r\":{\"s\":2,\"f\":1}}");
      assertThat(one.next(2)).containsExactly("text:x", "text:y");
      assertThat(two.next(2)).containsExactly("text:x", "text:y");
    }
  }

  @Test
  void shouldCountNobodyWhereNobodyIs() {
    try (Backend backend = connmix.backend()) {
      assertThat(backend.result("mesh.publish", "{\"c\":\"" + channel + "\",\"d\":\"x\"}"))
          .hasToString("{\"s\":0,\"f\":0}");
    }
  }

  @Test
  void shouldSayThatAClientDidNotTakeIt() {
    try (Backend backend = connmix.backend();
        PushedClient stuck = connmix.client().stuck()) {
      backend.refused(401, "mesh.send", "{\"c\":\"" + stuck.id() + "\",\"d\":\"x\"}");
      assertThat(
              http("/v1/mesh/send", "{\"c\":\"" + stuck.id() + "\",\"d\":\"x\"}")
                  .at("/E/c")
                  .asInt())
          .isEqualTo(401);
    }
  }

  @Test
  void shouldKeepTheOrderOfOneBackendsSendsAndPublishes() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      backend.done("conn.call", subscribe(client));
      for (int i = 0; i < 200; i++) {
        backend.send(
            i % 2 == 0
                ? "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"%s\",\"d\":\"%d\"},\"i\":%d}"
                    .formatted(channel, i, i)
                : "{\"m\":\"mesh.send\",\"p\":{\"c\":\"%s\",\"d\":\"%d\"},\"i\":%d}"
                    .formatted(client.id(), i, i));
      }
      for (int i = 0; i < 200; i++) {
        assertThat(client.next()).isEqualTo("text:" + i);
      }
    }
  }

  // --- calls

  @Test
  void shouldMergeContextsAndShowThem() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      String call = "{\"c\":" + client.id() + ",\"f\":\"%s\",\"a\":%s}";
      backend.done("conn.call", call.formatted("set_context_value", "[\"a\",{\"b\":[1.50]}]"));
      backend.done("conn.call", call.formatted("set_context", "[{\"c\":12345678901234567890}]"));
      // What PHP makes of no values.
      backend.done("conn.call", call.formatted("set_context", "[[]]"));
      backend.done("conn.call", call.formatted("set_context_value", "[\"d\",null]"));

      JsonNode shown = backend.result("conn.call", call.formatted("context", "[]"));

      assertThat(shown.toString())
          .contains("\"a\":{\"b\":[1.5")
          .contains("\"c\":12345678901234567890");
      assertThat(client.connection().contextValue("a")).isEqualTo("{\"b\":[1.50]}");
      assertThat(shown.at("/context/d").isNull()).isTrue();
      assertThat(backend.result("conn.call", "{\"c\":%s,\"f\":\"context\"}".formatted(client.id())))
          .isEqualTo(shown);
    }
  }

  @Test
  void shouldCloseConnections() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client();
        PushedClient other = connmix.client()) {
      backend.done(
          "conn.call", "{\"c\":%s,\"f\":\"close\",\"a\":[4001,\"enough\"]}".formatted(client.id()));
      assertThat(client.closeAsked()).isEqualTo("4001 enough");
      backend.done("conn.call", "{\"c\":%s,\"f\":\"close\"}".formatted(other.id()));
      assertThat(other.closeAsked()).isEqualTo("1000 ");
    }
  }

  @Test
  void shouldUnsubscribeFromWhatItIsNoMemberOf() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      backend.done(
          "conn.call",
          "{\"c\":%s,\"f\":\"unsubscribe\",\"a\":[\"%s\"]}".formatted(client.id(), channel));
    }
  }

  // --- HTTP

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "[]", "{", "{\"c\":\"a\",\"d\":\"x\"}}"})
  void shouldRefuseBodiesThatAreNoObject(String body) {
    JsonNode answer = http("/v1/mesh/publish", body);
    assertThat(Json.keys(answer)).containsExactly("E");
    assertThat(answer.at("/E/c").asInt()).isEqualTo(101);
  }

  /** Backends that use curl without a header send a form's type. */
  @Test
  void shouldNotInsistOnAContentType() {
    Answer answer =
        connmix.post(
            "/v1/mesh/publish",
            "{\"c\":\"" + channel + "\",\"d\":\"x\"}",
            "Content-Type",
            "application/x-www-form-urlencoded");
    assertThat(answer.text()).isEqualTo("{\"E\":null,\"r\":{\"s\":0,\"f\":0}}");
  }

  @Test
  void shouldKnowItsPathsAndMethods() {
    assertThat(connmix.get(connmix.api(), "/v1/mesh/send").status()).isEqualTo(405);
    assertThat(connmix.exchange(connmix.api(), "PUT", "/v1/mesh/publish", "{}").status())
        .isEqualTo(405);
    assertThat(connmix.post("/v1/mesh/other", "{}").status()).isEqualTo(404);
    assertThat(connmix.get(connmix.api(), "/").status()).isEqualTo(404);
    assertThat(connmix.get(connmix.api(), Connmix.SOCKET).status()).isEqualTo(400);
    assertThat(connmix.exchange(connmix.center(), "POST", "/v1/mesh/send", "{}").status())
        .isEqualTo(404);
  }

  @Test
  void shouldRefuseBodiesBeyondTheBound() {
    String body = "{\"c\":\"a\",\"d\":\"" + "x".repeat(1 << 20) + "\"}";
    assertThat(connmix.post("/v1/mesh/publish", body).status()).isEqualTo(413);
  }

  /** Pages of any origin may use the API, as a console in a browser does. */
  @Test
  void shouldLetPagesOfAnyOriginIn() {
    String origin = "https://elsewhere.example";
    Answer preflight =
        connmix.exchange(
            connmix.api(),
            "OPTIONS",
            "/v1/mesh/publish",
            "",
            "Origin",
            origin,
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "content-type");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("Access-Control-Allow-Origin")).isIn("*", origin);
    try (Backend backend = connmix.backend(Connmix.SOCKET, "Origin: " + origin)) {
      assertThat(backend.exchange("ping")).isEqualTo("pong");
    }
  }
}
