// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.Access.all;
import static io.dragoman.conformance.eventhub.Access.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rules of a token open: topics, filters and keys (spec: eventhub §5). */
@EventhubSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + Access.SECRET})
class AccessRulesTest {
  private final Eventhub eventhub;

  AccessRulesTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private RpcClient connect(String read, String write) {
    return eventhub.connectWith(token(read, write));
  }

  // --- reading

  private static void assertMaySubscribe(RpcClient client, String topic) {
    assertThat(client.result("subscribe", "topic", topic).get("status").textValue())
        .isEqualTo("ok");
    assertThat(client.result("eventlog", "topic", topic, "since", 1).get("status").textValue())
        .isEqualTo("ok");
  }

  private static void assertMayNotSubscribe(RpcClient client, String topic) {
    client.assertInvalid(
        "You are not allowed to subscribe to topic: " + topic, "subscribe", "topic", topic);
    client.assertInvalid(
        "You are not allowed to read from topic: " + topic, "eventlog", "topic", topic, "since", 1);
  }

  @ParameterizedTest
  @CsvSource({
    "r/#, r r/a r/a/b r/# r/+ r/+/x r/a/#, s s/r # + +/a ra r#",
    "r/+, r/a r/+ r//, r r/a/b r/# r/+/+ # +/+",
    "+/a, r/a +/a, r/b +/+ +/# a",
    "+, a +, a/b # +/+ +/#",
    "r/+/a, r/x/a r/+/a, r/x/b r/+/+ r/#",
    "r, r, r/a r/# + #",
    "+/#, a a/b # + +/# +/+/#, ''",
    "#, a a/b # + +/#, ''"
  })
  void shouldOpenWhatARuleCovers(String rule, String allowed, String denied) {
    try (RpcClient client = connect("[\"" + rule + "\"]", "[]")) {
      for (String topic : allowed.split(" ")) {
        if (!topic.endsWith("/")) {
          assertMaySubscribe(client, topic);
        }
      }
      for (String topic : denied.isEmpty() ? new String[0] : denied.split(" ")) {
        if (topic.equals("r#")) {
          client.assertInvalid("Invalid topic in request: r#", "subscribe", "topic", topic);
        } else {
          assertMayNotSubscribe(client, topic);
        }
      }
    }
  }

  /** The reference takes {@code one/#} for a topic that {@code one/+} matches. */
  @Test
  void shouldNotOpenMoreThanTheRuleThroughAFilter() {
    String root = Names.unique("one");
    try (RpcClient client = connect("[\"" + root + "/+\"]", "[]");
        RpcClient publisher = eventhub.connectWith(all())) {
      assertMayNotSubscribe(client, root + "/#");
      assertMaySubscribe(client, root + "/+");
      publisher.publish(root + "/a/b", "secret");
      publisher.publish(root + "/a", "public");

      assertThat(client.messages(1)).containsExactly("public");
    }
  }

  @Test
  void shouldDeliverOriginOfThePublisher() {
    String topic = Names.unique("origin");
    String rules = "\"read\":[\"#\"],\"write\":[\"#\"]";
    try (RpcClient named = eventhub.connectWith(token("{\"sub\":\"żółć/1\"," + rules + "}"));
        RpcClient empty = eventhub.connectWith(token("{\"sub\":\"\"," + rules + "}"));
        RpcClient none = eventhub.connectWith(token("{" + rules + "}"));
        EventStreamClient stream = eventhub.stream("/" + topic + "?auth=" + all())) {
      none.subscribe(topic);
      String first = named.publish(topic, "1");
      String second = empty.publish(topic, "2");
      String third = none.publish(topic, "3");
      eventhub.post(
          "/api/v1/topics/" + topic,
          "4",
          "Authorization",
          token("{\"sub\":\"http\"," + rules + "}"));

      JsonNode items = none.result("eventlog", "topic", topic, "since", 1).get("items");
      JsonNode expected =
          Json.array(
              Json.object("id", first, "message", "1", "origin", "żółć/1", "topic", topic),
              Json.object("id", second, "message", "2", "topic", topic),
              Json.object("id", third, "message", "3", "topic", topic),
              Json.object(
                  "id", items.get(3).get("id"), "message", "4", "origin", "http", "topic", topic));
      assertThat(items).isEqualTo(expected);
      for (JsonNode each : expected) {
        assertThat(none.event().get("result")).isEqualTo(each);
      }
      assertThat(stream.data(4)).containsExactly("1", "2", "3", "4");
    }
  }

