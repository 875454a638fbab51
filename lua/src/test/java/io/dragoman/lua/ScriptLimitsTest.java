// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.lua.FakeHost.FakeConnection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts that never end or hold too much cost their connection, and the others go on. */
class ScriptLimitsTest extends ScriptFixture {
  private static final long INSTRUCTIONS = 2_000_000;

  private void startWith(String lines) {
    start(
        WEBSOCKET_REST
            + "kept = kept or {}\n"
            + "function on_message(msg)\n"
            + "  if msg.data == 'well' then mix.websocket():send('well') return end\n"
            + lines
            + "\nend",
        ScriptProtocol.WEBSOCKET,
        limits(INSTRUCTIONS, 32 << 20));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while true do end",
        "repeat until false",
        "::again:: goto again",
        "local function f() return f() end f()",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(error) end",
        "while true do pcall(pcall, function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() while true do end end)"
            + " end",
        "while true do xpcall(error, function(e) return e end, 'x') end",
        "while true do xpcall(error, function() while true do end end) end",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "coroutine.wrap(function() pcall(coroutine.wrap(function() while true do end end)) end)()",
        "while true do local co = coroutine.create(function() coroutine.yield() end)"
            + " coroutine.resume(co) end",
        "while true do pcall(load, function() while true do end end) end",
        "setmetatable({}, {__index = function() while true do end end}).x = 1 local y ="
            + " setmetatable({}, {__index = function() while true do end end}).x",
        "tostring(setmetatable({}, {__tostring = function() while true do end end}))",
        "('x'):gsub('x', function() while true do end end)",
        "table.sort({1, 2, 3}, function() while true do end end)",
        "while true do mix.websocket():context_value('x') end",
        "while true do mix.queue.push('t', {}) end",
        "while true do pcall(require, 'endless') end",
        "local t = {} while true do t = {t} if #kept > 1 then break end end",
      })
  void shouldStopWhatNeverEnds(String lines) {
    write("endless.lua", "while true do end");
    startWith(lines);
    FakeConnection endless = open();
    FakeConnection other = open();

    endless.says("go");
    other.says("well");

    assertThat(endless.failures).containsExactly("its script failed");
    assertThat(other.sent).containsExactly("well");
    assertThat(host.log.get(0)).contains("stopped: it ");
  }

  @Test
  void shouldStopAfterTheTimeEvenWithFewInstructions() {
    start(
        WEBSOCKET_REST
            + "function on_message() local s = ('ab '):rep(1e5) while true do s:upper() end end",
        ScriptProtocol.WEBSOCKET,
        new ScriptLimits(1L << 50, 50, 32 << 20, 1 << 20, 4, 1 << 10, 65_535, 30_000));
    FakeConnection endless = open();

    endless.says("go");

    assertThat(endless.failures).containsExactly("its script failed");
    assertThat(host.log.get(0)).contains("it ran too long (time)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s:find('.-.-.-.-b')",
        "s:match('.-.-.-.-b')",
        "s:gsub('.-.-.-.-b', '')",
        "for _ in s:gmatch('.-.-.-.-b') do end",
        "pcall(string.find, s, '.*.*.*.*.*b')",
      })
  void shouldStopAPatternThatWouldTakeDays(String lines) {
    start(
        WEBSOCKET_REST
            + "function on_message() local s = ('a'):rep(3000) while true do "
            + lines
            + " end end",
        ScriptProtocol.WEBSOCKET,
        new ScriptLimits(INSTRUCTIONS, 100, 32 << 20, 1 << 20, 4, 1 << 10, 65_535, 30_000));
    FakeConnection endless = open();

    endless.says("go");

    assertThat(endless.failures).containsExactly("its script failed");
    assertThat(host.log.get(0)).contains("it ran too long");
  }

  @Test
  void shouldCostTheConnectionWhenTheStackIsTooDeep() {
    startWith("local function f() return 1 + f() end f()");
    FakeConnection deep = open();
    FakeConnection other = open();

    deep.says("go");
    other.says("well");

    assertThat(deep.failures).hasSize(1);
    assertThat(other.sent).containsExactly("well");
    assertThat(host.log.get(0)).contains("stack overflow");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local t = {} while true do t[#t + 1] = {1, 2, 3, 4, 5, 6, 7, 8, 9, {}} end",
        "local t = {} while true do t[#t + 1] = tostring(#t) .. ('x'):rep(1000) end",
        "local s = 'x' while true do pcall(function() s = s .. ('x'):rep(1000) kept[#kept + 1] = s"
            + " end) end",
        "while true do kept[#kept + 1] = coroutine.create(function() end) end",
      })
  void shouldStopWhatUsesTooMuchMemory(String lines) {
    startWith(lines);
    FakeConnection greedy = open();
    FakeConnection other = open();

    greedy.says("go");
    other.says("well");

    assertThat(greedy.failures).containsExactly("its script failed");
    assertThat(other.sent).containsExactly("well");
    assertThat(host.log.get(0)).contains("it uses too much memory");
    assertThat(runtime.memoryBytes()).isLessThan(32 << 20);
  }

  @Test
  void shouldMakeAStateAnewThatHoldsTooMuch() {
    startWith(
        "if msg.data == 'wait' then mix.websocket():wait_context_value('never') end\n"
            + "for i = 1, 50 do kept[#kept + 1] = ('x'):rep(100000) .. #kept end");
    FakeConnection waits = open();
    FakeConnection greedy = open();
    waits.says("wait");

    for (int i = 0; i < 80 && waits.failures.isEmpty(); i++) {
      greedy.says("go");
    }

    assertThat(waits.failures).containsExactly("the script's state had to be made anew");
    assertThat(host.log)
        .anyMatch(line -> line.contains("holds too much memory and is started anew"));
    FakeConnection other = open();
    other.says("well");
    assertThat(other.sent).containsExactly("well");
    assertThat(runtime.memoryBytes()).isLessThan(16 << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "('x'):rep(1e9)",
        "('x'):rep(1e5, ('y'):rep(1e5))",
        "(function() local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1e4) end return"
            + " table.concat(t) end)()",
        "('x'):rep(1e4):gsub('x', ('y'):rep(1e4))",
        "('x'):rep(1e4):gsub('.', '%0' .. ('y'):rep(1e3))",
        "('x'):rep(1e4):gsub('x', function() return ('y'):rep(1e4) end)",
        "('x'):rep(1e4):gsub('x', {x = ('y'):rep(1e4)})",
        "mix.php_pack('x2000000')",
      })
  void shouldRefuseStringsThatWouldBeTooLong(String expression) {
    start(
        WEBSOCKET_REST
            + "function on_message() local ok, v, err = pcall(function() return "
            + expression
            + " end) mix.websocket():send(tostring(ok) .. tostring(v) .. tostring(err)) end",
        ScriptProtocol.WEBSOCKET,
        limits(INSTRUCTIONS, 32 << 20));
    FakeConnection connection = open();

    connection.says("go");

    assertThat(connection.sent.get(0)).contains("would be too long");
  }

  @Test
  void shouldNotMindStringsThatAreAllowed() {
    assertThat(
            run(
                "return #('ab'):rep(10, ','), ('a.b'):gsub('%.', '%%'), ('abc'):gsub('%w', '%0%0',"
                    + " 2), table.concat({1, 'x', 2}, '-', 2), ('k=v'):gsub('(%w)=(%w)', '%2=%1'),"
                    + " (('x'):gsub('x', {x = false}))"))
        .isEqualTo("[29,\"a%b\",\"aabbc\",\"x-2\",\"v=k\",\"x\"]");
  }

  @Test
  void shouldForgetTheCoroutinesThatCalledTheHost() {
    start(
        WEBSOCKET_REST
            + """
            kept = {}
            function on_message(msg)
              for i = 1, 100 do
                local co = coroutine.create(function() mix.md5("a") coroutine.yield() mix.md5("b") end)
                coroutine.resume(co)
                if i % 10 == 0 then kept[#kept + 1] = co end
              end
              if #kept > 200 then
                for _, co in ipairs(kept) do coroutine.resume(co) end
                kept = {}
                collectgarbage()
              end
            end
            """);
    FakeConnection connection = open();

    for (int i = 0; i < 500; i++) {
      connection.says("go");
    }

    assertThat(connection.failures).isEmpty();
    assertThat(runtime.memoryBytes()).isLessThan(8 << 20);
  }

  @Test
  void shouldRunStatesOfSeveralLanesAtOnce() throws Exception {
    write(
        "entry.lua",
        WEBSOCKET_REST
            + """
            function on_message(msg)
              local co = coroutine.wrap(function() return mix.md5(msg.data), mix.json_decode('{"a":1}').a end)
              mix.websocket():send((co()))
            end
            """);
    LuaScript script =
        new LuaScript(
            directory.resolve("entry.lua"),
            ScriptProtocol.WEBSOCKET,
            Map.of(),
            ScriptLimits.DEFAULTS);
    ScriptSnapshot files = ScriptSnapshot.read(script.entry());
    Callable<Integer> lane =
        () -> {
          int sent = 0;
          for (int states = 0; states < 20; states++) {
            FakeHost own = new FakeHost();
            try (ScriptRuntime ownRuntime = new ScriptRuntime(script, files, own, own)) {
              FakeConnection connection = own.new FakeConnection("1");
              connection.session = ownRuntime.open(connection);
              for (int i = 0; i < 200; i++) {
                connection.says("x" + i);
              }
              sent += connection.sent.size();
            }
          }
          return sent;
        };
    ExecutorService lanes = Executors.newFixedThreadPool(4);
    try {
      for (Future<Integer> each : lanes.invokeAll(Collections.nCopies(4, lane))) {
        assertThat(each.get()).isEqualTo(4_000);
      }
    } finally {
      lanes.shutdownNow();
    }
  }

  @Test
  void shouldRefuseLimitsThatAreNone() {
    assertThatThrownBy(() -> limits(0, 1)).hasMessageContaining("instructionsMax");
  }
}
