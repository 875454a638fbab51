// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.lua.FakeHost.FakeConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callbacks, waiting, and what becomes of connections and scripts. */
class ScriptRuntimeTest extends ScriptFixture {
  private static final String GATE =
      WEBSOCKET_REST
          + """
          function on_message(msg)
            local conn = mix.websocket()
            if msg.data == "auth" then
              conn:send("hello " .. tostring(conn:wait_context_value("uid")))
            else
              conn:send(msg.data .. " from " .. conn:context_value("uid"))
            end
          end
          """;

  @Test
  void shouldCallBackForWebSockets() {
    start(
        """
        function on_handshake(client_id, headers, server)
          local conn = mix.websocket()
          conn:send(client_id .. " " .. headers["User-Agent"] .. " " .. headers["user-agent"])
          conn:send(server.Method .. server.RequestUri .. server.ServerProtocol .. server.Host
            .. server.RemoteAddr)
        end
        function on_message(msg)
          mix.websocket():send(msg.type .. msg.data .. tostring(msg.finish))
        end
        function on_close(client_id, err)
          mix.queue.push("closed", {id = client_id, err = err})
        end
        """);
    FakeConnection connection = open();

    connection.session.onHandshake(handshake("/chat?x=1"));
    connection.says("hi");
    connection.leaves("reset");
    FakeConnection second = open();
    second.leaves("");

    assertThat(connection.sent)
        .containsExactly(
            "1627581697287520263 test test",
            "GET/chat?x=1HTTP/1.1example.org192.0.2.7:4711",
            "texthitrue");
    assertThat(host.events)
        .extracting(FakeHost.Event::json)
        .containsExactly(
            "{\"err\":\"reset\",\"id\":\"1627581697287520263\"}",
            "{\"id\":\"1627581697287520264\"}");
    assertThat(runtime.connections()).isZero();
  }

  @Test
  void shouldCallBackInTheOlderForm() {
    start(
        """
        local queue
        function init() queue = mix.queue.new("old", 100) end
        function on_connect(conn) conn:send("connected") end
        function on_handshake(headers, conn) conn:send(headers.Method .. headers.RequestUri) end
        function on_message(msg, conn) conn:send(msg.data) queue:push({text = msg.data}) end
        function on_close(err, conn) queue:push({closed = conn:client_id(), err = tostring(err)}) end
        """);
    FakeConnection connection = open();

    connection.session.onHandshake(handshake("/x"));
    connection.says("hi");
    connection.leaves("");

    assertThat(connection.sent).containsExactly("connected", "GET/x", "hi");
    assertThat(host.events)
        .extracting(FakeHost.Event::json)
        .containsExactly(
            "{\"text\":\"hi\"}", "{\"closed\":\"1627581697287520263\",\"err\":\"nil\"}");
  }

