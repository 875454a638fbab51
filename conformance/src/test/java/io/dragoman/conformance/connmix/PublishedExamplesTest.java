// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dialogues of the published examples (spec: connmix §8), with scripts of our own, and the same
 * without scripts where rules can say it.
 */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class PublishedExamplesTest {
  /** Begins all four: a message becomes a call of what its op names. */
  private static final String OPS =
      """
      local ops = {}
      local function tell(conn, value)
        local err = conn:send(mix.json_encode(value))
        if err then mix.log(mix.WARN, "not told: " .. err) end
      end
      local function settle(conn, err)
        if err then tell(conn, {code = 1, msg = err}) else tell(conn, {result = true}) end
      end
      function on_message(msg)
        local conn = mix.websocket()
        if msg.type ~= "text" then return conn:close() end
        local asked, wrong = mix.json_decode(msg.data)
        if wrong then return conn:close() end
        local op = ops[asked.op]
        if op then op(conn, asked) else settle(conn, "Unknown Op") end
      end
      """;

  private static final String ROOMS =
      OPS
          + """
          local function leave(conn)
            local room = conn:context_value("current_room_id")
            if room then conn:unsubscribe("room:" .. room) end
          end
          function ops.join(conn, asked)
            leave(conn)
            conn:subscribe("room:" .. asked.room_id)
            conn:set_context_value("current_room_id", asked.room_id)
            tell(conn, {status = "success"})
          end
          function ops.quit(conn)
            leave(conn)
            conn:set_context_value("current_room_id", nil)
            tell(conn, {status = "success"})
          end
          function ops.send(conn, asked)
            tell(conn, {status = "success"})
            mix.mesh.publish("room:" .. conn:context_value("current_room_id"),
              mix.json_encode({client_id = conn:client_id(), msg = asked.msg}))
          end
          """;

  /** Asks a server who brings this token. */
  private static final String LOGIN =
      OPS
          + """
          function ops.auth(conn, asked)
            local resp, err = mix.http.request("POST", mix.server.option("auth_url"), {
              body = mix.json_encode({token = asked.token}),
              headers = {["Content-Type"] = "application/json"}, timeout = "10s"})
            if err then return settle(conn, err) end
            local user = resp.status_code == 200 and mix.json_decode(resp.body)
            if not user then return settle(conn, "Not Auth") end
            conn:set_context_value("uid", user.uid)
            settle(conn)
          end
          """;

  private static final String MESSAGES =
      LOGIN
          + """
          local function own(conn, asked)
            local uid = conn:context_value("uid")
            if not uid then return nil, "Not Auth" end
            if asked.channel ~= "@user" then return nil, "Unknown Channel" end
            return "user:" .. uid
          end
          function ops.subscribe(conn, asked)
            local channel, err = own(conn, asked)
            settle(conn, err or conn:subscribe(channel))
          end
          function ops.unsubscribe(conn, asked)
            local channel, err = own(conn, asked)
            settle(conn, err or conn:unsubscribe(channel))
          end
          """;

  private static final String BARRAGE =
      OPS
          + """
          local function video(asked)
            local parts = mix.str_split(asked.channel or "", "@")
            if table.getn(parts) ~= 2 or parts[2] ~= "video" then return nil, "Unknown Channel" end
            return "video:" .. parts[1]
          end
          function ops.subscribe(conn, asked)
            local channel, err = video(asked)
            settle(conn, err or conn:subscribe(channel))
          end
          function ops.unsubscribe(conn, asked)
            local channel, err = video(asked)
            settle(conn, err or conn:unsubscribe(channel))
          end
          """;

  private static final String EXCHANGE =
      LOGIN
          + """
          local public = {depth = true, trades = true, markprice = true, ticker = true, kline = true}
          local private = {balance = true, order = true, position = true, account = true}
          local function stream(conn, asked)
            local parts = mix.str_split(asked.channel or "", "@")
            if table.getn(parts) ~= 2 then return nil, "Unknown Channel" end
            local symbol, kind = unpack(parts)
            if symbol ~= "" and public[kind] then return "ex:" .. asked.channel end
            if symbol ~= "" or not private[kind] then return nil, "Unknown Channel" end
            local uid = conn:context_value("uid")
            if not uid then return nil, "Not Auth" end
            return "ex:" .. string.format("%d@%s", uid, kind)
          end
          function ops.subscribe(conn, asked)
            local channel, err = stream(conn, asked)
            settle(conn, err or conn:subscribe(channel))
          end
          function ops.unsubscribe(conn, asked)
            local channel, err = stream(conn, asked)
            settle(conn, err or conn:unsubscribe(channel))
          end
          """;

  private static final String ROOM_RULES =
      "verbs: {join: {does: subscribe, channel: 'room:{message.room_id}', allow: ['room:*']},"
          + " quit: {does: unsubscribe, channel: 'room:{message.room_id}'},"
          + " send: {does: publish, channel: 'room:{message.room_id}',"
          + " data: '{client_id}: {message.msg}', allow: ['room:*']}}";

  private static final String MESSAGE_RULES =
      "verbs: {subscribe: {does: subscribe, channel: 'user:{ctx.uid}', allow: ['user:{ctx.uid}'],"
          + " requireContext: uid},"
          + " unsubscribe: {does: unsubscribe, channel: 'user:{ctx.uid}', requireContext: uid}}";

  private static final String BARRAGE_RULES =
      "verbs: {subscribe: {does: subscribe, allow: ['*@video']}, unsubscribe: {does: unsubscribe}}";

  private static final String DONE = "{\"result\":true}";
  private static final String STATUS = "{\"status\":\"success\"}";

  @TempDir private static Path directory;
  private static HttpServer business;
  private static Connmix connmix;

  @BeforeAll
  static void start() throws IOException {
    business = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    business.createContext("/websocket_auth", PublishedExamplesTest::answer);
    business.createContext("/handshake_auth", PublishedExamplesTest::admit);
    business.start();
    String url = "http://127.0.0.1:" + business.getAddress().getPort();
    String option = ", options: {auth_url: '" + url + "/websocket_auth'}";
    String auth = ", auth: {mode: http, url: '" + url + "/handshake_auth'}, ";
    connmix =
        Connmix.start(
            Map.of(
                "connmix.clients",
                "["
                    + String.join(
                        ", ",
                        script("rooms", ROOMS, "path: /chat"),
                        script("messages", MESSAGES, "path: /message-center" + option),
                        script("barrage", BARRAGE, "path: /barrage-videos"),
                        script("exchange", EXCHANGE, "path: /exchange-stream" + option),
                        "{port: 0, path: /chat, " + ROOM_RULES + "}",
                        "{port: 0, path: /message-center" + auth + MESSAGE_RULES + "}",
                        "{port: 0, path: /barrage-videos, " + BARRAGE_RULES + "}")
                    + "]"));
  }

  @AfterAll
  static void stop() {
    connmix.close();
    business.stop(0);
  }

  private static String script(String name, String text, String more) throws IOException {
    Path entry = directory.resolve(name + ".lua");
    Files.writeString(entry, text);
    return "{port: 0, entry: '" + entry + "', " + more + "}";
  }

  /** Knows one token, for scripts. */
  private static void answer(HttpExchange exchange) throws IOException {
    JsonNode asked = Json.parse(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    boolean known = asked.path("token").asText().equals("good");
    respond(exchange, known ? 200 : 401, known ? "{\"uid\":1001}" : "{}");
  }

  /** The same for rules, which ask at the handshake: who brings no token stays without a name. */
  private static void admit(HttpExchange exchange) throws IOException {
    JsonNode asked = Json.parse(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    boolean known = asked.at("/query/token").asText().equals("good");
    respond(exchange, 200, known ? "{\"context\":{\"uid\":1002}}" : "{}");
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static ChatClient connect(int listener, String path) {
    String name = "connmix-client" + (listener == 1 ? "" : "-" + listener);
    return new ChatClient(RawWebSocket.connect(connmix.clients(name), path));
  }

  /** Publishes over HTTP and asserts how many get it. */
  private static void publish(String channel, String data, int clients) {
    Answer answer =
        connmix.post("/v1/mesh/publish", Json.object("c", channel, "d", data).toString());
    assertThat(answer.text()).isEqualTo("{\"E\":null,\"r\":{\"s\":" + clients + ",\"f\":0}}");
  }

  private static void asks(ChatClient client, String question, String answer) {
    assertThat(client.say(question).hears()).as(question).isEqualTo(answer);
  }

  private static void refuses(ChatClient client, String question, String words) {
    JsonNode answer = Json.parse(client.say(question).hears());
    assertThat(Json.keys(answer)).containsExactly("code", "msg");
    assertThat(answer.get("code").intValue()).isEqualTo(1);
    assertThat(answer.get("msg").textValue()).isEqualTo(words);
  }

  // ---- quick start

  @Test
  void shouldChatInRooms() {
    try (ChatClient ann = connect(1, "/chat");
        ChatClient bob = connect(1, "/chat")) {
      asks(ann, "{\"op\":\"join\",\"room_id\":1002}", STATUS);
      asks(bob, "{\"op\":\"join\",\"room_id\":1001}", STATUS);
      asks(bob, "{\"op\":\"join\",\"room_id\":1002}", STATUS);
      asks(ann, "{\"op\":\"send\",\"msg\":\"Hello,World!\"}", STATUS);
      String said = ann.hears();
      assertThat(said).matches("\\{\"client_id\":\"\\d{19}\",\"msg\":\"Hello,World!\"}");
      assertThat(bob.hears()).isEqualTo(said);

      publish("room:1001", "nobody", 0);
      publish("room:1002", "broadcast", 2);
      assertThat(ann.hears()).isEqualTo("broadcast");
      assertThat(bob.hears()).isEqualTo("broadcast");

      asks(bob, "{\"op\":\"quit\"}", STATUS);
      publish("room:1002", "again", 1);
      assertThat(ann.hears()).isEqualTo("again");
      assertThat(bob.pings()).isEqualTo("pong");
    }
  }

  @Test
  void shouldChatInRoomsByRules() {
    try (ChatClient ann = connect(5, "/chat");
        ChatClient bob = connect(5, "/chat")) {
      asks(ann, "{\"op\":\"join\",\"room_id\":2002}", DONE);
      asks(bob, "{\"op\":\"join\",\"room_id\":2002}", DONE);
      ann.say("{\"op\":\"send\",\"room_id\":2002,\"msg\":\"Hello,World!\"}");
      String said = bob.hears();
      assertThat(said).matches("\\d{19}: Hello,World!");
      assertThat(List.of(ann.hears(), ann.hears())).containsExactlyInAnyOrder(said, DONE);

      publish("room:2002", "broadcast", 2);
      assertThat(ann.hears()).isEqualTo("broadcast");
      assertThat(bob.hears()).isEqualTo("broadcast");

      asks(bob, "{\"op\":\"quit\",\"room_id\":2002}", DONE);
      publish("room:2002", "again", 1);
      assertThat(ann.hears()).isEqualTo("again");
      assertThat(bob.pings()).isEqualTo("pong");
    }
  }

  // ---- message center

  @Test
  void shouldSendUsersTheirMessages() {
    String event = "{\"event\":\"@user\",\"data\":{\"uid\":1001,\"msg\":\"Hello,World!\"}}";
    try (ChatClient user = connect(2, "/message-center")) {
      refuses(user, "{\"op\":\"subscribe\",\"channel\":\"@user\"}", "Not Auth");
      refuses(user, "{\"op\":\"auth\",\"token\":\"bad\"}", "Not Auth");
      asks(user, "{\"op\":\"auth\",\"token\":\"good\"}", DONE);
      publish("user:1001", event, 0);
      asks(user, "{\"op\":\"subscribe\",\"channel\":\"@user\"}", DONE);
      publish("user:1001", event, 1);
      assertThat(user.hears()).isEqualTo(event);
      asks(user, "{\"op\":\"unsubscribe\",\"channel\":\"@user\"}", DONE);
      publish("user:1001", event, 0);
      user.socket().send(RawWebSocket.BINARY, "no text");
      assertThat(user.socket().readCloseCode()).isEqualTo(1000);
    }
    assertThat(RawWebSocket.refused(connmix.clients("connmix-client-2"), "/chat").status())
        .isEqualTo(404);
  }

  @Test
  void shouldSendUsersTheirMessagesByRules() {
    String event = "{\"event\":\"@user\",\"data\":{\"uid\":1002,\"msg\":\"by rules\"}}";
    try (ChatClient nobody = connect(6, "/message-center")) {
      refuses(nobody, "{\"op\":\"subscribe\",\"channel\":\"@user\"}", "not authenticated");
    }
    try (ChatClient user = connect(6, "/message-center?token=good")) {
      asks(user, "{\"op\":\"subscribe\",\"channel\":\"@user\"}", DONE);
      publish("user:1002", event, 1);
      assertThat(user.hears()).isEqualTo(event);
      asks(user, "{\"op\":\"unsubscribe\",\"channel\":\"@user\"}", DONE);
      publish("user:1002", event, 0);
      assertThat(user.pings()).isEqualTo("pong");
    }
  }

  // ---- barrage

  @Test
  void shouldShowWhatOthersSayOfAVideo() {
    String event =
        "{\"event\":\"@video\",\"data\":{\"uid\":1001,\"video_id\":100001,"
            + "\"msg\":\"Hello,World!\"}}";
    try (ChatClient viewer = connect(3, "/barrage-videos")) {
      asks(viewer, "{\"op\":\"subscribe\",\"channel\":\"100001@video\"}", DONE);
      publish("video:100001", event, 1);
      assertThat(viewer.hears()).isEqualTo(event);
      refuses(viewer, "{\"op\":\"subscribe\",\"channel\":\"100001@user\"}", "Unknown Channel");
      asks(viewer, "{\"op\":\"unsubscribe\",\"channel\":\"100001@video\"}", DONE);
      asks(viewer, "{\"op\":\"subscribe\",\"channel\":\"100002@video\"}", DONE);
      publish("video:100001", event, 0);
      publish("video:100002", "the next", 1);
      assertThat(viewer.hears()).isEqualTo("the next");
    }
  }

  @Test
  void shouldShowWhatOthersSayOfAVideoByRules() {
    try (ChatClient viewer = connect(7, "/barrage-videos")) {
      asks(viewer, "{\"op\":\"subscribe\",\"channel\":\"100001@video\"}", DONE);
      publish("100001@video", "Hello,World!", 1);
      assertThat(viewer.hears()).isEqualTo("Hello,World!");
      refuses(
          viewer,
          "{\"op\":\"subscribe\",\"channel\":\"100001@user\"}",
          "channel 100001@user is not allowed");
      asks(viewer, "{\"op\":\"unsubscribe\",\"channel\":\"100001@video\"}", DONE);
      publish("100001@video", "Hello,World!", 0);
      assertThat(viewer.pings()).isEqualTo("pong");
    }
  }

  // ---- exchange

  @Test
  void shouldStreamAMarket() {
    try (ChatClient trader = connect(4, "/exchange-stream");
        Backend backend = connmix.backend()) {
      asks(trader, "{\"op\":\"subscribe\",\"channel\":\"btcusdt@depth\"}", DONE);
      refuses(trader, "{\"op\":\"subscribe\",\"channel\":\"@balance\"}", "Not Auth");
      refuses(trader, "{\"op\":\"subscribe\",\"channel\":\"7@balance\"}", "Unknown Channel");
      asks(trader, "{\"op\":\"auth\",\"token\":\"good\"}", DONE);
      asks(trader, "{\"op\":\"subscribe\",\"channel\":\"@balance\"}", DONE);
      publish("ex:1001@balance", "{\"btc\":\"0.5\"}", 1);
      assertThat(trader.hears()).isEqualTo("{\"btc\":\"0.5\"}");

      // Prices come fast, over a WebSocket whose backend does not wait for answers.
      int prices = 500;
      for (int i = 0; i < prices; i++) {
        backend.send(
            "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"ex:btcusdt@depth\",\"d\":\"price "
                + i
                + "\"},\"i\":"
                + i
                + "}");
      }
      Set<Integer> answered = new HashSet<>();
      for (int i = 0; i < prices; i++) {
        assertThat(trader.hears()).isEqualTo("price " + i);
        JsonNode answer = Json.parse(backend.answer());
        assertThat(answer.get("r")).hasToString("{\"s\":1,\"f\":0}");
        answered.add(answer.get("i").intValue());
      }
      assertThat(answered).hasSize(prices);
      asks(trader, "{\"op\":\"unsubscribe\",\"channel\":\"@balance\"}", DONE);
      publish("ex:1001@balance", "{}", 0);
    }
  }
}
