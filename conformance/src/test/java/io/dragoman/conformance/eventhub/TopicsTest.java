// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What topics and filters look like, and what they match (spec: eventhub §4, ruling 17). */
@EventhubSuite
class TopicsTest {
  private final Eventhub eventhub;

  TopicsTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  // --- form

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "Z9",
        "a/b/c",
        "a//b",
        "a///b",
        "-",
        "_",
        "a-b_c",
        "0",
        "orders.created",
        "a:b",
        "a.b/c.d",
        "CASE/Case"
      })
  void shouldTakeTopics(String topic) {
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      String id = client.publish(topic, "x");

      assertThat(client.event().get("result"))
          .isEqualTo(Json.object("id", id, "message", "x", "topic", topic));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/a",
        "a/",
        "a b",
        " ",
        "a$",
        "$SYS",
        "é",
        "a\u0000b",
        "日本",
        "\ud83d\ude00",
        "a,b",
        "a;b",
        "a*",
        "*",
        ">",
        "a.>",
        "a?b",
        "a%b",
        "a\\b",
        "a\nb",
        "a@b",
        "a~",
        "a(b)",
        "'",
        "\""
      })
  void shouldRefuseWhatIsNeitherTopicNorFilter(String topic) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid("Invalid topic in request: " + topic, "subscribe", "topic", topic);
      client.assertInvalid(
          "Invalid topic in request: " + topic, "eventlog", "topic", topic, "since", 1);
      client.assertInvalid(
          topic + " is not a valid topic.", "publish", "topic", topic, "message", "x");
      assertThat(client.result("list")).isEqualTo(Json.array());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#", "+", "+/+", "+/#", "v1/+/#", "a/#", "a/+", "+/a", "a/+/b", "a//+", "+//a", "a/+/",
        "+/", "a.b/+", "a:b/#"
      })
  void shouldTakeFilters(String filter) {
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(filter);

      assertThat(client.result("list")).isEqualTo(Json.parse("[\"" + filter + "\"]"));
      client.assertInvalid(
          filter + " is not a valid topic.", "publish", "topic", filter, "message", "x");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a#", "a+", "#a", "+a", "a/#/b", "#/a", "#/", "a/#/", "##", "++", "a/+b", "a/b+/c", "#/#",
        "/#", "/+", "+ ", "a b/#", "+/é"
      })
  void shouldRefuseOtherFilters(String filter) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid("Invalid topic in request: " + filter, "subscribe", "topic", filter);
    }
  }

  // --- matches

  @ParameterizedTest
  @CsvSource({
    "a, a",
    "a/b, a/b",
    "#, a",
    "#, a/b/c",
    "#, a//b",
    "+, a",
    "+/+, a/b",
    "+/#, a",
    "+/#, a/b",
    "+/#, a/b/c",
    "a/#, a",
    "a/#, a/b",
    "a/#, a/b/c",
    "a/+, a/b",
    "a/+/c, a/b/c",
    "a/+/c, a//c",
    "+/b, a/b",
    "+/b/#, a/b",
    "+/b/#, a/b/c/d",
    "a/+/#, a/b",
    "a/+/#, a/b/c",
    "+//c, b//c",
    "a.b/+, a.b/c"
  })
  void shouldDeliverWhatMatches(String filter, String topic) {
    String root = Names.unique("match");
    try (RpcClient client = eventhub.connect()) {
      // Under a root of its own, since servers are shared.
      int id = client.subscribe(root + "/" + filter);
      client.publish(root + "/" + topic, "x");

      JsonNode event = client.event();
      assertThat(event.get("id").asInt()).isEqualTo(id);
      assertThat(event.at("/result/topic").textValue()).isEqualTo(root + "/" + topic);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a, b",
    "a, A",
    "a/b, a",
    "a/b, a/b/c",
    "a, a/b",
    "+, a/b",
    "+/+, a",
    "+/+, a/b/c",
    "a/+, a",
    "a/+, b/a",
    "a/+, a/b/c",
    "a/+/c, a/c",
    "a/+/c, a/b/d",
    "a/+/c, a/b/c/d",
    "a/#, b",
    "a/#, ab",
    "a/#, b/a",
    "+/b/#, a/c",
    "a/+/#, a",
    "+//c, b/x/c",
    "a/+/, a/b",
    "+/, a",
    "a.b, a/b"
  })
  void shouldNotDeliverWhatDoesNotMatch(String filter, String topic) {
    String root = Names.unique("match");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(root + "/" + filter);
      int marker = client.subscribe(root + "-end");
      client.publish(root + "/" + topic, "x");
      client.publish(root + "-end", "end");

      assertThat(client.event().get("id").asInt()).isEqualTo(marker);
    }
  }

  /** Everything, on a server of which this test knows nothing else. */
  @Test
  void shouldMatchEveryTopicWithTheRestAlone() {
    String topic = Names.unique("anything/at/all");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe("#");
      client.publish(topic, "x");

      JsonNode event = client.event();
      while (!event.at("/result/topic").asText().equals(topic)) {
        event = client.event();
      }
      assertThat(event.at("/result/message").textValue()).isEqualTo("x");
    }
  }

  // --- overlap

  @Test
  void shouldDeliverOncePerMatchingSubscription() {
    String topic = Names.unique("overlap");
    try (RpcClient client = eventhub.connect()) {
      List<Integer> ids = new ArrayList<>();
      for (String filter : List.of("/a", "/+", "/#")) {
        ids.add(client.subscribe(topic + filter));
      }
      client.subscribe(topic + "/b");
      client.subscribe(topic + "/a/+");
      int marker = client.subscribe(topic);
      String id = client.publish(topic + "/a", "x");
      client.publish(topic, "end");

      List<Integer> received = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        JsonNode event = client.event();
        assertThat(event.at("/result/id").textValue()).isEqualTo(id);
        received.add(event.get("id").asInt());
      }
      assertThat(received).containsExactlyInAnyOrderElementsOf(ids);
      // The end comes through "topic/#" too, which covers the topic itself.
      List<Integer> end =
          List.of(client.event().get("id").asInt(), client.event().get("id").asInt());
      assertThat(end).containsExactlyInAnyOrder(marker, ids.get(2));
    }
  }
}