  @Test
  void shouldHoldEventStreamsToTheRules() {
    String root = Names.unique("r");
    String token = token("[\"" + root + "/+\"]", "[]");
    for (String path : List.of("/" + root, "/" + root + "/%23", "/%23", "/other")) {
      Answer answer =
          eventhub.get(path, "Accept", "text/event-stream", "Authorization", "Bearer " + token);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.text()).isEqualTo("{\"error\":\"Insufficient access.\"}\n");
    }
    try (EventStreamClient stream = eventhub.stream("/" + root + "/%2B?auth=" + token);
        RpcClient publisher = eventhub.connectWith(all())) {
      publisher.publish(root + "/a", "m");
      assertThat(stream.data(1)).containsExactly("m");
    }
  }

  // --- writing

  @Test
  void shouldLetPublishWhatARuleAllows() {
    String root = Names.unique("w");
    try (RpcClient client = connect("[]", "[\"" + root + "/+\",\"" + root + "/x/#\"]")) {
      for (String topic : List.of(root + "/a", root + "/x", root + "/x/y/z")) {
        client.publish(topic, "m");
      }
      for (String topic : List.of(root, root + "/a/b", "other", "a b")) {
        client.assertInvalid(
            "Insufficient access to topic: " + topic, "publish", "topic", topic, "message", "m");
      }
      client.assertInvalid(
          root + "/+ is not a valid topic.", "publish", "topic", root + "/+", "message", "m");
    }
  }

  @Test
  void shouldKeepReadingAndWritingApart() {
    String topic = Names.unique("rw");
    try (RpcClient reader = connect("[\"" + topic + "\"]", "[]");
        RpcClient writer = connect("[]", "[\"" + topic + "\"]")) {
      reader.subscribe(topic);
      reader.assertInvalid(
          "Insufficient access to topic: " + topic, "publish", "topic", topic, "message", "m");
      assertMayNotSubscribe(writer, topic);
      writer.publish(topic, "m");
      assertThat(reader.messages(1)).containsExactly("m");
    }
  }

  @Test
  void shouldHoldPublishingOverHttpToTheRules() {
    String topic = Names.unique("w");
    String token = token("[\"#\"]", "[\"" + topic + "\"]");

    assertThat(eventhub.post("/api/v1/topics/" + topic, "m", "Authorization", token).status())
        .isEqualTo(200);
    Answer denied = eventhub.post("/api/v1/topics/" + topic + "/x", "m", "Authorization", token);
    assertThat(denied.status()).isEqualTo(403);
    assertThat(denied.json().get("detail").textValue())
        .isEqualTo("Insufficient access to topic: " + topic + "/x");
  }

  // --- keys

  @Test
  void shouldHoldKeysToTheRulesToo() {
    String key = Names.unique("k");
    try (RpcClient writer = connect("[]", "[\"" + key + "/#\"]");
        RpcClient reader = connect("[\"" + key + "/+\"]", "[]")) {
      writer.result("set", "key", key + "/a", "value", "v");
      assertThat(reader.result("get", "key", key + "/a").get("value").textValue()).isEqualTo("v");

      writer.assertInvalid(
          "You are not allowed to read key " + key + "/a", "get", "key", key + "/a");
      reader.assertInvalid(
          "You are not allowed to read key " + key + "/a/b", "get", "key", key + "/a/b");
      reader.assertInvalid(
          "You are not allowed to write key " + key + "/a", "set", "key", key + "/a", "value", "v");
      reader.assertInvalid(
          "You are not allowed to delete key " + key + "/a", "del", "key", key + "/a");
      writer.assertInvalid(
          "You are not allowed to write key other", "set", "key", "other", "value", "v");
      assertThat(writer.result("del", "key", key + "/a").get("success").booleanValue()).isTrue();
    }
  }

  /** Keys have no grammar, rules have one. */
  @Test
  void shouldOpenKeysOfAnyForm() {
    String key = Names.unique("k") + "/a b";
    try (RpcClient client = connect("[\"#\"]", "[\"#\"]")) {
      client.result("set", "key", key, "value", "v");
      client.result("set", "key", "", "value", "v");
      assertThat(client.result("get", "key", key).get("value").textValue()).isEqualTo("v");
    }
  }
}
