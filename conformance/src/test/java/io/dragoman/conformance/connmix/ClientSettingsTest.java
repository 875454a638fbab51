// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Single settings of listeners for clients, each as a client sees it (spec: connmix §5.2). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ClientSettingsTest {
  private static final String SECRET = "a secret of a test that is long enough";
  private static final int RULES = 1;
  private static final int BOUND = 2;
  private static final int TOKENS = 3;
  private static final int SCRIPT = 4;

  @TempDir static Path directory;
  private static Connmix connmix;

  private final String room = Names.unique("r");

  @BeforeAll
  static void start() throws IOException {
    Path script =
        Files.writeString(
            directory.resolve("entry.lua"),
            "function on_message(msg) mix.websocket():send('got ' .. msg.data) end");
    String listeners =
        """
        - port: 0
          path: /rules
          verbPointer: /do/it
          textPing: false
          maxMessage: 100
          context: {id: '{client_id}', from: '{remote_addr}'}
          events:
            open: {topic: 'life-{query.room}', payload: full}
            message: {topic: 'said-{query.room}', payload: full, headers: never}
          maxTopics: 100000
          verbs: {join: {does: subscribe, allow: ['*']}}
        - {port: 0, bind: 127.0.0.2, path: /bound}
        - port: 0
          auth: {mode: jwt, query: ticket, cookie: pass}
          context: {who: '{claim.sub}', level: '{claim.level}', nobody: '{claim.missing}'}
          subscribe: ['team:{claim.team}']
          events:
            open: {topic: 'life-{query.room}', payload: full}
            message: '{message.to}'
          maxTopics: 100000
          verbs:
            join: {does: subscribe, allow: ['*']}
            tell: {does: publish, allow: ['*']}
        - {port: 0, path: /script, entry: '%s'}
        """
            .formatted(script);
    connmix =
        Connmix.start(
            Map.of(
                "connmix.clients",
                listeners,
                "auth.jwt.secret",
                SECRET,
                "http.allowedHosts",
                "127.0.0.2"));
  }

  @AfterAll
  static void stop() {
    connmix.close();
  }

  private static URI listener(int number) {
    return connmix.clients("connmix-client" + (number == 1 ? "" : "-" + number));
  }

  private ChatClient chat(int listener, String path, String... headers) {
    String separator = path.indexOf('?') < 0 ? "?" : "&";
    return new ChatClient(
        RawWebSocket.connect(listener(listener), path + separator + "room=" + room, headers));
  }

  private Backend backend(String... topics) {
    return connmix.consuming("-" + room, topics);
  }

  // --- messages

  @Test
  void shouldLookForVerbsWhereToldTo() {
    try (Backend backend = backend("said");
        ChatClient client = chat(RULES, "/rules")) {
      client.say("{\"op\":\"join\",\"channel\":\"a\"}");
      client.say("{\"do\":{\"it\":\"join\"},\"channel\":\"a\"}");

      assertThat(client.hears()).isEqualTo("{\"result\":true}");
      assertThat(backend.data(1)).containsExactly("{\"op\":\"join\",\"channel\":\"a\"}");
    }
  }

  @Test
  void shouldTakePingsForMessagesWhenToldTo() {
    try (Backend backend = backend("said");
        ChatClient client = chat(RULES, "/rules")) {
      client.say("ping").say("{\"do\":{\"it\":\"join\"},\"channel\":\"a\"}");

      assertThat(backend.data(1)).containsExactly("ping");
      assertThat(client.hears()).isEqualTo("{\"result\":true}");
    }
  }

  @Test
  void shouldCloseForMessagesBeyondTheBoundThatIsSet() {
    try (Backend backend = backend("said");
        ChatClient client = chat(RULES, "/rules")) {
      client.say("x".repeat(100));
      assertThat(backend.data(1)).containsExactly("x".repeat(100));

      client.socket().send(false, 0, RawWebSocket.TEXT, true, "x".repeat(60).getBytes(UTF_8));
      client
          .socket()
          .send(true, 0, RawWebSocket.CONTINUATION, true, "y".repeat(41).getBytes(UTF_8));
      assertThat(client.socket().readCloseCode()).isEqualTo(1009);
    }
  }

  @Test
  void shouldFillInWhoItIsAndWhereItComesFromAndTellNoHeaders() {
    try (Backend backend = backend("life", "said");
        ChatClient client = chat(RULES, "/rules")) {
      JsonNode opened = backend.said();
      assertThat(opened.at("/d/id").textValue()).isEqualTo(opened.get("c").textValue());
      assertThat(opened.at("/d/from").textValue()).matches("127\\.0\\.0\\.1:[0-9]+");

      client.say("hi");

      JsonNode said = backend.said().get("d");
      assertThat(Json.keys(said)).containsExactlyInAnyOrder("event", "frame", "id", "from");
    }
  }

  // --- where

  @Test
  void shouldListenWhereToldTo() {
    URI everywhere = listener(BOUND);
    URI bound = URI.create("http://127.0.0.2:" + everywhere.getPort());
    try (ChatClient client = new ChatClient(RawWebSocket.connect(bound, "/bound"))) {
      assertThat(client.pings()).isEqualTo("pong");
    }
    // Where something else may listen by chance, but not this.
    boolean reached;
    try {
      reached = connmix.get(everywhere, "/bound").status() == 400;
    } catch (AssertionError refused) {
      reached = false;
    }
    assertThat(reached).isFalse();
  }

  @Test
  void shouldServeTheScriptAtItsPath() {
    try (ChatClient client = chat(SCRIPT, "/script")) {
      assertThat(client.say("hi").hears()).isEqualTo("got hi");
    }
    assertThat(RawWebSocket.refused(listener(SCRIPT), "/chat").status()).isEqualTo(404);
  }

  // --- tokens, where the listener alone requires them

  private static String token(String claims) {
    return Tokens.hs256(SECRET, claims);
  }

  @Test
  void shouldFindTokensWhereToldTo() {
    String token = token("{\"sub\":\"ann\"}");
    String[][] ways = {
      {"/chat", "Authorization: Bearer " + token},
      {"/chat?ticket=" + token},
      {"/chat?auth=" + token},
      {"/chat", "Cookie: token=x; pass=" + token}
    };
    for (String[] way : ways) {
      String[] headers = way.length == 1 ? new String[0] : new String[] {way[1]};
      try (ChatClient client = chat(TOKENS, way[0], headers)) {
        assertThat(client.pings()).isEqualTo("pong");
      }
    }
    assertThat(RawWebSocket.refused(listener(TOKENS), "/chat?token=" + token).status())
        .isEqualTo(401);
    assertThat(RawWebSocket.refused(listener(TOKENS), "/chat", "Cookie: token=" + token).status())
        .isEqualTo(401);
  }

  @Test
  void shouldFillInClaims() {
    String token = token("{\"sub\":\"ann\",\"level\":7,\"team\":\"" + room + "\"}");
    try (Backend backend = backend("life");
        ChatClient client = chat(TOKENS, "/chat?ticket=" + token)) {
      JsonNode opened = backend.said().get("d");
      assertThat(opened.get("who").textValue()).isEqualTo("ann");
      assertThat(opened.get("level").isInt()).isTrue();
      assertThat(opened.get("level").intValue()).isEqualTo(7);
      assertThat(opened.has("nobody")).isFalse();

      assertThat(backend.result("mesh.publish", "{\"c\":\"team:" + room + "\",\"d\":\"go\"}"))
          .hasToString("{\"s\":1,\"f\":0}");
      assertThat(client.hears()).isEqualTo("go");
    }
  }

  @Test
  void shouldCloseWhenATokenExpires() {
    long soon = System.currentTimeMillis() / 1000 + 5;
    String token = token("{\"sub\":\"ann\",\"exp\":" + soon + "}");
    try (ChatClient client = chat(TOKENS, "/chat?ticket=" + token)) {
      assertThat(client.socket().readCloseCode()).isEqualTo(1008);
    }
    assertThat(
            RawWebSocket.refused(listener(TOKENS), "/chat?ticket=" + token("{\"exp\":1}")).status())
        .isEqualTo(401);
  }

  @Test
  void shouldHoldClientsToTheRulesOfTheirTokens() {
    String said = "said-" + room;
    String claims =
        "{\"sub\":\"ann\",\"read\":[\"news/+\"],\"write\":[\"talk\",\"%1$s\"],\"rlimit\":[{"
            + "\"topic\":\"%1$s\",\"interval\":3600,\"max\":1}]}";
    try (Backend backend = backend("said", "other");
        ChatClient client = chat(TOKENS, "/chat?ticket=" + token(claims.formatted(said)))) {
      String join = "{\"op\":\"join\",\"channel\":\"%s\"}";
      assertThat(client.say(join.formatted("news/today")).hears()).isEqualTo("{\"result\":true}");
      assertThat(client.say(join.formatted("talk")).hears()).startsWith("{\"code\":1,");
      String tell = "{\"op\":\"tell\",\"channel\":\"%s\",\"data\":\"x\"}";
      assertThat(client.say(tell.formatted("talk")).hears()).isEqualTo("{\"result\":true}");
      assertThat(client.say(tell.formatted("news/today")).hears()).startsWith("{\"code\":1,");

      String first = "{\"to\":\"" + said + "\",\"n\":1}";
      client.say("{\"to\":\"other-" + room + "\"}").say(first).say(first);
      assertThat(client.say(join.formatted("talk")).hears()).startsWith("{\"code\":1,");
      assertThat(backend.data(1)).containsExactly(first);
      connmix.enqueue(said, "1", "last");
      assertThat(backend.data(1)).containsExactly("last");
    }
  }
}
