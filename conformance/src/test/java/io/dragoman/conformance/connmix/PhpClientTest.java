// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import java.net.URI;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What the PHP client 1.0.5 writes and reads, byte for byte, in both of its modes (spec: connmix
 * §7): what its three libraries send, what they insist on in answers, and how it says goodbye.
 */
@ConnmixSuite
class PhpClientTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  private static final byte[] NORMAL = {3, (byte) 0xe8};

  private final Connmix connmix;
  private final String topic = Names.unique("foo");

  PhpClientTest(Connmix connmix) {
    this.connmix = connmix;
  }

  /** As Guzzle asks, which throws for every other status. */
  private JsonNode get(String path) {
    URI center = connmix.center();
    try (RawHttp connection = RawHttp.open(center)) {
      Answer answer =
          connection
              .write(
                  "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: GuzzleHttp/7\r\n\r\n"
                      .formatted(path, center.getPort()))
              .read();
      assertThat(answer.status()).isEqualTo(200);
      return answer.json();
    }
  }

  /** The address that the client opens a socket to. */
  private URI apiServer() {
    assertThat(get("/version").at("/apis/0").textValue()).isEqualTo("v1");
    JsonNode node = get("/v1/nodes").at("/nodes/0");
    assertThat(node.get("id").asText()).isEqualTo("1");
    return URI.create("http://" + node.get("api_server").textValue());
  }

  private static RawWebSocket handshake(URI api, String lines) {
    RawHttp connection = RawHttp.open(api);
    connection.write("GET /ws/v1 HTTP/1.1\r\n" + lines + "\r\n");
    Answer answer = connection.readHead();
    assertThat(answer.status()).isEqualTo(101);
    Map<String, List<String>> headers = answer.headers();
    // The whole value of one line each.
    assertThat(headers.get("Connection"))
        .singleElement()
        .asString()
        .isEqualToIgnoringCase("upgrade");
    assertThat(headers.get("Upgrade"))
        .singleElement()
        .asString()
        .isEqualToIgnoringCase("websocket");
    assertThat(headers.get("Sec-WebSocket-Accept")).containsExactly(ACCEPT);
    assertThat(headers).doesNotContainKeys("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol");
    return RawWebSocket.over(connection);
  }

  private static RawWebSocket pawl(URI api) {
    return handshake(
        api,
        "Host: 127.0.0.1:%1$d\r\nUser-Agent: Ratchet-Pawl/0.4\r\nOrigin: http://127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %2$s\r\n"
            .formatted(api.getPort(), KEY));
  }

  private static RawWebSocket textalk(URI api) {
    return handshake(
        api,
        "Host: 127.0.0.1:%1$d\r\nUser-Agent: websocket-client-php\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: %2$s\r\nSec-WebSocket-Version: 13\r\n"
            .formatted(api.getPort(), KEY));
  }

  @Test
  void shouldServeAWorkerInAsynchronousMode() {
    try (RawWebSocket worker = pawl(apiServer());
        PushedClient client = connmix.client()) {
      worker.sendText("{\"m\":\"queue.pop\",\"p\":[\"" + topic + "\"],\"i\":1}");
      assertThat(worker.readText()).isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":1}");

      connmix.enqueue(
          topic,
          client.id(),
          "{\"event\":\"message\",\"uid\":0,\"frame\":{\"type\":\"text\",\"data\":\"{\\\"op\\\":\\\"auth\\\"}\",\"finish\":true}}");
      assertThat(worker.readText())
          .isEqualTo(
              "{\"e\":\"queue.pop\",\"p\":{\"n\":1,\"c\":\"%s\",\"t\":\"%s\",\"d\":{\"event\":\"message\",\"uid\":0,\"frame\":{\"type\":\"text\",\"data\":\"{\\\"op\\\":\\\"auth\\\"}\",\"finish\":true}}},\"id\":null}"
                  .formatted(client.id(), topic));

      // The id comes back as a number; calls follow one another without waiting.
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"set_context_value\",\"a\":[\"uid\",10]},\"i\":2}"
              .formatted(client.id()));
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"set_context\",\"a\":[[]]},\"i\":3}"
              .formatted(client.id()));
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"subscribe\",\"a\":[\"room_%s\",\"user_10\"]},\"i\":4}"
              .formatted(client.id(), topic));
      worker.sendText(
          "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"room_%s\",\"d\":\"{\\\"a\\\":\\\"\\u4f60\\/\\\"}\"},\"i\":5}"
              .formatted(topic));
      worker.sendText(
          "{\"m\":\"mesh.send\",\"p\":{\"c\":%s,\"d\":\"reply\"},\"i\":6}".formatted(client.id()));
      worker.sendText(
          "{\"m\":\"conn.call\",\"p\":{\"c\":%s,\"f\":\"unsubscribe\",\"a\":[\"user_10\"]},\"i\":7}"
              .formatted(client.id()));

      String[] answers = new String[6];
      for (int i = 0; i < answers.length; i++) {
        answers[i] = worker.readText();
      }
      Arrays.sort(answers, Comparator.comparing(PhpClientTest::id));
      assertThat(answers)
          .containsExactly(
              "{\"E\":null,\"r\":{\"s\":true},\"i\":2}",
              "{\"E\":null,\"r\":{\"s\":true},\"i\":3}",
              "{\"E\":null,\"r\":{\"s\":true},\"i\":4}",
              "{\"E\":null,\"r\":{\"s\":1,\"f\":0},\"i\":5}",
              "{\"E\":null,\"r\":{\"s\":true},\"i\":6}",
              "{\"E\":null,\"r\":{\"s\":true},\"i\":7}");
      assertThat(client.next(2)).containsExactly("text:{\"a\":\"你/\"}", "text:reply");
      assertThat(client.connection().context()).containsExactly(Map.entry("uid", "10"));

      // Its own end of a connection, without a mask.
      worker.send(true, 0, RawWebSocket.CLOSE, false, NORMAL);
      assertThat(worker.readCloseCode()).isEqualTo(1000);
    }
  }

  private static Integer id(String answer) {
    return Integer.valueOf(answer.substring(answer.lastIndexOf(':') + 1, answer.length() - 1));
  }

  /** A worker that is cut off comes back after a second, and asks for the same again. */
  @Test
  void shouldLetAWorkerReconnectAndConsumeAgain() {
    URI api = apiServer();
    String pop = "{\"m\":\"queue.pop\",\"p\":[\"" + topic + "\"],\"i\":%d}";
    try (RawWebSocket worker = pawl(api)) {
      worker.sendText(pop.formatted(1));
      assertThat(worker.readText()).isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":1}");
      worker.reset();
    }
    try (RawWebSocket worker = pawl(api)) {
      worker.sendText(pop.formatted(2));
      assertThat(worker.readText()).isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":2}");
      connmix.enqueue(topic, "1", "again");
      assertThat(worker.readText()).contains("\"data\":\"again\"");
    }
  }

  /** One request, one answer, in pieces of 4,096 bytes; nothing else may come between. */
  @Test
  void shouldServeCallsInSynchronousMode() {
    try (RawWebSocket caller = textalk(apiServer());
        PushedClient client = connmix.client()) {
      String data = "d".repeat(10_000);
      fragments(
          caller,
          "{\"m\":\"mesh.send\",\"p\":{\"c\":" + client.id() + ",\"d\":\"" + data + "\"},\"i\":1}");
      assertThat(caller.readText()).isEqualTo("{\"E\":null,\"r\":{\"s\":true},\"i\":1}");
      assertThat(client.next()).isEqualTo("text:" + data);

      // Its publish asks for a send; there is no such client.
      fragments(caller, "{\"m\":\"mesh.send\",\"p\":{\"c\":\"room_1\",\"d\":\"x\"},\"i\":2}");
      assertThat(caller.readText()).startsWith("{\"E\":{\"c\":101,\"m\":").endsWith("},\"i\":2}");

      // What has no params is sent with a list of none.
      fragments(caller, "{\"m\":\"queue.unpop\",\"p\":[],\"i\":3}");
      assertThat(caller.readText()).startsWith("{\"E\":{\"c\":203,").endsWith("},\"i\":3}");

      caller.send(RawWebSocket.CLOSE, NORMAL);
      assertThat(caller.readCloseCode()).isEqualTo(1000);
    }
  }

  private static void fragments(RawWebSocket socket, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    for (int from = 0; from < bytes.length; from += 4096) {
      int to = Math.min(bytes.length, from + 4096);
      int opcode = from == 0 ? RawWebSocket.TEXT : RawWebSocket.CONTINUATION;
      socket.send(to == bytes.length, 0, opcode, true, Arrays.copyOfRange(bytes, from, to));
    }
  }
}
