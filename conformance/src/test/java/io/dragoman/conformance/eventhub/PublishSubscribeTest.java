// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscribing, publishing, unsubscribing, listing (spec: eventhub §3, ruling 32). */
@EventhubSuite
class PublishSubscribeTest {
  private static final String NO_TOPIC = "You must specify 'topic' to subscribe to.";
  private static final String INCOMPLETE = "You need to specify topic and message to publish to.";

  private final Eventhub eventhub;

  PublishSubscribeTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static String named(String key, String json) {
    return "{\"" + key + "\":" + json + "}";
  }

  // --- subscribe

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"topic\":\"\"}", "{\"Topic\":\"x\"}"})
  void shouldAskForATopicToSubscribeTo(String params) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(NO_TOPIC, "subscribe", Json.parse(params));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "null", "true", "[\"x\"]", "{\"x\":1}"})
  void shouldAskForATopicThatIsAText(String value) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(NO_TOPIC, "subscribe", Json.parse(named("topic", value)));
    }
  }

  /** Live events carry the newest request's id (ruling 32). */
  @Test
  void shouldDeliverUnderTheNewestIdAfterSubscribingAgain() {
    String topic = Names.unique("again");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      client.publish(topic, "1");
      client.messages(1);
      int second = client.subscribe(topic);
      client.publish(topic, "2");

      JsonNode event = client.event();
      assertThat(event.get("id").asInt()).isEqualTo(second);
      assertThat(event.at("/result/message").textValue()).isEqualTo("2");
      assertThat(client.result("list")).isEqualTo(Json.parse("[\"" + topic + "\"]"));
      assertThat(client.result("unsubscribeall")).isEqualTo(Json.object("unsubscribe_count", 1));
    }
  }

  @Test
  void shouldKeepSubscriptionsOfConnectionsApart() {
    String topic = Names.unique("apart");
    try (RpcClient one = eventhub.connect();
        RpcClient other = eventhub.connect()) {
      one.subscribe(topic);
      other.subscribe(topic);
      other.result("unsubscribeall");
      other.publish(topic, "1");

      assertThat(one.messages(1)).containsExactly("1");
      assertThat(other.result("list")).isEqualTo(Json.array());
    }
  }

  @Test
  void shouldServeWebSocketsOnAnyPath() {
    String topic = Names.unique("path");
    try (RpcClient one = eventhub.connect("/");
        RpcClient other = eventhub.connect("/any/path?x=y")) {
      one.subscribe(topic);
      other.subscribe(topic);
      one.publish(topic, "1");

      assertThat(one.messages(1)).containsExactly("1");
      assertThat(other.messages(1)).containsExactly("1");
    }
  }

  // --- publish

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"topic\":\"t\"}",
        "{\"message\":\"m\"}",
        "{\"topic\":\"\",\"message\":\"m\"}",
        "{\"topic\":\"t\",\"message\":\"\"}",
        "{\"topic\":\"t\",\"message\":5}",
        "{\"topic\":\"t\",\"message\":true}",
        "{\"topic\":\"t\",\"message\":null}",
        "{\"topic\":\"t\",\"message\":{\"a\":1}}",
        "{\"topic\":\"t\",\"message\":[\"m\"]}",
        "{\"topic\":5,\"message\":\"m\"}",
        "{\"topic\":null,\"message\":\"m\"}",
        // the topic's form is looked at later
        "{\"topic\":\"a b\",\"message\":\"\"}"
      })
  void shouldAskForTopicAndMessageToPublish(String params) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(INCOMPLETE, "publish", Json.parse(params));
    }
  }

  @Test
  void shouldAnswerWithTheEventsId() {
    String topic = Names.unique("topic");
    try (RpcClient client = eventhub.connect()) {
      JsonNode result = client.result("publish", "topic", topic, "message", "m");

      assertThat(Json.keys(result)).containsExactly("action", "id", "status", "topic");
      assertThat(result.get("id").textValue()).matches("[0-9]{13}-[0-9]+");
      assertThat(Json.without((ObjectNode) result, "id"))
          .isEqualTo(Json.object("action", "publish", "status", "ok", "topic", topic));
    }
  }

  @Test
  void shouldGiveStrictlyIncreasingIds() {
    String topic = Names.unique("ids");
    int count = 2_000;
    try (RpcClient client = eventhub.connect()) {
      for (int i = 0; i < count; i++) {
        client.begin("publish", Json.object("topic", topic, "message", "m" + i));
      }
      long lastMillis = 0;
      long lastNumber = -1;
      for (int i = 0; i < count; i++) {
        String[] id = Json.parse(client.nextText()).at("/result/id").asText().split("-", 2);
        long millis = Long.parseLong(id[0]);
        long number = Long.parseLong(id[1]);
        assertThat(millis).isGreaterThanOrEqualTo(lastMillis);
        if (millis == lastMillis) {
          assertThat(number).isGreaterThan(lastNumber);
        }
        lastMillis = millis;
        lastNumber = number;
      }
    }
  }

  @Test
  void shouldDeliverToThePublisherTooAfterTheReply() {
    String topic = Names.unique("self");
    try (RpcClient client = eventhub.connect()) {
      int subscription = client.subscribe(topic);
      int publish = client.begin("publish", Json.object("topic", topic, "message", "m"));

      assertThat(Json.parse(client.nextText()).get("id").asInt()).isEqualTo(publish);
      assertThat(client.event().get("id").asInt()).isEqualTo(subscription);
    }
  }

  @Test
  void shouldIgnoreAnIdAndAnOriginOfThePublisher() {
    String topic = Names.unique("own");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      JsonNode result =
          client.result(
              "publish", "topic", topic, "message", "m", "id", "1-1", "origin", "me", "x", 1);

      assertThat(result.get("id").textValue()).isNotEqualTo("1-1");
      assertThat(client.event().get("result"))
          .isEqualTo(Json.object("id", result.get("id"), "message", "m", "topic", topic));
    }
  }

  @Test
  void shouldDeliverInTheOrderOfEachPublisher() {
    String topic = Names.unique("order");
    int each = 200;
    try (RpcClient reader = eventhub.connect();
        RpcClient one = eventhub.connect();
        RpcClient other = eventhub.connect()) {
      reader.subscribe(topic + "/#");
      for (int i = 0; i < each; i++) {
        one.begin("publish", Json.object("topic", topic + "/1", "message", "a" + i));
        other.begin("publish", Json.object("topic", topic + "/2", "message", "b" + i));
      }
      List<String> expectedA = new ArrayList<>();
      List<String> expectedB = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        expectedA.add("a" + i);
        expectedB.add("b" + i);
      }
      List<String> received = reader.messages(2 * each);
      assertThat(received.stream().filter(m -> m.startsWith("a"))).isEqualTo(expectedA);
      assertThat(received.stream().filter(m -> m.startsWith("b"))).isEqualTo(expectedB);
    }
  }

  /** Nobody publishes by accident what nobody could address. */
  @Test
  void shouldRefuseTopicsThatAreTooLong() {
    String topic = "t".repeat(300);
    try (RpcClient client = eventhub.connect()) {
      assertThat(
              client
                  .call("publish", Json.object("topic", topic, "message", "m"))
                  .at("/error/code")
                  .asInt())
          .isEqualTo(-32602);
      assertThat(client.call("subscribe", Json.object("topic", topic)).at("/error/code").asInt())
          .isEqualTo(-32602);
      assertThat(client.result("list")).isEqualTo(Json.array());
      client.subscribe("t".repeat(256));
    }
  }

  /** They are not taken apart first: that would make millions of levels of them. */
  @ParameterizedTest
  @ValueSource(strings = {"+/", "t/", "/"})
  void shouldRefuseTopicsOfMegabytes(String part) {
    String topic = part.repeat((2 << 20) / part.length()) + "#";
    try (RpcClient client = eventhub.connect()) {
      String refused = "A topic may have 256 characters.";
      client.assertInvalid(refused, "publish", "topic", topic, "message", "m");
      client.assertInvalid(refused, "subscribe", "topic", topic);
      client.assertInvalid(refused, "eventlog", "topic", topic, "since", 1);
    }
  }

  // --- unsubscribe

  @Test
  void shouldCountWhatIsReallyUnsubscribed() {
    String topic = Names.unique("un");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic + "/a");
      client.subscribe(topic + "/b");
      client.subscribe(topic + "/#");
      JsonNode names =
          Json.parse(
              "[\"%1$s/a\",\"%1$s/a\",\"%1$s/never\",\"\",\"a b\",\"/\",\"%1$s/#\"]"
                  .formatted(topic));

      assertThat(client.result("unsubscribe", names))
          .isEqualTo(Json.object("unsubscribe_count", 2));
      assertThat(client.result("list")).isEqualTo(Json.parse("[\"" + topic + "/b\"]"));
      assertThat(client.result("unsubscribe", Json.array()))
          .isEqualTo(Json.object("unsubscribe_count", 0));
    }
  }

  @Test
  void shouldRemoveOnlyTheSameText() {
    String topic = Names.unique("un");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic + "/a");
      client.subscribe(topic + "/+");

      assertThat(client.result("unsubscribe", Json.parse("[\"" + topic + "/#\",\"#\"]")))
          .isEqualTo(Json.object("unsubscribe_count", 0));
      assertThat(client.result("unsubscribe", Json.parse("[\"" + topic + "/+\"]")))
          .isEqualTo(Json.object("unsubscribe_count", 1));
      assertThat(client.result("list")).isEqualTo(Json.parse("[\"" + topic + "/a\"]"));
    }
  }

  /** The seed's table has a topic, its example a list (ruling 32). */
  @Test
  void shouldUnsubscribeByNameToo() {
    String topic = Names.unique("un");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);

      assertThat(client.result("unsubscribe", "topic", "other"))
          .isEqualTo(Json.object("unsubscribe_count", 0));
      assertThat(client.result("unsubscribe", "topic", topic))
          .isEqualTo(Json.object("unsubscribe_count", 1));
      assertThat(client.result("unsubscribe", "topic", topic))
          .isEqualTo(Json.object("unsubscribe_count", 0));
    }
  }

  @Test
  void shouldAskForAListOrATopicToUnsubscribeFrom() {
    String reason = "Parameter is not array of topics to unsubscribe from.";
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(reason, "unsubscribe", Json.object());
      client.assertInvalid(reason, "unsubscribe", Json.object("topics", Json.array()));
      assertThat(client.exchange("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"unsubscribe\"}"))
          .contains(reason);
    }
  }

  /** The reference gives up in the middle; here each counts for itself. */
  @Test
  void shouldSkipElementsThatAreNoTexts() {
    String topic = Names.unique("un");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);

      JsonNode names = Json.parse("[1,null,{},[\"" + topic + "\"],true,\"" + topic + "\"]");
      assertThat(client.result("unsubscribe", names))
          .isEqualTo(Json.object("unsubscribe_count", 1));
    }
  }

  @Test
  void shouldDeliverNothingMoreAfterUnsubscribing() {
    String topic = Names.unique("un");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic + "/a");
      client.subscribe(topic + "/b");
      int stays = client.subscribe(topic + "/c");
      client.result("unsubscribe", Json.parse("[\"" + topic + "/a\",\"" + topic + "/b\"]"));
      client.publish(topic + "/a", "1");
      client.publish(topic + "/b", "2");
      client.publish(topic + "/c", "3");

      assertThat(client.event().get("id").asInt()).isEqualTo(stays);
    }
  }

  @Test
  void shouldCountWhatAllSubscriptionsWere() {
    String topic = Names.unique("un");
    try (RpcClient client = eventhub.connect()) {
      assertThat(client.result("unsubscribeall")).isEqualTo(Json.object("unsubscribe_count", 0));
      client.subscribe(topic);
      client.subscribe(topic + "/+");
      client.subscribe(topic);
      assertThat(client.result("unsubscribeall")).isEqualTo(Json.object("unsubscribe_count", 2));
      assertThat(client.result("list")).isEqualTo(Json.array());
      client.publish(topic, "before");
      client.subscribe(topic);
      client.publish(topic, "after");
      assertThat(client.messages(1)).containsExactly("after");
    }
  }

  @Test
  void shouldListEverySubscriptionOnce() {
    String topic = Names.unique("list");
    try (RpcClient client = eventhub.connect()) {
      List<String> topics = List.of(topic, topic + "/#", topic + "/+", topic + "/a.b:c");
      topics.forEach(client::subscribe);
      client.subscribe(topic);

      List<String> listed = new ArrayList<>();
      client.result("list").forEach(each -> listed.add(each.textValue()));
      assertThat(listed).containsExactlyInAnyOrderElementsOf(topics);
    }
  }

  // --- requests that follow one another

  @Test
  void shouldDeliverFromTheSubscriptionOnAndNotFromBefore() {
    String topic = Names.unique("turn");
    try (RpcClient client = eventhub.connect()) {
      for (int round = 0; round < 20; round++) {
        client.begin("publish", Json.object("topic", topic, "message", "before"));
        client.begin("subscribe", Json.object("topic", topic));
        client.begin("publish", Json.object("topic", topic, "message", "m" + round));
        client.begin("unsubscribe", Json.parse("[\"" + topic + "\"]"));
        client.begin("publish", Json.object("topic", topic, "message", "after"));
        client.result("ping");

        // The unsubscription may come before the event does.
        assertThat(client.kept()).isSubsetOf("m" + round);
      }
    }
  }

  /** Topics are not made by subscribing and do not end by being deleted. */
  @Test
  void shouldGoOnWhenATopicIsDeletedAndMadeAgain() {
    String topic = Names.unique("deleted");
    try (RpcClient client = eventhub.connect();
        EventStreamClient stream = eventhub.stream("/" + topic)) {
      client.subscribe(topic);
      client.subscribe(topic + "/#");
      for (String message : List.of("1", "2", "3")) {
        client.publish(topic, message);
        assertThat(client.messages(2)).containsExactly(message, message);
        assertThat(stream.data(1)).containsExactly(message);

        Answer deleted = eventhub.exchange("DELETE", "/v1/channels?kind=log&name=" + topic, "");
        assertThat(deleted.status()).as(deleted.text()).isEqualTo(200);
      }
      assertThat(client.result("eventlog", "topic", topic, "since", 1).get("items")).isEmpty();
      assertThat(client.result("list")).hasSize(2);
    }
  }

  // --- disconnect

  /** What was asked for before is answered, what comes after is not carried out. */
  @Test
  void shouldDisconnectAfterWhatWasAskedForBefore() {
    String topic = Names.unique("bye");
    try (RpcClient client = eventhub.connect()) {
      client.begin("publish", Json.object("topic", topic, "message", "1"));
      client.begin("disconnect", Json.object());
      client.begin("publish", Json.object("topic", topic, "message", "2"));

      assertThat(Json.parse(client.nextText()).at("/result/status").textValue()).isEqualTo("ok");
      assertThat(client.socket().closeCode()).isEqualTo(1000);
      assertThat(client.socket().waiting()).isZero();
    }
    try (RpcClient client = eventhub.connect()) {
      assertThat(client.result("eventlog", "topic", topic, "since", 1).get("items")).hasSize(1);
    }
  }
}
