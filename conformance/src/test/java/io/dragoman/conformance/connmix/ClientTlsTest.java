// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.testkit.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients over TLS (spec: connmix §5.2). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
@Execution(ExecutionMode.SAME_THREAD) // they share the topic of lines
class ClientTlsTest {
  private static final String WEB_SOCKET = "connmix-client";
  private static final String LINES = "connmix-client-2";
  private static final String PLAIN = "connmix-client-3";

  @TempDir private static Path directory;
  private static TestCertificate certificate;
  private static Connmix connmix;

  @BeforeAll
  static void start() throws IOException {
    certificate = TestCertificate.make(directory, "EC");
    String tls = tls("shared", certificate.certificate(), certificate.key(), "");
    connmix =
        Connmix.start(
            Map.of(
                "slowReceiver.bufferBytes",
                "2MiB",
                "connmix.clients",
                "[{port: 0, "
                    + tls
                    + ", maxMessage: 1MiB, subscribe: ['{query.c}']},"
                    + " {port: 0, protocol: tcp, "
                    + tls
                    + ", events: {message: lines}},"
                    + " {port: 0, subscribe: ['{query.c}']}]"));
  }

  @AfterAll
  static void stop() {
    connmix.close();
  }

  /** The files and the setting that names them. */
  private static String tls(String name, String certificates, String key, String rest)
      throws IOException {
    Path first = Files.writeString(directory.resolve(name + ".crt"), certificates);
    Path second = Files.writeString(directory.resolve(name + ".pem"), key);
    return "tls: {certificate: '%s', key: '%s'%s}".formatted(first, second, rest);
  }

