// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/**
 * History, by {@code eventlog} and before a subscription's live events (spec: eventhub §3, rulings
 * 28 to 30). What both have in common is asked of both.
 */
@EventhubSuite
class HistoryTest {
  private static final String NO_SINCE = "You must specify either 'since' or 'sinceEventId'.";

  private final Eventhub eventhub;

  HistoryTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  /** Publishes messages one after another and gives their ids. */
  private static List<String> publish(RpcClient client, String topic, String... messages) {
    List<String> ids = new ArrayList<>();
    for (String message : messages) {
      ids.add(client.publish(topic, message));
    }
    return ids;
  }

  /** Publishes with a time of the publisher's. */
  private static String publishAt(RpcClient client, String topic, String message, long millis) {
    return client
        .result("publish", "topic", topic, "message", message, "timestamp", millis)
        .get("id")
        .textValue();
  }

  private static List<String> messages(JsonNode items) {
    List<String> messages = new ArrayList<>();
    items.forEach(each -> messages.add(each.get("message").textValue()));
    return messages;
  }

  private static List<String> eventLog(RpcClient client, ObjectNode params) {
    return messages(client.result("eventlog", params).get("items"));
  }

  private static ObjectNode params(String topic, String json) {
    return ((ObjectNode) Json.parse(json)).put("topic", topic);
  }

  /**
   * Asserts which events both ways give, oldest first.
   *
   * @param params without the topic
   */
  private static void assertHistory(
      RpcClient client, String topic, String params, String... messages) {
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
  private String recovery(String topic, String params) {
    try (RpcClient client = eventhub.connect()) {
      JsonNode result = client.result("subscribe", params(topic, params));
      assertThat(result.get("recovered").isBoolean()).as("%s", result).isTrue();
      String recovered = result.get("recovered").asText();
      return result.has("missed") ? recovered + " " + result.get("missed").longValue() : recovered;
    }
  }

  // --- eventlog: form and errors

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

  // --- since when

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
        assertThat(recovery(topic, params)).isEqualTo("false 20");
      }
      String first = "{\"sinceEventId\":\"" + ids.get(0) + "\"}";
      assertThat(eventLog(client, params(topic, first))).isEqualTo(newest);
      assertThat(recovery(topic, first)).isEqualTo("false 19");
      assertThat(recovery(topic, "{\"since\":\"" + ids.get(19) + "\"}")).isEqualTo("true 0");
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
      assertThat(recovery(topic, "{\"since\":\"" + ids.get(2) + "\"}")).isEqualTo("true 0");
      assertThat(recovery(topic, "{\"since\":1}")).isEqualTo("true 0");
      assertThat(recovery(topic, "{\"since\":-60000}")).isEqualTo("true 0");
    }
  }

  @Test
  void shouldSayHowMuchTheLimitCutOff() {
    String topic = Names.unique("cut");
    try (RpcClient client = eventhub.connect()) {
      List<String> ids = publish(client, topic, "1", "2", "3", "4", "5");
      String second = "\"sinceEventId\":\"" + ids.get(1) + "\"";

      assertThat(recovery(topic, "{" + second + ",\"limit\":2}")).isEqualTo("false 1");
      assertThat(recovery(topic, "{" + second + ",\"limit\":3}")).isEqualTo("true 0");
      assertThat(recovery(topic, "{\"since\":1,\"limit\":2}")).isEqualTo("false 3");
      assertThat(recovery(topic, "{\"since\":1,\"limit\":5}")).isEqualTo("true 0");
      assertHistory(client, topic, "{" + second + ",\"limit\":2}", "4", "5");
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
        String[] said = recovery(topic, params).split(" ");
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
      assertThat(recovery(topic + "/a", params)).startsWith("false");
      assertThat(eventLog(client, params(topic + "/a", params))).containsExactly("1", "2");
      // A filter that matches both knows it.
      assertThat(recovery(topic + "/+", params)).isEqualTo("true 0");
      assertThat(eventLog(client, params(topic + "/+", params))).containsExactly("2");
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
      assertThat(recovery(topic, params)).isEqualTo("true 0");
      assertThat(recovery(topic, "{\"since\":\"" + last + "\"}")).isEqualTo("true 0");
      assertHistory(client, topic, params, "3", "4");
    }
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
      assertThat(recovery(topic + "/+", "{\"since\":1,\"limit\":4}")).isEqualTo("false 2");
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
      assertThat(recovery(topic, after)).isEqualTo("false 1");
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
