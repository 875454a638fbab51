// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much there may be of everything (rulings 9, 10). */
@EventhubSuite(ownServer = true)
class BoundsTest {
  private static final int MIB = 1 << 20;
  private static final int SUBSCRIPTIONS_MAX = 10_000;

  private final Eventhub eventhub;

  BoundsTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  @Test
  void shouldBoundHistoryInBytesAndSayWhatThatLeavesOut() {
    String topic = Names.unique("large");
    String message = "m".repeat(MIB);
    int count = 12;
    try (RpcClient client = eventhub.connect()) {
      String first = client.publish(topic, "first");
      for (int i = 0; i < count; i++) {
        client.publish(topic, i + message);
      }

      JsonNode items =
          client.result("eventlog", "topic", topic, "sinceEventId", first).get("items");
      assertThat(items.size()).isBetween(6, 8);
      assertThat(items.get(items.size() - 1).get("message").textValue()).startsWith("11m");

      JsonNode confirmation = client.result("subscribe", "topic", topic, "sinceEventId", first);
      int missed = confirmation.get("missed").intValue();
      assertThat(confirmation.get("recovered").booleanValue()).isFalse();
      assertThat(missed + items.size()).isEqualTo(count);
      assertThat(client.messages(count - missed).get(0)).startsWith(missed + "m");
    }
  }

  @Test
  void shouldGiveAtLeastOneEventHoweverLarge() {
    String topic = Names.unique("large");
    // All that fits into a frame.
    String message = "m".repeat(8 * MIB - 200);
    try (RpcClient client = eventhub.connect()) {
      client.publish(topic, "small");
      client.publish(topic, message);

      JsonNode items = client.result("eventlog", "topic", topic, "since", 1).get("items");

      assertThat(items.get(items.size() - 1).get("message").textValue()).isEqualTo(message);
    }
  }

  /** As JSON a control character is six times as long as it is in the log. */
  @Test
  void shouldGiveHistoryThatGrowsWhenItIsWritten() {
    String topic = Names.unique("grows");
    String message = "\u0001".repeat(MIB);
    int count = 7;
    try (RpcClient client = eventhub.connect();
        RpcClient publisher = eventhub.connect()) {
      for (int i = 0; i < count; i++) {
        publisher.publish(topic, i + message);
      }
      client.begin("subscribe", Json.object("topic", topic, "since", 1));
      for (int i = 0; i < count; i++) {
        publisher.publish(topic, "live" + i);
      }

      assertThat(Json.parse(client.nextText()).at("/result/recovered").booleanValue()).isTrue();
      for (int i = 0; i < count; i++) {
        assertThat(client.messages(1).get(0)).startsWith(i + "\u0001");
      }
      assertThat(client.messages(1)).containsExactly("live0");
    }
  }

  /** Every line of an event stream has a name in front. */
  @Test
  void shouldStreamHistoryThatGrowsWhenItIsWritten() {
    String topic = Names.unique("grows");
    String message = "\n".repeat(MIB);
    int count = 7;
    for (int i = 0; i < count; i++) {
      eventhub.publish(topic, i + message);
    }
    try (EventStreamClient stream = eventhub.stream("/" + topic + "?since=1")) {
      eventhub.publish(topic, "live");
      for (int i = 0; i < count; i++) {
        assertThat(stream.data(1).get(0)).startsWith(i + "\n").hasSize(1 + MIB);
      }
      assertThat(stream.data(1)).containsExactly("live");
    }
  }

  @Test
  void shouldCloseWhenAFrameIsTooLarge() {
    try (RawWebSocket socket = RawWebSocket.connect(eventhub.http(), "/")) {
      String head = "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\",\"x\":\"";
      socket.sendText(head + "x".repeat(8 * MIB - head.length() - 2) + "\"}");
      assertThat(socket.readText()).isEqualTo("{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":[]}");
    }
    try (RawWebSocket socket = RawWebSocket.connect(eventhub.http(), "/")) {
      // Its header says so already.
      byte[] frame = RawWebSocket.frame(true, 0, RawWebSocket.TEXT, true, new byte[8 * MIB + 1]);
      socket.sendBytes(Arrays.copyOf(frame, 20));
      assertThat(socket.readCloseCode()).isEqualTo(1009);
    }
  }

