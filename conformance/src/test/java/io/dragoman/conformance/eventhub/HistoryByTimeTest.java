// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.History.assertHistory;
import static io.dragoman.conformance.eventhub.History.eventLog;
import static io.dragoman.conformance.eventhub.History.params;
import static io.dragoman.conformance.eventhub.History.publishAt;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Names;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** History since a time, which may be the publisher's own (spec: eventhub §3, ruling 28). */
@EventhubSuite
class HistoryByTimeTest {
  private final Eventhub eventhub;

  HistoryByTimeTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  @Test
  void shouldGiveWhatHappenedAtATimeOrLater() {
    String topic = Names.unique("since");
    try (RpcClient client = eventhub.connect()) {
      publishAt(client, topic, "1", 1_000);
      publishAt(client, topic, "2", 2_000);
      publishAt(client, topic, "3", 3_000);

      assertThat(eventLog(client, params(topic, "{\"since\":1}"))).containsExactly("1", "2", "3");
      assertThat(eventLog(client, params(topic, "{\"since\":1000}")))
          .containsExactly("1", "2", "3");
      assertThat(eventLog(client, params(topic, "{\"since\":1001}"))).containsExactly("2", "3");
      assertThat(eventLog(client, params(topic, "{\"since\":2000.9}"))).containsExactly("2", "3");
      assertThat(eventLog(client, params(topic, "{\"since\":true}")))
          .containsExactly("1", "2", "3");
      assertThat(eventLog(client, params(topic, "{\"since\":3001}"))).isEmpty();
      assertHistory(client, topic, "{\"since\":2000}", "2", "3");
    }
  }

  @Test
  void shouldGiveWhatHappenedSoLongAgoOrLater() {
    String topic = Names.unique("since");
    long now = System.currentTimeMillis();
    try (RpcClient client = eventhub.connect()) {
      publishAt(client, topic, "old", now - 600_000);
      publishAt(client, topic, "young", now - 60_000);
      client.publish(topic, "new");

      assertHistory(client, topic, "{\"since\":-300000}", "young", "new");
    }
    String other = Names.unique("since");
    try (RpcClient client = eventhub.connect()) {
      publishAt(client, other, "old", now - 600_000);
      client.publish(other, "new");

      assertHistory(client, other, "{\"since\":-9223372036854775808}", "old", "new");
    }
  }

  // --- the publisher's own time (ruling 28)

  @Test
  void shouldMakeThePublishersTimePartOfTheId() {
    String topic = Names.unique("time");
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      String one = publishAt(client, topic, "1", 1_600_000_000_000L);
      String other = publishAt(client, topic, "2", 1_600_000_000_000L);

      assertThat(one).matches("1600000000000-[0-9]+");
      assertThat(other).matches("1600000000000-[0-9]+").isNotEqualTo(one);
      assertThat(client.event().at("/result/id").textValue()).isEqualTo(one);
      assertThat(client.event().at("/result/id").textValue()).isEqualTo(other);
      assertThat(client.publish(topic, "3")).doesNotStartWith("1600000000000-");
    }
  }

  @ParameterizedTest
  @CsvSource({"5.9, 5", "true, 1", "253402300799999, 253402300799999"})
  void shouldReadThePublishersTimeAsANumber(String timestamp, String millis) {
    String topic = Names.unique("time");
    try (RpcClient client = eventhub.connect()) {
      JsonNode result =
          client.result(
              "publish", params(topic, "{\"message\":\"m\",\"timestamp\":" + timestamp + "}"));
      assertThat(result.get("id").textValue()).startsWith(millis + "-");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "null", "\"1600000000000\"", "false", "0.5", "[1]"})
  void shouldTakeItsOwnTimeWithoutThePublishers(String timestamp) {
    String topic = Names.unique("time");
    long before = System.currentTimeMillis() - 60_000;
    try (RpcClient client = eventhub.connect()) {
      JsonNode result =
          client.result(
              "publish", params(topic, "{\"message\":\"m\",\"timestamp\":" + timestamp + "}"));
      String id = result.get("id").textValue();
      assertThat(Long.parseLong(id.substring(0, id.indexOf('-')))).isGreaterThan(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-5", "253402300800000", "1e300", "9223372036854775807"})
  void shouldRefuseTimesThatAreNone(String timestamp) {
    String topic = Names.unique("time");
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(
          "timestamp is to be milliseconds from 1970 to 9999.",
          "publish",
          params(topic, "{\"message\":\"m\",\"timestamp\":" + timestamp + "}"));
      assertThat(eventLog(client, params(topic, "{\"since\":1}"))).isEmpty();
    }
  }

  /** A time orders history by time; an id gives what was accepted later, in that order. */
  @Test
  void shouldOrderByTimeOrByAcceptance() {
    String topic = Names.unique("time");
    long now = System.currentTimeMillis();
    try (RpcClient client = eventhub.connect()) {
      String first = client.publish(topic, "now");
      publishAt(client, topic, "future", now + 3_600_000);
      publishAt(client, topic, "long ago", 1_000);
      publishAt(client, topic, "yesterday", now - 86_400_000);
      client.publish(topic, "now again");

      assertThat(eventLog(client, params(topic, "{\"since\":1}")))
          .containsExactly("long ago", "yesterday", "now", "now again", "future");
      assertThat(eventLog(client, params(topic, "{\"since\":-3600000}")))
          .containsExactly("now", "now again", "future");
      assertThat(eventLog(client, params(topic, "{\"since\":1,\"limit\":2}")))
          .containsExactly("now again", "future");
      assertHistory(
          client,
          topic,
          "{\"sinceEventId\":\"" + first + "\"}",
          "future",
          "long ago",
          "yesterday",
          "now again");
    }
  }
}
