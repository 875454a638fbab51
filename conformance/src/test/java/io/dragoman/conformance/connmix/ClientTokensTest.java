// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Clients of a broker that requires tokens. */
@ConnmixSuite(
    settings = {
      "auth.enabled=true",
      "auth.jwt.secret=" + ClientTokensTest.SECRET,
      "connmix.clients=[{port: 0, verbs: {"
          + "join: {does: subscribe, allow: ['*']},"
          + "tell: {does: publish, allow: ['*']}}},"
          + "{port: 0, protocol: tcp}]"
    })
class ClientTokensTest {
  static final String SECRET = "a secret of a test that is long enough";

  private final Connmix connmix;

  ClientTokensTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private static String path(String claims) {
    return "/chat?token=" + Tokens.hs256(SECRET, claims);
  }

  @Test
  void shouldNotLetInWithoutAToken() {
    URI clients = connmix.clients();
    assertThat(RawWebSocket.refused(clients, "/chat").status()).isEqualTo(401);
    assertThat(RawWebSocket.refused(clients, "/chat?token=x").status()).isEqualTo(401);
    assertThat(RawWebSocket.refused(clients, path("{\"exp\":1}")).status()).isEqualTo(401);
    try (ChatClient client = connmix.chat(path("{\"sub\":\"a\"}"))) {
      assertThat(client.pings()).isEqualTo("pong");
    }
  }

  @Test
  void shouldHoldToTheRulesOfTheToken() {
    String claims = "{\"sub\":\"a\",\"read\":[\"news/+\"],\"write\":[\"talk\"],"
        + "\"rlimit\":[{\"topic\":\"talk\",\"interval\":3600,\"max\":1}]}";
    try (ChatClient client = connmix.chat(path(claims))) {
      assertThat(client.say("{\"op\":\"join\",\"channel\":\"news/today\"}").hears())
          .isEqualTo("{\"result\":true}");
      assertThat(client.say("{\"op\":\"join\",\"channel\":\"talk\"}").hears())
          .startsWith("{\"code\":1,");
      String tell = "{\"op\":\"tell\",\"data\":\"x\",\"channel\":";
      assertThat(client.say(tell + "\"news/today\"}").hears()).startsWith("{\"code\":1,");
      assertThat(client.say(tell + "\"talk\"}").hears()).isEqualTo("{\"result\":true}");
      assertThat(client.say(tell + "\"talk\"}").hears()).startsWith("{\"code\":1,");
    }
  }

  @Test
  void shouldCloseWhenTheTokenExpires() {
    long soon = System.currentTimeMillis() / 1000 + 2;
    try (ChatClient client = connmix.chat(path("{\"sub\":\"a\",\"exp\":" + soon + "}"))) {
      assertThat(client.socket().readCloseCode()).isEqualTo(1008);
    }
  }

  @Test
  void shouldNotOpenAListenerWhoseClientsBringNone() {
    assertThatThrownBy(
            () -> connmix.clients("connmix-client-2"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
