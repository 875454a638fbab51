// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.History.assertHistory;
import static io.dragoman.conformance.eventhub.History.eventLog;
import static io.dragoman.conformance.eventhub.History.params;
import static io.dragoman.conformance.eventhub.History.publish;
import static io.dragoman.conformance.eventhub.History.recovery;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of history is given, and what is said to be missing (spec: eventhub §3, ruling 29). */
@EventhubSuite
class HistoryCompletenessTest {
  private final Eventhub eventhub;

  HistoryCompletenessTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  // --- limit

  @ParameterizedTest
  @CsvSource({
    "1, 3",
    "2, 2 3",
    "3, 1 2 3",
    "1.9, 3",
    "true, 3",
    "500, 1 2 3",
    "-1, 1 2 3",
    "-9223372036854775808, 1 2 3",
    "1e300, 1 2 3",
    "'\"1\"', 1 2 3",
    "null, 1 2 3"
  })
  void shouldGiveTheNewest(String limit, String expected) {
    String topic = Names.unique("limit");
    try (RpcClient client = eventhub.connect()) {
      publish(client, topic, "1", "2", "3");

      assertHistory(client, topic, "{\"since\":1,\"limit\":" + limit + "}", expected.split(" "));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "false", "0.9"})
  void shouldGiveNoneWhenNoneIsAllowed(String limit) {
    String topic = Names.unique("limit");
    try (RpcClient client = eventhub.connect()) {
      publish(client, topic, "1", "2", "3");

      assertHistory(client, topic, "{\"since\":1,\"limit\":" + limit + "}");
    }
  }

  @Test
  void shouldGiveAHundredAtMost() {
    String topic = Names.unique("limit");
    List<String> newest = new ArrayList<>();
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        ids.add(client.publish(topic, "m" + i));
        if (i >= 20) {
          newest.add("m" + i);
        }
      }
      for (String limit : List.of("", ",\"limit\":500", ",\"limit\":-5")) {
        String params = "{\"since\":1" + limit + "}";
        assertThat(eventLog(client, params(topic, params))).isEqualTo(newest);
        assertThat(recovery(eventhub, topic, params)).isEqualTo("false 20");
      }
      String first = "{\"sinceEventId\":\"" + ids.get(0) + "\"}";
      assertThat(eventLog(client, params(topic, first))).isEqualTo(newest);
      assertThat(recovery(eventhub, topic, first)).isEqualTo("false 19");
      assertThat(recovery(eventhub, topic, "{\"since\":\"" + ids.get(19) + "\"}"))
          .isEqualTo("true 0");
    }
  }

  // --- is it complete? (ruling 29)

  @Test
  void shouldSayThatNothingIsMissing() {
    String topic = Names.unique("complete");
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = publish(client, topic, "1", "2", "3");
      int request =
          client.begin("subscribe", Json.object("topic", topic, "sinceEventId", ids.get(0)));

      assertThat(client.nextText())
          .isEqualTo(
              "{\"id\":"
                  + request
                  + ",\"jsonrpc\":\"2.0\",\"result\":{\"action\":\"subscribe\",\"missed\":0,"
                  + "\"recovered\":true,\"status\":\"ok\",\"topic\":\""
                  + topic
                  + "\"}}");
      assertThat(client.messages(2)).containsExactly("2", "3");
      assertThat(recovery(eventhub, topic, "{\"since\":\"" + ids.get(2) + "\"}"))
          .isEqualTo("true 0");
      assertThat(recovery(eventhub, topic, "{\"since\":1}")).isEqualTo("true 0");
      assertThat(recovery(eventhub, topic, "{\"since\":-60000}")).isEqualTo("true 0");
    }
  }

  @Test
  void shouldSayHowMuchTheLimitCutOff() {
    String topic = Names.unique("cut");
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = publish(client, topic, "1", "2", "3", "4", "5");
      String second = "\"sinceEventId\":\"" + ids.get(1) + "\"";

      assertThat(recovery(eventhub, topic, "{" + second + ",\"limit\":2}")).isEqualTo("false 1");
      assertThat(recovery(eventhub, topic, "{" + second + ",\"limit\":3}")).isEqualTo("true 0");
      assertThat(recovery(eventhub, topic, "{\"since\":1,\"limit\":2}")).isEqualTo("false 3");
      assertThat(recovery(eventhub, topic, "{\"since\":1,\"limit\":5}")).isEqualTo("true 0");
      assertHistory(client, topic, "{" + second + ",\"limit\":2}", "4", "5");
    }
  }

  // --- the publisher's ttl (ruling 31)

  @Test
  void shouldNotDeliverWhatHasExpired() {
    String topic = Names.unique("ttl");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      String before = client.publish(topic, "1");
      client.result("publish", "topic", topic, "message", "2", "ttl", 1);
      client.result("publish", "topic", topic, "message", "3", "ttl", 3600);
      client.result("publish", "topic", topic, "message", "4", "ttl", 0);
      client.result("publish", "topic", topic, "message", "5", "ttl", "1");
      assertThat(client.messages(5)).containsExactly("1", "2", "3", "4", "5");
      client.result("unsubscribeall");

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> !eventLog(client, params(topic, "{\"since\":1}")).contains("2"));

      String after = "{\"sinceEventId\":\"" + before + "\"}";
      assertThat(recovery(eventhub, topic, after)).isEqualTo("false 1");
      assertHistory(client, topic, after, "3", "4", "5");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "9223372036854775807", "1e300"})
  void shouldRefuseLifetimesThatAreNone(String ttl) {
    String topic = Names.unique("ttl");
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(
          "ttl is to be 0 to 2147483647 seconds.",
          "publish",
          params(topic, "{\"message\":\"m\",\"ttl\":" + ttl + "}"));
    }
  }
}
