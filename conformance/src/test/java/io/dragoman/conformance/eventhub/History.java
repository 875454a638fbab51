// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;

/**
 * What the tests of history share. There are two ways to it, {@code eventlog} and before a
 * subscription's live events; what both have in common is asked of both.
 */
final class History {
  private History() {}

  /** Publishes messages one after another and gives their ids. */
  static List<String> publish(RpcClient client, String topic, String... messages) {
    List<String> ids = new ArrayList<>();
    for (String message : messages) {
      ids.add(client.publish(topic, message));
    }
    return ids;
  }

  /** Publishes with a time of the publisher's. */
  static String publishAt(RpcClient client, String topic, String message, long millis) {
    return client
        .result("publish", "topic", topic, "message", message, "timestamp", millis)
        .get("id")
        .textValue();
  }

  /** The messages that {@code eventlog} gives. */
  static List<String> eventLog(RpcClient client, ObjectNode params) {
    return messages(client.result("eventlog", params).get("items"));
  }

  private static List<String> messages(JsonNode items) {
    List<String> messages = new ArrayList<>();
    items.forEach(each -> messages.add(each.get("message").textValue()));
    return messages;
  }

  /** Parameters with a topic. */
  static ObjectNode params(String topic, String json) {
    return ((ObjectNode) Json.parse(json)).put("topic", topic);
  }

  /**
   * Asserts which events both ways give, oldest first.
   *
   * @param params without the topic
   */
  static void assertHistory(RpcClient client, String topic, String params, String... messages) {
    ObjectNode asked = params(topic, params);
    assertThat(eventLog(client, asked)).as("eventlog %s", asked).containsExactly(messages);
    client.result("subscribe", asked);
    assertThat(client.messages(messages.length))
        .as("subscribe %s", asked)
        .containsExactly(messages);
    // Nothing else comes before what is published now.
    String end = Names.unique("end");
    client.publish(topic.replace("/+", "/end").replace("/#", "/end"), end);
    assertThat(client.messages(1)).as("subscribe %s", asked).containsExactly(end);
    client.result("unsubscribeall");
  }

  /** The confirmation's words on what is missing: "recovered" or "recovered missed". */
  static String recovery(Eventhub eventhub, String topic, String params) {
    try (RpcClient client = eventhub.connect()) {
      JsonNode result = client.result("subscribe", params(topic, params));
      assertThat(result.get("recovered").isBoolean()).as("%s", result).isTrue();
      String recovered = result.get("recovered").asText();
      return result.has("missed") ? recovered + " " + result.get("missed").longValue() : recovered;
    }
  }
}
