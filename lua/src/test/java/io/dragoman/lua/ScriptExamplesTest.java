// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.lua.FakeHost.FakeConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the examples that scripts are usually written after do, with scripts of our own. */
class ScriptExamplesTest extends ScriptFixture {

  private void startExample(String name) throws IOException {
    try (InputStream in = ScriptExamplesTest.class.getResourceAsStream(name)) {
      start(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static HttpAnswer answer(HttpCall call, int status, String body) {
    return new HttpAnswer(status, call.url(), List.of(), body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void shouldChatInRooms() throws IOException {
    startExample("chat.lua");
    FakeConnection ann = open();
    FakeConnection bob = open();
    ann.session.onHandshake(handshake("/chat"));
    bob.session.onHandshake(handshake("/chat"));

    ann.says("{\"op\":\"say\",\"text\":\"?\"}");
    ann.says("{\"op\":\"join\",\"room\":1002}");
    bob.says("{\"op\":\"join\",\"room\":1002}");
    bob.says("{\"op\":\"say\",\"text\":\"hi\"}");
    ann.says("{\"op\":\"join\",\"room\":7}");
    bob.says("{\"op\":\"say\",\"text\":\"gone?\"}");
    bob.says("nonsense");
    bob.says("{\"op\":\"fly\"}");
    bob.session.onMessage(new byte[] {1}, true);
    ann.leaves("");

    assertThat(ann.sent)
        .containsExactly(
            "{\"code\":2,\"msg\":\"in no room\"}",
            "{\"result\":true}",
            "{\"from\":\"" + bob.id() + "\",\"text\":\"hi\"}",
            "{\"result\":true}");
    assertThat(ann.channels).containsExactly("everybody", "room:7");
    assertThat(bob.sent)
        .containsExactly(
            "{\"result\":true}",
            "{\"from\":\"" + bob.id() + "\",\"text\":\"hi\"}",
            "{\"from\":\"" + bob.id() + "\",\"text\":\"gone?\"}",
            "{\"code\":3,\"msg\":\"not JSON\"}",
            "{\"code\":4,\"msg\":\"unknown op\"}");
    assertThat(bob.closed).isTrue();
    assertThat(bob.failures).isEmpty();
    assertThat(host.log).contains("INFO entry.lua: " + ann.id() + " left");
  }

  @Test
  void shouldSendUsersTheirMessages() throws IOException {
    startExample("message-center.lua");
    host.web =
        call ->
            new String(call.body(), StandardCharsets.UTF_8).equals("{\"token\":\"good\"}")
                ? answer(call, 200, "{\"uid\":1627581697287520263}")
                : answer(call, 403, "");
    FakeConnection user = open();
    user.session.onHandshake(handshake("/message-center?v=2"));

    user.says("{\"op\":\"read\"}");
    user.says("{\"op\":\"auth\",\"token\":\"bad\"}");
    host.answerAll();
    user.says("{\"op\":\"auth\",\"token\":\"good\"}");
    user.says("{\"op\":\"waits its turn\"}");
    assertThat(user.sent).hasSize(2);
    host.answerAll();
    user.leaves("");
    FakeConnection elsewhere = open();
    elsewhere.session.onHandshake(handshake("/other"));

    assertThat(user.sent)
        .containsExactly(
            "{\"code\":1,\"msg\":\"auth first\"}",
            "{\"code\":2,\"msg\":\"status 403\"}",
            "{\"result\":true}",
            "{\"code\":1,\"msg\":\"auth first\"}");
    assertThat(user.channels).containsExactly("user:1627581697287520263");
    assertThat(host.httpCalls.get(0).timeoutMillis()).isEqualTo(3_000);
    assertThat(host.log.get(0)).contains("[\"uid\"] = \"1627581697287520263\"");
    assertThat(elsewhere.closed).isTrue();
  }

  @Test
  void shouldFollowVideos() throws IOException {
    startExample("barrage.lua");
    FakeConnection viewer = open();

    viewer.says("{\"op\":\"subscribe\",\"channel\":\"video:12\"}");
    viewer.says("{\"op\":\"subscribe\",\"channel\":\"video:13\"}");
    viewer.says("{\"op\":\"unsubscribe\",\"channel\":\"video:12\"}");
    viewer.says("{\"op\":\"subscribe\",\"channel\":\"user:1\"}");
    viewer.says("{\"op\":\"erase\",\"channel\":\"video:1\"}");

    assertThat(viewer.channels).containsExactly("video:13");
    assertThat(viewer.sent)
        .containsExactly(
            "{\"result\":true}",
            "{\"result\":true}",
            "{\"result\":true}",
            "{\"code\":1,\"msg\":\"no such channel\"}",
            "{\"code\":2,\"msg\":\"unknown op\"}");
    viewer.says("{");
    assertThat(viewer.closed).isTrue();
  }

  @Test
  void shouldStreamMarkets() throws IOException {
    startExample("exchange.lua");
    host.web = call -> answer(call, 200, call.url().endsWith("=t1") ? "{\"uid\":\"u1\"}" : "{}");
    FakeConnection trader = open();

    trader.says("{\"op\":\"subscribe\",\"channel\":\"btcusdt@depth\"}");
    trader.says("{\"op\":\"subscribe\",\"channel\":\"u1@balance\"}");
    trader.says("{\"op\":\"auth\",\"token\":\"none\"}");
    host.answerAll();
    trader.says("{\"op\":\"auth\",\"token\":\"t1\"}");
    trader.says("{\"op\":\"subscribe\",\"channel\":\"u1@balance\"}");
    trader.says("{\"op\":\"subscribe\",\"channel\":\"u2@balance\"}");
    host.answerAll();
    trader.says("{\"op\":\"unsubscribe\",\"channel\":\"btcusdt@depth\"}");

    assertThat(trader.channels).containsExactly("ex:u1@balance");
    assertThat(trader.sent)
        .containsExactly(
            "{\"result\":true}",
            "{\"code\":1,\"msg\":\"not allowed\"}",
            "{\"code\":1,\"msg\":\"unknown token\"}",
            "{\"result\":true}",
            "{\"result\":true}",
            "{\"code\":1,\"msg\":\"not allowed\"}",
            "{\"result\":true}");
  }

  @Test
  void shouldPassEverythingToABackend() throws IOException {
    startExample("queue-chat.lua");
    FakeConnection user = open();

    user.session.onHandshake(handshake("/chat"));
    user.says("{\"op\":\"auth\"}");
    user.says("{\"op\":\"say\"}");
    assertThat(host.events).hasSize(2);
    user.set("uid", "5");
    user.leaves("");

    assertThat(host.events)
        .extracting(FakeHost.Event::json)
        .containsExactly(
            "{\"event\":\"handshake\",\"headers\":{\"Host\":\"example.org\",\"User-Agent\":\"test\"}}",
            "{\"event\":\"message\",\"frame\":{\"data\":\"{\\\"op\\\":\\\"auth\\\"}\",\"finish\":true,"
                + "\"type\":\"text\"},\"headers\":{\"Host\":\"example.org\",\"User-Agent\":\"test\"}}",
            "{\"event\":\"message\",\"frame\":{\"data\":\"{\\\"op\\\":\\\"say\\\"}\",\"finish\":true,"
                + "\"type\":\"text\"},\"uid\":5}",
            "{\"event\":\"close\",\"uid\":5}");
  }
}
