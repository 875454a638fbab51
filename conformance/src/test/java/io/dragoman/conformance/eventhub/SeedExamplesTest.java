// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every example of the protocol's document, word for word: requests as they stand there, replies
 * compared as text with the document's, compacted. Only what a server makes up (event ids, the
 * time) is taken from the reply, after a look at its form.
 */
@EventhubSuite
class SeedExamplesTest {
  private static final Pattern EVENT_ID = Pattern.compile("[0-9]{13}-[0-9]+");
  private static final String TOPIC = "my/topic1";

  private final Eventhub eventhub;

  SeedExamplesTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static String text(String name) {
    String resource = "/seeds/eventhub/" + name;
    try (InputStream in = SeedExamplesTest.class.getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode example(String name) {
    return (ObjectNode) Json.parseExample(text(name));
  }

  /** Asserts that a frame is the example, but for the event's id, which is given. */
  private static String assertIsBesidesEventId(String frame, ObjectNode example) {
    String id = Json.parse(frame).at("/result/id").asText();
    assertThat(id).matches(EVENT_ID);
    ((ObjectNode) example.get("result")).put("id", id);
    assertThat(frame).isEqualTo(example.toString());
    return id;
  }

  private static void assertAnswers(RpcClient client, String request, String response) {
    assertThat(client.exchange(text(request))).isEqualTo(example(response).toString());
  }

  @Test
  void shouldSubscribeAndDeliverUnderTheIdOfTheSubscription() {
    try (RpcClient client = eventhub.connect()) {
      assertAnswers(client, "subscribe-request.json", "subscribe-response.json");

      String published = eventhub.publish(TOPIC, "test message topic 1");

      assertThat(assertIsBesidesEventId(client.nextText(), example("subscribe-event.json")))
          .isEqualTo(published);
    }
  }

  @Test
  void shouldPublish() {
    try (RpcClient client = eventhub.connect()) {
      String first = client.exchange(text("publish-request.json"));
      String second = client.exchange(text("publish-request.json"));

      String firstId = assertIsBesidesEventId(first, example("publish-response.json"));
      assertThat(assertIsBesidesEventId(second, example("publish-response.json")))
          .isNotEqualTo(firstId);
    }
  }

  @Test
  void shouldUnsubscribe() {
    try (RpcClient client = eventhub.connect()) {
      assertAnswers(client, "subscribe-request.json", "subscribe-response.json");

      assertAnswers(client, "unsubscribe-request.json", "unsubscribe-response.json");
    }
  }

  @Test
  void shouldUnsubscribeFromAll() {
    try (RpcClient client = eventhub.connect()) {
      assertAnswers(client, "subscribe-request.json", "subscribe-response.json");

      assertAnswers(client, "unsubscribeall-request.json", "unsubscribeall-response.json");
    }
  }

  @Test
  void shouldListSubscriptions() {
    try (RpcClient client = eventhub.connect()) {
      assertAnswers(client, "subscribe-request.json", "subscribe-response.json");

      assertAnswers(client, "list-request.json", "list-response.json");
    }
  }

  /** The example's request lacks the topic that its response and the table of methods have. */
  @Test
  void shouldGiveTheEventLog() {
    String topic = Names.unique("my/topic");
    ObjectNode request = example("eventlog-request.json5");
    ((ObjectNode) request.get("params")).put("topic", topic);
    ObjectNode response = example("eventlog-response.json");
    response.set("id", request.get("id"));
    ((ObjectNode) response.get("result")).put("topic", topic);
    for (JsonNode item : response.at("/result/items")) {
      String id = eventhub.publish(topic, item.get("message").textValue());
      ((ObjectNode) item).put("id", id).put("topic", topic);
    }

    try (RpcClient client = eventhub.connect()) {
      assertThat(client.exchange(request.toString())).isEqualTo(response.toString());
    }
  }

  @Test
  void shouldSetGetAndDeleteKeys() {
    try (RpcClient client = eventhub.connect()) {
      assertAnswers(client, "set-request.json", "set-response.json");
      assertAnswers(client, "get-request.json", "get-response.json");
      assertAnswers(client, "del-request.json", "del-response.json");

      assertThat(Json.parse(client.exchange(text("get-request.json"))).at("/error/data"))
          .isEqualTo(Json.parse("\"KVStore: key not found\""));
    }
  }

  @Test
  void shouldAnswerPingWithTheTimeOfTheServer() {
    try (RpcClient client = eventhub.connect()) {
      long before = System.currentTimeMillis();
      String frame = client.exchange(text("ping-request.json"));
      long after = System.currentTimeMillis();

      ObjectNode expected = example("ping-response.json");
      JsonNode pong = Json.parse(frame).at("/result/pong");
      ((ObjectNode) expected.get("result")).set("pong", pong);
      assertThat(frame).isEqualTo(expected.toString());
      if (!Eventhub.isExternal()) {
        assertThat(pong.longValue()).isBetween(before, after);
      }
    }
  }

  @Test
  void shouldDisconnectWithoutAReply() {
    try (RpcClient client = eventhub.connect()) {
      client.send(text("disconnect-request.json"));

      assertThat(client.socket().closeCode()).isEqualTo(1000);
      assertThat(client.socket().waiting()).isZero();
    }
  }

  /** Ids may be texts too, "as specified by JSON-RPC". */
  @Test
  void shouldTakeTextsAsIds() {
    try (RpcClient client = eventhub.connect()) {
      for (String request : List.of("list-request.json", "unsubscribeall-request.json")) {
        String id = Names.unique("id");

        String frame = client.exchange(example(request).put("id", id).toString());

        assertThat(Json.parse(frame).get("id").textValue()).isEqualTo(id);
      }
    }
  }

  /** "The since attribute can be set to a timestamp or a message id." */
  @Test
  void shouldGiveHistorySinceATimeOrAMessageId() {
    String topic = Names.unique("my/topic");
    String first = eventhub.publish(topic, "1");
    eventhub.publish(topic, "2");
    long firstTime = Long.parseLong(first.substring(0, first.indexOf('-')));

    try (RpcClient client = eventhub.connect()) {
      client.result("subscribe", "topic", topic, "since", firstTime);
      assertThat(client.messages(2)).containsExactly("1", "2");

      client.result("subscribe", "topic", topic, "since", first);
      assertThat(client.messages(1)).containsExactly("2");

      client.result("subscribe", "topic", topic, "since", 0);
      eventhub.publish(topic, "3");
      assertThat(client.messages(1)).containsExactly("3");
    }
  }
}
