// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is let in by each {@code auth.mode} (spec: connmix §5.2). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ClientAuthTest {
  private static final String SECRET = "a secret of a test that is long enough";
  private static final String HANDSHAKE =
      String.join(
          "\r\n",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "",
          "");
  private static final BlockingQueue<JsonNode> QUESTIONS = new LinkedBlockingQueue<>();

  private static ExecutorService threads;
  private static HttpServer server;
  private static Connmix connmix;

  @BeforeAll
  static void start() throws IOException {
    threads = Executors.newCachedThreadPool();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/auth", ClientAuthTest::answer);
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/auth";
    String http = "{mode: http, timeout: 1s, maxCalls: 1, url: '" + url + "'}";
    String listeners =
        String.join(
            ", ",
            "{port: 0, auth: "
                + http
                + ", subscribe: ['user:{ctx.uid}'],"
                + " events: {open: {topic: http, payload: full}}}",
            "{port: 0, auth: {mode: jwt, claims: [sub]}, subscribe: ['team:{claim.team}'],"
                + " events: {open: {topic: jwt, payload: full}}}",
            "{port: 0, auth: {mode: basic, users: {ann: secret}},"
                + " events: {open: {topic: basic, payload: full}}}",
            "{port: 0, auth: {mode: queue, key: uid, timeout: 500ms},"
                + " events: {open: queue, message: queue}}",
            "{port: 0, protocol: tcp, auth: " + http + ", events: {open: tcp}}",
            "{port: 0, protocol: tcp, subscribe: ['{remote_addr}"
                + "x".repeat(300)
                + "'],"
                + " events: {open: unwanted, close: unwanted}}",
            "{port: 0, subscribe: ['"
                + "x".repeat(300)
                + "'],"
                + " events: {open: unwanted, close: unwanted}}");
    connmix =
        Connmix.start(Map.of("connmix.clients", "[" + listeners + "]", "auth.jwt.secret", SECRET));
  }

  @AfterAll
  static void stop() {
    connmix.close();
    server.stop(0);
    threads.shutdownNow();
  }

  /** Lets in whoever asks as the query says. */
  private static void answer(HttpExchange exchange) throws IOException {
    JsonNode question = Json.parse(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    QUESTIONS.add(question);
    String answer = "";
    int status = 200;
    switch (question.at("/query/as").asText()) {
      case "ann" ->
          answer =
              "{\"context\":{\"uid\":7,\"name\":\"Ann\"},\"subscribe\":[\"news\"],"
                  + "\"reply\":{\"hello\":\"Ann\"}}";
      case "nobody" -> status = 401;
      case "nonsense" -> answer = "[1]";
      case "slow" -> {
        return;
      }
      default -> {}
    }
    byte[] bytes = answer.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String name(int listener) {
    return "connmix-client" + (listener == 1 ? "" : "-" + listener);
  }

  private static ChatClient chat(int listener, String path, String... headers) {
    return new ChatClient(RawWebSocket.connect(connmix.clients(name(listener)), path, headers));
  }

  private static Answer refused(int listener, String path, String... headers) {
    return RawWebSocket.refused(connmix.clients(name(listener)), path, headers);
  }

  @Test
  void shouldAskAServer() throws Exception {
    try (Backend backend = connmix.backend()) {
      backend.pop("http");
      try (ChatClient client = chat(1, "/chat?as=ann&x=a%20b", "x-device: phone")) {
        assertThat(client.hears()).isEqualTo("{\"hello\":\"Ann\"}");
        JsonNode opened = backend.said();
        assertThat(opened.at("/d/uid").intValue()).isEqualTo(7);
        assertThat(opened.at("/d/name").textValue()).isEqualTo("Ann");
        for (String channel : new String[] {"news", "user:7"}) {
          assertThat(backend.result("mesh.publish", "{\"c\":\"" + channel + "\",\"d\":\"x\"}"))
              .hasToString("{\"s\":1,\"f\":0}");
          assertThat(client.hears()).isEqualTo("x");
        }
        JsonNode question = QUESTIONS.poll(20, TimeUnit.SECONDS);
        assertThat(question.get("client_id")).isEqualTo(opened.get("c"));
        assertThat(question.at("/headers/X-Device").textValue()).isEqualTo("phone");
        assertThat(question.at("/query/x").textValue()).isEqualTo("a b");
        assertThat(Json.keys(question.get("server")))
            .containsExactly("Method", "RequestUri", "ServerProtocol", "Host", "RemoteAddr");
        assertThat(question.at("/server/Method").textValue()).isEqualTo("GET");
        assertThat(question.at("/server/RequestUri").textValue()).isEqualTo("/chat?as=ann&x=a%20b");
        assertThat(question.at("/server/RemoteAddr").textValue()).startsWith("127.0.0.1:");
      }
    }
    assertThat(refused(1, "/chat?as=nobody").status()).isEqualTo(403);
    assertThat(refused(1, "/chat?as=nonsense").status()).isEqualTo(503);
    // One call at a time: whoever comes while it waits is refused at once.
    try (RawSlow slow = new RawSlow()) {
      slow.ask();
      assertThat(refused(1, "/chat?as=ann").status()).isEqualTo(503);
      assertThat(slow.status()).isEqualTo(503);
    }
    try (ChatClient client = chat(1, "/chat?as=somebody")) {
      assertThat(client.pings()).isEqualTo("pong");
    }
    // Over TCP too, where there is nothing but an address.
    QUESTIONS.clear();
    try (PacketClient client = new PacketClient(connmix.clients(name(5)))) {
      client.send("ping\n");
      assertThat(client.readText(5)).isEqualTo("pong\n");
      assertThat(QUESTIONS.poll(20, TimeUnit.SECONDS).get("query")).isEmpty();
    }
  }

  /** A client whose question is not answered. */
  private static final class RawSlow implements AutoCloseable {
    private final RawHttp connection = RawHttp.open(connmix.clients(name(1)));

    void ask() throws InterruptedException {
      QUESTIONS.clear();
      connection.write(connection.head("GET", "/chat?as=slow") + HANDSHAKE);
      assertThat(QUESTIONS.poll(20, TimeUnit.SECONDS)).isNotNull();
    }

    int status() {
      return connection.read().status();
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  @Test
  void shouldVerifyTokens() {
    String token = Tokens.hs256(SECRET, "{\"sub\":\"ann\",\"team\":\"blue\"}");
    try (Backend backend = connmix.backend()) {
      backend.pop("jwt");
      String[][] ways = {
        {"/chat", "Authorization: Bearer " + token},
        {"/chat?token=" + token},
        {"/chat", "Cookie: a=b; token=" + token}
      };
      for (String[] way : ways) {
        String[] headers = way.length == 1 ? new String[0] : new String[] {way[1]};
        try (ChatClient client = chat(2, way[0], headers)) {
          JsonNode opened = backend.said();
          assertThat(opened.at("/d/sub").textValue()).isEqualTo("ann");
          assertThat(opened.at("/d").has("team")).isFalse();
          assertThat(
                  backend
                      .result("mesh.publish", "{\"c\":\"team:blue\",\"d\":\"go\"}")
                      .get("s")
                      .intValue())
              .isPositive();
          assertThat(client.hears()).isEqualTo("go");
          client.leave();
        }
      }
    }
    assertThat(refused(2, "/chat").status()).isEqualTo(401);
    String forged = Tokens.hs256("another secret that is long enough too", "{\"sub\":\"eve\"}");
    assertThat(refused(2, "/chat?token=" + forged).status()).isEqualTo(401);
  }

  @Test
  void shouldNotTellOfWhoCannotBeAMember() {
    try (Backend backend = connmix.backend()) {
      backend.pop("unwanted");
      try (PacketClient client = new PacketClient(connmix.clients(name(6)))) {
        assertThat(client.atEnd()).isTrue();
      }
      try (ChatClient client = chat(7, "/chat")) {
        assertThat(client.socket().readCloseCode()).isEqualTo(1008);
      }
      connmix.enqueue("unwanted", "1", "{}");
      assertThat(backend.event()).contains("\"d\":{}");
    }
  }

  @Test
  void shouldTakeNoCookieThatAPageOfAnotherOriginMakesBrowsersSend() {
    String cookie = "Cookie: token=" + Tokens.hs256(SECRET, "{\"sub\":\"ann\"}");
    URI listener = connmix.clients(name(2));
    String own = "Origin: http://" + listener.getAuthority();
    String foreign = "Origin: https://evil.example";
    assertThat(refused(2, "/chat", cookie, foreign).status()).isEqualTo(401);
    String password = "Authorization: Basic " + Json.base64("ann:secret");
    assertThat(refused(3, "/chat", password, foreign).status()).isEqualTo(403);
    try (ChatClient client = chat(2, "/chat", cookie, own)) {
      assertThat(client.pings()).isEqualTo("pong");
    }
  }

  @Test
  void shouldCheckHandshakesBelowThePathToo() {
    try (RawHttp connection = RawHttp.open(connmix.clients(name(3)))) {
      connection.write(
          connection.head("GET", "/chat/room")
              + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
      assertThat(connection.read().status()).isEqualTo(426);
    }
    String password = "Authorization: Basic " + Json.base64("ann:secret");
    try (ChatClient client = chat(3, "/chat/room", password)) {
      assertThat(client.pings()).isEqualTo("pong");
    }
  }

  /** One that is asked and never says all, and sees whether it is still waited for. */
  private static void hang(String timeout, String answer, boolean leaves) throws Exception {
    try (ServerSocket asked = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + asked.getLocalPort() + "/";
      String auth = "{mode: http, timeout: " + timeout + ", url: '" + url + "'}";
      try (Connmix own =
              Connmix.start(Map.of("connmix.clients", "[{port: 0, auth: " + auth + "}]"));
          RawHttp client = RawHttp.open(own.clients())) {
        client.write(client.head("GET", "/chat") + HANDSHAKE);
        try (Socket question = asked.accept()) {
          question.setSoTimeout(20_000);
          question.getOutputStream().write(answer.getBytes(UTF_8));
          if (leaves) {
            client.reset();
          } else {
            assertThat(client.read().status()).isEqualTo(503);
          }
          question.getInputStream().readAllBytes();
        }
      }
    }
  }

  @Test
  void shouldNotWaitForTheRestOfAnAnswer() throws Exception {
    hang("500ms", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", false);
  }

  @Test
  void shouldNotAskForClientsThatAreGone() throws Exception {
    hang("60s", "", true);
  }

  @Test
  void shouldAskForPasswords() {
    try (Backend backend = connmix.backend()) {
      backend.pop("basic");
      try (ChatClient client =
          chat(3, "/chat", "Authorization: Basic " + Json.base64("ann:secret"))) {
        assertThat(backend.said().at("/d/username").textValue()).isEqualTo("ann");
        assertThat(client.pings()).isEqualTo("pong");
      }
    }
    Answer none = refused(3, "/chat");
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.header("WWW-Authenticate")).startsWith("Basic");
    for (String wrong : new String[] {"ann:other", "ann", "bob:secret", "bob:", ":"}) {
      assertThat(refused(3, "/chat", "Authorization: Basic " + Json.base64(wrong)).status())
          .as(wrong)
          .isEqualTo(401);
    }
  }

  @Test
  void shouldWaitForABackend() {
    try (Backend backend = connmix.backend()) {
      backend.pop("queue");
      try (ChatClient late = chat(4, "/chat")) {
        backend.said();
        assertThat(late.socket().readCloseCode()).isEqualTo(4401);
      }
      try (ChatClient client = chat(4, "/chat");
          ChatClient other = chat(4, "/chat")) {
        JsonNode opened = backend.said();
        JsonNode second = backend.said();
        client.say("let me in");
        JsonNode asked = backend.said();
        assertThat(asked.at("/d/frame/data").textValue()).isEqualTo("let me in");
        JsonNode left = asked.get("c").equals(opened.get("c")) ? second : opened;
        assertThat(left.get("c")).isNotEqualTo(asked.get("c"));
        backend.done(
            "conn.call",
            "{\"c\":" + asked.get("c") + ",\"f\":\"set_context_value\",\"a\":[\"uid\",7]}");
        assertThat(other.socket().readCloseCode()).isEqualTo(4401);
        assertThat(client.pings()).isEqualTo("pong");
      }
    }
  }
}
