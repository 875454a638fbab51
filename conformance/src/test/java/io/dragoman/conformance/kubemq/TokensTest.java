// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawHttp;
import io.dragoman.conformance.Tokens;
import io.dragoman.conformance.WsClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens over HTTP and WebSockets, at the REST port and the API port (spec: kubemq §5.3). */
@KubeMqSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + TokensTest.SECRET})
class TokensTest {
  static final String SECRET = "a secret that nobody will guess!";
  static final String FAILED = "Error 421: authentication verification failed, ";
  static final String DENIED = "Error 412: access denied to resource";

  /** Long enough to connect with, on a busy machine too. */
  private static final int SHORT_SECONDS = 6;

  private static final int POLICY_VIOLATION = 1008;

  private final KubeMq mq;

  TokensTest(KubeMq mq) {
    this.mq = mq;
  }

  /** Of a service that may do everything. */
  static String service() {
    return token("{\"sub\":\"service\"}");
  }

  /** Of somebody who may read and write a little. */
  static String limited() {
    return token("{\"sub\":\"browser\",\"read\":[\"news/#\",\"one\"],\"write\":[\"chat\"]}");
  }

  static String shortLived() {
    return token("{\"exp\":" + (System.currentTimeMillis() / 1000 + SHORT_SECONDS) + "}");
  }

  static String token(String claims) {
    return Tokens.hs256(SECRET, claims);
  }

