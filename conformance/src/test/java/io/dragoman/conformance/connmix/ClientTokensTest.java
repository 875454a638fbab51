// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.conformance.Json;
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
          + "{port: 0, protocol: tcp},"
          + "{port: 0, subscribe: ['{query.a}', '{query.b}'],"
          + " events: {open: opened, message: '{message.to}'}}]"
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
    String claims =
        "{\"sub\":\"a\",\"read\":[\"news/+\"],\"write\":[\"talk\"],"
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
  void shouldHoldToTheRulesOfTheTokenWhatGoesByItself() {
    String claims =
        "{\"sub\":\"b\",\"read\":[\"news/+\"],\"write\":[\"said\"],"
            + "\"rlimit\":[{\"topic\":\"said\",\"interval\":3600,\"max\":2}]}";
    String all = Tokens.hs256(SECRET, "{\"sub\":\"svc\"}");
    try (Backend backend = connmix.backend(Connmix.SOCKET + "?auth=" + all);
        ChatClient client =
            new ChatClient(
                RawWebSocket.connect(
                    connmix.clients("connmix-client-3"), path(claims) + "&a=secret&b=news/now"))) {
      backend.pop("opened", "said", "default");
      assertThat(Json.parse(backend.event()).at("/p/t").textValue()).isEqualTo("opened");
      client.say("{\"to\":\"said\",\"n\":1}").say("{\"to\":\"default\",\"n\":2}");
      client.say("{\"to\":\"said\",\"n\":3}").say("{\"to\":\"said\",\"n\":4}");
      assertThat(backend.data(2))
          .containsExactly("{\"to\":\"said\",\"n\":1}", "{\"to\":\"said\",\"n\":3}");
      assertThat(client.pings()).isEqualTo("pong");
      connmix.enqueue("default", "", "last");
      assertThat(backend.data(1)).containsExactly("last");
      for (String each : new String[] {"secret", "news/now"}) {
        int members = each.equals("secret") ? 0 : 1;
        assertThat(backend.result("mesh.publish", "{\"c\":\"" + each + "\",\"d\":\"x\"}"))
            .hasToString("{\"s\":" + members + ",\"f\":0}");
      }
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
    assertThatThrownBy(() -> connmix.clients("connmix-client-2"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
