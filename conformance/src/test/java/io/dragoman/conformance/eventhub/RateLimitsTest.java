// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.Access.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much a token lets its subject publish (spec: eventhub §5). */
@EventhubSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + Access.SECRET})
class RateLimitsTest {
  private final Eventhub eventhub;

  RateLimitsTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static String limited(String subject, String limits) {
    return token(
        "{\"sub\":\"%s\",\"read\":[\"#\"],\"write\":[\"#\"],\"rlimit\":%s}"
            .formatted(subject, limits));
  }

  private static String limit(String topic, long interval, long max) {
    return Json.object("topic", topic, "interval", interval, "max", max).toString();
  }

  private static void assertPublishes(RpcClient client, String topic, int times) {
    for (int i = 0; i < times; i++) {
      client.publish(topic, "m");
    }
  }

  /** A success without an id: clients look at the status. */
  private static void assertExceeded(RpcClient client, String topic) {
    assertThat(client.result("publish", "topic", topic, "message", "too many"))
        .isEqualTo(
            Json.object("action", "publish", "status", "ERR_RATE_LIMIT_EXCEEDED", "topic", topic));
  }

  @Test
  void shouldLimitWhatASubjectPublishes() {
    String topic = Names.unique("rate");
    String token = limited(topic, "[" + limit(topic, 3600, 3) + "]");
    try (RpcClient client = eventhub.connectWith(token);
        RpcClient same = eventhub.connectWith(token);
        RpcClient other =
            eventhub.connectWith(limited(topic + "-2", "[" + limit(topic, 3600, 3) + "]"))) {
      client.subscribe(topic);
      assertPublishes(client, topic, 2);
      assertPublishes(same, topic, 1);

      assertExceeded(client, topic);
      assertExceeded(same, topic);
      Answer http = eventhub.post("/api/v1/topics/" + topic, "m", "Authorization", token);
      assertThat(http.status()).isEqualTo(429);
      assertThat(http.header("Content-Type")).isEqualTo("application/problem+json");

      assertPublishes(client, topic + "/free", 5);
      assertPublishes(other, topic, 3);
      assertThat(client.messages(6)).containsOnly("m");
      client.result("set", "key", topic, "value", "not limited");
    }
  }

  @Test
  void shouldShareALimitAmongTheTopicsOfAPattern() {
    String root = Names.unique("rate");
    String limits = "[" + limit(root + "/#", 3600, 2) + "]";
    try (RpcClient client = eventhub.connectWith(limited(root, limits))) {
      assertPublishes(client, root + "/a", 1);
      assertPublishes(client, root + "/b", 1);

      assertExceeded(client, root + "/c");
      assertExceeded(client, root);
    }
  }

  @Test
  void shouldApplyTheEntryOfTheTopicElseTheLongestPattern() {
    String root = Names.unique("rate");
    String limits =
        "["
            + limit("#", 3600, 1)
            + ","
            + limit(root + "/#", 3600, 2)
            + ","
            + limit(root + "/a", 3600, 3)
            + ","
            + limit(root + "/b/#", 3600, 4)
            + "]";
    try (RpcClient client = eventhub.connectWith(limited(root, limits))) {
      assertPublishes(client, root + "/a", 3);
      assertExceeded(client, root + "/a");
      assertPublishes(client, root + "/b/x", 4);
      assertExceeded(client, root + "/b/x");
      assertPublishes(client, root + "/c", 2);
      assertExceeded(client, root + "/c");
      assertPublishes(client, root + "-else", 1);
      assertExceeded(client, root + "-else");
    }
  }

  @Test
  void shouldCountAnewInTheNextWindow() {
    String topic = Names.unique("rate");
    try (RpcClient client = eventhub.connectWith(limited(topic, "[" + limit(topic, 1, 1) + "]"))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                assertPublishes(client, topic, 1);
                assertExceeded(client, topic);
              });
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  client
                      .result("publish", "topic", topic, "message", "m")
                      .get("status")
                      .textValue()
                      .equals("ok"));
    }
  }

  /** Only what gets that far counts. */
  @Test
  void shouldNotCountWhatIsRefusedForAnotherReason() {
    String topic = Names.unique("rate");
    try (RpcClient client = eventhub.connectWith(limited(topic, "[" + limit("#", 3600, 1) + "]"))) {
      client.assertInvalid("a b is not a valid topic.", "publish", "topic", "a b", "message", "m");
      client.call("publish", Json.object("topic", topic, "message", ""));
      client.call("publish", Json.object("topic", topic, "message", "m", "ttl", -1));
      client.call("publish", Json.object("topic", "t".repeat(257), "message", "m"));
      assertPublishes(client, topic, 1);
      assertExceeded(client, topic);
    }
  }

  @Test
  void shouldNotLimitWithoutASubjectOrAMaximumOrAnInterval() {
    String topic = Names.unique("rate");
    String none = "[" + limit(topic, 3600, 0) + "]";
    String instant = "[" + limit(topic, 0, 1) + "]";
    String real = "[" + limit(topic, 3600, 1) + "]";
    for (String token : List.of(limited(topic, none), limited(topic, instant), limited("", real))) {
      try (RpcClient client = eventhub.connectWith(token)) {
        assertPublishes(client, topic, 5);
      }
    }
  }

  /** One of these makes the reference abort. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "5",
        "\"x\"",
        "[]",
        "{\"topic\":\"#\"}",
        "{\"topic\":\"#\",\"interval\":3600}",
        "{\"interval\":3600,\"max\":1}",
        "{\"topic\":5,\"interval\":3600,\"max\":1}",
        "{\"topic\":\"#\",\"interval\":\"3600\",\"max\":1}",
        "{\"topic\":\"#\",\"interval\":3600,\"max\":null}",
        "{\"topic\":\"#\",\"interval\":-1,\"max\":-1}",
        "{\"topic\":\"a#\",\"interval\":3600,\"max\":1}"
      })
  void shouldSurviveMalformedLimits(String entry) {
    String topic = Names.unique("rate");
    String real = limit(topic + "/limited", 3600, 1);
    try (RpcClient client = eventhub.connectWith(limited(topic, "[" + entry + "," + real + "]"))) {
      assertPublishes(client, topic, 3);
      assertPublishes(client, topic + "/limited", 1);
      assertExceeded(client, topic + "/limited");
    }
    if (!entry.startsWith("[")) {
      try (RpcClient client = eventhub.connectWith(limited(topic, entry))) {
        assertPublishes(client, topic, 3);
      }
    }
  }
}
