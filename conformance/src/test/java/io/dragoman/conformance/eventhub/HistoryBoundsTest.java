// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Histories of clients that do not read, with room for few of them. One test at a time. */
@Execution(ExecutionMode.SAME_THREAD)
@EventhubSuite(
    settings = {
      "limits.historiesInFlightBytes=1MiB",
      "slowReceiver.bufferBytes=64KiB",
      "eventhub.frameBytes=64MiB"
    })
class HistoryBoundsTest {
  private static final int EVENTS = 90;
  private static final String PADDING = "x".repeat(80_000);
  private static final int CLIENTS = 8;

  private final Eventhub eventhub;

  HistoryBoundsTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private double metric(String name, String state) {
    String begin = name + "{state=\"" + state + "\"} ";
    return eventhub
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToDouble(line -> Double.parseDouble(line.substring(begin.length())))
        .findFirst()
        .orElseThrow();
  }

  private static String message(String text) {
    return Json.parse(text).at("/result/message").textValue();
  }

  /** Events of two topics in turn, as they come sorted by time. */
  private void publish(RpcClient publisher, String root) {
    for (int i = 0; i < EVENTS; i++) {
      publisher.result(
          "publish", "topic", root + "/" + i % 2, "message", i + PADDING, "timestamp", 1_000 + i);
    }
  }

  private RawWebSocket ask(String method, String topic) {
    RawWebSocket socket = RawWebSocket.connectSlow(eventhub.http(), "/");
    socket.sendText(
        RpcClient.request(1, method, Json.object("topic", topic, "since", 1)).toString());
    return socket;
  }

  /** They hold little, hold up nobody, and get everything once they read. */
  @Test
  void shouldNotHoldTheHistoriesOfThoseWhoDoNotRead() {
    String root = Names.unique("held");
    List<RawWebSocket> slow = new ArrayList<>();
    try (RpcClient publisher = eventhub.connect()) {
      publish(publisher, root);
      for (String topic : List.of(root + "/0", root + "/#")) {
        for (int i = 0; i < CLIENTS; i++) {
          slow.add(ask("subscribe", topic));
        }
      }
      try (RpcClient other = eventhub.connect()) {
        other.begin("subscribe", Json.object("topic", root + "/#", "since", 1));
        assertThat(Json.parse(other.nextText()).at("/result/recovered").booleanValue()).isTrue();
        for (int i = 0; i < EVENTS; i++) {
          assertThat(other.messages(1).get(0)).startsWith(i + "x");
        }
      }
      assertThat(metric("dragoman_eventhub_history_bytes", "held")).isBetween(1.0, 3e6);
      assertThat(metric("dragoman_eventhub_history_bytes", "read")).isZero();
      publisher.publish(root + "/0", "live");

      for (int client = 0; client < slow.size(); client++) {
        RawWebSocket socket = slow.get(client);
        int step = client < CLIENTS ? 2 : 1;
        JsonNode confirmation = Json.parse(socket.readText());
        assertThat(confirmation.at("/result/recovered").booleanValue()).isTrue();
        for (int i = 0; i < EVENTS; i += step) {
          assertThat(message(socket.readText())).startsWith(i + "x");
        }
        assertThat(message(socket.readText())).isEqualTo("live");
      }
    } finally {
      slow.forEach(RawWebSocket::close);
    }
    Awaitility.await().until(() -> metric("dragoman_eventhub_history_bytes", "held") == 0);
  }

  /** Answers that are not read hold up nobody: those that follow are smaller for a while. */
  @Test
  void shouldAnswerThoughOthersDoNotRead() {
    String root = Names.unique("answers");
    List<RawWebSocket> slow = new ArrayList<>();
    try (RpcClient publisher = eventhub.connect();
        RpcClient subscriber = eventhub.connect()) {
      publish(publisher, root);
      for (int i = 0; i < CLIENTS; i++) {
        slow.add(ask("eventlog", root + "/#"));
      }
      Awaitility.await().until(() -> metric("dragoman_eventhub_history_bytes", "held") > 5e6);

      JsonNode items = publisher.result("eventlog", "topic", root + "/#", "since", 1).get("items");
      assertThat(items).isNotEmpty();
      assertThat(items.get(items.size() - 1).get("message").asText()).startsWith(EVENTS - 1 + "x");
      subscriber.begin("subscribe", Json.object("topic", root + "/1", "since", 1));
      assertThat(Json.parse(subscriber.nextText()).at("/result/status").asText()).isEqualTo("ok");
      for (int i = 1; i < EVENTS; i += 2) {
        assertThat(subscriber.messages(1).get(0)).startsWith(i + "x");
      }

      for (RawWebSocket socket : slow) {
        JsonNode answer = Json.parse(socket.readText()).at("/result/items");
        assertThat(answer.get(answer.size() - 1).get("message").asText())
            .startsWith(EVENTS - 1 + "x");
      }
      assertThat(publisher.result("eventlog", "topic", root + "/#", "since", 1).get("items"))
          .as("all of it again")
          .hasSize(EVENTS);
    } finally {
      slow.forEach(RawWebSocket::close);
    }
    Awaitility.await().until(() -> metric("dragoman_eventhub_history_bytes", "held") == 0);
  }

  /** Room that was taken for a client that has gone is given back. */
  @Test
  void shouldGiveRoomBackWhenAClientGoes() {
    String root = Names.unique("goes");
    List<RawWebSocket> slow = new ArrayList<>();
    try (RpcClient publisher = eventhub.connect()) {
      publish(publisher, root);
      for (int i = 0; i < CLIENTS; i++) {
        slow.add(ask("eventlog", root + "/#"));
      }
      Awaitility.await().until(() -> metric("dragoman_eventhub_history_bytes", "held") > 5e6);
      slow.forEach(RawWebSocket::reset);
      Awaitility.await().until(() -> metric("dragoman_eventhub_history_bytes", "held") == 0);

      assertThat(publisher.result("eventlog", "topic", root + "/#", "since", 1).get("items"))
          .hasSize(EVENTS);
    } finally {
      slow.forEach(RawWebSocket::close);
    }
  }

  /** Larger than all that may wait for a client. */
  @Test
  void shouldGetOneLargeEventThroughToAClientThatReads() {
    String topic = Names.unique("large");
    String large = "y".repeat(30 << 20);
    try (RpcClient publisher = eventhub.connect();
        RawWebSocket slow = RawWebSocket.connectSlow(eventhub.http(), "/")) {
      String first = publisher.publish(topic, "first");
      publisher.publish(topic, large);
      JsonNode params = Json.object("topic", topic, "sinceEventId", first);
      slow.deadline(Duration.ofSeconds(60));
      slow.sendText(RpcClient.request(1, "subscribe", params).toString());
      for (int i = 2; i < 10; i++) {
        JsonNode event = Json.object("topic", topic, "message", "live" + i);
        slow.sendText(RpcClient.request(i, "publish", event).toString());
      }

      List<String> messages = new ArrayList<>();
      while (!messages.contains("live9")) {
        String message = message(slow.readText());
        if (message != null) {
          messages.add(message);
        }
      }
      assertThat(messages.get(0).equals(large)).as("the large one comes whole").isTrue();
      assertThat(messages.subList(1, messages.size()))
          .containsExactly("live2", "live3", "live4", "live5", "live6", "live7", "live8", "live9");
    }
  }
}
