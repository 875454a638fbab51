// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The broker's tokens at the API, with an account beside them (issue 6, section 6). */
@ConnmixSuite(
    settings = {
      "auth.enabled=true",
      "auth.jwt.secret=" + TokensOfBackendsTest.SECRET,
      "connmix.access.users=[{username: worker, password: pw}]"
    })
class TokensOfBackendsTest {
  static final String SECRET = "a secret that nobody will guess!";

  private static final int POLICY_VIOLATION = 1008;
  private static final int SHORT_SECONDS = 6;

  private final Connmix connmix;

  TokensOfBackendsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private static String token(String claims) {
    return "Bearer " + Tokens.hs256(SECRET, claims);
  }

  private Backend with(String claims) {
    return connmix.backend(Connmix.SOCKET, "Authorization: " + token(claims));
  }

  @Test
  void shouldRefuseThoseWithoutATokenOrAccount() {
    assertThat(RawWebSocket.refused(connmix.api(), Connmix.SOCKET).status()).isEqualTo(401);
    assertThat(
            RawWebSocket.refused(connmix.api(), Connmix.SOCKET, "Authorization: Bearer a.b.c")
                .status())
        .isEqualTo(401);
    assertThat(connmix.post("/v1/mesh/publish", "{}").status()).isEqualTo(401);
    assertThat(connmix.get(connmix.center(), "/v1/nodes").status()).isEqualTo(401);
  }

  @Test
  void shouldLetServicesDoEverything() {
    try (Backend backend = with("{\"sub\":\"svc\"}");
        PushedClient client = connmix.client()) {
      backend.pop("t");
      backend.done("mesh.send", "{\"c\":\"" + client.id() + "\",\"d\":\"x\"}");
      backend.result("mesh.publish", "{\"c\":\"a\",\"d\":\"x\"}");
    }
    Answer nodes =
        connmix.get(connmix.center(), "/v1/nodes", "Authorization", token("{\"sub\":\"svc\"}"));
    assertThat(nodes.status()).isEqualTo(200);
  }

  @Test
  void shouldLetLimitedTokensConsumeAndPublishWhatTheyOpen() {
    try (Backend backend = with("{\"sub\":\"svc\",\"read\":[\"in/+\"],\"write\":[\"room/#\"]}");
        PushedClient client = connmix.client()) {
      backend.pop("in/a");
      backend.refused(102, "queue.pop", "{\"t\":[\"in/b\",\"other\"]}");
      backend.result("mesh.publish", "{\"c\":\"room/1\",\"d\":\"x\"}");
      backend.refused(102, "mesh.publish", "{\"c\":\"in/a\",\"d\":\"x\"}");
      backend.refused(102, "mesh.send", "{\"c\":\"" + client.id() + "\",\"d\":\"x\"}");
      backend.refused(
          102,
          "conn.call",
          "{\"c\":\"" + client.id() + "\",\"f\":\"subscribe\",\"a\":[\"room/1\"]}");
    }
  }

  @Test
  void shouldCountPublishesAgainstTheTokensRate() {
    try (Backend backend =
        with(
            "{\"sub\":\"slow\",\"write\":[\"#\"],\"read\":[\"#\"],"
                + "\"rlimit\":[{\"topic\":\"r\",\"interval\":3600,\"max\":1}]}")) {
      backend.result("mesh.publish", "{\"c\":\"r\",\"d\":\"x\"}");
      backend.refused(102, "mesh.publish", "{\"c\":\"r\",\"d\":\"x\"}");
      backend.result("mesh.publish", "{\"c\":\"s\",\"d\":\"x\"}");
    }
  }

  @Test
  void shouldLetAccountsInBesides() {
    try (Backend backend =
        connmix.backend(Connmix.SOCKET, "Authorization: Basic " + Json.base64("worker:pw"))) {
      backend.pop("t2");
    }
  }

  @Test
  void shouldTakeTheTokenOfABrowserFromTheQuery() {
    String token = Tokens.hs256(SECRET, "{\"sub\":\"svc\"}");
    try (Backend backend = connmix.backend(Connmix.SOCKET + "?auth=" + token)) {
      backend.pop("t3");
    }
  }

  @Test
  void shouldEndWhenTheTokenExpires() {
    long end = System.currentTimeMillis() / 1000 + SHORT_SECONDS;
    try (Backend backend = with("{\"sub\":\"svc\",\"exp\":" + end + "}")) {
      backend.pop("t4");
      backend.socket().deadline(Duration.ofSeconds(30));
      assertThat(backend.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
    }
  }
}
