// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

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

/** Clients that say nothing, or take nothing (ruling 9). */
@ConnmixSuite(
    settings = {
      "connmix.clients=["
          + "{port: 0, writeTimeout: 5s, subscribe: ['closing-{query.c}']},"
          + "{port: 0, writeTimeout: 300ms, slowConsumer: drop, subscribe: ['dropping-{query.c}']},"
          + "{port: 0, readTimeout: 300ms, pingInterval: 1h},"
          + "{port: 0, readTimeout: 4s, pingInterval: 1s},"
          + "{port: 0, sendQueue: 8, subscribe: ['few-{query.c}']}]"
    })
class SlowMembersTest {
  private final Connmix connmix;
  private final String unique = Names.unique("c");

  SlowMembersTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private String listener(int number) {
    return "connmix-client" + (number == 1 ? "" : "-" + number);
  }

  private RawWebSocket slow(int listener) {
    return RawWebSocket.connectSlow(connmix.clients(listener(listener)), "/chat?c=" + unique);
  }

  private static JsonNode publish(Backend backend, String channel, String data) {
    return backend.result("mesh.publish", Json.object("c", channel, "d", data).toString());
  }

  /** Publishes until a client that reads nothing has taken all that it can. */
  private static int fill(Backend backend, String channel, String data) {
    int taken = 0;
    for (int i = 0; i < 2000; i++) {
      JsonNode count = publish(backend, channel, data);
      assertThat(count.get("s").intValue() + count.get("f").intValue()).isEqualTo(1);
      if (count.get("s").intValue() == 0) {
        return taken;
      }
      taken++;
    }
    throw new AssertionError("it takes anything");
  }

  @Test
  void shouldCountWhatSlowClientsDoNotTakeAndCloseThem() {
    String channel = "closing-" + unique;
    try (RawWebSocket client = slow(1);
        Backend backend = connmix.backend()) {
      fill(backend, channel, "x".repeat(60_000));
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> publish(backend, channel, "y").toString().equals("{\"s\":0,\"f\":0}"));
      assertThat(client).isNotNull();
    }
  }

  @Test
  void shouldKeepSlowClientsWhenTold() {
    String channel = "dropping-" + unique;
    try (RawWebSocket client = slow(2);
        Backend backend = connmix.backend()) {
      String data = "x".repeat(60_000);
      int taken = fill(backend, channel, data);
      List<String> got = new ArrayList<>();
      for (int i = 0; i < taken; i++) {
        got.add(client.readText());
      }
      assertThat(got).hasSize(taken).allMatch(data::equals);
      // What it did not take does not come later.
      assertThat(publish(backend, channel, "again")).hasToString("{\"s\":1,\"f\":0}");
      assertThat(client.readText()).isEqualTo("again");
    }
  }

  @Test
  void shouldBoundThePushesThatWait() {
    String channel = "few-" + unique;
    try (RawWebSocket client = slow(5);
        Backend backend = connmix.backend()) {
      String data = "x".repeat(10_000);
      int taken = fill(backend, channel, data);
      for (int i = 0; i < taken; i++) {
        assertThat(client.readText()).isEqualTo(data);
      }
      assertThat(publish(backend, channel, "again")).hasToString("{\"s\":1,\"f\":0}");
      assertThat(client.readText()).isEqualTo("again");
    }
  }

  @Test
  void shouldCloseWhoSaysNothing() {
    try (RawWebSocket client = RawWebSocket.connect(connmix.clients(listener(3)), "/chat")) {
      assertThat(client.readCloseCode()).isEqualTo(1001);
    }
  }

  @Test
  void shouldKeepWhoAnswersPings() {
    try (RawWebSocket client = RawWebSocket.connect(connmix.clients(listener(4)), "/chat")) {
      // For twice as long as it may say nothing.
      for (int i = 0; i < 8; i++) {
        assertThat(client.readFrame().opcode()).isEqualTo(RawWebSocket.PING);
        client.send(RawWebSocket.PONG, "");
      }
      // Then not any more.
      RawWebSocket.Frame frame = client.readFrame();
      while (frame.opcode() == RawWebSocket.PING) {
        frame = client.readFrame();
      }
      assertThat(frame.opcode()).isEqualTo(RawWebSocket.CLOSE);
    }
  }
}
