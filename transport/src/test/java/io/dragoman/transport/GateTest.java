// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.TEXT;
import static io.dragoman.transport.TestServer.bytes;
import static io.dragoman.transport.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is not let in, and what is refused whatever it is, has no large body read. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class GateTest {
  private static final String HOST = "Host: localhost\r\n";
  private static final int LARGE = 100_000;

  private final AtomicInteger decisions = new AtomicInteger();
  private TestServer server;

  private enum Decision {
    IN,
    OUT
  }

  @BeforeEach
  void start() {
    server =
        new TestServer(
            routes ->
                routes
                    .exact(
                        "POST",
                        "/gate",
                        new Gate<>(
                            Decision.class, this::decide, each -> each == Decision.IN, this::serve))
                    .get("/open", text("open")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Decision decide(HttpExchange exchange) {
    decisions.incrementAndGet();
    return "in".equals(exchange.header("who")) ? Decision.IN : Decision.OUT;
  }

  private void serve(HttpExchange exchange, Decision decision) {
    int length = exchange.body().readableBytes();
    exchange.respond(decision == Decision.IN ? 200 : 403, TEXT, bytes("" + length));
  }

  private static String post(String path, String who, int length) {
    return ("POST " + path + " HTTP/1.1\r\n" + HOST)
        + ("who: " + who + "\r\nContent-Length: " + length + "\r\n\r\n");
  }

  @Test
  void shouldReadWhatThoseSendWhoAreLetInAndDecideOnce() {
    try (RawClient client = server.connect()) {
      for (int length : new int[] {10, LARGE, 10}) {
        client.send(post("/gate", "in", length)).send(new byte[length]);
        RawClient.Response response = client.response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("" + length);
      }
    }
    assertThat(decisions).hasValue(3);
  }

  @Test
  void shouldAnswerOthersBeforeTheirBodyAndClose() {
    try (RawClient client = server.connect()) {
      client.send(post("/gate", "out", LARGE));
      RawClient.Response response = client.response();
      assertThat(response.status()).isEqualTo(403);
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(decisions).hasValue(1);
  }

  @Test
  void shouldNotTakeTheDecisionForAnotherRequest() {
    try (RawClient client = server.connect()) {
      client.send(post("/gate", "in", LARGE)).send(new byte[LARGE]);
      assertThat(client.response().status()).isEqualTo(200);
      client.send(post("/gate", "out", 10)).send(new byte[10]);
      assertThat(client.response().status()).isEqualTo(403);
    }
  }

  /** Unknown paths, methods that are not there, and what anybody may ask. */
  @ParameterizedTest
  @ValueSource(strings = {"POST /nowhere", "PUT /gate", "GET /open"})
  void shouldReadNoBodyThatNobodyWants(String line) {
    try (RawClient client = server.connect()) {
      client.send(line + " HTTP/1.1\r\n" + HOST + "Content-Length: " + LARGE + "\r\n\r\n");
      assertThat(client.response().status()).isIn(200, 404, 405);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(server.metric(TransportMetrics.BODY_BYTES_IN_FLIGHT)).isZero();
  }
}
