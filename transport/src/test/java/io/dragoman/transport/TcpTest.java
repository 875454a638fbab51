// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.bytes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections without HTTP. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class TcpTest {
  private final Metrics metrics = new Metrics();
  private final BlockingQueue<TcpSocket> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> losses = new LinkedBlockingQueue<>();
  private final BlockingQueue<TcpSocket> closed = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private volatile boolean working;
  private Transport transport;

  @BeforeEach
  void start() {
    transport =
        new Transport(
            TransportOptions.builder().eventLoops(1).keepAliveIdleMillis(100).build(), metrics);
  }

  @AfterEach
  void stop() {
    transport.close();
  }

  private Listener listen(long readTimeoutMillis, long writeTimeoutMillis) throws IOException {
    return transport.listenTcp(
        ListenerOptions.builder("tcp").hosts(List.of("127.0.0.1")).build(),
        new TcpOptions(readTimeoutMillis, writeTimeoutMillis, 64 << 10, 32 << 10, 16 << 20),
        Lines::new);
  }

  /** Takes lines and echoes them; pauses behind a line that says so. */
  private final class Lines implements TcpHandler {
    @Override
    public void onOpen(TcpSocket socket) {
      assertThat(socket.lane().inLane()).isTrue();
      opened.add(socket);
    }

    @Override
    public void onBytes(TcpSocket socket, ByteBuf in) {
      for (int end = in.bytesBefore((byte) '\n'); end >= 0; end = in.bytesBefore((byte) '\n')) {
        String line = in.readCharSequence(end, US_ASCII).toString();
        in.skipBytes(1);
        received.add(line);
        if (line.equals("throw")) {
          throw new IllegalStateException("a fault (on purpose)");
        }
        socket.write(bytes(line + "\n"), null);
        socket.flushSoon();
        if (line.equals("pause")) {
          socket.pauseReading();
          return;
        }
      }
    }

    @Override
    public void onUnread(TcpSocket socket, ByteBuf in) {
      received.add("unread: " + in.toString(US_ASCII));
    }

    @Override
    public boolean working() {
      return working;
    }

    @Override
    public void onClose(TcpSocket socket, boolean lost) {
      assertThat(socket.open()).isFalse();
      losses.add(lost);
      closed.add(socket);
    }
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(10, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  @Test
  void shouldKeepWhatIsNotRead() throws Exception {
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("one\ntw");
      assertThat(client.readLine()).isEqualTo("one");
      client.send("o\n");
      assertThat(client.readLine()).isEqualTo("two");
      assertThat(next(opened).remote()).isNotNull();
    }
    next(closed);
    await().until(() -> connections() == 0);
  }

  @Test
  void shouldDeliverNothingWhilePaused() throws Exception {
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("pause\nafter\n");
      assertThat(client.readLine()).isEqualTo("pause");
      TcpSocket socket = next(opened);
      client.send("later\n");
      assertThat(next(received)).isEqualTo("pause");
      assertThat(received).isEmpty();
      socket.lane().execute(socket::resumeReading);
      assertThat(client.readLine()).isEqualTo("after");
      assertThat(client.readLine()).isEqualTo("later");
    }
  }

  @Test
  void shouldDeliverWhatWasReadBeforeTheClientFinished() throws Exception {
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("pause\nafter\npause\nlast\nrest").finish();
      TcpSocket socket = next(opened);
      assertThat(next(received)).isEqualTo("pause");
      socket.lane().execute(socket::resumeReading);
      assertThat(next(received)).isEqualTo("after");
      assertThat(next(received)).isEqualTo("pause");
      assertThat(closed).isEmpty();
      socket.lane().execute(socket::resumeReading);
      assertThat(next(received)).isEqualTo("last");
      assertThat(client.readToEnd()).isEqualTo("pause\nafter\npause\nlast\n");
      assertThat(next(closed)).isSameAs(socket);
      assertThat(next(received)).isEqualTo("unread: rest");
    }
    await().until(() -> connections() == 0);
  }

  @Test
  void shouldDeliverWhatWasReadBeforeTheClientWentAway() throws Exception {
    RawClient client = new RawClient(listen(0, 0).address());
    client.send("pause\nafter\nlater\n");
    assertThat(client.readLine()).isEqualTo("pause");
    TcpSocket socket = next(opened);
    client.reset();
    await().until(() -> !socket.open());
    assertThat(next(received)).isEqualTo("pause");
    assertThat(received).isEmpty();
    assertThat(closed).isEmpty();
    assertThat(connections()).isOne();
    socket.lane().execute(socket::resumeReading);
    assertThat(next(received)).isEqualTo("after");
    assertThat(next(received)).isEqualTo("later");
    next(closed);
    assertThat(next(losses)).isTrue();
    await().until(() -> connections() == 0);
  }

  @Test
  void shouldTellHowTheConnectionEnded() throws Exception {
    Listener listener = listen(0, 0);
    RawClient resets = new RawClient(listener.address());
    resets.send("one\n");
    assertThat(resets.readLine()).isEqualTo("one");
    resets.reset();
    assertThat(next(losses)).isTrue();
    try (RawClient finishes = new RawClient(listener.address())) {
      finishes.send("two\n").finish();
      assertThat(finishes.readToEnd()).isEqualTo("two\n");
      assertThat(next(losses)).isFalse();
    }
    try (RawClient closed = new RawClient(listener.address())) {
      next(opened);
      next(opened);
      next(opened).closeAfterWrites();
      assertThat(closed.readToEnd()).isEmpty();
      assertThat(next(losses)).isFalse();
    }
  }

  @Test
  void shouldTellWhatIsNeverRead() throws Exception {
    RawClient client = new RawClient(listen(0, 0).address());
    client.send("pause\nafter\n");
    assertThat(client.readLine()).isEqualTo("pause");
    TcpSocket socket = next(opened);
    client.reset();
    await().until(() -> !socket.open());
    transport.close();
    next(closed);
    assertThat(received).containsExactly("pause", "unread: after\n");
  }

  @Test
  void shouldAnswerWhoHasFinished() throws Exception {
    working = true;
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("ask\n").finish();
      assertThat(client.readLine()).isEqualTo("ask");
      TcpSocket socket = next(opened);
      socket
          .lane()
          .execute(
              () -> {
                socket.write(bytes("answer"), null);
                socket.flushSoon();
                working = false;
              });
      assertThat(client.readToEnd()).isEqualTo("answer");
      next(closed);
      assertThat(next(losses)).isFalse();
    }
  }

  @Test
  void shouldCloseWhoseLineDoesNotEnd() throws Exception {
    try (RawClient client = new RawClient(listen(200, 0).address())) {
      TcpSocket socket = next(opened);
      await()
          .until(
              () -> {
                client.send("x");
                return !socket.open();
              });
      next(closed);
      client.disconnect();
    }
  }

  @Test
  void shouldKeepInputWithinTheBudget() throws Exception {
    transport.close();
    transport =
        new Transport(
            TransportOptions.builder()
                .eventLoops(1)
                .bodyBytesMax(16 << 10)
                .bodyBytesInFlightMax(16 << 10)
                .build(),
            metrics);
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("x".repeat(17 << 10));
      next(closed);
      client.disconnect();
    }
    await().until(() -> sum(TransportMetrics.BODY_BYTES_IN_FLIGHT) == 0);
  }

  @Test
  void shouldSendEverythingBeforeTheEnd() throws Exception {
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      TcpSocket socket = next(opened);
      socket
          .lane()
          .execute(
              () -> {
                socket.write(bytes("bye"), null);
                socket.closeAfterWrites();
                socket.write(bytes("dropped"), ok -> received.add("written: " + ok));
              });
      assertThat(client.readToEnd()).isEqualTo("bye");
      assertThat(next(closed)).isSameAs(socket);
      assertThat(next(received)).isEqualTo("written: false");
    }
  }

  @Test
  void shouldCloseWhoSaysNothing() throws Exception {
    try (RawClient client = new RawClient(listen(60, 0).address())) {
      assertThat(client.readToEnd()).isEmpty();
      next(closed);
    }
  }

  @Test
  void shouldCloseWhoReadsNothing() throws Exception {
    try (RawClient client = new RawClient(listen(0, 60).address(), 4096)) {
      client.send("one\n");
      TcpSocket socket = next(opened);
      socket
          .lane()
          .execute(
              () -> {
                for (int i = 0; i < 100; i++) {
                  socket.write(Unpooled.wrappedBuffer(new byte[64 << 10]), null);
                }
                socket.flushSoon();
              });
      next(closed);
    }
  }

  @Test
  void shouldNotCloseWhoSaysSomethingAndHasReadAll() throws Exception {
    try (RawClient client = new RawClient(listen(200, 60).address())) {
      long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
      while (System.nanoTime() < end) {
        client.send("still here\n");
        assertThat(client.readLine()).isEqualTo("still here");
      }
      assertThat(closed).isEmpty();
    }
  }

  @Test
  void shouldCloseWhenTheHandlerFails() throws Exception {
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("throw\n");
      assertThat(client.readToEnd()).isEmpty();
      next(closed);
    }
  }

  @Test
  void shouldCloseWhenItStops() throws Exception {
    try (RawClient client = new RawClient(listen(0, 0).address())) {
      client.send("hello\n");
      assertThat(client.readLine()).isEqualTo("hello");
      transport.drain(Duration.ofSeconds(10));
      assertThat(client.readToEnd()).isEmpty();
      next(closed);
    }
  }

  private double connections() {
    return sum(TransportMetrics.CONNECTIONS);
  }

  private double sum(String name) {
    return metrics.families().stream()
        .filter(family -> family.name().equals(name))
        .flatMap(family -> family.instruments().values().stream())
        .mapToDouble(each -> ((Metrics.Gauge) each).value())
        .sum();
  }
}