  @Test
  void shouldCallBackInTheOlderFormForSockets() {
    start(
        """
        function init() end
        function on_connect(conn) conn:send("w") end
        function protocol_input(buf, conn) return buf:length() > 1 and 2 or 0 end
        function protocol_decode(str, conn) return str .. conn:client_id() end
        function protocol_encode(str, conn) return str .. "|" end
        function on_message(data, conn) conn:send(data) end
        function on_close(err, conn) mix.queue.push("t", {conn:client_id()}) end
        """,
        ScriptProtocol.SOCKET,
        ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.session.onConnect();
    connection.gives("abc".getBytes(UTF_8));
    connection.leaves("");

    assertThat(connection.sent).containsExactly("w", "ab" + connection.id());
    assertThat(host.events).containsExactly(new FakeHost.Event("t", "[\"1627581697287520263\"]"));
  }

  @Test
  void shouldReadABufferPieceByPiece() {
    start(
        """
        function protocol_input(buf)
          local first, second = buf:read(2), buf:read(1)
          local none, err = buf:read(5)
          mix.log(mix.INFO, table.concat({first, second, tostring(none), err, buf:position(),
            buf:length(), buf:tostring()}, " "))
          return buf:length()
        end
        function protocol_decode(str) return nil end
        function on_message(msg) end
        """,
        ScriptProtocol.SOCKET,
        ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.gives("abcd".getBytes(UTF_8));

    assertThat(host.log).containsExactly("INFO entry.lua: ab c nil fewer bytes are there 3 4 abcd");
  }

  @Test
  void shouldTellFormsApartByNamesWhereTheCountsAreEqual() {
    start(
        """
        function on_handshake(client_id, headers) mix.websocket():send(client_id) end
        function on_message(msg) end
        function on_close(id, err) mix.queue.push("t", {id = id}) end
        """);
    FakeConnection connection = open();

    connection.session.onHandshake(handshake("/x"));
    connection.leaves("");

    assertThat(connection.sent).containsExactly(connection.id());
    assertThat(host.events.get(0).json()).isEqualTo("{\"id\":\"1627581697287520263\"}");
  }

  private static final String LINES =
      """
      function on_connect(client_id) mix.socket.tcp():send("welcome " .. client_id) end
      function protocol_input(buf)
        local text = buf:tostring()
        local first = buf:read(1)
        if first == "!" then return -1 end
        local at = string.find(text, "\\n", 1, true)
        return at or 0
      end
      function protocol_decode(str)
        if str == "\\n" then return nil end
        return {line = string.sub(str, 1, -2)}
      end
      function protocol_encode(value)
        if value == "" then return nil end
        return value .. "\\n"
      end
      function on_message(msg)
        local conn = mix.socket.tcp()
        if msg.line == "wait" then conn:wait_context_value("go") end
        if msg.line == "clear" then conn:clear_buffer() end
        if msg.line == "close" then conn:close() end
        conn:send("got " .. msg.line)
      end
      function on_close(client_id, err) mix.queue.push("closed", {client_id}) end
      """;

  @Test
  void shouldCutPacketsOfSockets() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.session.onConnect();
    connection.gives("a\nb\n\npart".getBytes(UTF_8));
    connection.gives("ial\n".getBytes(UTF_8));
    connection.leaves("");

    assertThat(connection.sent)
        .containsExactly("welcome " + connection.id(), "got a", "got b", "got partial");
    assertThat(host.events).hasSize(1);
    assertThat(host.pushers).containsExactly(connection.id());
  }

  @Test
  void shouldHoldBackBytesOfASocketThatWaits() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.gives("wait\nb\nc".getBytes(UTF_8));
    connection.gives("d\n".getBytes(UTF_8));
    assertThat(connection.sent).isEmpty();
    assertThat(connection.session.isWaiting()).isTrue();
    assertThat(connection.session.waitingBytes()).isEqualTo(2);
    // Nothing will come by itself: the gateway need not wait for it.
    assertThat(connection.session.isWorking()).isFalse();
    assertThat(connection.resumptions).isZero();
    connection.set("go", "1");
    assertThat(connection.resumptions).isEqualTo(1);

    assertThat(connection.sent).containsExactly("got wait", "got b", "got cd");
  }

  @Test
  void shouldClearTheBufferOfASocket() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.gives("clear\nlost\nlo".getBytes(UTF_8));
    connection.gives("a\n".getBytes(UTF_8));

