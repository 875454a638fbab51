// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.History.assertHistory;
import static io.dragoman.conformance.eventhub.History.eventLog;
import static io.dragoman.conformance.eventhub.History.params;
import static io.dragoman.conformance.eventhub.History.publish;
import static io.dragoman.conformance.eventhub.History.publishAt;
import static io.dragoman.conformance.eventhub.History.recovery;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** History after an event, which its id names (spec: eventhub §3, ruling 28). */
@EventhubSuite
class HistoryByIdTest {
  private final Eventhub eventhub;

  HistoryByIdTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  @Test
  void shouldGiveWhatCameAfterAnEvent() {
    String topic = Names.unique("id");
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = publish(client, topic, "1", "2", "3");
      String second = ids.get(1);

      assertThat(eventLog(client, params(topic, "{\"since\":\"" + second + "\"}")))
          .containsExactly("3");
      assertThat(eventLog(client, params(topic, "{\"sinceEventId\":\"" + ids.get(2) + "\"}")))
          .isEmpty();
      assertHistory(client, topic, "{\"sinceEventId\":\"" + second + "\"}", "3");
    }
  }

  @Test
  void shouldPreferTheIdWhenATimeIsGivenToo() {
    String topic = Names.unique("id");
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = publish(client, topic, "1", "2", "3");

      assertHistory(client, topic, "{\"since\":1,\"sinceEventId\":\"" + ids.get(1) + "\"}", "3");
    }
  }

  /** The event with the publisher's time is a place like any other. */
  @Test
  void shouldKnowThePlaceOfAnEventWithThePublishersTime() {
    String topic = Names.unique("time");
    try (RpcClient client = eventhub.connect()) {
      publishAt(client, topic, "1", 5_000);
      String second = publishAt(client, topic, "2", 5_000);
      publishAt(client, topic, "3", 4_000);
      String last = publishAt(client, topic, "4", 5_000);

      String params = "{\"sinceEventId\":\"" + second + "\"}";
      assertThat(recovery(eventhub, topic, params)).isEqualTo("true 0");
      assertThat(recovery(eventhub, topic, "{\"since\":\"" + last + "\"}")).isEqualTo("true 0");
      assertHistory(client, topic, params, "3", "4");
    }
  }

  /** What is left is given all the same (ruling 28). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "123",
        "-",
        "1-",
        "-1",
        "1-2-3",
        "1000-0",
        "1700000000000-0",
        "9999999999999-1",
        "99999999999999999999-1",
        "1-99999999999999999999",
        " 1-1",
        "é-1",
        "１-1"
      })
  void shouldGiveWhatIsLeftAfterAnEventThatItDoesNotKnow(String id) {
    String topic = Names.unique("unknown");
    try (RpcClient client = eventhub.connect()) {
      publish(client, topic, "1", "2");
      // What cannot be an id is no id under the name that times have.
      boolean form = id.indexOf('-') > 0;
      for (String key : form ? List.of("sinceEventId", "since") : List.of("sinceEventId")) {
        String params = Json.object(key, id).toString();
        String[] said = recovery(eventhub, topic, params).split(" ");
        assertThat(said[0]).isEqualTo("false");
        assertThat(eventLog(client, params(topic, params))).containsExactly("1", "2");
      }
    }
  }

  /** An id names its event, not just a time. */
  @Test
  void shouldNotKnowTheEventsOfOtherTopics() {
    String topic = Names.unique("other");
    try (RpcClient client = eventhub.connect()) {
      publish(client, topic + "/a", "1");
      String foreign = client.publish(topic + "/b", "x");
      publish(client, topic + "/a", "2");

      String params = "{\"sinceEventId\":\"" + foreign + "\"}";
      assertThat(recovery(eventhub, topic + "/a", params)).startsWith("false");
      assertThat(eventLog(client, params(topic + "/a", params))).containsExactly("1", "2");
      // A filter that matches both knows it.
      assertThat(recovery(eventhub, topic + "/+", params)).isEqualTo("true 0");
      assertThat(eventLog(client, params(topic + "/+", params))).containsExactly("2");
    }
  }
}
