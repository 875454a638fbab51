// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.core.Message;
import io.dragoman.core.PublishCount;
import io.dragoman.core.Push;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clients over TCP (spec: connmix §5.2). */
@ConnmixSuite(
    settings = {
      "connmix.clients=["
          + "{port: 0, protocol: tcp, maxPacket: 20, events: {message: lines}},"
          + "{port: 0, protocol: tcp, framing: jsonl, events: {message: jsonl}},"
          + "{port: 0, protocol: tcp, framing: length16, maxPacket: 1000,"
          + " events: {message: length16, close: length16}},"
          + "{port: 0, protocol: tcp, framing: length32, maxPacket: 1000,"
          + " events: {message: length32}},"
          + "{port: 0, protocol: tcp, framing: 'fixed:4', events: {message: fixed}},"
          + "{port: 0, protocol: tcp, readTimeout: 200ms},"
          + "{port: 0, protocol: tcp, events: {message: piped, close: piped}},"
          + "{port: 0, protocol: tcp, framing: 'fixed:4', subscribe: [narrow]},"
          + "{port: 0, protocol: tcp, events: {message: ended, close: ended}}]"
    })
class ClientFramingTest {
  private final Connmix connmix;

  ClientFramingTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private PacketClient connect(int listener) {
    return new PacketClient(
        connmix.clients("connmix-client" + (listener == 1 ? "" : "-" + listener)));
  }

  /** Pushes to the client that an event came from. */
  private static void send(Backend backend, JsonNode event, String data) {
    backend.done("mesh.send", Json.object("c", event.at("/p/c").textValue(), "d", data).toString());
  }

  private static JsonNode next(Backend backend) {
    return Json.parse(backend.event());
  }

