// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What the PHP client says, byte for byte, and what it makes of the answers (spec: connmix §7): its
 * asynchronous worker on Ratchet's socket, and its synchronous calls on Textalk's.
 */
@ConnmixSuite(ownServer = true)
class PhpClientTest {
  private static final int SYNC_FRAGMENT = 4096;
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  private final Connmix connmix;

  PhpClientTest(Connmix connmix) {
    this.connmix = connmix;
  }

  // --- where it looks

  /** The first of {@code apis} must be {@code v1}; each node has an id and where its API is. */
  private URI node() {
    Answer version = connmix.get(connmix.center(), "/version");
    assertThat(version.status()).isEqualTo(200);
    assertThat(Json.parse(version.text()).get("apis").get(0).textValue()).isEqualTo("v1");
    Answer nodes = connmix.get(connmix.center(), "/v1/nodes");
    assertThat(nodes.status()).isEqualTo(200);
    JsonNode node = Json.parse(nodes.text()).get("nodes").get(0);
    assertThat(node.get("id").intValue()).isEqualTo(1);
    return URI.create("http://" + node.get("api_server").textValue());
  }

  // --- its sockets

  /** Ratchet's handshake, and what it asks of the answer. */
  private static RawWebSocket ratchet(URI node) {
    RawHttp connection = RawHttp.open(node);
    connection.write(
        "GET /ws/v1 HTTP/1.1\r\nHost: %1$s\r\nUser-Agent: Ratchet-Pawl/0.4.1\r\n"
                .formatted(node.getAuthority())
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://%s\r\n"
                .formatted(node.getAuthority())
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
            + KEY
            + "\r\n\r\n");
    Answer answer = connection.readHead();
    assertThat(answer.status()).isEqualTo(101);
    // A whole line of this value, not one among others.
    assertThat(values(answer, "connection")).anyMatch(value -> value.equalsIgnoreCase("upgrade"));
    assertThat(values(answer, "upgrade")).containsExactly("websocket");
    assertThat(values(answer, "sec-websocket-accept")).containsExactly(ACCEPT);
    assertThat(values(answer, "sec-websocket-extensions")).isEmpty();
    return RawWebSocket.over(connection);
  }

  private static List<String> values(Answer answer, String name) {
    List<String> values = new ArrayList<>();
    for (Map.Entry<String, List<String>> each : answer.headers().entrySet()) {
      if (each.getKey().equalsIgnoreCase(name)) {
        values.addAll(each.getValue());
      }
    }
    return values;
  }

  /** Textalk's handshake. */
  private static RawWebSocket textalk(URI node) {
    RawHttp connection = RawHttp.open(node);
    connection.write(
        "GET /ws/v1 HTTP/1.1\r\nhost: %s\r\nuser-agent: websocket-client-php\r\n"
                .formatted(node.getAuthority())
            + "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: "
            + KEY
            + "\r\nsec-websocket-version: 13\r\n\r\n");
    Answer answer = connection.readHead();
    assertThat(answer.status()).isEqualTo(101);
    assertThat(values(answer, "sec-websocket-accept")).containsExactly(ACCEPT);
    return RawWebSocket.over(connection);
  }

  /** Textalk sends in pieces of 4,096 bytes. */
  private static void sendInFragments(RawWebSocket socket, String text) {
    byte[] payload = text.getBytes(UTF_8);
    for (int from = 0; from < payload.length; from += SYNC_FRAGMENT) {
      int to = Math.min(payload.length, from + SYNC_FRAGMENT);
      int opcode = from == 0 ? RawWebSocket.TEXT : RawWebSocket.CONTINUATION;
      socket.send(to == payload.length, 0, opcode, true, Arrays.copyOfRange(payload, from, to));
    }
  }

  /** A synchronous call: it takes the next message for the answer, whatever it is. */
  private static String call(RawWebSocket socket, String request) {
    sendInFragments(socket, request);
    return socket.readText();
  }

  /** A client of the application. */
  private RawWebSocket user() {
    URI clients = URI.create("http://127.0.0.1:" + connmix.broker().port("connmix-client"));
    return RawWebSocket.connect(clients, "/chat");
  }

  private static String done(int id) {
    return "{\"E\":null,\"r\":{\"s\":true},\"i\":" + id + "}";
  }

  // --- the exchange

