// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.History.params;
import static io.dragoman.conformance.eventhub.History.publish;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How history is asked for, by {@code eventlog} and when subscribing, and the form of what is given
 * (spec: eventhub §3).
 */
@EventhubSuite
class HistoryRequestsTest {
  private static final String NO_SINCE = "You must specify either 'since' or 'sinceEventId'.";

  private final Eventhub eventhub;

  HistoryRequestsTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  @Test
  void shouldAnswerWithNothingForATopicThatNobodyPublishedTo() {
    String topic = Names.unique("empty");
    try (RpcClient client = eventhub.connect()) {
      for (String since :
          List.of("{\"since\":1}", "{\"since\":-1000}", "{\"sinceEventId\":\"1-1\"}")) {
        assertThat(client.result("eventlog", params(topic, since)))
            .isEqualTo(
                Json.object(
                    "action", "eventlog", "items", Json.array(), "status", "ok", "topic", topic));
      }
    }
  }

  @Test
  void shouldGiveItemsAsSubscribersGetThem() {
    String topic = Names.unique("items");
    try (RpcClient client = eventhub.connect()) {
      int subscription = client.subscribe(topic);
      publish(client, topic, "1", "2");
      List<JsonNode> events = List.of(client.event(), client.event());

      JsonNode items = client.result("eventlog", "topic", topic, "since", 1).get("items");

      assertThat(events).allMatch(each -> each.get("id").asInt() == subscription);
      assertThat(items)
          .isEqualTo(Json.array(events.get(0).get("result"), events.get(1).get("result")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"topic\":\"t\"}",
        "{\"topic\":\"a b\"}",
        "{\"topic\":\"t\",\"since\":0}",
        "{\"topic\":\"t\",\"since\":false}",
        "{\"topic\":\"t\",\"since\":0.9}",
        "{\"topic\":\"t\",\"since\":null}",
        "{\"topic\":\"t\",\"since\":[1]}",
        "{\"topic\":\"t\",\"since\":\"\"}",
        "{\"topic\":\"t\",\"since\":\"0\"}",
        "{\"topic\":\"t\",\"since\":\"123\"}",
        "{\"topic\":\"t\",\"since\":\"-1000\"}",
        "{\"topic\":\"t\",\"since\":\"yesterday\"}",
        "{\"topic\":\"t\",\"sinceEventId\":\"\"}",
        "{\"topic\":\"t\",\"sinceEventId\":5}",
        "{\"topic\":\"t\",\"limit\":5}"
      })
  void shouldAskForATimeOrAnId(String params) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(NO_SINCE, "eventlog", Json.parse(params));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"since\":1}",
        "{\"sinceEventId\":\"1-1\"}",
        "{\"since\":1,\"topic\":\"\"}",
        "{\"since\":1,\"topic\":5}"
      })
  void shouldAskForATopic(String params) {
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid("You must specify topic.", "eventlog", Json.parse(params));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"since\":0}",
        "{\"since\":false}",
        "{\"since\":null}",
        "{\"since\":\"\"}",
        "{\"since\":\"0\"}",
        "{\"since\":\"123\"}",
        "{\"since\":\"-1000\"}",
        "{\"since\":\"yesterday\"}",
        "{\"since\":0.5}",
        "{\"limit\":5}",
        "{\"sinceEventId\":\"\"}",
        "{\"sinceEventId\":7}"
      })
  void shouldGiveSubscribersNoHistoryTheyDidNotAskFor(String params) {
    String topic = Names.unique("none");
    try (RpcClient client = eventhub.connect()) {
      client.publish(topic, "before");

      JsonNode result = client.result("subscribe", params(topic, params));
      client.publish(topic, "after");

      assertThat(result)
          .isEqualTo(Json.object("action", "subscribe", "status", "ok", "topic", topic));
      assertThat(client.messages(1)).containsExactly("after");
    }
  }
}
