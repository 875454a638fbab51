// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What clients are told when retention has taken what they ask for (rulings 28, 29). */
@EventhubSuite(settings = "log.retention.count=5")
class RetentionTest {
  private final Eventhub eventhub;

  RetentionTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static int kept(RpcClient client, String topic) {
    return client.result("eventlog", "topic", topic, "since", 1).get("items").size();
  }

  private static JsonNode resume(RpcClient client, String topic, Object... start) {
    JsonNode result = client.result("subscribe", "topic", topic, start[0].toString(), start[1]);
    client.result("unsubscribeall");
    return result;
  }

  @Test
  void shouldSayWhenSomethingWasRemoved() {
    String topic = Names.unique("trim");
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = new ArrayList<>();
      for (int i = 1; i <= 12; i++) {
        ids.add(client.publish(topic, "m" + i));
      }
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> kept(client, topic) == 5);

      // m3 is gone, and so is something behind it
      JsonNode gone = resume(client, topic, "sinceEventId", ids.get(2));
      assertThat(client.kept()).containsExactly("m8", "m9", "m10", "m11", "m12");
      assertThat(gone.get("recovered").booleanValue()).isFalse();
      assertThat(gone.path("missed").asLong(4)).isEqualTo(4);

      // m9 is there, and so is everything behind it
      JsonNode there = resume(client, topic, "sinceEventId", ids.get(8));
      assertThat(client.kept()).containsExactly("m10", "m11", "m12");
      assertThat(there.get("recovered").booleanValue()).isTrue();
      assertThat(there.get("missed").longValue()).isZero();

      // Since before the first event, some of which are gone
      JsonNode time = resume(client, topic, "since", 1);
      assertThat(client.kept()).containsExactly("m8", "m9", "m10", "m11", "m12");
      assertThat(time.get("recovered").booleanValue()).isFalse();

      // In the same place of a filter
      JsonNode filter = resume(client, topic + "/#", "sinceEventId", ids.get(2));
      assertThat(client.kept()).containsExactly("m8", "m9", "m10", "m11", "m12");
      assertThat(filter.get("recovered").booleanValue()).isFalse();
    }
  }
}