  @Test
  void shouldTakeLines() {
    try (PacketClient client = connect(1);
        Backend backend = connmix.backend()) {
      backend.pop("lines");
      client.send("one\ntw").send("o\r\nthree\n");
      JsonNode event = next(backend);
      assertThat(event.at("/p/d"))
          .hasToString("{\"frame\":{\"type\":\"text\",\"data\":\"one\",\"finish\":true}}");
      assertThat(backend.data(2)).containsExactly("two", "three");
      send(backend, event, "hello");
      assertThat(client.readText(6)).isEqualTo("hello\n");
      client.send("ping\n");
      assertThat(client.readText(5)).isEqualTo("pong\n");
      client.send((byte) 0xFF, (byte) '\n');
      assertThat(next(backend).at("/p/d/frame/type").textValue()).isEqualTo("binary");
      client.send("x".repeat(20) + "\r\n");
      assertThat(backend.data(1)).containsExactly("x".repeat(20));
      client.send("x".repeat(30));
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldTakeLinesOfJson() {
    try (PacketClient client = connect(2);
        Backend backend = connmix.backend()) {
      backend.pop("jsonl");
      client.send("{\"a\":1}\n\n{\"a\":2}\n");
      JsonNode event = next(backend);
      assertThat(event.at("/p/d/frame/data").textValue()).isEqualTo("{\"a\":1}");
      assertThat(backend.data(1)).containsExactly("{\"a\":2}");
      send(backend, event, "{\n\"b\":3}");
      assertThat(client.readText(9)).isEqualTo("{ \"b\":3}\n");
    }
  }

  @Test
  void shouldTellHowAConnectionEnded() {
    try (Backend backend = connmix.backend()) {
      backend.pop("ended");
      PacketClient resets = connect(9);
      resets.send("ping\n");
      assertThat(resets.readText(5)).isEqualTo("pong\n");
      resets.reset();
      assertThat(next(backend).at("/p/d"))
          .hasToString("{\"event\":\"close\",\"code\":1006,\"reason\":\"\"}");
      try (PacketClient finishes = connect(9)) {
        finishes.finish();
        assertThat(finishes.atEnd()).isTrue();
        assertThat(next(backend).at("/p/d"))
            .hasToString("{\"event\":\"close\",\"code\":1000,\"reason\":\"\"}");
      }
      try (PacketClient sentAway = connect(9)) {
        sentAway.send("who am I\n");
        String id = next(backend).at("/p/c").textValue();
        backend.done(
            "conn.call", "{\"c\":\"" + id + "\",\"f\":\"close\",\"a\":[4001,\"elsewhere\"]}");
        assertThat(sentAway.atEnd()).isTrue();
        assertThat(next(backend).at("/p/d"))
            .hasToString("{\"event\":\"close\",\"code\":4001,\"reason\":\"elsewhere\"}");
      }
    }
  }

  @Test
  void shouldTakePacketsWithTheirLength() {
    try (PacketClient client = connect(3);
        Backend backend = connmix.backend()) {
      backend.pop("length16");
      client.send((byte) 0, (byte) 2, (byte) 'h').send((byte) 'i', (byte) 0, (byte) 0);
      JsonNode event = next(backend);
      assertThat(event.at("/p/d/frame/data").textValue()).isEqualTo("hi");
      assertThat(backend.data(1)).containsExactly("");
      send(backend, event, "yes");
      assertThat(client.read(5)).containsExactly(0, 3, 'y', 'e', 's');
      client.send((byte) 4, (byte) 0);
      assertThat(client.atEnd()).isTrue();
      JsonNode closed = next(backend);
      assertThat(closed.at("/p/d/event").textValue()).isEqualTo("close");
      assertThat(closed.at("/p/d/code").intValue()).isEqualTo(1002);
    }
  }

  @Test
  void shouldTakePacketsWithTheirLengthInFourBytes() {
    try (PacketClient client = connect(4);
        Backend backend = connmix.backend()) {
      backend.pop("length32");
      client.send((byte) 0, (byte) 0, (byte) 0, (byte) 1, (byte) 'x');
      JsonNode event = next(backend);
      assertThat(event.at("/p/d/frame/data").textValue()).isEqualTo("x");
      send(backend, event, "ok");
      assertThat(client.read(6)).containsExactly(0, 0, 0, 2, 'o', 'k');
      client.send((byte) 0xFF, (byte) 0, (byte) 0, (byte) 0);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldTakePacketsOfOneSize() {
    try (PacketClient client = connect(5);
        Backend backend = connmix.backend()) {
      backend.pop("fixed");
      client.send("abcdef").send("gh");
      JsonNode event = next(backend);
      assertThat(event.at("/p/d/frame/data").textValue()).isEqualTo("abcd");
      assertThat(backend.data(1)).containsExactly("efgh");
      send(backend, event, "ab");
      assertThat(client.read(4)).containsExactly('a', 'b', 0, 0);
      backend.refused(
          401,
          "mesh.send",
          Json.object("c", event.at("/p/c").textValue(), "d", "too long").toString());
      send(backend, event, "next");
      assertThat(client.read(4)).isEqualTo("next".getBytes(UTF_8));
    }
  }

  @Test
  void shouldTakeAllOfAClientThatSendsAndFinishes() {
    List<String> lines = IntStream.range(0, 1000).mapToObj(i -> "line " + i).toList();
    try (PacketClient client = connect(7);
        Backend backend = connmix.backend()) {
      backend.pop("piped");
      client.send(String.join("\n", lines) + "\nping\n").finish();
      assertThat(backend.data(1000)).isEqualTo(lines);
      assertThat(next(backend).at("/p/d/event").textValue()).isEqualTo("close");
      assertThat(client.readText(5)).isEqualTo("pong\n");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldPushWhatFitsBehindSomethingThatDoesNot() {
    try (PacketClient client = connect(8)) {
      client.send("ping");
      assertThat(client.readText(4)).isEqualTo("pong");
      List<Push> pushes =
          Stream.of("a", "too long", "b")
              .map(each -> Message.builder().channel("narrow").body(each.getBytes(UTF_8)).build())
              .map(each -> new Push(each, false))
              .toList();
      List<PublishCount> counts =
          pushes.stream()
              .map(each -> connmix.broker().core().connections().publish(each))
              .toList()
              .stream()
              .map(each -> each.toCompletableFuture().join().orThrow())
              .toList();
      assertThat(counts)
          .containsExactly(new PublishCount(1, 0), new PublishCount(0, 1), new PublishCount(1, 0));
      assertThat(client.read(8)).containsExactly('a', 0, 0, 0, 'b', 0, 0, 0);
    }
  }

  @Test
  void shouldCloseWhoSaysNothing() {
    try (PacketClient client = connect(6)) {
      assertThat(client.atEnd()).isTrue();
    }
  }
}
