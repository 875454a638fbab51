// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers without end. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class StreamTest {

  private static final AsciiString EVENTS = AsciiString.of("text/event-stream");

  private final StreamRecorder recorder = new StreamRecorder();
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        new TestServer(
            o -> o.keepAliveIdleMillis(100),
            l -> l.cors(true),
            routes -> routes.eventStream(this::open));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void open(HttpExchange exchange) {
    exchange.addResponseHeader(AsciiString.of("cache-control"), "no-cache");
    exchange.stream(200, EVENTS, recorder);
  }

  private static void request(RawClient client) {
    client.send(
        """
        GET /topic HTTP/1.1\r
        Host: localhost\r
        Origin: http://any.example\r
        Accept: text/event-stream\r
        \r
        """);
  }

  @Test
  void shouldStreamUntilEnd() throws Exception {
    BlockingQueue<Boolean> written = new LinkedBlockingQueue<>();
    try (RawClient client = server.connect()) {
      request(client);
      assertThat(client.head().headers())
          .containsEntry("content-type", "text/event-stream")
          .containsEntry("cache-control", "no-cache")
          .containsEntry("connection", "close")
          .containsEntry("access-control-allow-origin", "*")
          .doesNotContainKeys("content-length", "transfer-encoding");
      ResponseStream stream = recorder.awaitOpen();
      stream.send(bytes("data: 1\n\n"));
      assertThat(client.readLine()).isEqualTo("data: 1");
      stream
          .lane()
          .execute(
              () -> {
                stream.write(bytes("data: 2\n\n"), written::add);
                stream.flush();
                stream.end();
                stream.send(bytes("dropped"));
              });
      assertThat(client.readToEnd()).isEqualTo("\ndata: 2\n\n");
      assertThat(written.poll(10, TimeUnit.SECONDS)).isTrue();
      assertThat(recorder.awaitEvent()).isEqualTo("closed");
      assertThat(stream.open()).isFalse();
    }
  }

  @Test
  void shouldGiveSignsOfLife() throws Exception {
    start(StreamOptions.defaults().withKeepAlive(50, AsciiString.of(":\n\n")));
    try (RawClient client = server.connect()) {
      request(client);
      assertThat(client.head().status()).isEqualTo(200);
      ResponseStream stream = recorder.awaitOpen();
      stream.send(bytes(":ok\n\n"));
      await().until(() -> client.readLine().equals(":ok"));
      for (String line : List.of("", ":", "", ":", "")) {
        assertThat(client.readLine()).isEqualTo(line);
      }
      stream.send(bytes("data: 1\n\n"));
      await().until(() -> client.readLine().equals("data: 1"));
      stream.end();
    }
  }

  @Test
  void shouldGiveUpOnClientThatReadsNothing() throws Exception {
    start(StreamOptions.defaults().withKeepAlive(50, AsciiString.of(":\n\n")));
    try (RawClient client = new RawClient(server.address(), 4096)) {
      request(client);
      ResponseStream stream = recorder.awaitOpen();
      while (stream.pendingBytes() < 12 << 20) {
        stream.send(Unpooled.wrappedBuffer(new byte[64 << 10]));
      }
      await().until(() -> recorder.awaitEvent().equals("closed"));
      assertThat(stream.open()).isFalse();
    }
  }

  @Test
  void shouldBoundWhatWaitsForAStream() throws Exception {
    start(StreamOptions.defaults().withPendingBytes(64 << 10, 32 << 10, 128 << 10));
    try (RawClient client = new RawClient(server.address(), 4096)) {
      request(client);
      ResponseStream stream = recorder.awaitOpen();
      for (int i = 0; i < 2000 && stream.open(); i++) {
        stream.send(Unpooled.wrappedBuffer(new byte[16 << 10]));
      }
      await().until(() -> recorder.awaitEvent().equals("closed"));
    }
  }

  @Test
  void shouldSayOnceWhoMayReadTheStream() {
    server.close();
    server =
        new TestServer(
            o -> {},
            l -> l.cors(true),
            routes ->
                routes.eventStream(
                    exchange -> {
                      exchange.addResponseHeader(
                          AsciiString.of("Access-Control-Allow-Origin"), "*");
                      exchange.stream(200, EVENTS, recorder);
                    }));
    try (RawClient client = server.connect()) {
      request(client);
      assertThat(client.head().header("access-control-allow-origin")).isEqualTo("*");
    }
  }

  private void start(StreamOptions options) {
    server.close();
    server =
        new TestServer(
            o -> o.keepAliveIdleMillis(100),
            l -> {},
            routes ->
                routes.eventStream(exchange -> exchange.stream(200, EVENTS, options, recorder)));
  }

  @Test
  void shouldTellThatClientIsGoneOnce() throws Exception {
    try (RawClient client = server.connect()) {
      request(client);
      ResponseStream stream = recorder.awaitOpen();
      client.send("what a stream's client sends is of no interest");
      client.reset();
      assertThat(recorder.awaitEvent()).isEqualTo("closed");
      stream.end();
      stream.send(bytes("dropped"));
      assertThat(stream.open()).isFalse();
      await().until(() -> server.metric(TransportMetrics.CONNECTIONS) == 0);
    }
  }

  @Test
  void shouldTellWhenSlowReaderHasCaughtUp() throws Exception {
    try (RawClient client = new RawClient(server.address(), 4096)) {
      request(client);
      assertThat(client.head().status()).isEqualTo(200);
      ResponseStream stream = recorder.awaitOpen();
      int sent = 0;
      while (stream.pendingBytes() < 2 << 20) {
        stream.send(Unpooled.wrappedBuffer(new byte[64 << 10]));
        sent += 64 << 10;
      }
      client.read(sent);
      assertThat(recorder.awaitEvent()).isEqualTo("writable");
      await().until(() -> stream.pendingBytes() == 0);
    }
  }

  @Test
  void shouldCutOffClientThatLetsTooMuchPileUp() throws Exception {
    try (RawClient client = new RawClient(server.address(), 4096)) {
      request(client);
      ResponseStream stream = recorder.awaitOpen();
      for (int i = 0; i < 1000 && stream.open(); i++) {
        stream.send(Unpooled.wrappedBuffer(new byte[64 << 10]));
      }
      // The kernel took some of it at first, which may have made the stream writable again.
      await().until(() -> recorder.awaitEvent().equals("closed"));
    }
  }
}
