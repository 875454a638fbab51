// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Tokens;
import io.dragoman.conformance.WsClient;
import io.dragoman.kubemq.protocol.QueuesInfoRequest;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocketHandshakeException;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a policy forbids is not open by the ways that administrators have. */
@KubeMqSuite(
    settings = {
      "auth.enabled=true",
      "auth.jwt.secret=" + TokensTest.SECRET,
      "auth.admin.subjects=root,ops",
      "kubemq.policy.data=" + AdministratorsTest.POLICY
    })
class AdministratorsTest {
  static final String POLICY =
      "[{\"ClientID\":\".*\",\"Queues\":true,\"Channel\":\"orders.*\",\"Read\":true,\"Write\":true}]";

  private static final String SERVICE = TokensTest.token("{\"sub\":\"service\"}");
  private static final String NAMELESS = TokensTest.token("{}");
  private static final String LIMITED = TokensTest.token("{\"sub\":\"root\",\"read\":[\"#\"]}");
  private static final String OPS = TokensTest.token("{\"sub\":\"ops\"}");

  private final KubeMq mq;

  AdministratorsTest(KubeMq mq) {
    this.mq = mq;
  }

  private static Answer exchange(KubeMq mq, URI base, String method, String path, String token) {
    return mq.exchange(
        HttpRequest.newBuilder(base.resolve(path))
            .header("Authorization", token)
            .method(method, BodyPublishers.noBody())
            .build());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/channels",
    "DELETE, /v1/channels?kind=queue&name=secret",
    "GET, /v1/queues/messages?queue=secret",
    "GET, /v1/logs/messages?log=secret",
    "POST, /v1/queues/redrive?queue=secret",
    "GET, /v1/stats/queues",
    "GET, /v1/stats/attach?kind=queue&channel=secret",
    "GET, /api/monitor?kind=queue&channel=secret",
    "GET, /metrics/detailed?channel=secret"
  })
  void shouldOpenAdministrationToAdministratorsOnly(String method, String path) {
    for (String token : new String[] {SERVICE, NAMELESS, LIMITED}) {
      assertThat(exchange(mq, mq.api(), method, path, token).status()).as(token).isEqualTo(403);
    }
    assertThat(exchange(mq, mq.api(), method, path, OPS).status()).isNotIn(401, 403);
  }

  @Test
  void shouldTellOfAllQueuesToAdministratorsOnly() {
    exchange(mq, mq.rest(), "GET", "/queue/info", SERVICE).assertRefused(TokensTest.DENIED);
    exchange(mq, mq.rest(), "GET", "/queue/info", OPS).data();
    try (GrpcClient service = GrpcClient.authorized(mq, SERVICE);
        GrpcClient ops = GrpcClient.authorized(mq, OPS)) {
      QueuesInfoRequest all = QueuesInfoRequest.newBuilder().setRequestID("r").build();
      assertThat(GrpcRefusal.of(() -> service.calls().queuesInfo(all)).getCode())
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(ops.calls().queuesInfo(all).getRefRequestID()).isEqualTo("r");
    }
  }

  @Test
  void shouldOpenMonitorsToAdministratorsOnly() {
    URI monitor =
        URI.create(
            "ws"
                + mq.api()
                    .resolve("/api/monitor?kind=queue&channel=secret")
                    .toString()
                    .substring("http".length()));

    assertThat(catchThrowable(() -> WsClient.connectAsync(mq.http(), monitor, SERVICE).join()))
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
    try (WsClient watching = WsClient.connectAsync(mq.http(), monitor, OPS).join()) {
      assertThat(watching.isClosed()).isFalse();
    }
  }

  @Test
  void shouldServeOthersAsThePolicySays() {
    String allowed = KubeMq.queueMessage("orders.a", "x").toString();
    Answer sent =
        mq.exchange(
            HttpRequest.newBuilder(mq.rest().resolve("/queue/send"))
                .header("Content-Type", "application/json")
                .header("Authorization", SERVICE)
                .POST(BodyPublishers.ofString(allowed))
                .build());

    assertThat(sent.data().path("Error").asText("")).isEmpty();
  }

  /** Who forgets to say who administers has not opened it to everybody. */
  @Test
  void shouldOpenAdministrationToNobodyBesideAPolicyUnlessToldTo() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts a server of its own");
    Map<String, String> settings =
        Map.of(
            "auth.enabled",
            "true",
            "auth.jwt.secret",
            TokensTest.SECRET,
            "kubemq.policy.data",
            POLICY);
    try (KubeMq own = KubeMq.start(settings)) {
      for (String token : new String[] {SERVICE, NAMELESS, LIMITED, OPS}) {
        Answer answer = exchange(own, own.api(), "GET", "/v1/channels", token);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(Json.keys(answer.json())).contains("detail");
      }
    }
  }

  /** Without a policy there is nothing to get around. */
  @Test
  void shouldOpenAdministrationToThoseThatAreNamedWithoutAPolicyToo() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts a server of its own");
    Map<String, String> settings =
        Map.of(
            "auth.enabled", "true",
            "auth.jwt.secret", TokensTest.SECRET,
            "auth.admin.subjects", "root");
    try (KubeMq own = KubeMq.start(settings)) {
      String root = Tokens.hs256(TokensTest.SECRET, "{\"sub\":\"root\"}");
      assertThat(exchange(own, own.api(), "GET", "/v1/channels", root).status()).isEqualTo(200);
      assertThat(exchange(own, own.api(), "GET", "/v1/channels", SERVICE).status()).isEqualTo(403);
    }
  }
}