  private Answer exchange(URI base, String method, String path, String body, String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", token);
    }
    return mq.exchange(request.build());
  }

  private Answer rest(String method, String path, String body, String token) {
    return exchange(mq.rest(), method, path, body, token);
  }

  private Answer api(String method, String path, String token) {
    return exchange(mq.api(), method, path, "", token);
  }

  private static void assertUnauthorized(Answer answer, String cause) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertThat(Json.keys(answer.json())).containsExactly("is_error", "message", "data");
    assertThat(answer.json().get("is_error").booleanValue()).isTrue();
    assertThat(answer.json().get("message").textValue()).isEqualTo(FAILED + cause);
    assertThat(answer.json().get("data").isNull()).isTrue();
  }

  // --- REST

  @ParameterizedTest
  @CsvSource({
    "GET, /ping",
    "GET, /queue/info",
    "POST, /send/event",
    "POST, /send/request",
    "POST, /send/response",
    "POST, /queue/send",
    "POST, /queue/send_batch",
    "POST, /queue/receive",
    "POST, /queue/ack_all",
    "GET, /subscribe/events",
    "GET, /subscribe/requests",
    "GET, /send/stream",
    "GET, /queue/stream"
  })
  void shouldAskForATokenOnEveryRoute(String method, String path) {
    assertUnauthorized(rest(method, path, "{}", ""), "no token was sent");
  }

  @Test
  void shouldGreetEverybody() {
    assertThat(rest("GET", "/", "", "").text()).isEqualTo("hi");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "Bearer %s", "bearer %s"})
  void shouldServeThoseWithAToken(String form) {
    String queue = Names.unique("tokens");
    String token = form.formatted(service());
    String message = KubeMq.queueMessage(queue, "hello").toString();

    rest("GET", "/ping", "", token).data();
    rest("POST", "/queue/send", message, token).data();
    JsonNode received =
        rest("POST", "/queue/receive", KubeMq.receiveRequest(queue, 1, 5).toString(), token).data();
    assertThat(KubeMq.bodies(received)).containsExactly("hello");
  }

  @Test
  void shouldSayWhyATokenIsNotAccepted() {
    String other = Tokens.hs256("another secret", "{\"sub\":\"x\"}");

    assertUnauthorized(rest("GET", "/ping", "", "rubbish"), "the token is no JSON Web Token");
    assertUnauthorized(rest("GET", "/ping", "", other), "the signature of the token is not valid");
    assertUnauthorized(
        rest("GET", "/ping", "", Tokens.unsigned("{\"sub\":\"x\"}")),
        "tokens with this signature type are not accepted");
    assertUnauthorized(
        rest("GET", "/ping", "", token("{\"exp\":1700000000}")), "the token has expired");
    assertUnauthorized(
        rest("GET", "/ping", "", token("{\"nbf\":9700000000}")), "the token is not valid yet");
    assertUnauthorized(
        rest("GET", "/ping", "", token("{\"read\":7}")), "a claim of the token has the wrong type");
  }

  /** Whoever is not let in takes no room for bodies: he is told before his has come. */
  @ParameterizedTest
  @CsvSource({
    "9090, /queue/send, Content-Length: 50000000",
    "9090, /send/event, Transfer-Encoding: chunked",
    "8080, /v1/channels, Content-Length: 50000000",
    "8080, /api/v1/topics/t, Content-Length: 50000000",
    "8080, /api/v1/topics/t, Transfer-Encoding: chunked"
  })
  void shouldNotWaitForLargeBodiesOfThoseWhoAreNotLetIn(int port, String path, String framing) {
    URI base = port == 8080 ? mq.api() : mq.rest();
    for (String token : List.of("X: y", "Authorization: rubbish")) {
      try (RawHttp connection = RawHttp.open(base)) {
        Answer answer = connection.write(connection.request("POST", path, token, framing)).read();

        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.header("Connection")).isEqualTo("close");
      }
    }
  }

  @Test
  void shouldTakeLargeBodiesOfThoseWhoAreLetIn() {
    String queue = Names.unique("large");
    String large = KubeMq.queueMessage(queue, "x".repeat(200_000)).toString();
    try (RawHttp connection = RawHttp.open(mq.rest())) {
      String token = "Authorization: " + service();
      String type = "Content-Type: application/json";
      String request = connection.requestWithBody("POST", "/queue/send", large, token, type);
      for (int i = 0; i < 2; i++) {
        assertThat(connection.write(request).read().data().path("Error").asText("")).isEmpty();
      }
    }
  }

  /** A body of no use is not even read, and the connection goes on. */
  @Test
  void shouldNotSayAnythingOfTheTokenItself() {
    String token = token("{\"exp\":1,\"sub\":\"hush\"}");

    Answer answer = rest("POST", "/queue/send?auth=" + token, "{", token);

    assertUnauthorized(answer, "the token has expired");
    assertThat(answer.text() + answer.headers()).doesNotContain(token.substring(0, 20));
  }

  /** In the query a token would end in the logs of whatever is on the way. */
  @Test
  void shouldNotTakeTokensFromTheQueryOfOrdinaryRequests() {
    assertUnauthorized(rest("GET", "/ping?auth=" + service(), "", ""), "no token was sent");
  }

  @Test
  void shouldAnswerPreflightsOfBrowsersWhichSendNoToken() {
    Answer answer =
        mq.exchange(
            HttpRequest.newBuilder(mq.rest().resolve("/send/event"))
                .header("Origin", "https://example.org")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization")
                .method("OPTIONS", BodyPublishers.noBody())
                .build());

    assertThat(answer.status()).isEqualTo(204);
  }

  // --- WebSockets

  private int handshakeStatus(String path) {
    Throwable refusal =
        catchThrowable(() -> WsClient.connectAsync(mq.http(), mq.webSocketUri(path)).join());
    assertThat(refusal).isInstanceOf(CompletionException.class);
    assertThat(refusal.getCause()).isInstanceOf(WebSocketHandshakeException.class);
    return ((WebSocketHandshakeException) refusal.getCause()).getResponse().statusCode();
  }

  private WsClient connect(String path, String token) {
    return WsClient.connectAsync(mq.http(), mq.webSocketUri(path), token).join();
  }

  @Test
  void shouldRefuseHandshakesWithoutAToken() {
    String channel = Names.unique("ws");

    assertThat(handshakeStatus(Paths.events("c", channel, ""))).isEqualTo(401);
    assertThat(handshakeStatus(Paths.requests("c", channel, "", "queries"))).isEqualTo(401);
    assertThat(handshakeStatus("/send/stream")).isEqualTo(401);
    assertThat(handshakeStatus("/queue/stream?auth=rubbish")).isEqualTo(401);
  }

  @Test
  void shouldOpenWebSocketsWithATokenInTheHeaderOrTheQuery() {
    String channel = Names.unique("ws");
    String query = Paths.events("c", channel, "") + "&auth=" + service();

    try (WsClient byHeader = connect(Paths.events("c", channel, ""), "Bearer " + service());
        WsClient byQuery = mq.connect(query)) {
      rest("POST", "/send/event", KubeMq.event(channel, "hello").toString(), service()).data();

      assertThat(byHeader.next().get("Channel").textValue()).isEqualTo(channel);
      assertThat(byQuery.next().get("Channel").textValue()).isEqualTo(channel);
    }
  }

  @Test
  void shouldCloseWebSocketsWhenTheirTokenExpires() {
    String queue = Names.unique("expiring");
    rest("POST", "/queue/send", KubeMq.queueMessage(queue, "1").toString(), service()).data();
    String token = shortLived();

    try (WsClient events = connect(Paths.events("c", queue, ""), token);
        WsClient store = connect(Paths.eventsStore("c", queue, "", 1, 0), token);
        WsClient requests = connect(Paths.requests("c", queue, "", "commands"), token);
        WsClient sender = connect("/send/stream", token);
        WsClient consumer = connect("/queue/stream", token);
        WsClient stays = connect(Paths.events("c", queue, ""), service())) {
      consumer.send(QueueStream.receiveRequest(queue, 600, 5));
      assertThat(consumer.next().path("IsError").asBoolean()).isFalse();

      for (WsClient each : new WsClient[] {events, store, requests, sender, consumer}) {
        assertThat(each.closeCode()).isEqualTo(POLICY_VIOLATION);
      }
      // What the consumer held is there for others.
      JsonNode received =
          rest("POST", "/queue/receive", KubeMq.receiveRequest(queue, 1, 10).toString(), service())
              .data();
      assertThat(KubeMq.bodies(received)).containsExactly("1");
      assertThat(stays.isClosed()).isFalse();
    }
  }

  // --- limited tokens

  @Test
  void shouldHoldTokensWithTopicRulesToThemHereToo() {
    String sent = rest("POST", "/queue/send", message("chat"), limited()).text();
    String refused = rest("POST", "/queue/send", message("orders"), limited()).text();

    assertThat(sent).doesNotContain("IsError");
    assertThat(Json.parse(refused).at("/data/Error").textValue()).isEqualTo(DENIED);
    rest("POST", "/send/event", KubeMq.event("chat", "x").toString(), limited()).data();
    rest("POST", "/send/event", KubeMq.event("one", "x").toString(), limited())
        .assertRefused(DENIED);
    rest("GET", "/queue/info", "", limited()).assertRefused(DENIED);
    try (WsClient one = connect(Paths.events("c", "one", ""), limited());
        WsClient below = connect(Paths.events("c", "news/a/b", ""), limited())) {
      assertThat(one.isClosed() || below.isClosed()).isFalse();
    }
    rest("GET", Paths.events("c", "one.*", ""), "", limited()).assertRefused(DENIED);
    rest("GET", Paths.events("c", ">", ""), "", limited()).assertRefused(DENIED);
    rest("GET", Paths.events("c", "chat", ""), "", limited()).assertRefused(DENIED);
  }

  private static String message(String queue) {
    return KubeMq.queueMessage(queue, "x").toString();
  }

  @Test
  void shouldNotLetALimitedTokenSendThroughRoutesAndDeadLetters() {
    String event = KubeMq.event("events:chat;queues:orders", "x").toString();
    String dead =
        KubeMq.queueMessage("chat", "x", "MaxReceiveCount", 1, "MaxReceiveQueue", "orders")
            .toString();

    rest("POST", "/send/event", event, limited()).assertRefused(DENIED);
    assertThat(rest("POST", "/queue/send", dead, limited()).data().get("Error").textValue())
        .isEqualTo(DENIED);
  }

  // --- the API port

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/channels",
    "POST, /v1/channels?kind=queue&name=x",
    "DELETE, /v1/channels?kind=queue&name=x",
    "GET, /v1/queues",
    "GET, /v1/queues/messages?queue=x",
    "POST, /v1/queues/redrive?queue=x",
    "GET, /v1/logs",
    "GET, /v1/stats/queues",
    "GET, /v1/stats/events_stores",
    "GET, /v1/stats/channels",
    "GET, /v1/stats/attach?kind=queue&channel=x",
    "GET, /api/monitor?kind=queue&channel=x",
    "GET, /metrics/detailed?channel=x"
  })
  void shouldAskForATokenToAdminister(String method, String path) {
    Answer without = api(method, path, "");
    assertThat(without.status()).isEqualTo(401);
    assertThat(without.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertThat(api(method, path, limited()).status()).isEqualTo(403);
    assertThat(api(method, path, "Bearer " + service()).status()).isNotIn(401, 403);
  }

  @Test
  void shouldTellAdministratorsWithAProblemDocument() {
    Answer answer = api("GET", "/v1/queues", "");

    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("detail").textValue()).isEqualTo("no token was sent");
    assertThat(answer.json().get("code").textValue()).isEqualTo("unauthorized");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/readyz", "/healthz", "/health", "/ready", "/metrics", "/"})
  void shouldAnswerProbesWithoutAToken(String path) {
    assertThat(api("GET", path, "").status()).isEqualTo(200);
  }

  @Test
  void shouldWatchChannelsOnlyWithAToken() {
    URI monitor =
        URI.create(
            "ws"
                + mq.api()
                    .resolve("/v1/stats/attach?kind=events&channel=x")
                    .toString()
                    .substring("http".length()));

    assertThat(catchThrowable(() -> WsClient.connectAsync(mq.http(), monitor).join()))
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
    try (WsClient watching = WsClient.connectAsync(mq.http(), monitor, shortLived()).join()) {
      assertThat(watching.closeCode()).isEqualTo(POLICY_VIOLATION);
    }
  }
}