  @Test
  void shouldBoundSubscriptionsOfAConnection() {
    String root = Names.unique("many");
    String refusal = "A connection may have " + SUBSCRIPTIONS_MAX + " subscriptions.";
    try (RpcClient client = eventhub.connect();
        RpcClient other = eventhub.connect()) {
      for (int i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        client.begin("subscribe", Json.object("topic", root + "/" + i));
      }
      for (int i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        assertThat(Json.parse(client.nextText()).at("/result/status").asText()).isEqualTo("ok");
      }

      client.assertInvalid(refusal, "subscribe", "topic", root + "/one-more");
      client.subscribe(root + "/5");
      other.subscribe(root + "/one-more");
      client.result("unsubscribe", "topic", root + "/7");
      client.subscribe(root + "/one-more");
      client.publish(root + "/9999", "m");
      assertThat(client.messages(1)).containsExactly("m");
      assertThat(client.result("unsubscribeall"))
          .isEqualTo(Json.object("unsubscribe_count", SUBSCRIPTIONS_MAX));
    }
  }

  /** What waits for a slow reader is bounded; it goes on from the log when it reads again. */
  @Test
  void shouldLoseNothingForASlowReader() {
    String topic = Names.unique("slow");
    String padding = "x".repeat(4_000);
    int count = 5_000;
    try (RawWebSocket slow = RawWebSocket.connectSlow(eventhub.http(), "/");
        RpcClient publisher = eventhub.connect()) {
      slow.sendText(RpcClient.request(1, "subscribe", Json.object("topic", topic)).toString());
      slow.readText();
      for (int i = 0; i < count; i++) {
        publisher.begin("publish", Json.object("topic", topic, "message", i + padding));
      }
      for (int i = 0; i < count; i++) {
        publisher.nextText();
      }

      for (int i = 0; i < count; i++) {
        String message = Json.parse(slow.readText()).at("/result/message").textValue();
        assertThat(message).startsWith(i + "x");
      }
    }
  }

  /** With many topics, too: they go on one after the other, not all at once. */
  @Test
  void shouldLoseNothingForASlowReaderOfManyTopics() {
    String root = Names.unique("dashboard");
    String padding = "x".repeat(9_000);
    int topics = 320;
    int count = 30;
    try (RawWebSocket slow = RawWebSocket.connect(eventhub.http(), "/");
        RpcClient publisher = eventhub.connect()) {
      for (int i = 0; i < topics; i++) {
        JsonNode params = Json.object("topic", root + "/" + i);
        slow.sendText(RpcClient.request(i, "subscribe", params).toString());
        slow.readText();
      }
      for (int i = 0; i < count; i++) {
        for (int topic = 0; topic < topics; topic++) {
          publisher.begin(
              "publish", Json.object("topic", root + "/" + topic, "message", i + padding));
        }
        for (int topic = 0; topic < topics; topic++) {
          publisher.nextText();
        }
      }

      int[] next = new int[topics];
      for (int i = 0; i < topics * count; i++) {
        JsonNode frame = Json.parse(slow.readText());
        int topic = frame.get("id").intValue();
        assertThat(frame.at("/result/message").textValue()).startsWith(next[topic] + "x");
        next[topic]++;
      }
      assertThat(next).containsOnly(count);
    }
  }

  /** A client that asks for much and reads little is not read from, and not given up. */
  @Test
  void shouldAnswerAClientThatAsksFasterThanItReads() {
    String topic = Names.unique("greedy");
    String padding = "x".repeat(10_000);
    int asked = 60;
    try (RawWebSocket slow = RawWebSocket.connectSlow(eventhub.http(), "/");
        RpcClient publisher = eventhub.connect()) {
      for (int i = 0; i < 100; i++) {
        publisher.publish(topic, i + padding);
      }
      List<Integer> ids = new ArrayList<>();
      for (int id = 1; id <= asked; id++) {
        ids.add(id);
        slow.sendText(
            RpcClient.request(id, "eventlog", Json.object("topic", topic, "since", 1)).toString());
      }
      List<Integer> answered = new ArrayList<>();
      for (int i = 0; i < asked; i++) {
        JsonNode reply = Json.parse(slow.readText());
        assertThat(reply.at("/result/items")).hasSize(100);
        answered.add(reply.get("id").asInt());
      }
      assertThat(answered).isEqualTo(ids);
    }
  }
}
