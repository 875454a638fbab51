// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Clients that leave at any moment leave nothing behind. */
@EventhubSuite(ownServer = true)
class LeavingTest {
  private static final int TIMES = 50;

  private final Eventhub eventhub;

  LeavingTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private double figure(String name) {
    return eventhub
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private void awaitNobody() {
    awaitFigures(0, 0);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> figure("dragoman_subscriptions") == 0);
  }

  /** Others may be on their way out, or still on their way in. */
  private void awaitFigures(int connections, int subscriptions) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(figure("dragoman_eventhub_connections")).isEqualTo(connections);
              assertThat(figure("dragoman_eventhub_subscriptions")).isEqualTo(subscriptions);
            });
  }

  private static String request(int id, String method, String topic) {
    return RpcClient.request(id, method, Json.object("topic", topic, "since", 1, "message", "m"))
        .toString();
  }

  @Test
  void shouldCountSubscriptions() {
    String topic = Names.unique("leave");
    try (RpcClient client = eventhub.connect();
        EventStreamClient stream = eventhub.stream("/" + topic)) {
      client.subscribe(topic);
      client.subscribe(topic + "/#");
      client.subscribe(topic);
      client.result("subscribe", "topic", topic, "since", 1);
      client.publish(topic, "m");
      assertThat(stream.data(1)).containsExactly("m");

      awaitFigures(2, 3);
      client.result("unsubscribe", "topic", topic);
      client.result("unsubscribe", "topic", topic);
      awaitFigures(2, 2);
      client.result("unsubscribeall");
      awaitFigures(2, 1);
    }
    awaitNobody();
  }

  @Test
  void shouldForgetClientsThatAreGoneInTheMiddleOfEverything() {
    String topic = Names.unique("leave");
    for (int i = 0; i < 10; i++) {
      eventhub.publish(topic, "m" + i);
    }
    for (int i = 0; i < TIMES; i++) {
      RawWebSocket client = RawWebSocket.connect(eventhub.http(), "/");
      client.sendText(request(1, "subscribe", topic));
      client.sendText(request(2, "publish", topic));
      client.sendText(request(3, "subscribe", topic + "/#"));
      client.sendText(request(4, "subscribe", topic));
      client.sendText(request(5, "eventlog", topic));
      client.sendText(request(6, "publish", topic));
      if (i % 2 == 0) {
        client.readText();
      }
      client.reset();
    }
    awaitNobody();
  }

  @Test
  void shouldForgetEventStreamsThatAreGone() {
    String topic = Names.unique("leave");
    eventhub.publish(topic, "m");
    for (int i = 0; i < TIMES; i++) {
      RawHttp client = RawHttp.open(eventhub.http());
      client.write(client.request("GET", "/" + topic + "?since=1", "Accept: text/event-stream"));
      if (i % 2 == 0) {
        assertThat(client.readHead().status()).isEqualTo(200);
      }
      client.reset();
    }
    awaitNobody();
  }
}
