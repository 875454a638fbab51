// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.bytes;
import static io.dragoman.transport.WsClient.CLOSE;
import static io.dragoman.transport.WsClient.FIN;
import static io.dragoman.transport.WsClient.PING;
import static io.dragoman.transport.WsClient.PONG;
import static io.dragoman.transport.WsClient.TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the broker does with open WebSockets: sending, flow control, pings, closing. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class WebSocketSendingTest {

  private static final int HIGH = 256 << 10;
  private static final int LOW = 128 << 10;
  private static final int MAX = 4 << 20;

  private final WsRecorder recorder = new WsRecorder();
  private TestServer server;

  @BeforeEach
  void start() {
    WebSocketOptions plain = WebSocketOptions.defaults().withPendingBytes(HIGH, LOW, MAX);
    server =
        new TestServer(
            options -> options.closeWaitMillis(200),
            routes ->
                routes
                    .webSocket("/ws", WsRecorder.accept(plain, recorder))
                    .webSocket("/pinged", WsRecorder.accept(plain.withPingMillis(250), recorder)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private WsClient connect() {
    return server.webSocket("/ws");
  }

  private WsClient connectSlowReader(String path) {
    return new WsClient(new RawClient(server.address(), 4096), path);
  }

  private static ByteBuf large() {
    return Unpooled.wrappedBuffer(new byte[64 << 10]);
  }

  @Test
  void shouldCloseAfterFaultOutsideOfHandler() {
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      socket.lane().execute(() -> socket.failed(new IllegalStateException("a fault (on purpose)")));
      assertThat(client.readClose()).isEqualTo(1011);
      assertThat(recorder.awaitClose()).isEqualTo(1011);
    }
  }

  @Test
  void shouldKeepOrderOfEachSendingThread() throws Exception {
    int threads = 4;
    int each = 2000;
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      List<Thread> senders = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        String name = t + ":";
        senders.add(
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    socket.send(bytes(name + i));
                  }
                }));
      }
      senders.forEach(Thread::start);
      int[] next = new int[threads];
      for (int i = 0; i < threads * each; i++) {
        String[] parts = client.readText().split(":");
        int sender = Integer.parseInt(parts[0]);
        assertThat(Integer.parseInt(parts[1])).isEqualTo(next[sender]++);
      }
      for (Thread sender : senders) {
        sender.join();
      }
      await().until(() -> socket.pendingBytes() == 0);
    }
  }

  @Test
  void shouldWriteJoinedFramesAndTellWhenTheyAreWritten() throws Exception {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      socket
          .lane()
          .execute(
              () -> {
                ByteBuf frames = socket.allocator().directBuffer();
                for (String text : List.of("one", "two", "x".repeat(300))) {
                  WebSocketFrames.writeTextHeader(frames, text.length());
                  frames.writeBytes(bytes(text));
                }
                socket.writeFrames(frames, ok -> events.add("joined " + ok));
                socket.writeFrames(
                    WebSocketFrames.text(socket.allocator(), large()),
                    ok -> events.add("large " + ok));
                socket.writeFrames(WebSocketFrames.text(socket.allocator(), bytes("end")), null);
                events.add("not yet");
                socket.flush();
              });
      assertThat(client.readText()).isEqualTo("one");
      assertThat(client.readText()).isEqualTo("two");
      assertThat(client.readText()).hasSize(300);
      assertThat(client.readText()).hasSize(64 << 10);
      assertThat(client.readText()).isEqualTo("end");
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("not yet");
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("joined true");
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("large true");
    }
  }

  @Test
  void shouldTellListenersWhenClientIsGone() throws Exception {
    BlockingQueue<Boolean> written = new LinkedBlockingQueue<>();
    try (WsClient client = connectSlowReader("/ws")) {
      WebSocket socket = recorder.awaitOpen();
      socket
          .lane()
          .execute(
              () -> {
                for (int i = 0; i < 60; i++) {
                  socket.writeFrames(
                      WebSocketFrames.text(socket.allocator(), large()), written::add);
                }
                socket.flush();
              });
      await().until(() -> socket.pendingBytes() > 0);
      client.raw().reset();
      assertThat(recorder.awaitClose()).isEqualTo(1006);
      await().until(() -> written.size() == 60);
      assertThat(written).contains(false);
      socket.lane().execute(() -> socket.writeFrames(bytes("late"), written::add));
      await().until(() -> written.size() == 61);
      socket.send(bytes("dropped"));
      assertThat(socket.pendingBytes()).isZero();
    }
  }

  @Test
  void shouldTellHowMuchHadLeftWhenClientWent() throws Exception {
    // given
    int payload = large().readableBytes();
    int frame = WebSocketFrames.textHeaderLength(payload) + payload;
    int frames = 200;
    int read = 5;
    BlockingQueue<Long> left = new LinkedBlockingQueue<>();
    try (WsClient client = connectSlowReader("/ws")) {
      WebSocket socket = recorder.awaitOpen();
      socket
          .lane()
          .execute(
              () -> {
                ByteBuf joined = socket.allocator().directBuffer(frames * frame);
                for (int i = 0; i < frames; i++) {
                  WebSocketFrames.writeTextHeader(joined, payload);
                  joined.writeBytes(large());
                }
                socket.writeFramesCounted(
                    WebSocketFrames.text(socket.allocator(), large()), left::add);
                socket.writeFramesCounted(joined, left::add);
                socket.writeFramesCounted(bytes("behind it"), left::add);
                socket.flush();
              });

      // when
      for (int i = 0; i < 1 + read; i++) {
        assertThat(client.readText()).hasSize(payload);
      }
      client.raw().reset();
      assertThat(recorder.awaitClose()).isEqualTo(1006);
      socket.lane().execute(() -> socket.writeFramesCounted(bytes("late"), left::add));

      // then
      assertThat(left.poll(10, TimeUnit.SECONDS)).isEqualTo(frame);
      assertThat(left.poll(10, TimeUnit.SECONDS))
          .isBetween((long) read * frame, (long) frames * frame - 1);
      assertThat(left.poll(10, TimeUnit.SECONDS)).isZero();
      assertThat(left.poll(10, TimeUnit.SECONDS)).isZero();
    }
  }

  @Test
  void shouldShowWhatClientDoesNotRead() {
    try (WsClient client = connectSlowReader("/ws")) {
      WebSocket socket = recorder.awaitOpen();
      int sent = 0;
      while (socket.pendingBytes() < 2 * HIGH) {
        socket.send(large());
        sent++;
      }
      assertThat(socket.open()).isTrue();
      for (int i = 0; i < sent; i++) {
        assertThat(client.readText()).hasSize(64 << 10);
      }
      recorder.awaitWritable();
      await().until(() -> socket.pendingBytes() == 0);
    }
  }

  @Test
  void shouldCutOffClientThatLetsTooMuchPileUp() {
    try (WsClient client = connectSlowReader("/ws")) {
      WebSocket socket = recorder.awaitOpen();
      for (int i = 0; i < 2 * MAX / (64 << 10) + 200; i++) {
        socket.send(large());
      }
      assertThat(recorder.awaitClose()).isEqualTo(1008);
      assertThat(socket.open()).isFalse();
      await().until(() -> server.metric(TransportMetrics.CONNECTIONS) == 0);
      client.raw().disconnect();
    }
  }

  @Test
  void shouldSendOneMessageLargerThanAllBounds() {
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      socket.send(Unpooled.wrappedBuffer(new byte[3 * MAX]));
      assertThat(client.readText()).hasSize(3 * MAX);
    }
  }

  @Test
  void shouldSendMoreBehindOneMessageLargerThanAllBounds() {
    try (WsClient client = connectSlowReader("/pinged")) {
      WebSocket socket = recorder.awaitOpen();
      socket.send(Unpooled.wrappedBuffer(new byte[3 * MAX]));
      socket.send(bytes("behind"));
      assertThat(socket.open()).isTrue();
      assertThat(client.readText()).hasSize(3 * MAX);
      assertThat(client.readText()).isEqualTo("behind");
    }
  }

  @Test
  void shouldCutOffClientThatLetsMorePileUpBehindALargeMessage() {
    try (WsClient client = connectSlowReader("/ws")) {
      WebSocket socket = recorder.awaitOpen();
      for (int i = 0; i < 3; i++) {
        socket.send(Unpooled.wrappedBuffer(new byte[3 * MAX]));
      }
      assertThat(recorder.awaitClose()).isEqualTo(1008);
      client.raw().disconnect();
    }
  }

  @Test
  void shouldFlushOncePerTurn() throws Exception {
    BlockingQueue<Long> unflushed = new LinkedBlockingQueue<>();
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      socket
          .lane()
          .execute(
              () -> {
                socket.send(bytes("a"));
                socket.send(bytes("b"));
                unflushed.add(socket.pendingBytes());
              });
      assertThat(unflushed.poll(10, TimeUnit.SECONDS)).isPositive();
      assertThat(client.readText()).isEqualTo("a");
      assertThat(client.readText()).isEqualTo("b");
    }
  }

  @Test
  void shouldCloseAfterWrites() {
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      socket.send(bytes("last"));
      socket.closeAfterWrites(4001, "ä".repeat(100));
      socket.closeAfterWrites(4002, "second");
      socket.send(bytes("dropped"));
      assertThat(client.readText()).isEqualTo("last");
      WsClient.Frame close = client.read();
      assertThat(close.payload()).hasSize(2 + 122).startsWith(4001 >> 8, 4001 & 0xFF);
      assertThat(close.text()).endsWith("ä");
      client.text("ignored");
      client.frame(FIN | CLOSE, WsClient.closePayload(4001, ""));
      assertThat(client.atEnd()).isTrue();
      assertThat(recorder.awaitClose()).isEqualTo(4001);
    }
  }

  @Test
  void shouldNotWaitLongForClientsCloseFrame() {
    try (WsClient client = connect()) {
      recorder.awaitOpen().closeAfterWrites(1000, "");
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.atEnd()).isTrue();
      assertThat(recorder.awaitClose()).isEqualTo(1000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1004, 1005, 1006, 1015, 5000})
  void shouldRefuseToSendReservedCodes(int code) {
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      assertThatIllegalArgumentException().isThrownBy(() -> socket.closeAfterWrites(code, ""));
      assertThat(client.text("a").readText()).isEqualTo("a");
    }
  }

  @Test
  void shouldPauseAndResumeReading() throws Exception {
    try (WsClient client = connect()) {
      WebSocket socket = recorder.awaitOpen();
      Lane lane = socket.lane();
      CountDownLatch paused = new CountDownLatch(1);
      lane.execute(socket::pauseReading);
      lane.execute(paused::countDown);
      assertThat(paused.await(10, TimeUnit.SECONDS)).isTrue();
      client.text("while paused");
      socket.send(bytes("sent meanwhile"));
      assertThat(client.readText()).isEqualTo("sent meanwhile");
      lane.execute(socket::resumeReading);
      assertThat(client.readText()).isEqualTo("while paused");
      assertThat(client.text("a").readText()).isEqualTo("a");
    }
  }

  @Test
  void shouldDeliverNothingAfterPausingWithinMessage() {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    WebSocketHandler pausing =
        new WsRecorder() {
          @Override
          public void onText(WebSocket socket, ByteBuf payload) {
            seen.add(payload.toString(UTF_8));
            socket.pauseReading();
            socket.lane().execute(() -> socket.lane().execute(socket::resumeReading));
            socket.lane().execute(() -> seen.add("turn"));
          }
        };
    try (TestServer own =
            new TestServer(
                routes ->
                    routes.webSocket(
                        "/ws", WsRecorder.accept(WebSocketOptions.defaults(), pausing)));
        WsClient client = own.webSocket("/ws")) {
      byte[] one = WsClient.masked(FIN | TEXT, new byte[] {'a'});
      byte[] two = new byte[2 * one.length];
      System.arraycopy(one, 0, two, 0, one.length);
      System.arraycopy(one, 0, two, one.length, one.length);
      client.raw().send(two);
      await().until(() -> seen.size() == 4);
      assertThat(seen).containsExactly("a", "turn", "a", "turn");
    }
  }

  @Test
  void shouldDeliverWhatWasReadBeforeTheClientWentAway() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    WsRecorder pausing =
        new WsRecorder() {
          @Override
          public void onText(WebSocket socket, ByteBuf payload) {
            seen.add(payload.toString(UTF_8));
            socket.pauseReading();
          }
        };
    try (TestServer own =
        new TestServer(
            routes ->
                routes.webSocket("/ws", WsRecorder.accept(WebSocketOptions.defaults(), pausing)))) {
      WsClient client = own.webSocket("/ws");
      byte[] one = WsClient.masked(FIN | TEXT, new byte[] {'a'});
      byte[] end = WsClient.masked(FIN | CLOSE, WsClient.closePayload(4001, ""));
      int size = 2 * one.length + end.length;
      client.raw().send(ByteBuffer.allocate(size).put(one).put(one).put(end).array());
      WebSocket socket = pausing.awaitOpen();
      await().until(() -> seen.size() == 1);
      client.raw().disconnect();
      await().until(() -> !socket.open());
      socket.lane().execute(socket::resumeReading);
      await().until(() -> seen.size() == 2);
      socket.lane().execute(socket::resumeReading);
      assertThat(pausing.awaitClose()).isEqualTo(4001);
      await().until(() -> own.metric(TransportMetrics.CONNECTIONS) == 0);
    }
  }

  @Test
  void shouldPingAndTakeAnythingForLife() {
    try (WsClient client = server.webSocket("/pinged")) {
      WebSocket socket = recorder.awaitOpen();
      for (int i = 0; i < 4; i++) {
        WsClient.Frame ping = client.read();
        assertThat(ping.firstByte()).isEqualTo(FIN | PING);
        client.frame(FIN | PONG, ping.payload());
      }
      for (int i = 0; i < 3; i++) {
        assertThat(client.read().firstByte()).isEqualTo(FIN | PING);
        client.raw().send(new byte[] {(byte) 0x82}); // The beginning of a frame is enough.
        client.raw().send(new byte[] {(byte) 0x80, 0, 0, 0, 0});
        recorder.awaitBinary();
      }
      assertThat(socket.open()).isTrue();
    }
  }

  @Test
  void shouldCloseAfterTwoUnansweredPings() {
    try (WsClient client = server.webSocket("/pinged")) {
      recorder.awaitOpen();
      assertThat(client.read().firstByte()).isEqualTo(FIN | PING);
      assertThat(client.read().firstByte()).isEqualTo(FIN | PING);
      assertThat(client.readClose()).isEqualTo(1011);
      assertThat(client.atEnd()).isTrue();
      assertThat(recorder.awaitClose()).isEqualTo(1011);
    }
  }

  @Test
  void shouldGiveUpOnClientThatNeitherReadsNorAnswers() {
    try (WsClient client = connectSlowReader("/pinged")) {
      WebSocket socket = recorder.awaitOpen();
      while (socket.pendingBytes() < HIGH) {
        socket.send(large());
      }
      assertThat(recorder.awaitClose()).isEqualTo(1011);
      await().until(() -> server.metric(TransportMetrics.CONNECTIONS) == 0);
      client.raw().disconnect();
    }
  }

  @Test
  void shouldGiveUpOnClientThatDoesNotReadThoughItIsNotReadEither() {
    try (WsClient client = connectSlowReader("/pinged")) {
      WebSocket socket = recorder.awaitOpen();
      socket.lane().execute(socket::pauseReading);
      while (waiting(socket) < HIGH) {
        socket.send(large());
      }
      assertThat(recorder.awaitClose()).isEqualTo(1011);
      client.raw().disconnect();
    }
  }

  @Test
  void shouldGiveUpOnClientThatTalksButTakesNothing() {
    try (WsClient client = connectSlowReader("/pinged")) {
      WebSocket socket = recorder.awaitOpen();
      while (waiting(socket) < HIGH) {
        socket.send(large());
      }
      // More often than it is pinged.
      await()
          .until(
              () -> {
                client.frame(FIN | PONG, new byte[0]);
                return !socket.open();
              });
      assertThat(recorder.awaitClose()).isEqualTo(1011);
      client.raw().disconnect();
    }
  }

  /** What waits when everything handed over before has been offered to the kernel. */
  private static long waiting(WebSocket socket) {
    CompletableFuture<Long> bytes = new CompletableFuture<>();
    socket.lane().execute(() -> socket.lane().execute(() -> bytes.complete(socket.pendingBytes())));
    return bytes.join();
  }

  @Test
  void shouldNotGiveUpOnClientThatIsNotRead() {
    try (WsClient client = server.webSocket("/pinged")) {
      WebSocket socket = recorder.awaitOpen();
      socket.lane().execute(socket::pauseReading);
      for (int i = 0; i < 5; i++) {
        assertThat(client.read().firstByte()).isEqualTo(FIN | PING);
      }
      assertThat(socket.open()).isTrue();
    }
  }

  @Test
  void shouldCountSocketsAndBytes() {
    try (WsClient client = connect()) {
      recorder.awaitOpen();
      assertThat(server.metric(TransportMetrics.CONNECTIONS, "kind", "websocket")).isOne();
      assertThat(server.metric(TransportMetrics.CONNECTIONS, "kind", "http")).isZero();
      assertThat(server.metric(TransportMetrics.HTTP_RESPONSES_TOTAL, "status", "1xx")).isOne();
      client.text("abc").readText();
      assertThat(server.metric(TransportMetrics.NETWORK_BYTES_TOTAL, "direction", "in"))
          .isGreaterThan(100);
      assertThat(server.metric(TransportMetrics.NETWORK_BYTES_TOTAL, "direction", "out"))
          .isGreaterThan(100);
    }
    await().until(() -> server.metric(TransportMetrics.CONNECTIONS) == 0);
  }
}
