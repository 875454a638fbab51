// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.TestServer.echo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Metrics;
import io.dragoman.testkit.TestCertificate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same server behind TLS. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class TlsTest {

  private static final int ALERT = 21;

  private static final WsRecorder RECORDER = new WsRecorder();
  private static SSLContext trusting;
  private static ListenerTls tls;
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    TestCertificate certificate = TestCertificate.make(directory, "EC");
    trusting = certificate.trusting();
    tls =
        ListenerTls.open(
            "test",
            new TlsFiles(
                Files.writeString(directory.resolve("certificate"), certificate.certificate()),
                Files.writeString(directory.resolve("key"), certificate.key()),
                Optional.empty(),
                Duration.ZERO),
            new Metrics());
    server =
        new TestServer(
            o -> o.closeWaitMillis(200),
            l -> l.tls(tls),
            routes ->
                routes
                    .exact("POST", "/echo", echo())
                    .webSocket("/ws", WsRecorder.accept(WebSocketOptions.defaults(), RECORDER)));
  }

  @AfterAll
  static void stop() {
    server.close();
    tls.close();
  }

  /** A server that gives clients so long for handshake and head. */
  private static TestServer impatient(long millis) {
    return new TestServer(
        o -> o.closeWaitMillis(200),
        l -> l.tls(tls).requestHeaderTimeoutMillis(millis),
        routes -> routes.exact("POST", "/echo", echo()));
  }

  private static RawClient connect() throws IOException {
    return connect(server.address(), "TLSv1.3");
  }

  private static RawClient connect(InetSocketAddress address, String version) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            trusting.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    socket.setEnabledProtocols(new String[] {version});
    socket.startHandshake();
    return new RawClient(socket);
  }

  @Test
  void shouldRefuseAKeyOfAnotherLength(@TempDir Path directory) throws IOException {
    Path shown =
        Files.writeString(
            directory.resolve("certificate"),
            TestCertificate.make(directory, "RSA", 3072).certificate());
    Path key =
        Files.writeString(
            directory.resolve("key"), TestCertificate.make(directory, "RSA", 2048).key());
    TlsFiles files = new TlsFiles(shown, key, Optional.empty(), Duration.ZERO);
    assertThatThrownBy(() -> ListenerTls.open("test", files, new Metrics()).close())
        .isInstanceOf(IOException.class)
        .hasMessage("tls.key: " + key + " is not the key of the certificate in " + shown);
  }

  private static double refused(TestServer by) {
    return by.metric(TransportMetrics.CONNECTIONS_REFUSED_TOTAL, "reason", "tls");
  }

  @Test
  void shouldServeHttp() throws Exception {
    String body = "x".repeat(200_000);
    try (RawClient client = connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" + body);
        assertThat(client.response().body()).isEqualTo(body);
      }
      client.send("garbage\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(400);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldServeWebSockets() throws Exception {
    try (WsClient client = new WsClient(connect(), "/ws")) {
      assertThat(client.text("hello").readText()).isEqualTo("hello");
      client.frame(WsClient.FIN | WsClient.CLOSE, WsClient.closePayload(1000, ""));
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.raw().readToEnd()).isEmpty();
      assertThat(RECORDER.awaitClose()).isEqualTo(1000);
    }
  }

  @Test
  void shouldDropClientThatSpeaksPlainHttp() {
    double before = refused(server);
    try (RawClient client = server.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.atEndEventually()).isTrue();
      await().until(() -> refused(server) > before);
    }
  }

  @Test
  void shouldDropClientThatDoesNotFinishItsHandshake() {
    try (TestServer impatient = impatient(300);
        RawClient client = impatient.connect()) {
      client.send(new byte[] {22, 3, 1, 0, 100, 1});
      assertThat(client.atEnd()).isTrue();
      await().until(() -> refused(impatient) == 1);
      await().until(() -> impatient.metric(TransportMetrics.CONNECTIONS, "kind", "http") == 0);
    }
  }

  @Test
  void shouldLimitTheTimeOfHandshakeAndHeadTogether() throws Exception {
    try (TestServer impatient = impatient(3_000);
        RawClient client = connect(impatient.address(), "TLSv1.3")) {
      client.send("GET /echo HTTP/1.1\r\nHost: loc");
      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.atEnd()).isTrue();
    }
  }

  /** A client that is still sending sees the answer all the same, and the end after it. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldAnswerWhoIsStillSending(String version) throws Exception {
    try (RawClient client = connect(server.address(), version)) {
      client.send(
          "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
              + "x".repeat(500_000));
      assertThat(client.response().status()).isEqualTo(404);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  /** Keeps what was received, as it was sent. */
  private static final class Recording extends Socket {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    private Recording(InetSocketAddress address) throws IOException {
      super(address.getAddress(), address.getPort());
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
          int count = super.read(to, offset, length);
          received.write(to, offset, Math.max(0, count));
          return count;
        }
      };
    }

    /** The type of the last record of TLS. */
    private int lastType() {
      ByteBuffer records = ByteBuffer.wrap(received.toByteArray());
      int type = 0;
      while (records.hasRemaining()) {
        type = records.get();
        records.getShort(); // the version
        int length = records.getShort() & 0xFFFF;
        records.position(records.position() + length);
      }
      return type;
    }
  }

  @Test
  void shouldSayThatThisIsTheEnd() throws Exception {
    Recording beneath = new Recording(server.address());
    SSLSocket socket =
        (SSLSocket) trusting.getSocketFactory().createSocket(beneath, "localhost", 0, true);
    socket.setEnabledProtocols(new String[] {"TLSv1.2"}); // which shows what is an alert
    try (RawClient client = new RawClient(socket)) {
      client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(200);
      assertThat(client.readToEnd()).isEmpty();
      assertThat(beneath.lastType()).isEqualTo(ALERT);
    }
  }

  @Test
  void shouldTurnAwayWhoIsOneTooMany() throws Exception {
    try (TestServer small =
            new TestServer(
                o -> o.connectionsMax(1).closeWaitMillis(200), l -> l.tls(tls), routes -> {});
        RawClient first = connect(small.address(), "TLSv1.3");
        RawClient second = connect(small.address(), "TLSv1.3")) {
      assertThat(second.response().status()).isEqualTo(503);
      assertThat(second.readToEnd()).isEmpty();
      first.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(first.response().status()).isEqualTo(404);
    }
  }

  // ---- without HTTP

  /** Gives back what it gets, after a while in which it reads nothing. */
  private static final class Echo implements TcpHandler {
    private final BlockingQueue<TcpSocket> opened;
    private final BlockingQueue<Boolean> told;

    private Echo(BlockingQueue<TcpSocket> opened, BlockingQueue<Boolean> told) {
      this.opened = opened;
      this.told = told;
    }

    @Override
    public void onOpen(TcpSocket socket) {
      socket.pauseReading();
      opened.add(socket);
    }

    @Override
    public void onBytes(TcpSocket socket, ByteBuf in) {
      socket.write(in.readRetainedSlice(in.readableBytes()), told::add);
      socket.flushSoon();
    }

    @Override
    public void onClose(TcpSocket socket, boolean lost) {}
  }

  private final BlockingQueue<TcpSocket> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> told = new LinkedBlockingQueue<>();

  private InetSocketAddress listenTcp(Transport transport, long writeTimeoutMillis)
      throws IOException {
    return transport
        .listenTcp(
            ListenerOptions.builder("tcp").hosts(List.of("127.0.0.1")).tls(tls).build(),
            new TcpOptions(0, writeTimeoutMillis, 64 << 10, 32 << 10, 16 << 20),
            () -> new Echo(opened, told))
        .address();
  }

  private TcpSocket nextOpened() throws InterruptedException {
    TcpSocket socket = opened.poll(10, TimeUnit.SECONDS);
    assertThat(socket).isNotNull();
    return socket;
  }

  private static void onLane(TcpSocket socket, Runnable task) {
    socket.lane().execute(task);
  }

  @Test
  void shouldReadWhatCameBeforeTheEnd() throws Exception {
    String said = "x".repeat(100_000);
    try (Transport transport = new Transport(TransportOptions.defaults(), new Metrics());
        RawClient client = connect(listenTcp(transport, 0), "TLSv1.3")) {
      TcpSocket socket = nextOpened();
      client.send(said).finish();
      onLane(socket, socket::resumeReading);
      assertThat(client.readToEnd()).isEqualTo(said);
    }
  }

  @Test
  void shouldSpeakToNobodyBeforeTheHandshake() throws Exception {
    try (Transport transport = new Transport(TransportOptions.defaults(), new Metrics());
        RawClient silent = new RawClient(listenTcp(transport, 0))) {
      silent.send("hello\n");
      assertThat(silent.atEndEventually()).isTrue();
    }
    assertThat(opened).isEmpty();
  }

  @Test
  void shouldCountWhatWaitsAndTellWhatWasTaken() throws Exception {
    try (Transport transport = new Transport(TransportOptions.defaults(), new Metrics());
        RawClient client = connect(listenTcp(transport, 0), "TLSv1.3")) {
      TcpSocket socket = nextOpened();
      int size = 8 << 20;
      onLane(
          socket,
          () -> {
            socket.write(Unpooled.wrappedBuffer(new byte[size]), told::add);
            socket.flushSoon();
          });
      await().until(() -> socket.pendingBytes() > size / 4);
      assertThat(told).isEmpty();
      assertThat(client.read(size)).containsOnly(0);
      assertThat(told.poll(10, TimeUnit.SECONDS)).isTrue();
      await().until(() -> socket.pendingBytes() == 0);
    }
  }

  @Test
  void shouldCloseWhoTakesNothing() throws Exception {
    try (Transport transport = new Transport(TransportOptions.defaults(), new Metrics());
        RawClient client = connect(listenTcp(transport, 300), "TLSv1.3")) {
      TcpSocket socket = nextOpened();
      onLane(
          socket,
          () -> {
            socket.write(Unpooled.wrappedBuffer(new byte[12 << 20]), told::add);
            socket.flushSoon();
          });
      assertThat(told.poll(10, TimeUnit.SECONDS)).isFalse();
      await().until(() -> !socket.open());
      assertThat(client.atEndEventually()).isTrue();
    }
  }
}