    assertThat(connection.sent).containsExactly("got clear", "got a");
  }

  @Test
  void shouldShowProtocolInputNothingMoreOfWhatItCleared() {
    start(
        """
        local calls = 0
        function protocol_input(buf)
          calls = calls + 1
          if calls > 1 then return buf:length() end
          mix.socket.tcp():clear_buffer()
          return 0
        end
        function protocol_decode(str) return str end
        function on_message(data) mix.socket.tcp():send(calls .. " " .. data) end
        """,
        ScriptProtocol.SOCKET,
        ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.gives("x".repeat(3000).getBytes(UTF_8));
    connection.gives("after".getBytes(UTF_8));

    assertThat(connection.sent).containsExactly("2 after");
  }

  @Test
  void shouldClearTheBufferOfNoOtherSocket() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection waits = open();
    FakeConnection clears = open();

    waits.gives("wait\nb\n".getBytes(UTF_8));
    clears.gives("clear\nlost\n".getBytes(UTF_8));
    waits.set("go", "1");

    assertThat(waits.sent).containsExactly("got wait", "got b");
    assertThat(clears.sent).containsExactly("got clear");
  }

  @Test
  void shouldTakeNothingMoreAfterTheScriptClosed() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    connection.gives("close\nb\n".getBytes(UTF_8));
    connection.gives("c\n".getBytes(UTF_8));
    connection.leaves("");

    assertThat(connection.closed).isTrue();
    assertThat(connection.sent).isEmpty();
    assertThat(host.events).hasSize(1);
  }

  @Test
  void shouldEndASocketWhoseBytesAreRefusedOrNeverEnd() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection refused = open();
    FakeConnection endless = open();

    refused.gives("a\n!b\n".getBytes(UTF_8));
    endless.gives("x".repeat(40_000).getBytes(UTF_8));
    endless.gives("x".repeat(40_000).getBytes(UTF_8));

    assertThat(refused.sent).containsExactly("got a");
    assertThat(refused.failures).containsExactly("protocol_input refused it");
    assertThat(endless.failures).containsExactly("a packet is too long");
  }

  @Test
  void shouldCutManySmallPacketsQuickly() {
    start(LINES, ScriptProtocol.SOCKET, limits(100_000, 64 << 20));
    FakeConnection connection = open();

    connection.gives("ab\n".repeat(20_000).getBytes(UTF_8));

    assertThat(connection.failures).isEmpty();
    assertThat(connection.sent).hasSize(20_000);
  }

  @Test
  void shouldEncodeWhatOthersSendToASocket() {
    start(LINES, ScriptProtocol.SOCKET, ScriptLimits.DEFAULTS);
    FakeConnection connection = open();

    assertThat(connection.session.encode("x".getBytes(UTF_8)))
        .isCompletedWithValueMatching(
            bytes -> new String(bytes.orElseThrow(), UTF_8).equals("x\n"));
    assertThat(connection.session.encode(new byte[0]))
        .isCompletedWithValueMatching(java.util.Optional::isEmpty);
  }

  @Test
  void shouldHoldMessagesBackUntilTheKeyIsSet() {
    start(GATE);
    FakeConnection connection = open();
    FakeConnection other = open();
    other.context.put("uid", "\"o\"");

    connection.says("auth");
    connection.says("one");
    connection.says("two");
    connection.set("else", "1");
    other.says("free");
    assertThat(connection.sent).isEmpty();
    assertThat(connection.session.waiting()).isEqualTo(2);
    assertThat(other.sent).containsExactly("free from o");
    connection.set("uid", "\"u\"");

    assertThat(connection.sent).containsExactly("hello u", "one from u", "two from u");
    assertThat(connection.session.isWaiting()).isFalse();
  }

  @Test
  void shouldNotWaitForAKeyThatIsSet() {
    start(GATE);
    FakeConnection connection = open();
    connection.context.put("uid", "null");

    connection.says("auth");

    assertThat(connection.sent).containsExactly("hello nil");
  }

  @Test
  void shouldEndAConnectionForWhichTooMuchWaits() {
    start(GATE, ScriptProtocol.WEBSOCKET, limits(1_000_000, 64 << 20));
    FakeConnection byCount = open();
    FakeConnection byBytes = open();

    byCount.says("auth");
    byBytes.says("auth");
    for (int i = 0; i < 5; i++) {
      byCount.says("m");
    }
    byBytes.says("x".repeat(1025));

    assertThat(byCount.failures).containsExactly("too many messages wait for a callback");
    assertThat(byBytes.failures).containsExactly("too many messages wait for a callback");
    byCount.set("uid", "1");
    assertThat(byCount.sent).isEmpty();
  }

  @Test
  void shouldGiveUpAGateWhenTheConnectionCloses() {
    start(
        GATE.replace(
            "function on_close(client_id, err) end",
            "function on_close(id) mix.queue.push('t', {id,"
                + " mix.websocket():wait_context_value('x')}) end"));
    FakeConnection connection = open();

    connection.says("auth");
    connection.says("dropped");
    connection.leaves("");
    connection.session.onContext("uid");

    assertThat(connection.sent).isEmpty();
    assertThat(host.events)
        .containsExactly(
            new FakeHost.Event(
                "t", "{\"1\":\"1627581697287520263\",\"3\":\"the connection is closed\"}"));
    assertThat(runtime.connections()).isZero();
  }

  @Test
  void shouldFinishWhatWaitsForTheHostBeforeItCloses() {
    start(
        """
        function on_message(msg)
          local n, err = mix.queue.push("in", {msg.data})
          mix.log(mix.INFO, msg.data .. n)
        end
        function on_close() mix.log(mix.INFO, "closed") end
        """);
    host.pushesWait = true;
    FakeConnection connection = open();

    connection.says("a");
    connection.says("b");
    connection.leaves("");
    assertThat(host.log).isEmpty();
    host.pushes.remove().complete(1L);
    host.runLane();
    host.pushes.remove().complete(2L);
    host.runLane();

    assertThat(host.log)
        .containsExactly("INFO entry.lua: a1", "INFO entry.lua: b2", "INFO entry.lua: closed");
    assertThat(runtime.connections()).isZero();
  }

  @Test
  void shouldWaitInsideProtectedCallsAndCoroutinesOfTheScript() {
    start(
        WEBSOCKET_REST
            + """
            function on_message(msg)
              local conn = mix.websocket()
              local ok, value = pcall(function() return conn:wait_context_value("a") end)
              conn:send("pcall " .. value)
              local co = coroutine.create(function(x)
                local b = conn:wait_context_value("b")
                local y = coroutine.yield(x .. b)
                return y .. conn:wait_context_value("c")
              end)
              local _, first = coroutine.resume(co, "x")
              conn:send("first " .. first)
              local _, second = coroutine.resume(co, "y")
              conn:send("second " .. second .. coroutine.status(co))
              local next_one = coroutine.wrap(function() coroutine.yield(conn:wait_context_value("d")) end)
              conn:send("wrap " .. next_one())
            end
            """);
    FakeConnection connection = open();

    connection.says("go");
    connection.set("a", "\"1\"");
    connection.set("b", "\"2\"");
    connection.set("c", "\"3\"");
    connection.set("d", "\"4\"");

    assertThat(connection.sent).containsExactly("pcall 1", "first x2", "second y3dead", "wrap 4");
  }

  @Test
  void shouldSayWhereNothingCanBeWaitedFor() {
    start(
        WEBSOCKET_REST
            + """
            local _, at_start = mix.queue.push("t", {})
            local none, no_conn = mix.websocket()
            function on_message(msg)
              local conn = mix.websocket()
              local ok, err = pcall(string.gsub, "x", "x", function() conn:wait_context_value("k") end)
              conn:send(at_start .. " / " .. no_conn .. " / " .. tostring(ok))
              conn:wait_context_value("other")
            end
            """);
    FakeConnection connection = open();

    connection.says("go");
    connection.set("k", "1");

    assertThat(connection.sent)
        .containsExactly(
            "only a callback of a connection can wait for this / no connection: this is not a"
                + " callback / false");
    assertThat(connection.session.isWaiting()).isTrue();
    assertThat(connection.failures).isEmpty();
  }

  @Test
  void shouldCostOnlyItsConnectionWhenACallbackFails() {
    start(
        """
        function on_message(msg)
          if msg.data == "fail" then error("on purpose") end
          if msg.data == "table" then error({message = "as a table"}) end
          if msg.data == "yield" then coroutine.yield(1) end
          mix.websocket():send(msg.data)
        end
        function on_close(id) mix.log(mix.INFO, "closed " .. id) end
        """);
    FakeConnection good = open();
    for (String how : new String[] {"fail", "table", "yield"}) {
      FakeConnection bad = open();
      bad.says(how);
      bad.says("more");
      bad.leaves("");
      assertThat(bad.failures).containsExactly("its script failed");
      assertThat(bad.sent).isEmpty();
    }

    good.says("well");

    assertThat(good.sent).containsExactly("well");
    assertThat(host.log).hasSize(6);
    assertThat(host.log.get(0))
        .startsWith("ERROR entry.lua: message of 1627581697287520264: ")
        .contains("entry.lua:2: on purpose", "stack traceback");
    assertThat(host.log.get(1)).isEqualTo("INFO entry.lua: closed 1627581697287520264");
    assertThat(host.log.get(2)).contains("as a table");
    assertThat(host.log.get(4)).contains("no coroutine of the script's own");
  }

  @Test
  void shouldLogOnlySoManyErrorsInASecond() {
    host.frozen = true;
    start(WEBSOCKET_REST + "function on_message(msg) error('again') end");
    for (int i = 0; i < 30; i++) {
      open().says("x");
    }
    assertThat(host.log).hasSize(10);
    host.now += 1_000_000_001L;

    open().says("x");

    assertThat(host.log.get(10)).isEqualTo("ERROR entry.lua: 20 more errors were not logged");
    assertThat(host.log).hasSize(12);
  }

  @Test
  void shouldLogOnlySoMuchOfWhatAScriptSaysInASecond() {
    host.frozen = true;
    start(
        WEBSOCKET_REST
            + """
            function on_message(msg)
              if msg.data == "long" then return print(string.rep("x", 1000000)) end
              for i = 1, 250 do
                mix.log(mix.WARN, "line " .. i)
                print("printed " .. i)
              end
              error("on purpose")
            end
            """);
    open().says("x");

    assertThat(host.log).hasSize(101);
    assertThat(host.log.get(98)).isEqualTo("WARN entry.lua: line 50");
    assertThat(host.log.get(99)).isEqualTo("INFO entry.lua: printed 50");
    assertThat(host.log.get(100)).contains("on purpose");
    assertThat(host.linesLost).isEqualTo(400);
    host.now += 1_000_000_001L;

    open().says("long");

    assertThat(host.log.get(101)).isEqualTo("WARN entry.lua: 400 more lines were not logged");
    assertThat(host.log.get(102)).hasSizeBetween(4_000, 4_010).endsWith("xxx...");
  }

  @Test
  void shouldNotRunWithoutItsCallbacks() {
    assertThatThrownBy(() -> start("x = 1"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("no function on_message");
    assertThatThrownBy(() -> start("function ("))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("entry.lua:1:");
    assertThatThrownBy(() -> start("error('at start')"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("at start");
    assertThatThrownBy(
            () -> start("while true do end", ScriptProtocol.WEBSOCKET, limits(1_000_000, 64 << 20)))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("too many instructions");
    assertThatThrownBy(
            () ->
                new ScriptSource(
                    new LuaScript(
                        directory.resolve("none.lua"),
                        ScriptProtocol.WEBSOCKET,
                        java.util.Map.of(),
                        ScriptLimits.DEFAULTS),
                    host))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void shouldLoadTheScriptAgainWhenItChanged() {
    write("part.lua", "return 'part one'");
    start(GATE + "local part = require('part') function extra() return part end");
    FakeConnection waits = open();
    waits.says("auth");
    assertThat(reloadIfChanged()).isFalse();

    write("part.lua", "return 'part number two'");
    assertThat(reloadIfChanged()).isTrue();
    write(
        "entry.lua",
        WEBSOCKET_REST
            + "local part = require('part')\n"
            + "function on_message(msg) mix.websocket():send('new ' .. part) end");
    assertThat(reloadIfChanged()).isTrue();
    assertThat(reloadIfChanged()).isFalse();
    FakeConnection fresh = open();
    fresh.says("x");
    waits.set("uid", "\"u\"");
    waits.says("x");

    assertThat(fresh.sent).containsExactly("new part number two");
    assertThat(waits.sent).containsExactly("hello u", "new part number two");
  }

  @Test
  void shouldKeepTheScriptWhenTheNewOneCannotBeLoaded() {
    start(WEBSOCKET_REST + "function on_message(msg) mix.websocket():send('old') end");
    FakeConnection connection = open();
    write("entry.lua", "function (");

    assertThat(reloadIfChanged()).isFalse();
    assertThat(reloadIfChanged()).isFalse();
    connection.says("x");

    assertThat(connection.sent).containsExactly("old");
    assertThat(host.log).isEmpty();
    assertThat(sourceLog).hasSize(1);
    assertThat(sourceLog.get(0)).contains("entry.lua:1:");
    // Who comes now gets what could be run, too.
    try (ScriptRuntime other =
        new ScriptRuntime(
            new LuaScript(
                directory.resolve("entry.lua"),
                ScriptProtocol.WEBSOCKET,
                java.util.Map.of(),
                ScriptLimits.DEFAULTS),
            source.current(),
            host,
            host)) {
      assertThat(other.connections()).isZero();
    }
  }

  @Test
  void shouldKeepAStateThatUsesNothingOfWhatChanged() {
    start(
        WEBSOCKET_REST
            + """
            local count = 0
            function on_message(msg)
              count = count + 1
              mix.websocket():send(count .. " " .. (msg.data == "lazy" and require("lazy") or ""))
            end
            """);
    write("other.lua", "return 1");
    FakeConnection connection = open();
    connection.says("x");

    assertThat(reloadIfChanged()).isFalse();
    write("lazy.lua", "return 'one'");
    assertThat(reloadIfChanged()).isFalse();
    connection.says("lazy");
    write("lazy.lua", "return 'another'");
    assertThat(reloadIfChanged()).isTrue();
    connection.says("lazy");

    assertThat(connection.sent).containsExactly("1 ", "2 one", "1 another");
  }

  @Test
  void shouldReadNothingFromADiskWhenAModuleIsRequired() throws Exception {
    write("lib/part.lua", "return 'part'");
    start(WEBSOCKET_REST + "function on_message(msg) mix.websocket():send(require(msg.data)) end");
    Files.delete(directory.resolve("lib/part.lua"));
    FakeConnection connection = open();

    connection.says("lib.part");

    assertThat(connection.sent).containsExactly("part");
  }

  @Test
  void shouldRequireNothingFromElsewhere(@TempDir Path elsewhere) throws Exception {
    Files.writeString(elsewhere.resolve("secret.lua"), "return 'secret'");
    Files.createSymbolicLink(directory.resolve("linked"), elsewhere);
    Files.createSymbolicLink(directory.resolve("file.lua"), elsewhere.resolve("secret.lua"));
    Files.createSymbolicLink(directory.resolve("loop"), directory);
    write("real.lua", "return 'real'");
    Files.createSymbolicLink(directory.resolve("alias.lua"), directory.resolve("real.lua"));

    assertThat(
            run(
                "return (pcall(require, 'linked.secret')), (pcall(require, 'file')),"
                    + " require('alias')"))
        .isEqualTo("[false,false,\"real\"]");
  }

  @Test
  void shouldQueueWhatHappensInsideACallback() {
    start(
        """
        function on_message(msg)
          local conn = mix.websocket()
          conn:send("begin " .. msg.data)
          conn:subscribe("poke")
          conn:send("end " .. msg.data)
        end
        function on_close() mix.log(mix.INFO, "closed") end
        """);
    FakeConnection[] holder = new FakeConnection[1];
    FakeConnection connection =
        host.new FakeConnection("7") {
          @Override
          public java.util.Optional<String> subscribe(java.util.List<String> names) {
            if (holder[0] != null) {
              holder[0].session.onMessage("inner".getBytes(UTF_8), false);
              holder[0].session.onClose("");
              holder[0] = null;
            }
            return super.subscribe(names);
          }
        };
    holder[0] = connection;
    connection.session = runtime.open(connection);

    connection.says("outer");

    assertThat(connection.sent)
        .containsExactly("begin outer", "end outer", "begin inner", "end inner");
    assertThat(host.log).containsExactly("INFO entry.lua: closed");
  }

  @Test
  void shouldForgetEverythingWhenClosed() {
    start(GATE);
    FakeConnection connection = open();
    connection.says("auth");

    runtime.close();
    runtime.close();
    connection.set("uid", "1");
    connection.says("x");
    connection.leaves("");

    assertThat(connection.sent).isEmpty();
    assertThat(connection.failures).isEmpty();
  }
}
