// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.History.assertHistory;
import static io.dragoman.conformance.eventhub.History.eventLog;
import static io.dragoman.conformance.eventhub.History.params;
import static io.dragoman.conformance.eventhub.History.publish;
import static io.dragoman.conformance.eventhub.History.publishAt;
import static io.dragoman.conformance.eventhub.History.recovery;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What comes before what: the topics of a filter, and history before live events (spec: eventhub
 * §3, ruling 30).
 */
@EventhubSuite
class HistoryOrderTest {
  private final Eventhub eventhub;

  HistoryOrderTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  // --- patterns (ruling 30)

  @Test
  void shouldMergeTheTopicsOfAFilterByTime() {
    String topic = Names.unique("merge");
    try (RpcClient client = eventhub.connect()) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        client.publish(topic + (i % 2 == 0 ? "/a" : "/b"), "m" + i);
        expected.add("m" + i);
      }
      client.publish(topic + "/c/d", "deeper");

      assertThat(eventLog(client, params(topic + "/+", "{\"since\":1}"))).isEqualTo(expected);
      assertThat(eventLog(client, params(topic + "/+", "{\"since\":1,\"limit\":3}")))
          .containsExactly("m3", "m4", "m5");
      assertThat(eventLog(client, params(topic + "/#", "{\"since\":1,\"limit\":2}")))
          .containsExactly("m5", "deeper");
      assertThat(recovery(eventhub, topic + "/+", "{\"since\":1,\"limit\":4}"))
          .isEqualTo("false 2");
      assertHistory(client, topic + "/+", "{\"since\":1}", expected.toArray(new String[0]));
    }
  }

  @Test
  void shouldMergeByThePublishersTimesToo() {
    String topic = Names.unique("merge");
    try (RpcClient client = eventhub.connect()) {
      publishAt(client, topic + "/b", "2", 2_000);
      publishAt(client, topic + "/a", "3", 3_000);
      publishAt(client, topic + "/a", "1", 1_000);
      publishAt(client, topic + "/c", "4", 4_000);
      client.publish(topic + "/b", "5");

      assertThat(eventLog(client, params(topic + "/+", "{\"since\":2000}")))
          .containsExactly("2", "3", "4", "5");
      assertThat(eventLog(client, params(topic + "/#", "{\"since\":1,\"limit\":3}")))
          .containsExactly("3", "4", "5");
    }
  }

  // --- history, then live

  @Test
  void shouldConfirmThenGiveHistoryThenWhatIsPublished() {
    String topic = Names.unique("then");
    try (RpcClient client = eventhub.connect()) {
      publish(client, topic, "1", "2");
      int subscription = client.begin("subscribe", params(topic, "{\"since\":1}"));
      JsonNode confirmation = Json.parse(client.nextText());
      assertThat(confirmation.at("/result/action").textValue()).isEqualTo("subscribe");
      client.publish(topic, "3");

      for (String message : List.of("1", "2", "3")) {
        JsonNode event = client.event();
        assertThat(event.get("id").asInt()).isEqualTo(subscription);
        assertThat(event.at("/result/message").textValue()).isEqualTo(message);
      }
    }
  }

  /** History belongs to the answer: what was asked for later is answered later. */
  @Test
  void shouldGiveHistoryBeforeTheNextReply() {
    String topic = Names.unique("order");
    try (RpcClient client = eventhub.connect()) {
      publish(client, topic, "1", "2");
      for (int i = 0; i < 20; i++) {
        int subscribe = client.begin("subscribe", params(topic, "{\"since\":1}"));
        int unsubscribe = client.begin("unsubscribe", Json.parse("[\"" + topic + "\"]"));
        int list = client.begin("list", Json.array());

        List<Integer> ids = new ArrayList<>();
        for (int frame = 0; frame < 5; frame++) {
          ids.add(Json.parse(client.nextText()).get("id").asInt());
        }
        assertThat(ids)
            .as("confirmation, two events, two replies")
            .containsExactly(subscribe, subscribe, subscribe, unsubscribe, list);
      }
    }
  }

  @Test
  void shouldGiveHistoryUnderTheNewIdWhenSubscribingAgain() {
    String topic = Names.unique("again");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      publish(client, topic, "1", "2");
      assertThat(client.messages(2)).containsExactly("1", "2");

      int again = client.begin("subscribe", params(topic, "{\"since\":1}"));
      JsonNode confirmation = client.reply(again);
      client.publish(topic, "3");

      assertThat(confirmation.at("/result/recovered").booleanValue()).isTrue();
      for (String message : List.of("1", "2", "3")) {
        JsonNode event = client.event();
        assertThat(event.get("id").asInt()).isEqualTo(again);
        assertThat(event.at("/result/message").textValue()).isEqualTo(message);
      }
      assertThat(client.result("list")).isEqualTo(Json.parse("[\"" + topic + "\"]"));
    }
  }
}
