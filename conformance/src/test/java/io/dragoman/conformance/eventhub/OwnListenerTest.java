// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the listener that is Eventhub's alone says to others (spec: eventhub §1, §7). */
@EventhubSuite
class OwnListenerTest {
  private static final String LIST = "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}";
  private static final String LISTED = "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":[]}";

  private final Eventhub eventhub;

  OwnListenerTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private Answer ask(String method, String path, String... headers) {
    try (RawHttp connection = RawHttp.open(eventhub.own())) {
      return connection.write(connection.request(method, path, headers)).read();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/any/path", "/v1/channels", "/?x=y", "/api/x", "/health"})
  void shouldServeWebSocketsOnAnyPath(String path) {
    try (RawWebSocket socket = RawWebSocket.connect(eventhub.own(), path)) {
      assertThat(socket.sendText(LIST).readText()).isEqualTo(LISTED);
    }
  }

  /** Pages of any origin may come here. */
  @Test
  void shouldServeWebSocketsToForeignOrigins() {
    try (RawWebSocket socket =
        RawWebSocket.connect(eventhub.own(), "/", "Origin: https://elsewhere.example")) {
      assertThat(socket.sendText(LIST).readText()).isEqualTo(LISTED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/any/path", "/healthz/", "/v1/channels"})
  void shouldRefuseWhatIsNoWebSocket(String path) {
    Answer answer = ask("GET", path);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).isEqualTo("<h1>400 Bad Request</h1>\nInvalid request.\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
  void shouldRefuseOtherMethods(String method) {
    for (String path : new String[] {"/", "/any/path", "/healthz"}) {
      Answer answer = ask(method, path, "Content-Length: 0");

      assertThat(answer.status()).as(path).isEqualTo(405);
      assertThat(answer.text()).as(path).isEqualTo("<h1>405 Method not allowed</h1>\r\n");
    }
  }

  @Test
  void shouldAnswerPreflightsOfBrowsers() {
    Answer answer =
        ask(
            "OPTIONS",
            "/any/path",
            "Origin: https://elsewhere.example",
            "Access-Control-Request-Method: GET");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("Access-Control-Allow-Methods")).contains("GET");
    assertThat(answer.header("Access-Control-Allow-Origin")).isIn("https://elsewhere.example", "*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/any/path", "/healthz", "/metrics", "/api/v1/topics/t"})
  void shouldSayWhatCanBeDone(String path) {
    Answer answer = ask("OPTIONS", path);

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("Access-Control-Allow-Methods")).contains("GET", "OPTIONS");
  }

  @Test
  void shouldSayThatItIsWell() {
    Answer answer = ask("GET", "/healthz");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("application/json");
    assertThat(answer.text()).isEqualTo("{\"status\":\"ok\"}");
  }
}
