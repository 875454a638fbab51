// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing over HTTP, which the reference does not have. */
@EventhubSuite
class PublishOverHttpTest {
  private static final String PATH = "/api/v1/topics/";

  private final Eventhub eventhub;

  PublishOverHttpTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static void assertProblem(Answer answer, int status, String detail) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("status").intValue()).isEqualTo(status);
    assertThat(answer.json().get("detail").textValue()).isEqualTo(detail);
  }

  @Test
  void shouldPublishTheBodyAsItIs() {
    String topic = Names.unique("http/topic");
    String message = "{\"a\": \"żółć\"}\n";
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);

      Answer answer = eventhub.post(PATH + topic, message);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      JsonNode event = client.event().get("result");
      assertThat(event.get("message").textValue()).isEqualTo(message);
      assertThat(answer.text())
          .isEqualTo(
              Json.object(
                      "action", "publish", "id", event.get("id"), "status", "ok", "topic", topic)
                  .toString());
    }
  }

  /** A node that is full is not a body that is too large. */
  @Test
  void shouldTellThatThereAreTooManyTopics() {
    Assumptions.assumeFalse(Eventhub.isExternal(), "starts a server of its own");
    try (Eventhub full = Eventhub.start(Map.of("limits.channels", "1"))) {
      assertThat(full.post(PATH + "one", "m").status()).isEqualTo(200);
      assertProblem(
          full.post(PATH + "two", "m"), 503, "this node has 1 channels, as many as it may");
    }
  }

  @Test
  void shouldTakeATimeAndALifetime() {
    String topic = Names.unique("http");
    Answer answer = eventhub.post(PATH + topic + "?timestamp=5000&ttl=1", "m");
    assertThat(answer.json().get("id").textValue()).startsWith("5000-");

    try (RpcClient client = eventhub.connect()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> client.result("eventlog", "topic", topic, "since", 1).get("items").isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%20b", "/a", "a/", "a/%23", "a/+", "%23", "%C3%A9"})
  void shouldRefuseInvalidTopics(String path) {
    Answer answer = eventhub.post(PATH + path, "m");
    String topic = path.replace("%20", " ").replace("%23", "#").replace("%C3%A9", "é");

    assertProblem(answer, 400, topic + " is not a valid topic.");
  }

  @Test
  void shouldRefuseAnEmptyMessage() {
    assertProblem(
        eventhub.post(PATH + Names.unique("http"), ""),
        400,
        "You need to specify topic and message to publish to.");
  }

  @Test
  void shouldRefuseNumbersThatAreNone() {
    String topic = Names.unique("http");
    for (String value : new String[] {"x", "1.5", "99999999999999999999"}) {
      assertProblem(
          eventhub.post(PATH + topic + "?timestamp=" + value, "m"),
          400,
          "timestamp is to be a whole number");
      assertProblem(
          eventhub.post(PATH + topic + "?ttl=" + value, "m"), 400, "ttl is to be a whole number");
    }
    assertProblem(
        eventhub.post(PATH + topic + "?timestamp=-1", "m"),
        400,
        "timestamp is to be milliseconds from 1970 to 9999.");
    assertProblem(
        eventhub.post(PATH + topic + "?ttl=-1", "m"), 400, "ttl is to be 0 to 2147483647 seconds.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void shouldTakeOnlyPosts(String method) {
    Answer answer = eventhub.exchange(method, PATH + Names.unique("http"), "");

    assertThat(answer.status()).isEqualTo(405);
  }
}
