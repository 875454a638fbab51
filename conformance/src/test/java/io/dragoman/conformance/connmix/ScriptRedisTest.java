// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scripts that use Redis, against a real one (spec: connmix §5.3, §7, §8). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ScriptRedisTest {
  private static final String PASSWORD = "xyzzy 17";

  /** Sends the command that a client says; bytes are kept and compared. */
  private static final String COMMANDS =
      """
      function on_message(msg)
        local conn = mix.websocket()
        if msg.type == "binary" then
          local redis = mix.redis.connection("default")
          redis:command("SET", "bytes", msg.data)
          return conn:send(redis:command("STRLEN", "bytes") .. " "
            .. tostring(redis:command("GET", "bytes") == msg.data))
        end
        local wanted = mix.json_decode(msg.data)
        local redis, err = mix.redis.connection(wanted.name)
        local value
        if redis then value, err = redis:command(unpack(wanted.command)) end
        conn:send(mix.json_encode({value = value, err = err}))
      end
      """;

  private static final String OLDER =
      """
      function on_message(msg)
        local r = mix.redis
        mix.websocket():send(mix.json_encode({
          r.set("o:text", "v\\0w"), r.get("o:text") == "v\\0w",
          r.set("o:fleeting", 5, 60), r.incr("o:fleeting"), r.decr("o:fleeting"),
          r.llen("o:list"), r.push("o:list", {a = {1, 2}}), r.push("o:list", "plain"),
          r.llen("o:list"), tostring(r.get("o:none")), (select(2, r.incr("o:text")))}))
      end
      """;

  /** As the script of the chat that has its events in Redis. */
  private static final String CHAT =
      """
      local function tell(event)
        local n, err = mix.redis.push("chat", event)
        if err then mix.log(mix.ERROR, err) end
      end
      function on_handshake(client_id, headers)
        tell({event = "handshake", headers = {["User-Agent"] = headers["User-Agent"]}})
      end
      function on_message(msg)
        local conn = mix.websocket()
        tell({event = "message", frame = msg, uid = conn:context_value("uid")})
        conn:wait_context_value("uid")
      end
      function on_close(client_id, err)
        tell({event = "close", id = client_id})
      end
      """;

  @TempDir private static Path directory;
  private static RedisProcess open;
  private static RedisProcess guarded;
  private static RedisProcess wavering;
  private static Connmix connmix;

  @BeforeAll
  static void start() throws IOException {
    open = RedisProcess.start(directory);
    guarded = RedisProcess.start(directory, "--requirepass", PASSWORD);
    wavering = RedisProcess.start(directory);
    connmix =
        Connmix.start(
            Map.of(
                "connmix.clients",
                "["
                    + listener("commands", COMMANDS)
                    + ", "
                    + listener("older", OLDER)
                    + ", "
                    + listener("chat", CHAT)
                    + "]",
                "connmix.redis",
                "["
                    + server("default", open, "")
                    + ", "
                    + server("guarded", guarded, ", db: 3, password: '" + PASSWORD + "'")
                    + ", "
                    + server("mistaken", guarded, ", password: plugh")
                    + ", "
                    + server("silent", guarded, "")
                    + ", "
                    + server("wavering", wavering, "")
                    + ", "
                    + server("hasty", open, ", timeout: 200ms, poolSize: 1")
                    + "]"));
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable each : new AutoCloseable[] {connmix, open, guarded, wavering}) {
      try {
        if (each != null) {
          each.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private static String listener(String name, String script) throws IOException {
    Path entry = directory.resolve(name + ".lua");
    Files.writeString(entry, script);
    return "{port: 0, entry: '" + entry + "'}";
  }

  private static String server(String name, RedisProcess redis, String more) {
    return "{name: " + name + ", addr: '127.0.0.1:" + redis.port() + "'" + more + "}";
  }

  private static ChatClient connect(int listener, String... headers) {
    String name = "connmix-client" + (listener == 1 ? "" : "-" + listener);
    return new ChatClient(RawWebSocket.connect(connmix.clients(name), "/chat", headers));
  }

  /** What a script sends, in the form that it understands. */
  private static String request(String name, String... command) {
    return "{\"name\":\"" + name + "\",\"command\":[\"" + String.join("\",\"", command) + "\"]}";
  }

  private static String ask(ChatClient client, String name, String... command) {
    return client.say(request(name, command)).hears();
  }

  @Test
  void shouldGiveScriptsWhatRedisAnswers() {
    try (ChatClient client = connect(1)) {
      assertThat(ask(client, "default", "SET", "a:text", "v")).isEqualTo("{\"value\":\"OK\"}");
      assertThat(ask(client, "default", "GET", "a:text")).isEqualTo("{\"value\":\"v\"}");
      assertThat(ask(client, "default", "GET", "a:none")).isEqualTo("[]");
      assertThat(ask(client, "default", "INCRBY", "a:n", "9007199254740992"))
          .isEqualTo("{\"value\":9007199254740992}");
      assertThat(ask(client, "default", "INCR", "a:n"))
          .isEqualTo("{\"value\":\"9007199254740993\"}");
      assertThat(ask(client, "default", "RPUSH", "a:list", "1", "zwei", ""))
          .isEqualTo("{\"value\":3}");
      assertThat(ask(client, "default", "LRANGE", "a:list", "0", "-1"))
          .isEqualTo("{\"value\":[\"1\",\"zwei\",\"\"]}");
      assertThat(ask(client, "default", "MGET", "a:none", "a:text"))
          .isEqualTo("{\"value\":[false,\"v\"]}");
      assertThat(Json.parse(ask(client, "default", "INCR", "a:list")).get("err").textValue())
          .startsWith("WRONGTYPE ");
      assertThat(Json.parse(ask(client, "default", "NOSUCH")).get("err").textValue())
          .startsWith("ERR unknown command");
      assertThat(ask(client, "default", "subscribe", "news"))
          .isEqualTo("{\"err\":\"SUBSCRIBE is for one connection, and scripts share theirs\"}");
    }
  }

  @Test
  void shouldCarryAnyBytes() {
    byte[] bytes = new byte[512];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    try (ChatClient client = connect(1)) {
      client.socket().send(2, bytes);
      assertThat(client.hears()).isEqualTo("512 true");
    }
  }

  @Test
  void shouldHaveTheOlderFunctions() {
    try (ChatClient client = connect(2);
        RedisClient worker = open.client()) {
      assertThat(client.say("go").hears())
          .isEqualTo(
              "[\"OK\",true,\"OK\",6,5,0,1,2,2,\"nil\",\"ERR value is not an integer or out of"
                  + " range\"]");
      assertThat(Integer.parseInt(worker.send("TTL", "o:fleeting").get(0))).isBetween(1, 60);
      assertThat(worker.send("TTL", "o:text")).containsExactly("-1");
      JsonNode table = Json.parse(worker.send("RPOP", "o:list").get(0));
      assertThat(Json.keys(table)).containsExactly("n", "c", "t", "d");
      assertThat(table.get("t").textValue()).isEqualTo("o:list");
      assertThat(table.get("d")).hasToString("{\"a\":[1,2]}");
      assertThat(Json.parse(worker.send("RPOP", "o:list").get(0)).get("d"))
          .hasToString("{\"frame\":{\"type\":\"text\",\"data\":\"plain\",\"finish\":true}}");
    }
  }

  /** The chat of the reference's example with Redis: its worker blocks on the list and answers. */
  @Test
  void shouldHandEventsToAWorkerThatAnswers() {
    try (RedisClient worker = open.client();
        Backend backend = connmix.backend();
        ChatClient client = connect(3, "User-Agent: test")) {
      JsonNode opened = next(worker);
      assertThat(opened.get("n").asInt()).isEqualTo(1);
      assertThat(opened.get("d"))
          .hasToString("{\"event\":\"handshake\",\"headers\":{\"User-Agent\":\"test\"}}");
      String id = opened.get("c").textValue();

      client.say("{\"op\":\"auth\"}").say("{\"op\":\"hello\"}");
      JsonNode message = next(worker);
      assertThat(Json.keys(message)).containsExactly("n", "c", "t", "d");
      assertThat(message.get("c").textValue()).isEqualTo(id);
      assertThat(message.get("t").textValue()).isEqualTo("chat");
      assertThat(message.at("/d/event").textValue()).isEqualTo("message");
      assertThat(message.at("/d/frame/data").textValue()).isEqualTo("{\"op\":\"auth\"}");
      assertThat(message.at("/d/uid").isMissingNode()).isTrue();
      backend.done(
          "conn.call", "{\"c\":\"" + id + "\",\"f\":\"set_context_value\",\"a\":[\"uid\",7]}");
      assertThat(next(worker).at("/d/uid").asInt()).isEqualTo(7);
      backend.done("mesh.send", "{\"c\":\"" + id + "\",\"d\":\"welcome\"}");
      assertThat(client.hears()).isEqualTo("welcome");

      client.leave();
      assertThat(next(worker).get("d")).hasToString("{\"event\":\"close\",\"id\":\"" + id + "\"}");
    }
  }

  private static JsonNode next(RedisClient worker) {
    List<String> popped = worker.send("BRPOP", "chat", "20");
    assertThat(popped).hasSize(2).first().isEqualTo("chat");
    return Json.parse(popped.get(1));
  }

  @Test
  void shouldUsePasswordsAndDatabases() {
    try (ChatClient client = connect(1);
        RedisClient worker = guarded.client()) {
      assertThat(ask(client, "guarded", "SET", "k", "v")).isEqualTo("{\"value\":\"OK\"}");
      assertThat(worker.send("AUTH", PASSWORD)).containsExactly("OK");
      assertThat(worker.send("GET", "k")).isEmpty();
      worker.send("SELECT", "3");
      assertThat(worker.send("GET", "k")).containsExactly("v");
    }
  }

  @Test
  void shouldSayWhyRedisCannotBeUsed() {
    try (ChatClient client = connect(1)) {
      assertThat(Json.parse(ask(client, "mistaken", "PING")).get("err").textValue())
          .startsWith("WRONGPASS ")
          .doesNotContain("plugh");
      assertThat(Json.parse(ask(client, "silent", "PING")).get("err").textValue())
          .startsWith("NOAUTH ");
      assertThat(ask(client, "other", "PING"))
          .isEqualTo("{\"err\":\"there is no redis with the name other\"}");
    }
  }

  @Test
  void shouldGoOnWhenRedisIsBack() {
    try (ChatClient client = connect(1)) {
      assertThat(ask(client, "wavering", "SET", "k", "1")).isEqualTo("{\"value\":\"OK\"}");
      wavering.stop();
      for (int i = 0; i < 3; i++) {
        assertThat(Json.parse(ask(client, "wavering", "GET", "k")).get("err").textValue())
            .startsWith("redis cannot be reached: ");
      }
      wavering.start();
      assertThat(ask(client, "wavering", "SET", "k", "2")).isEqualTo("{\"value\":\"OK\"}");
      assertThat(ask(client, "wavering", "GET", "k")).isEqualTo("{\"value\":\"2\"}");
    }
  }

  @Test
  void shouldGiveUpWhatTakesTooLong() {
    try (ChatClient client = connect(1)) {
      assertThat(ask(client, "hasty", "BLPOP", "never", "0"))
          .isEqualTo("{\"err\":\"the command took too long\"}");
    }
  }

  @Test
  void shouldServeOthersWhileAScriptWaits() {
    try (ChatClient one = connect(1);
        ChatClient two = connect(1);
        RedisClient worker = open.client()) {
      one.say(request("default", "BLPOP", "later", "20")).say(request("default", "PING"));
      assertThat(one.pings()).isEqualTo("pong");
      assertThat(ask(two, "default", "ECHO", "here")).isEqualTo("{\"value\":\"here\"}");
      worker.send("RPUSH", "later", "now");
      assertThat(one.hears()).isEqualTo("{\"value\":[\"later\",\"now\"]}");
      assertThat(one.hears()).isEqualTo("{\"value\":\"PONG\"}");
    }
  }
}