  private static Socket secured(URI listener, TestCertificate trusted, int receiveBufferBytes) {
    try {
      Socket socket = new Socket();
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      InetAddress loopback = InetAddress.getLoopbackAddress();
      socket.connect(new InetSocketAddress(loopback, listener.getPort()), 10_000);
      SSLSocket secured =
          (SSLSocket)
              trusted
                  .trusting()
                  .getSocketFactory()
                  .createSocket(socket, "localhost", listener.getPort(), true);
      secured.startHandshake();
      return secured;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RawWebSocket connect(
      Connmix to, TestCertificate trusted, String path, int buffer) {
    URI listener = to.clients(WEB_SOCKET);
    return RawWebSocket.connect(RawHttp.over(listener, secured(listener, trusted, buffer)), path);
  }

  private static ChatClient chat(String path) {
    return new ChatClient(connect(connmix, certificate, path, 0));
  }

  private static PacketClient lines() {
    return new PacketClient(secured(connmix.clients(LINES), certificate, 0));
  }

  private static double metric(Connmix of, String sample) {
    String page =
        of.get(URI.create("http://127.0.0.1:" + of.broker().port("http")), "/metrics").text();
    return page.lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
        .sum();
  }

  private static double refused() {
    return metric(
        connmix,
        "dragoman_connections_refused_total{listener=\"" + WEB_SOCKET + "\",reason=\"tls\"}");
  }

  @Test
  void shouldServeWebSockets() {
    String channel = Names.unique("c");
    try (Backend backend = connmix.backend();
        ChatClient client = chat("/chat?c=" + channel)) {
      backend.pop("default");
      String said = Names.unique("said") + "x".repeat(64 << 10);
      client.say(said);
      JsonNode event = Json.parse(backend.event());
      while (!event.at("/p/d/frame/data").asText().equals(said)) {
        event = Json.parse(backend.event());
      }
      String id = event.at("/p/c").textValue();
      backend.done("mesh.send", Json.object("c", id, "d", "for you").toString());
      assertThat(client.hears()).isEqualTo("for you");
      assertThat(backend.result("mesh.publish", Json.object("c", channel, "d", said).toString()))
          .hasToString("{\"s\":1,\"f\":0}");
      assertThat(client.hears()).isEqualTo(said);
      client.socket().sendClose(1000);
      assertThat(client.socket().readCloseCode()).isEqualTo(1000);
      assertThat(client.socket().endsWithin(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void shouldSayWhatIsSpoken() {
    assertThat(connmix.broker().uri(WEB_SOCKET).getScheme()).isEqualTo("wss");
    assertThat(connmix.broker().uri(LINES).getScheme()).isEqualTo("tls");
    assertThat(connmix.broker().uri(PLAIN).getScheme()).isEqualTo("http");
  }

  @Test
  void shouldPushTheSameToFastAndSlowReadersWithAndWithoutTls() {
    String channel = Names.unique("c");
    String path = "/chat?c=" + channel;
    try (Backend backend = connmix.backend();
        RawWebSocket slow = connect(connmix, certificate, path, 4096);
        RawWebSocket fast = connect(connmix, certificate, path, 0);
        RawWebSocket plain = RawWebSocket.connect(connmix.clients(PLAIN), path)) {
      List<String> pushed = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String text = i + ":" + "x".repeat(i % 2 == 0 ? 50_000 : 10);
        pushed.add(text);
        backend.send(
            "{\"m\":\"mesh.publish\",\"p\":"
                + Json.object("c", channel, "d", text)
                + ",\"i\":"
                + i
                + "}");
      }
      for (RawWebSocket each : List.of(fast, plain)) {
        for (String text : pushed) {
          assertThat(each.readText()).isEqualTo(text);
        }
      }
      for (String text : pushed) {
        assertThat(slow.readText()).isEqualTo(text);
      }
      for (int i = 0; i < 40; i++) {
        assertThat(Json.parse(backend.answer()).at("/r")).hasToString("{\"s\":3,\"f\":0}");
      }
    }
  }

  @Test
  void shouldTakeAllOfAClientThatSendsAndClosesAtOnce() {
    List<String> said =
        IntStream.range(0, 1000).mapToObj(i -> "line " + i + " " + "x".repeat(300)).toList();
    try (Backend backend = connmix.backend()) {
      backend.pop("lines");
      try (PacketClient client = lines()) {
        client.send(String.join("\n", said) + "\n");
      }
      assertThat(backend.data(1000)).isEqualTo(said);
    }
  }

  @Test
  void shouldAnswerAClientThatHasSaidAll() {
    try (PacketClient client = lines()) {
      client.send("ping\nping\nping\n").finish();
      assertThat(client.readText(15)).isEqualTo("pong\npong\npong\n");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldRefuseOlderVersions() throws IOException {
    double before = refused();
    try (PacketClient client = new PacketClient(connmix.clients(WEB_SOCKET))) {
      client.send(helloOfTls11());
      // A fatal alert: protocol_version.
      assertThat(client.read(7)).startsWith(21, 3).endsWith(0, 2, 2, 70);
      assertThat(client.atEnd()).isTrue();
    }
    Awaitility.await().until(() -> refused() > before);
  }

  private static byte[] helloOfTls11() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(new byte[] {3, 2}); // the version
    body.write("x".repeat(32).getBytes(US_ASCII)); // random
    body.write(0); // no session
    body.write(new byte[] {0, 4, (byte) 0xC0, 0x09, (byte) 0xC0, 0x13}); // two cipher suites
    body.write(new byte[] {1, 0}); // no compression
    int size = body.size();
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.write(new byte[] {22, 3, 1, 0, (byte) (size + 4), 1, 0, 0, (byte) size});
    record.write(body.toByteArray());
    return record.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldServeBothVersions(String version) throws IOException {
    try (Backend backend = connmix.backend();
        SSLSocket socket =
            (SSLSocket)
                certificate
                    .trusting()
                    .getSocketFactory()
                    .createSocket(
                        InetAddress.getLoopbackAddress(), connmix.clients(LINES).getPort())) {
      backend.pop("lines");
      socket.setEnabledProtocols(new String[] {version});
      PacketClient client = new PacketClient(socket);
      assertThat(client.send("ping\n").readText(5)).isEqualTo("pong\n");
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      client.send("over " + version + "\n").close();
      assertThat(backend.data(1)).containsExactly("over " + version);
    }
  }

  @Test
  void shouldCloseWhoSpeaksWithoutTls() {
    double before = refused();
    try (RawHttp client = RawHttp.open(connmix.clients(WEB_SOCKET))) {
      client.write(client.request("GET", "/chat"));
      assertThat(client.endsWithin(Duration.ofSeconds(10))).isTrue();
    }
    Awaitility.await().until(() -> refused() > before);
  }

  @Test
  void shouldUseARenewedCertificateAndKeepConnections() throws IOException {
    TestCertificate renewed = TestCertificate.make(directory, "RSA");
    String tls = tls("renewed", certificate.certificate(), certificate.key(), ", reload: 50ms");
    String failures = "dragoman_tls_reload_failed_total";
    try (Connmix own = Connmix.start(Map.of("connmix.clients", "[{port: 0, " + tls + "}]"));
        ChatClient before = new ChatClient(connect(own, certificate, "/chat", 0))) {
      tls("renewed", renewed.certificate(), renewed.key(), "");
      Awaitility.await().until(() -> accepts(own, renewed));
      assertThatThrownBy(() -> secured(own.clients(WEB_SOCKET), certificate, 0))
          .hasCauseInstanceOf(SSLHandshakeException.class);
      assertThat(before.pings()).isEqualTo("pong");

      double failed = metric(own, failures);
      tls("renewed", renewed.certificate(), "damaged", "");
      Awaitility.await().until(() -> metric(own, failures) > failed + 1);
      assertThat(accepts(own, renewed)).isTrue();
      assertThat(before.pings()).isEqualTo("pong");
    }
  }

  private static boolean accepts(Connmix server, TestCertificate trusted) {
    try (ChatClient client = new ChatClient(connect(server, trusted, "/chat", 0))) {
      return client.pings().equals("pong");
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  @Test
  void shouldReadAnEncryptedKey() throws IOException {
    TestCertificate other = TestCertificate.make(directory, "RSA");
    // A chain: what follows the own certificate is passed on.
    String chain = other.certificate() + certificate.certificate();
    String tls = tls("encrypted", chain, other.key("secret"), ", keyPassword: secret");
    try (Connmix own = Connmix.start(Map.of("connmix.clients", "[{port: 0, " + tls + "}]"))) {
      assertThat(accepts(own, other)).isTrue();
    }
  }

  @Test
  void shouldNotStartWithWhatCannotBeUsed() throws IOException {
    TestCertificate other = TestCertificate.make(directory, "EC");
    String good = certificate.certificate();
    assertRefused(
        tls("pair", good, other.key(), ""), "tls.key: ", "is not the key of the certificate in");
    assertRefused(tls("none", good, "", ""), "tls.key: there is no private key in PEM");
    assertRefused(
        tls("old", good, other.key().replace("PRIVATE", "EC PRIVATE"), ""),
        "tls.key: ",
        "not one of PKCS #8");
    assertRefused(tls("locked", good, other.key("a"), ""), "is encrypted: set tls.keyPassword");
    assertRefused(
        tls("wrong", good, other.key("a"), ", keyPassword: b"), "tls.keyPassword does not fit");
    assertRefused(tls("empty", "", other.key(), ""), "tls.certificate: there is no certificate in");
    assertRefused(
        "tls: {certificate: '" + directory + "/missing.crt', key: k}",
        "tls.certificate: there is no file " + directory + "/missing.crt");
    assertThatThrownBy(() -> Connmix.start(clients("tls: {certificate: x}")).close())
        .hasMessageContaining("tls needs key");
  }

  private static void assertRefused(String tls, String... parts) {
    assertThatThrownBy(() -> Connmix.start(clients(tls)).close())
        .hasMessageStartingWith("connmix.clients: connmix-client: ")
        .hasMessageContainingAll(parts);
  }

  private static Map<String, String> clients(String tls) {
    return Map.of("connmix.clients", "[{port: 0, " + tls + "}]");
  }

  @Test
  void shouldSayGoodbyeWhenTheBrokerStops() throws IOException {
    String tls = tls("stopping", certificate.certificate(), certificate.key(), "");
    Connmix own =
        Connmix.start(
            Map.of(
                "connmix.clients",
                "[{port: 0, %s}, {port: 0, protocol: tcp, %s}]".formatted(tls, tls)));
    try (ChatClient client = new ChatClient(connect(own, certificate, "/chat", 0));
        PacketClient packets = new PacketClient(secured(own.clients(LINES), certificate, 0))) {
      assertThat(client.pings()).isEqualTo("pong");
      assertThat(packets.send("ping\n").readText(5)).isEqualTo("pong\n");
      Thread stopping = new Thread(own::stop);
      stopping.start();
      assertThat(client.socket().readCloseCode()).isEqualTo(1001);
      assertThat(packets.atEnd()).isTrue();
      stopping.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
