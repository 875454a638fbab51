// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Listeners whose clients a script serves (spec: connmix §5.3). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ScriptsTest {
  private static final String SECRET = "a secret of a test that is long enough";

  /** A chat with rooms, for which no backend is needed. */
  private static final String CHAT =
      """
      local function answer(conn, value)
        local err = conn:send(mix.json_encode(value))
        if err then mix.log(mix.WARN, err) end
      end
      function on_handshake(client_id, headers, server)
        local conn = mix.websocket()
        conn:subscribe("lobby")
        answer(conn, {id = client_id, agent = headers["User-Agent"], uri = server.RequestUri})
      end
      function on_message(msg)
        local conn = mix.websocket()
        if msg.type == "binary" then return conn:send(msg.data, "binary") end
        local wanted = mix.json_decode(msg.data)
        if wanted.op == "join" then
          local before = conn:context_value("room")
          if before then conn:unsubscribe("room:" .. before) end
          local err = conn:subscribe("room:" .. wanted.room)
          if not err then conn:set_context_value("room", wanted.room) end
          answer(conn, {joined = err == nil})
        elseif wanted.op == "say" then
          local room = conn:context_value("room")
          local n, failed = mix.mesh.publish("room:" .. room, wanted.text)
          answer(conn, {sent = n, failed = failed})
        elseif wanted.op == "whisper" then
          answer(conn, {err = mix.mesh.send(wanted.to, wanted.text) or ""})
        else
          conn:close()
        end
      end
      """;

  /** Everything to topics; and nothing behind "auth" until a backend has said who it is. */
  private static final String MESSAGES =
      """
      function on_message(msg)
        local conn = mix.websocket()
        local wanted = mix.json_decode(msg.data)
        if wanted.op == "auth" then
          mix.queue.push("users", {event = "auth", frame = msg})
          if not conn:wait_context_value("uid") then
            return conn:send("not let in")
          end
          return
        end
        local n, err = mix.queue.push(wanted.topic or "messages",
          {frame = msg, uid = conn:context_value("uid")})
        if err then conn:send(err) end
      end
      function on_close(client_id, err)
        mix.queue.push("left", {id = client_id, err = err})
      end
      """;

  /** Lines over TCP; what others send is numbered when it goes out. */
  private static final String LINES =
      """
      function on_connect(client_id) mix.socket.tcp():send("hello " .. client_id .. "\\n") end
      function protocol_input(buf)
        if buf:read(1) == "!" then return -1 end
        return string.find(buf:tostring(), "\\n", 1, true) or 0
      end
      function protocol_decode(str) return string.sub(str, 1, -2) end
      function protocol_encode(value)
        if value == "secret" then return nil end
        return #value .. ":" .. value .. "\\n"
      end
      function on_message(line) mix.socket.tcp():send("got " .. line .. "\\n") end
      """;

  /** WebSockets made by the script itself, in the older form: the handshake, and the frames. */
  private static final String HANDMADE =
      """
      local function frame(opcode, data)
        local length = #data < 126 and string.char(#data)
          or string.char(126, math.floor(#data / 256), #data % 256)
        return string.char(128 + opcode) .. length .. data
      end
      local function shake(head, conn)
        local key = string.match(head, "[Kk]ey: *([^\\r]+)")
        local accept = mix.base64_encode(mix.sha1_bin(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
        conn:send("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n"
          .. "Connection: Upgrade\\r\\nSec-WebSocket-Accept: " .. accept .. "\\r\\n\\r\\n")
        conn:set_context({shaken = true, path = string.match(head, "^GET ([^ ]+)")})
        conn:clear_buffer()
      end
      function protocol_input(buf, conn)
        local text = buf:tostring()
        if not conn:context_value("shaken") then
          if string.find(text, "\\r\\n\\r\\n", 1, true) then shake(text, conn) end
          return 0
        end
        local _, second = string.byte(text, 1, 2)
        if not second then return 0 elseif second < 128 then return -1 end
        local length, header = second - 128, 6
        if length == 126 then
          if #text < 4 then return 0 end
          length, header = string.byte(text, 3) * 256 + string.byte(text, 4), 8
        end
        return header + length
      end
      function protocol_decode(packet, conn)
        local bit = require("bit")
        local header = string.byte(packet, 2) == 254 and 8 or 6
        local mask, out = {string.byte(packet, header - 3, header)}, {}
        for i = header + 1, #packet do
          out[#out + 1] = string.char(bit.bxor(string.byte(packet, i), mask[(i - header - 1) % 4 + 1]))
        end
        return {opcode = string.byte(packet, 1) % 16, data = table.concat(out)}
      end
      function protocol_encode(text, conn) return frame(1, text) end
      function on_connect(conn) conn:subscribe("handmade") end
      function on_message(msg, conn)
        if msg.opcode == 8 then
          conn:send(frame(8, msg.data))
          return conn:close()
        end
        conn:send(frame(msg.opcode, conn:context_value("path") .. " " .. msg.data))
      end
      """;

  private static final String FAULTS =
      """
      function on_message(msg)
        if msg.data == "loop" then while true do pcall(function() while true do end end) end end
        if msg.data == "error" then error("out of order") end
        mix.websocket():send("still " .. msg.data)
      end
      """;

  private static final String WEB =
      """
      function on_message(msg)
        local answer, err = mix.http.request("POST", mix.server.option("url") .. msg.data, {
          body = "hi", timeout = "300ms", headers = {["X-From"] = mix.websocket():client_id()}})
        if answer then
          mix.websocket():send(answer.status_code .. " " .. answer.body .. " " .. answer.headers["X-Kind"])
        else
          mix.websocket():send("failed: " .. err)
        end
      end
      """;

  /** Says much in the log. */
  private static final String LOUD =
      """
      function on_message(msg)
        for i = 1, 500 do print(i, string.rep("x", 100)) end
        mix.websocket():send(msg.data)
      end
      """;

  /** Answers each message, in its order, but not before it has got a sign. */
  private static final String PATIENT =
      """
      function on_handshake(client_id) mix.websocket():send(client_id) end
      function on_message(msg)
        local conn = mix.websocket()
        if msg.data == "wait" then conn:wait_context_value("sign") end
        conn:send("got " .. msg.data)
      end
      function on_close(client_id, err) mix.queue.push("gone", {id = client_id, err = err}) end
      """;

  private static final CountDownLatch STOPPED = new CountDownLatch(1);

  @TempDir private static Path directory;
  private static ExecutorService threads;
  private static HttpServer web;
  private static Connmix connmix;

  @BeforeAll
  static void start() throws IOException {
    threads = Executors.newCachedThreadPool();
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(threads);
    web.createContext("/", ScriptsTest::answer);
    web.start();
    String url = "http://127.0.0.1:" + web.getAddress().getPort();
    connmix =
        Connmix.start(
            Map.of(
                "connmix.clients",
                "["
                    + String.join(
                        ", ",
                        listener("chat", CHAT, ""),
                        listener("messages", MESSAGES, ""),
                        listener("lines", LINES, ", protocol: tcp, maxPacket: 20"),
                        listener("faults", FAULTS, ", textPing: false"),
                        listener("web", WEB, ", options: {url: '" + url + "'}"),
                        listener("changing", says("one"), ", byteCodeExpires: 20ms"),
                        listener("bounded", MESSAGES, ", topicSize: 2, maxTopics: 1"),
                        listener("patient", PATIENT, ""),
                        listener("handmade", HANDMADE, ", protocol: tcp"))
                    + "]"));
  }

  @AfterAll
  static void stop() {
    connmix.close();
    STOPPED.countDown();
    web.stop(0);
    threads.shutdownNow();
  }

  private static String listener(String name, String script, String more) throws IOException {
    Path entry = directory.resolve(name + ".lua");
    Files.writeString(entry, script);
    return "{port: 0, entry: '" + entry + "'" + more + "}";
  }

  private static String says(String text) {
    return "function on_message(msg) mix.websocket():send('" + text + "') end";
  }

  private static void answer(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().equals("/never")) {
      try {
        STOPPED.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.close();
      return;
    }
    String from = exchange.getRequestHeaders().getFirst("X-From");
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    byte[] answer = (exchange.getRequestMethod() + " " + body + " " + from).getBytes(UTF_8);
    exchange.getResponseHeaders().add("X-Kind", "test");
    exchange.sendResponseHeaders(201, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static ChatClient connect(int listener, String... headers) {
    String name = "connmix-client" + (listener == 1 ? "" : "-" + listener);
    return new ChatClient(RawWebSocket.connect(connmix.clients(name), "/chat", headers));
  }

  @Test
  void shouldServeAChatWithRooms() {
    try (ChatClient ann = connect(1, "User-Agent: test");
        ChatClient bob = connect(1);
        ChatClient eve = connect(1);
        Backend backend = connmix.backend()) {
      JsonNode hello = Json.parse(ann.hears());
      assertThat(hello.get("agent").textValue()).isEqualTo("test");
      assertThat(hello.get("uri").textValue()).isEqualTo("/chat");
      String bobsId = Json.parse(bob.hears()).get("id").textValue();
      eve.hears();
      for (ChatClient each : List.of(ann, bob)) {
        assertThat(each.say("{\"op\":\"join\",\"room\":\"a\"}").hears())
            .isEqualTo("{\"joined\":true}");
      }
      eve.say("{\"op\":\"join\",\"room\":\"b\"}").hears();
      ann.say("{\"op\":\"say\",\"text\":\"hi all\"}");
      assertThat(ann.hears()).isEqualTo("hi all");
      assertThat(ann.hears()).isEqualTo("{\"failed\":0,\"sent\":2}");
      assertThat(bob.hears()).isEqualTo("hi all");
      assertThat(eve.pings()).isEqualTo("pong");
      ann.say("{\"op\":\"whisper\",\"to\":\"" + bobsId + "\",\"text\":\"psst\"}");
      assertThat(ann.hears()).isEqualTo("{\"err\":\"\"}");
      assertThat(bob.hears()).isEqualTo("psst");
      ann.say("{\"op\":\"whisper\",\"to\":\"17\",\"text\":\"psst\"}");
      assertThat(Json.parse(ann.hears()).get("err").textValue()).isNotBlank();
      assertThat(
              backend.result("mesh.publish", "{\"c\":\"room:a\",\"d\":\"news\"}").get("s").asInt())
          .isEqualTo(2);
      assertThat(bob.hears()).isEqualTo("news");
      ann.socket().send(2, "bytes");
      assertThat(ann.hears()).isEqualTo("news");
      RawWebSocket.Frame bytes = ann.socket().readFrame();
      assertThat(bytes.opcode()).isEqualTo(2);
      assertThat(bytes.text()).isEqualTo("bytes");
      bob.say("{\"op\":\"leave\"}");
      assertThat(bob.socket().readCloseCode()).isEqualTo(1000);
    }
  }

  @Test
  void shouldTellTheScriptThatAChannelHasABlank() {
    try (ChatClient client = connect(1);
        Backend backend = connmix.backend()) {
      client.hears();
      assertThat(client.say("{\"op\":\"join\",\"room\":\"two words\"}").hears())
          .isEqualTo("{\"joined\":false}");
      assertThat(backend.result("mesh.publish", "{\"c\":\"room:two words\",\"d\":\"x\"}"))
          .hasToString("{\"s\":0,\"f\":0}");
    }
  }

  @Test
  void shouldHoldMessagesUntilABackendSaysWhoItIs() {
    try (ChatClient client = connect(2);
        Backend backend = connmix.backend()) {
      backend.pop("users", "messages", "left");
      client.say("{\"op\":\"auth\"}").say("{\"n\":1}").say("{\"n\":2}");
      JsonNode auth = Json.parse(backend.event());
      assertThat(auth.at("/p/t").textValue()).isEqualTo("users");
      assertThat(auth.at("/p/d/event").textValue()).isEqualTo("auth");
      assertThat(auth.at("/p/d/frame/data").textValue()).isEqualTo("{\"op\":\"auth\"}");
      assertThat(client.pings()).isEqualTo("pong");
      String id = auth.at("/p/c").textValue();
      backend.done(
          "conn.call", "{\"c\":\"" + id + "\",\"f\":\"set_context_value\",\"a\":[\"uid\",7]}");
      for (int i = 1; i <= 2; i++) {
        JsonNode event = Json.parse(backend.event());
        assertThat(event.at("/p/t").textValue()).isEqualTo("messages");
        assertThat(event.at("/p/c").textValue()).isEqualTo(id);
        assertThat(event.at("/p/d/uid").asInt()).isEqualTo(7);
        assertThat(event.at("/p/d/frame/data").textValue()).isEqualTo("{\"n\":" + i + "}");
      }
      client.leave();
      JsonNode left = Json.parse(backend.event());
      assertThat(left.at("/p/d")).hasToString("{\"id\":\"" + id + "\"}");
    }
  }

  @Test
  void shouldReadAClientNoFurtherWhileTooMuchWaits() {
    try (ChatClient client = connect(8);
        Backend backend = connmix.backend()) {
      String id = client.hears();
      client.say("wait");
      for (int i = 0; i < 1000; i++) {
        client.say("message " + i);
      }
      backend.done(
          "conn.call", "{\"c\":\"" + id + "\",\"f\":\"set_context_value\",\"a\":[\"sign\",true]}");
      assertThat(client.hears()).isEqualTo("got wait");
      for (int i = 0; i < 1000; i++) {
        assertThat(client.hears()).isEqualTo("got message " + i);
      }
    }
  }

  @Test
  void shouldTellTheScriptOfTheEndOfAClientThatItLetsWait() {
    try (ChatClient client = connect(8);
        Backend backend = connmix.backend()) {
      String id = client.hears();
      client.say("wait").say("never told");
      client.pings();
      client.socket().reset();
      backend.pop("gone");
      JsonNode gone = Json.parse(backend.event()).at("/p/d");
      while (!gone.get("id").textValue().equals(id)) {
        gone = Json.parse(backend.event()).at("/p/d");
      }
      assertThat(gone.get("err").textValue()).isEqualTo("closed with code 1006");
    }
  }

  @Test
  void shouldTellTheScriptWhyAClientLeft() {
    try (ChatClient client = connect(8);
        Backend backend = connmix.backend()) {
      String id = client.hears();
      client.socket().sendClose(4000, "bye").readCloseCode();
      backend.pop("gone");
      JsonNode gone = Json.parse(backend.event()).at("/p/d");
      while (!gone.get("id").textValue().equals(id)) {
        gone = Json.parse(backend.event()).at("/p/d");
      }
      assertThat(gone.get("err").textValue()).isEqualTo("closed with code 4000: bye");
    }
  }

  @Test
  void shouldTellTheScriptWhenATopicIsFull() {
    try (ChatClient client = connect(7)) {
      for (int i = 0; i < 3; i++) {
        client.say("{\"topic\":\"full\"}");
      }
      assertThat(client.hears()).contains("full");
      client.say("{\"topic\":\"one more\"}");
      assertThat(client.hears()).isNotBlank();
    }
  }

  @Test
  void shouldServeTcpAsTheScriptCutsIt() {
    try (PacketClient client = new PacketClient(connmix.clients("connmix-client-3"));
        Backend backend = connmix.backend()) {
      String hello = client.readText(26);
      assertThat(hello).startsWith("hello ").endsWith("\n");
      String id = hello.substring(6, 25);
      client.send("one\ntw").send("o\n");
      assertThat(client.readText(8)).isEqualTo("got one\n");
      assertThat(client.readText(8)).isEqualTo("got two\n");
      backend.done("mesh.send", Json.object("c", id, "d", "from afar").toString());
      assertThat(client.readText(12)).isEqualTo("9:from afar\n");
      backend.refused(401, "mesh.send", Json.object("c", id, "d", "secret").toString());
      client.send("!");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldSendWhatAScriptSendsAsItIsAndEncodeWhatOthersSend() {
    try (RawWebSocket client =
            RawWebSocket.connect(
                connmix.clients("connmix-client-9"), "/ws", "X-Long: " + "x".repeat(2000));
        Backend backend = connmix.backend()) {
      assertThat(client.sendText("hi").readText()).isEqualTo("/ws hi");
      String longText = "long ".repeat(400);
      assertThat(client.sendText(longText).readText()).isEqualTo("/ws " + longText);
      RawWebSocket.Frame bytes = client.send(RawWebSocket.BINARY, "bytes").readFrame();
      assertThat(bytes.opcode()).isEqualTo(RawWebSocket.BINARY);
      assertThat(bytes.text()).isEqualTo("/ws bytes");
      assertThat(backend.result("mesh.publish", "{\"c\":\"handmade\",\"d\":\"news\"}"))
          .hasToString("{\"s\":1,\"f\":0}");
      assertThat(client.readText()).isEqualTo("news");
      assertThat(client.sendClose(1000).readCloseCode()).isEqualTo(1000);
    }
  }

  @Test
  void shouldEndATcpClientWhosePacketIsTooLong() {
    try (PacketClient client = new PacketClient(connmix.clients("connmix-client-3"))) {
      client.readText(26);
      client.send("x".repeat(21));
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void shouldLoseOnlyTheConnectionWhoseCallbackFailsOrNeverEnds() {
    try (ChatClient endless = connect(4);
        ChatClient failing = connect(4);
        ChatClient other = connect(4)) {
      endless.say("loop");
      failing.say("error");
      assertThat(other.say("ping").hears()).isEqualTo("still ping");
      assertThat(endless.socket().readCloseCode()).isEqualTo(1011);
      assertThat(failing.socket().readCloseCode()).isEqualTo(1011);
      assertThat(other.say("here").hears()).isEqualTo("still here");
    }
    try (ChatClient later = connect(4)) {
      assertThat(later.say("new").hears()).isEqualTo("still new");
    }
  }

  @Test
  void shouldDoHttpRequests() {
    try (ChatClient client = connect(5)) {
      assertThat(client.say("/path").hears()).matches("201 POST hi \\d+ test");
      assertThat(client.say("/never").hears()).isEqualTo("failed: the request took too long");
      assertThat(client.say(" no url").hears()).startsWith("failed: ");
    }
  }

  @Test
  void shouldNotHoldAConnectionForTheRestOfAnAnswer() throws IOException {
    try (ServerSocket asked = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      String options = ", options: {url: 'http://127.0.0.1:" + asked.getLocalPort() + "'}";
      try (Connmix own =
              Connmix.start(
                  Map.of("connmix.clients", "[" + listener("unending", WEB, options) + "]"));
          ChatClient client = own.chat()) {
        client.say("/");
        try (Socket question = asked.accept()) {
          question.setSoTimeout(20_000);
          question
              .getOutputStream()
              .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{".getBytes(UTF_8));
          assertThat(client.hears()).isEqualTo("failed: the request took too long");
          // The connection is at its end, or this would time out.
          question.getInputStream().readAllBytes();
        }
      }
    }
  }

  @Test
  void shouldTakeAChangedScriptWithoutARestart() throws IOException {
    try (ChatClient client = connect(6)) {
      assertThat(client.say("x").hears()).isEqualTo("one");
      Files.writeString(directory.resolve("changing.lua"), says("another"));
      Awaitility.await()
          .untilAsserted(() -> assertThat(client.say("x").hears()).isEqualTo("another"));
    }
  }

  /** Every event loop has a state of its own, which may be loaded when its first client comes. */
  @Test
  void shouldKeepTheOldScriptEverywhereWhenTheNewOneCannotBeRun() throws IOException {
    Path entry = directory.resolve("breaking").resolve("entry.lua");
    Files.createDirectory(entry.getParent());
    Files.writeString(entry, says("old"));
    String listener = "[{port: 0, byteCodeExpires: 20ms, entry: '" + entry + "'}]";
    try (Connmix own = Connmix.start(Map.of("connmix.clients", listener))) {
      Files.writeString(entry, "function on_message(");
      assertAllHear(own, "old");
      Files.delete(entry);
      assertAllHear(own, "old");
      Files.writeString(entry, says("new"));
      try (ChatClient client = own.chat()) {
        Awaitility.await()
            .untilAsserted(() -> assertThat(client.say("x").hears()).isEqualTo("new"));
      }
      Files.writeString(entry, "function on_message(");
      assertAllHear(own, "new");
    }
  }

  private static void assertAllHear(Connmix server, String text) {
    List<ChatClient> clients = Stream.generate(server::chat).limit(16).toList();
    for (ChatClient each : clients) {
      assertThat(each.say("x").hears()).isEqualTo(text);
    }
    clients.forEach(ChatClient::close);
  }

  @Test
  void shouldNotWaitForItsLog() throws IOException {
    CountDownLatch read = new CountDownLatch(1);
    AppenderBase<ILoggingEvent> stuck =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            try {
              read.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    Logger log =
        (Logger) LoggerFactory.getLogger("io.dragoman.gateway.connmix.client.internal.ScriptLines");
    try (Connmix own =
            Connmix.start(Map.of("connmix.clients", "[" + listener("loud", LOUD, "") + "]"));
        ChatClient client = own.chat()) {
      stuck.setContext(log.getLoggerContext());
      stuck.start();
      log.addAppender(stuck);
      assertThat(client.say("one").hears()).isEqualTo("one");
      assertThat(client.say("two").hears()).isEqualTo("two");
      assertThat(figure(own, "dragoman_connmix_script_lines_lost_total"))
          .isGreaterThanOrEqualTo(800);
    } finally {
      read.countDown();
      log.detachAppender(stuck);
    }
  }

  private static double figure(Connmix server, String metric) {
    return server
        .get(server.api(), "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(metric + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(metric.length() + 1)))
        .sum();
  }

  @Test
  void shouldNotStartWithAScriptThatCannotBeRun() throws IOException {
    String broken = listener("broken", "function on_message(", "");
    assertThatThrownBy(() -> Connmix.start(Map.of("connmix.clients", "[" + broken + "]")).close())
        .hasMessageStartingWith("connmix.clients: The script broken.lua cannot be run: ")
        .hasMessageContaining("broken.lua:1");
    String missing = "{port: 0, entry: '" + directory.resolve("missing.lua") + "'}";
    assertThatThrownBy(() -> Connmix.start(Map.of("connmix.clients", "[" + missing + "]")).close())
        .hasMessageContaining("missing.lua cannot be read");
  }

  @Test
  void shouldNotStartWithRulesBesideAScript() throws IOException {
    String both = listener("both", says("x"), ", auth: {mode: basic}, events: {message: x}");
    assertThatThrownBy(() -> Connmix.start(Map.of("connmix.clients", "[" + both + "]")).close())
        .hasMessageContaining("auth is not for a listener with entry: its script does that")
        .hasMessageContaining("events is not for a listener with entry: its script does that");
    assertThatThrownBy(
            () -> Connmix.start(Map.of("connmix.clients", "[{port: 0, options: {}}]")).close())
        .hasMessageContaining("options is for a listener with entry");
  }

  @Test
  void shouldWantTokensWhereTheBrokerDoes() throws IOException {
    Map<String, String> settings =
        Map.of(
            "auth.enabled",
            "true",
            "auth.jwt.secret",
            SECRET,
            "connmix.clients",
            "[" + listener("guarded", says("let in"), "") + "]");
    try (Connmix guarded = Connmix.start(settings)) {
      assertThat(RawWebSocket.refused(guarded.clients(), "/chat").status()).isEqualTo(401);
      String token = Tokens.hs256(SECRET, "{\"sub\":\"a\"}");
      try (ChatClient client = guarded.chat("/chat?token=" + token)) {
        assertThat(client.say("x").hears()).isEqualTo("let in");
      }
    }
  }
}
