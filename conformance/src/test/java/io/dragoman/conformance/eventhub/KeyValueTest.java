// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and values (spec: eventhub §3). */
@EventhubSuite
class KeyValueTest {
  private static final String NOT_FOUND = "KVStore: key not found";

  private final Eventhub eventhub;

  KeyValueTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static String get(RpcClient client, String key) {
    JsonNode result = client.result("get", "key", key);
    assertThat(Json.without((ObjectNode) result, "value"))
        .isEqualTo(Json.object("action", "get", "key", key));
    return result.get("value").textValue();
  }

  private static JsonNode changed(String action, String key, boolean success) {
    return Json.object("action", action, "key", key, "success", success);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k",
        "a/b",
        "a b",
        "/",
        "żółć 日本 \ud83d\ude00",
        "#",
        "a/+/#",
        "\"\\\n",
        "\u0000",
        "k.k:k"
      })
  void shouldTakeAnyTextForAKey(String text) {
    // Names of their own, but for the form.
    String key = text + Names.unique("key");
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(NOT_FOUND, "get", "key", key);
      assertThat(client.result("set", "key", key, "value", "v"))
          .isEqualTo(changed("set", key, true));
      assertThat(get(client, key)).isEqualTo("v");
      assertThat(client.result("del", "key", key)).isEqualTo(changed("del", key, true));
      assertThat(client.result("del", "key", key)).isEqualTo(changed("del", key, false));
      client.assertInvalid(NOT_FOUND, "get", "key", key);
    }
  }

  @Test
  void shouldTakeTheEmptyKey() {
    try (RpcClient client = eventhub.connect()) {
      assertThat(client.result("set", "key", "", "value", "v")).isEqualTo(changed("set", "", true));
      assertThat(get(client, "")).isEqualTo("v");
      assertThat(client.result("del", "key", "")).isEqualTo(changed("del", "", true));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v", " ", "\u0000", "\"/\\ \n", "żółć 日本 \ud83d\ude00"})
  void shouldKeepValuesAsTheyAre(String value) {
    String key = Names.unique("key");
    try (RpcClient client = eventhub.connect();
        RpcClient other = eventhub.connect()) {
      client.result("set", "key", key, "value", value);

      assertThat(get(other, key)).isEqualTo(value);
    }
  }

  @Test
  void shouldReplaceValues() {
    String key = Names.unique("key");
    try (RpcClient client = eventhub.connect()) {
      for (String value : List.of("1", "", "2")) {
        assertThat(client.result("set", "key", key, "value", value))
            .isEqualTo(changed("set", key, true));
        assertThat(get(client, key)).isEqualTo(value);
      }
    }
  }

  @Test
  void shouldKeepLargeValues() {
    String key = Names.unique("key");
    String value = "0123456789".repeat(100_000);
    try (RpcClient client = eventhub.connect()) {
      client.result("set", "key", key, "value", value);

      assertThat(get(client, key)).isEqualTo(value);
      client.result("del", "key", key);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "[]", "{\"key\":5}", "{\"key\":null}", "{\"key\":{}}", "{\"value\":\"v\"}"})
  void shouldAskForAKey(String params) {
    try (RpcClient client = eventhub.connect()) {
      for (String method : List.of("get", "set", "del")) {
        client.assertInvalid("You must specify 'key' as a string.", method, Json.parse(params));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "null", "true", "{}", "[\"v\"]"})
  void shouldAskForAValueThatIsAText(String value) {
    String key = Names.unique("key");
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(
          "You must specify 'value' as a string.",
          "set",
          Json.parse("{\"key\":\"" + key + "\",\"value\":" + value + "}"));
      client.assertInvalid("You must specify 'value' as a string.", "set", "key", key);
      client.assertInvalid(NOT_FOUND, "get", "key", key);
    }
  }

  @Test
  void shouldForgetKeysWhenTheirTimeIsOver() {
    String key = Names.unique("ttl");
    try (RpcClient client = eventhub.connect()) {
      for (String ttl : List.of("0", "-1", "\"1\"", "null", "0.9", "3600", "1e300")) {
        client.result(
            "set",
            Json.parse(
                "{\"key\":%s,\"value\":\"stays\",\"ttl\":%s}"
                    .formatted(Json.object("k", key + ttl).get("k"), ttl)));
      }
      client.result("set", "key", key, "value", "goes", "ttl", 1);
      client.result("set", "key", key + "f", "value", "goes", "ttl", 1.9);
      client.result("set", "key", key + "r", "value", "goes", "ttl", 1);
      client.result("set", "key", key + "r", "value", "stays");
      assertThat(get(client, key)).isEqualTo("goes");

      for (String each : List.of(key, key + "f")) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> client.call("get", Json.object("key", each)).has("error"));
        client.assertInvalid(NOT_FOUND, "get", "key", each);
        assertThat(client.result("del", "key", each)).isEqualTo(changed("del", each, false));
      }

      for (String ttl : List.of("0", "-1", "\"1\"", "null", "0.9", "3600", "1e300", "r")) {
        assertThat(get(client, key + ttl)).as(ttl).isEqualTo("stays");
      }
    }
  }

  @Test
  void shouldRefuseKeysThatAreTooLong() {
    try (RpcClient client = eventhub.connect()) {
      String key = "k".repeat(1024);
      client.result("set", "key", key, "value", "v");
      assertThat(get(client, key)).isEqualTo("v");
      client.result("del", "key", key);

      JsonNode reply = client.call("set", Json.object("key", key + "k", "value", "v"));
      assertThat(reply.at("/error/code").asInt()).isEqualTo(-32602);
      assertThat(reply.at("/error/data").textValue()).startsWith("KVStore: ");
    }
  }

  @Test
  void shouldHaveNoOtherNameForDeleting() {
    try (RpcClient client = eventhub.connect()) {
      assertThat(client.call("delete", Json.object("key", "k")).at("/error/code").asInt())
          .isEqualTo(-32601);
    }
  }
}
