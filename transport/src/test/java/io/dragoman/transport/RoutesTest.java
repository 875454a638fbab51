// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.TEXT;
import static io.dragoman.transport.TestServer.bytes;
import static io.dragoman.transport.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which handler a request goes to. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class RoutesTest {

  private TestServer server;

  @BeforeEach
  void start() {
    server =
        new TestServer(
            routes ->
                routes
                    .exact("GET", "/exact", text("exact get"))
                    .exact("POST", "/exact", text("exact post"))
                    .exact("GET", "/both", text("both get"))
                    .webSocket("/both", text("both socket"))
                    .webSocket("/socket", text("socket"))
                    .webSocketPrefix("/sockets/", text("sockets"))
                    .prefix("GET", "/api/", text("api get"))
                    .prefix("*", "/api/v2/", text("api v2"))
                    .anyWebSocket(text("any socket"))
                    .eventStream(text("stream"))
                    .afterUpgrades("GET", "/", text("dashboard")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RawClient.Response request(String line, String headers) {
    try (RawClient client = server.connect()) {
      client.send(line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
      return client.response();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET /exact, 200, exact get",
    "GET /exact?a=b, 200, exact get",
    "POST /exact, 200, exact post",
    "PUT /exact, 405, Method Not Allowed",
    "POST /socket, 405, Method Not Allowed",
    "GET /socket, 200, socket",
    "GET /sockets/a, 200, sockets",
    "POST /sockets/a, 405, Method Not Allowed",
    "GET /both, 200, both get",
    "GET /api/a, 200, api get",
    "POST /api/a, 405, Method Not Allowed",
    "GET /api/v2/a, 200, api v2",
    "DELETE /api/v2/a, 200, api v2",
    "GET /, 200, dashboard",
    "POST /, 405, Method Not Allowed",
    "GET /other, 404, Not Found",
    "GET /exact/, 404, Not Found",
    "GET /Exact, 404, Not Found"
  })
  void shouldFindPlainRoutes(String line, int status, String body) {
    RawClient.Response response = request(line, "");
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.body().strip()).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource({
    "GET /exact, exact get",
    "GET /socket, socket",
    "GET /sockets/a, sockets",
    "GET /both, both socket",
    "GET /api/a, api get",
    "GET /other, any socket",
    "GET /, any socket"
  })
  void shouldFindRoutesOfUpgrades(String line, String body) {
    String upgrade =
        """
        Connection: Upgrade\r
        Upgrade: WebSocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        """;
    assertThat(request(line, upgrade).body()).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource({
    "GET /topic, text/event-stream, stream",
    "GET /, 'text/html, Text/Event-Stream;q=1', stream",
    "GET /exact, text/event-stream, exact get",
    "GET /, text/html, dashboard"
  })
  void shouldFindRoutesOfStreams(String line, String accept, String body) {
    assertThat(request(line, "Accept: " + accept + "\r\n").body()).isEqualTo(body);
  }

  @Test
  void shouldNameAllowedMethods() {
    assertThat(request("PUT /exact", "").header("allow")).isEqualTo("GET, HEAD, POST");
    assertThat(request("PUT /socket", "").header("allow")).isEqualTo("GET, HEAD");
  }

  @Test
  void shouldUseOwnHandlersForWhatIsNotFound() {
    try (TestServer own =
            new TestServer(
                routes ->
                    routes
                        .exact("GET", "/exact", text("exact"))
                        .methodNotAllowed(e -> e.respond(405, TEXT, bytes("own 405")))
                        .fallback(e -> e.respond(404, TEXT, bytes("own 404 " + e.path()))));
        RawClient client = own.connect()) {
      client.send("PUT /exact HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.response().body()).isEqualTo("own 405");
      client.send("PUT /a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.response().body()).isEqualTo("own 404 /a b");
    }
  }

  @Test
  void shouldRefuseContradictoryRoutes() {
    Routes.Builder routes = Routes.builder().exact("GET", "/a", text("one"));
    assertThatIllegalArgumentException().isThrownBy(() -> routes.exact("GET", "/a", text("two")));
    assertThatIllegalArgumentException().isThrownBy(() -> routes.exact("GET", "a", text("two")));
  }
}
