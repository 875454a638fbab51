// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.TEXT;
import static io.dragoman.transport.TestServer.bytes;
import static io.dragoman.transport.TestServer.echo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies: framing, bounds, and the budget for all that are in flight. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class BodyTest {

  private static final String HOST = "Host: localhost\r\n";
  private static final int BODY_MAX = 3 << 20;
  private static final String CHUNKED =
      "POST /echo HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";

  private final BlockingQueue<HttpExchange> waiting = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> composite = new LinkedBlockingQueue<>();
  private final BlockingQueue<ByteBuf> kept = new LinkedBlockingQueue<>();
  private TestServer server;

  @BeforeEach
  void start() {
    WebSocketOptions messages = WebSocketOptions.defaults().withMessageBytesMax(BODY_MAX);
    server =
        new TestServer(
            options -> options.bodyBytesMax(BODY_MAX).bodyBytesInFlightMax(BODY_MAX),
            routes ->
                routes
                    .exact("POST", "/echo", echo())
                    .exact("POST", "/wait", waiting::add)
                    .exact("POST", "/kind", this::noteKind)
                    .webSocket("/keep", WsRecorder.accept(messages, new Keeper())));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void noteKind(HttpExchange exchange) {
    composite.add(exchange.body() instanceof CompositeByteBuf);
    exchange.respond(200, TEXT, bytes(String.valueOf(exchange.body().readableBytes())));
  }

  /** Keeps every message beyond its delivery. */
  private final class Keeper implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket socket) {}

    @Override
    public void onText(WebSocket socket, ByteBuf payload) {
      kept.add(payload.retainedDuplicate());
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason) {}
  }

  private ByteBuf nextKept() throws InterruptedException {
    ByteBuf payload = kept.poll(10, TimeUnit.SECONDS);
    assertThat(payload).isNotNull();
    return payload;
  }

  private HttpExchange nextWaiting() throws InterruptedException {
    HttpExchange exchange = waiting.poll(10, TimeUnit.SECONDS);
    assertThat(exchange).isNotNull();
    return exchange;
  }

  private double inFlight() {
    return server.metric(TransportMetrics.BODY_BYTES_IN_FLIGHT);
  }

  private static String post(String path, int length) {
    return "POST " + path + " HTTP/1.1\r\n" + HOST + "Content-Length: " + length + "\r\n\r\n";
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 4096, 4097, 65_535, 65_536, 1 << 20, BODY_MAX})
  void shouldEchoBodiesOfAllSizes(int size) throws IOException, InterruptedException {
    byte[] body = new byte[size];
    for (int i = 0; i < size; i++) {
      body[i] = (byte) (i * 31 + i / 251);
    }
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest fixed =
        HttpRequest.newBuilder(server.uri("/echo"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpRequest chunked =
        HttpRequest.newBuilder(server.uri("/echo"))
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(body)))
            .build();
    assertThat(client.send(fixed, HttpResponse.BodyHandlers.ofByteArray()).body()).isEqualTo(body);
    assertThat(client.send(chunked, HttpResponse.BodyHandlers.ofByteArray()).body())
        .isEqualTo(body);
    // The echo is the body itself, which may be let go of a moment after it was sent.
    await().until(() -> inFlight() == 0);
  }

  @Test
  void shouldNotCopyLargeBodies() throws Exception {
    try (RawClient client = server.connect()) {
      client.send(post("/kind", 1 << 20));
      client.send(new byte[1 << 20]);
      assertThat(client.response().body()).isEqualTo("1048576");
      assertThat(composite.poll(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'3\r\nabc\r\n0\r\n\r\n', abc",
    "'1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', abc",
    "'0003\r\nabc\r\n00\r\n\r\n', abc",
    "'A;name=value\r\n0123456789\r\n0\r\n\r\n', 0123456789",
    "'a ; x\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n', 0123456789",
    "'0\r\n\r\n', ''"
  })
  void shouldReadChunks(String chunks, String expected) {
    try (RawClient client = server.connect()) {
      client.send(CHUNKED + chunks);
      assertThat(client.response().body()).isEqualTo(expected);
      for (char c : (CHUNKED + chunks).toCharArray()) {
        client.send(String.valueOf(c));
      }
      assertThat(client.response().body()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'\r\n', 400",
    "'x\r\n', 400",
    "'-1\r\n', 400",
    "'3\nabc', 400",
    "'3\r\nabcd\r\n', 400",
    "'3\r\nabc\r\nx', 400",
    "'3;\u0001\r\n', 400",
    "'0\r\na\nb\r\n\r\n', 400",
    "'0\r\n\rx', 400",
    "'ffffffffffffffff\r\n', 413",
    "'7fffffff\r\na', 413",
    "'400000\r\na', 413"
  })
  void shouldRefuseMalformedChunks(String chunks, int status) {
    try (RawClient client = server.connect()) {
      client.send(CHUNKED + chunks);
      assertThat(client.response().status()).isEqualTo(status);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(inFlight()).isZero();
  }

  @Test
  void shouldBoundWhatIsSkippedBetweenChunks() {
    try (RawClient client = server.connect()) {
      client.send(CHUNKED + "1;" + "x".repeat(20_000));
      assertThat(client.response().status()).isEqualTo(400);
    }
  }

  @Test
  void shouldRefuseDeclaredLengthOverMaximumAtOnce() {
    try (RawClient client = server.connect()) {
      client.send(post("/echo", BODY_MAX + 1));
      RawClient.Response response = client.response();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(server.metric(TransportMetrics.BODY_REFUSED_TOTAL, "reason", "size")).isOne();
  }

  @Test
  void shouldLetClientReadRefusalWhileItStillSends() {
    try (RawClient client = server.connect()) {
      client.send(post("/echo", BODY_MAX + 1));
      client.send(new byte[BODY_MAX + 1]);
      assertThat(client.response().status()).isEqualTo(413);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldCountChunksTowardsMaximum() {
    byte[] chunk = new byte[1 << 20];
    Arrays.fill(chunk, (byte) 'x');
    try (RawClient client = server.connect()) {
      client.send(CHUNKED);
      for (int i = 0; i < 3; i++) {
        client.send("100000\r\n").send(chunk).send("\r\n");
      }
      client.send("1\r\nx\r\n");
      assertThat(client.response().status()).isEqualTo(413);
    }
    await().until(() -> inFlight() == 0);
  }

  @Test
  void shouldAskForBodyWhenExpected() {
    try (RawClient client = server.connect()) {
      client.send(
          "POST /echo HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(100);
      client.send("abc");
      assertThat(client.response().body()).isEqualTo("abc");
    }
  }

  @Test
  void shouldRefuseExpectedBodyBeforeItIsSent() {
    try (RawClient client = server.connect()) {
      client.send(
          "POST /echo HTTP/1.1\r\n"
              + HOST
              + "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(413);
    }
  }

  @Test
  void shouldRefuseBodiesOverBudgetUntilOthersAreAnswered() throws Exception {
    byte[] half = new byte[BODY_MAX / 2 + 1];
    try (RawClient first = server.connect();
        RawClient second = server.connect();
        RawClient third = server.connect()) {
      first.send(post("/wait", half.length)).send(half);
      HttpExchange held = nextWaiting();
      assertThat(inFlight()).isEqualTo(half.length);

      second.send(post("/wait", half.length));
      RawClient.Response refused = second.response();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isEqualTo("1");
      assertThat(server.metric(TransportMetrics.BODY_REFUSED_TOTAL, "reason", "budget")).isOne();

      held.respond(200, TEXT, bytes("ok"));
      assertThat(first.response().body()).isEqualTo("ok");
      third.send(post("/echo", half.length)).send(half);
      assertThat(third.response().status()).isEqualTo(200);
    }
    await().until(() -> inFlight() == 0);
  }

  @Test
  void shouldRefuseBodyThatGrowsOverBudget() throws Exception {
    byte[] most = new byte[BODY_MAX - 100];
    try (RawClient first = server.connect();
        RawClient second = server.connect()) {
      second.send(CHUNKED + "100\r\n");
      first.send(post("/wait", most.length)).send(most);
      nextWaiting();
      second.send(new byte[256]);
      assertThat(second.response().status()).isEqualTo(503);
    }
    await().until(() -> inFlight() == 0);
  }

  @Test
  void shouldAllowHandlerToReleaseBodyEarly() throws Exception {
    try (RawClient client = server.connect()) {
      client.send(post("/wait", 4) + "abcd");
      HttpExchange exchange = nextWaiting();
      assertThat(inFlight()).isEqualTo(4);
      exchange.lane().execute(exchange::releaseBody);
      await().until(() -> inFlight() == 0);
      exchange.respond(200, TEXT, bytes("ok"));
      assertThat(client.response().body()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100_000})
  void shouldReleaseUnfinishedBodyOfLostClient(int received) {
    try (RawClient client = server.connect()) {
      client.send(post("/echo", 1 << 20)).send(new byte[received]);
      await().until(() -> inFlight() == received);
    }
    await().until(() -> inFlight() == 0);
  }

  @Test
  void shouldCollectBodyFromTinyPieces() {
    int size = 70_000;
    try (RawClient client = server.connect()) {
      client.send(post("/echo", size));
      for (int sent = 0; sent < size; sent += 700) {
        client.send(new byte[700]);
      }
      assertThat(client.response().body()).hasSize(size);
    }
  }

  // ---- what is kept beyond its delivery

  @ParameterizedTest
  @ValueSource(ints = {WsClient.FIN, 0})
  void shouldCountKeptMessageAgainstBudget(int fin) throws Exception {
    String most = "x".repeat(BODY_MAX / 3 * 2);
    try (WsClient first = server.webSocket("/keep");
        WsClient second = server.webSocket("/keep")) {
      first.frame(fin | WsClient.TEXT, most.getBytes(UTF_8));
      if (fin == 0) {
        first.frame(WsClient.FIN | WsClient.CONTINUATION, new byte[0]);
      }
      ByteBuf payload = nextKept();
      assertThat(inFlight()).as("while it is kept").isEqualTo(most.length());

      second.text(most);

      assertThat(second.readClose()).isEqualTo(1013);
      assertThat(server.metric(TransportMetrics.BODY_REFUSED_TOTAL, "reason", "budget")).isOne();
      payload.release();
      await().until(() -> inFlight() == 0);
    }
    try (WsClient third = server.webSocket("/keep")) {
      third.text(most);
      nextKept().release();
    }
    await().until(() -> inFlight() == 0);
  }

  @Test
  void shouldCountKeptBodyOfClientThatLeft() throws Exception {
    byte[] most = new byte[BODY_MAX / 3 * 2];
    HttpExchange exchange;
    ByteBuf body;
    try (RawClient client = server.connect()) {
      client.send(post("/wait", most.length)).send(most);
      exchange = nextWaiting();
      body = exchange.body().retainedDuplicate();
    }
    await().until(() -> !exchange.connected());
    try (RawClient next = server.connect()) {
      next.send(post("/wait", most.length));
      assertThat(next.response().status()).isEqualTo(503);
    }
    assertThat(inFlight()).isEqualTo(most.length);
    body.release();
    await().until(() -> inFlight() == 0);
  }
}
