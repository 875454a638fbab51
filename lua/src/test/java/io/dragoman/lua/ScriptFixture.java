// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import io.dragoman.lua.FakeHost.FakeConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A script in a directory of its own, run for connections of a fake host. */
abstract class ScriptFixture {
  static final String WEBSOCKET_REST =
      """
      function on_handshake(client_id, headers, server) end
      function on_close(client_id, err) end
      """;

  @TempDir Path directory;
  final FakeHost host = new FakeHost();
  ScriptRuntime runtime;
  ScriptSource source;
  List<String> sourceLog;
  private long nextId = 1_627_581_697_287_520_263L;

  @AfterEach
  void closeRuntime() {
    if (runtime != null) {
      runtime.close();
    }
  }

  void write(String file, String text) {
    try {
      Files.createDirectories(directory.resolve(file).getParent());
      Files.writeString(directory.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a WebSocket server's script. */
  void start(String script) {
    start(script, ScriptProtocol.WEBSOCKET, ScriptLimits.DEFAULTS);
  }

  void start(String script, ScriptProtocol protocol, ScriptLimits limits) {
    write("entry.lua", script);
    LuaScript luaScript =
        new LuaScript(directory.resolve("entry.lua"), protocol, Map.of("path", "/chat"), limits);
    FakeHost elsewhere = new FakeHost();
    source = new ScriptSource(luaScript, elsewhere);
    sourceLog = elsewhere.log;
    runtime = new ScriptRuntime(luaScript, source.current(), host, host);
  }

  /** As a gateway does now and then. */
  boolean reloadIfChanged() {
    return source.look() && runtime.reload(source.current());
  }

  static ScriptLimits limits(long instructionsMax, long memoryBytesMax) {
    return new ScriptLimits(
        instructionsMax, 60_000, memoryBytesMax, 1 << 20, 4, 1 << 10, 65_535, 30_000);
  }

  FakeConnection open() {
    FakeConnection connection = host.new FakeConnection(Long.toString(nextId++));
    connection.session = runtime.open(connection);
    return connection;
  }

  static Handshake handshake(String uri) {
    return new Handshake(
        Map.of("User-Agent", "test", "Host", "example.org"),
        "GET",
        uri,
        "HTTP/1.1",
        "example.org",
        "192.0.2.7:4711");
  }

  /** Runs lines in a callback; what they return is sent, as JSON. */
  String run(String lines) {
    start(
        WEBSOCKET_REST
            + "function on_message(msg)\n"
            + "  local conn = mix.websocket()\n"
            + "  local function body()\n"
            + lines
            + "\n  end\n"
            + "  local function packed(...) local out = {n = select('#', ...)}\n"
            + "    for i = 1, out.n do local v = select(i, ...)\n"
            + "      if v == nil then out[i] = 'nil' else out[i] = v end end\n"
            + "    out.n = nil return out end\n"
            + "  conn:send(mix.json_encode(packed(body())))\n"
            + "end\n");
    FakeConnection connection = open();
    connection.says("go");
    if (connection.sent.isEmpty()) {
      throw new AssertionError(host.log.toString());
    }
    return connection.sent.get(connection.sent.size() - 1);
  }
}