  @Test
  void shouldServeTheWorkerAndItsCalls() {
    URI node = node();
    try (RawWebSocket worker = ratchet(node);
        RawWebSocket user = user()) {
      // The worker consumes as soon as it is connected.
      worker.sendText("{\"m\":\"queue.pop\",\"p\":[\"default\"],\"i\":1}");
      assertThat(worker.readText()).isEqualTo(done(1));

      user.sendText("{\"op\":\"auth\",\"token\":\"a\\/b\"}");
      String event = worker.readText();
      String id = Json.parse(event).at("/p/c").textValue();
      assertThat(event)
          .isEqualTo(
              "{\"e\":\"queue.pop\",\"p\":{\"n\":1,\"c\":\""
                  + id
                  + "\",\"t\":\"default\",\"d\":{\"frame\":{\"type\":\"text\",\"data\":"
                  + "\"{\\\"op\\\":\\\"auth\\\",\\\"token\\\":\\\"a\\\\/b\\\"}\",\"finish\":true}}}"
                  + ",\"id\":null}");

      // It sends ids as integers, escapes slashes and what is not ASCII, and writes [] for {}.
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"set_context_value\",\"a\":[\"uid\",1000]},\"i\":2}"
              .formatted(id));
      assertThat(worker.readText()).isEqualTo(done(2));
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"set_context\",\"a\":[[]]},\"i\":3}"
              .formatted(id));
      assertThat(worker.readText()).isEqualTo(done(3));
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"subscribe\",\"a\":[\"room_1\",\"room_2\"]},\"i\":4}"
              .formatted(id));
      assertThat(worker.readText()).isEqualTo(done(4));
      worker.sendText(
          "{\"m\":\"mesh.send\",\"p\":{\"c\":%s,\"d\":\"{\\\"path\\\":\\\"\\/caf\\u00e9\\\"}\"},\"i\":5}"
              .formatted(id));
      assertThat(worker.readText()).isEqualTo(done(5));
      assertThat(user.readText()).isEqualTo("{\"path\":\"/café\"}");
      worker.sendText("{\"m\":\"mesh.publish\",\"p\":{\"c\":\"room_1\",\"d\":\"hi\"},\"i\":6}");
      assertThat(worker.readText()).isEqualTo("{\"E\":null,\"r\":{\"s\":1,\"f\":0},\"i\":6}");
      assertThat(user.readText()).isEqualTo("hi");
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"unsubscribe\",\"a\":[\"room_1\"]},\"i\":7}"
              .formatted(id));
      assertThat(worker.readText()).isEqualTo(done(7));
      worker.sendText("{\"m\":\"server.ping\",\"p\":[],\"i\":8}");
      assertThat(worker.readText()).isEqualTo("{\"E\":null,\"r\":{\"m\":\"server.pong\"},\"i\":8}");

      // Its own close frame is not masked; it wants a code in the one that comes back.
      worker.send(true, 0, RawWebSocket.CLOSE, false, new byte[] {0x03, (byte) 0xe8});
      assertThat(worker.readFrame().closeCode()).isEqualTo(1000);
    }
    // Connected anew it consumes again: what it did before is forgotten.
    try (RawWebSocket again = ratchet(node)) {
      again.sendText("{\"m\":\"queue.pop\",\"p\":[\"default\"],\"i\":9}");
      assertThat(again.readText()).isEqualTo(done(9));
    }
  }

  @Test
  void shouldAnswerSynchronousCallsOfAnySizeWithNothingBetween() {
    URI node = node();
    try (RawWebSocket calls = textalk(node)) {
      String id;
      PushedClient pushed = connmix.client();
      try (pushed) {
        id = pushed.id();
        for (int size : List.of(1, SYNC_FRAGMENT, 3 * SYNC_FRAGMENT + 17, 60_000)) {
          String text = "x".repeat(size);
          assertThat(
                  call(
                      calls,
                      "{\"m\":\"mesh.send\",\"p\":{\"c\":%s,\"d\":\"%s\"},\"i\":%d}"
                          .formatted(id, text, size)))
              .isEqualTo(done(size));
          assertThat(pushed.next()).isEqualTo("text:" + text);
        }
      }
      assertThat(
              call(
                  calls,
                  "{\"m\":\"mesh.send\",\"p\":{\"c\":%s,\"d\":\"too late\"},\"i\":7}"
                      .formatted(id)))
          .startsWith("{\"E\":{\"c\":401,\"m\":\"")
          .endsWith("\"},\"i\":7}");

      // Its publishing is a mesh.send to a name, which the reference cannot serve either.
      assertThat(call(calls, "{\"m\":\"mesh.send\",\"p\":{\"c\":\"room_1\",\"d\":\"x\"},\"i\":8}"))
          .startsWith("{\"E\":{\"c\":101,\"m\":\"");
    }
  }
}
