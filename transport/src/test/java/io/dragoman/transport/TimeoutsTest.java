// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.TEXT;
import static io.dragoman.transport.TestServer.bytes;
import static io.dragoman.transport.TestServer.echo;
import static io.dragoman.transport.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What happens to clients that do not go on, and what must not happen to those that wait. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class TimeoutsTest {

  private static final String HOST = "Host: localhost\r\n";

  private final BlockingQueue<HttpExchange> waiting = new LinkedBlockingQueue<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final WsRecorder socket = new WsRecorder();
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        new TestServer(
            options ->
                options
                    .requestHeaderTimeoutMillis(500)
                    .bodyIdleTimeoutMillis(200)
                    .keepAliveIdleMillis(600)
                    .closeWaitMillis(200),
            routes ->
                routes
                    .exact("GET", "/hello", text("hello"))
                    .exact("POST", "/echo", echo())
                    .exact("GET", "/wait", waiting::add)
                    .exact("GET", "/large", e -> e.respond(200, TEXT, large())));
  }

  @AfterEach
  void stop() {
    timer.shutdownNow();
    server.close();
  }

  private static ByteBuf large() {
    return Unpooled.wrappedBuffer(new byte[32 << 20]);
  }

  @Test
  void shouldCloseConnectionThatSaysNothing() {
    try (RawClient client = server.connect()) {
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void shouldCloseConnectionWithoutHandshakeAfterTheListenersOwnTime() {
    server.close();
    server =
        new TestServer(
            options -> options.requestHeaderTimeoutMillis(60_000).keepAliveIdleMillis(100),
            listener -> listener.requestHeaderTimeoutMillis(200),
            routes -> routes.anyWebSocket(WsRecorder.accept(WebSocketOptions.defaults(), socket)));
    try (RawClient silent = server.connect();
        RawClient halfway = server.connect();
        WsClient open = server.webSocket("/any/path")) {
      halfway.send("GET / HTTP/1.1\r\nUpgrade:");
      assertThat(silent.readToEnd()).isEmpty();
      assertThat(halfway.response().status()).isEqualTo(408);
      assertThat(open.text("still there").readText()).isEqualTo("still there");
    }
  }

  @Test
  void shouldAnswer408WhenHeadIsNotCompleted() {
    try (RawClient client = server.connect()) {
      client.send("GET /hello HTTP/1.1\r\nHost:");
      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldAnswer408WhenHeadTricklesIn() {
    try (RawClient client = server.connect()) {
      client.send("GET /hello HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(client.response().status()).isEqualTo(200);
      client.send("GET /hello HTTP/1.1\r\n");
      var unused = timer.scheduleAtFixedRate(() -> client.send("x"), 0, 20, TimeUnit.MILLISECONDS);
      assertThat(client.response().status()).isEqualTo(408);
    }
  }

  @Test
  void shouldAnswer408WhenBodyStops() {
    try (RawClient client = server.connect()) {
      client.send("POST /echo HTTP/1.1\r\n" + HOST + "Content-Length: 10\r\n\r\nabc");
      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.atEnd()).isTrue();
    }
    await().until(() -> server.metric(TransportMetrics.BODY_BYTES_IN_FLIGHT) == 0);
  }

  @Test
  void shouldCloseIdleConnectionSilently() {
    try (RawClient client = server.connect()) {
      client.send("GET /hello HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(client.response().status()).isEqualTo(200);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void shouldNeverCutWaitingExchange() throws Exception {
    try (RawClient client = server.connect();
        RawClient other = server.connect()) {
      client.send("GET /wait HTTP/1.1\r\n" + HOST + "\r\n");
      HttpExchange exchange = waiting.poll(10, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      // The other connection is closed for idling, so all timeouts have passed.
      other.send("GET /hello HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(other.response().status()).isEqualTo(200);
      assertThat(other.atEnd()).isTrue();
      exchange.respond(200, TEXT, bytes("worth waiting"));
      assertThat(client.response().body()).isEqualTo("worth waiting");
    }
  }

  @Test
  void shouldDropClientThatDoesNotTakeItsAnswer() {
    try (RawClient client = new RawClient(server.address(), 4096)) {
      client.send("GET /large HTTP/1.1\r\n" + HOST + "\r\n");
      await().until(() -> server.metric(TransportMetrics.CONNECTIONS_TOTAL) == 1);
      await().until(() -> server.metric(TransportMetrics.CONNECTIONS) == 0);
    }
  }

  @Test
  void shouldNotDropClientThatTakesItsAnswerSlowly() throws Exception {
    try (RawClient client = new RawClient(server.address(), 64 << 10)) {
      client.send("GET /large HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(client.head().status()).isEqualTo(200);
      long begin = System.nanoTime();
      CountDownLatch left = new CountDownLatch(32);
      var unused =
          timer.scheduleAtFixedRate(
              () -> {
                client.read(1 << 20);
                left.countDown();
              },
              0,
              40,
              TimeUnit.MILLISECONDS);
      assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1200));
    }
  }

  @Test
  void shouldGiveUpOnClientThatNeverCloses() {
    try (RawClient client = server.connect()) {
      client.send("garbage\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(400);
      await().until(() -> server.metric(TransportMetrics.CONNECTIONS) == 0);
    }
  }
}
