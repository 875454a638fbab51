// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.one;
import static io.dragoman.lua.LuaResults.push;
import static io.dragoman.lua.LuaResults.pushJson;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** What scripts do with connections: their contexts, channels and what is sent to them. */
final class ConnectionFunctions {
  private static final String UNKNOWN_CONNECTION = "the connection is closed";

  private final ScriptRuntime runtime;

  ConnectionFunctions(ScriptRuntime runtime) {
    this.runtime = runtime;
  }

  void addTo(Map<String, JFunction> functions) {
    functions.put(
        "remote_addr", lua -> push(lua, connection(lua).map(ScriptConnection::remoteAddress)));
    functions.put("context", this::context);
    functions.put("context_value", this::contextValue);
    functions.put("wait_context", this::waitContext);
    functions.put(
        "set_context", onConnection((lua, to) -> setContext(to, LuaJson.members(lua, 2))));
    functions.put(
        "set_context_value",
        onConnection(
            (lua, to) -> setContext(to, Map.of(LuaValues.text(lua, 2), LuaJson.text(lua, 3)))));
    functions.put("subscribe", onConnection((lua, to) -> to.subscribe(texts(lua, 2))));
    functions.put("unsubscribe", onConnection((lua, to) -> to.unsubscribe(texts(lua, 2))));
    functions.put(
        "send", onConnection((lua, to) -> to.send(LuaValues.bytes(lua, 2), lua.toBoolean(3))));
    functions.put("close", onConnection((lua, to) -> close(to)));
    functions.put(
        "clear_buffer",
        lua -> {
          session(lua).ifPresent(ScriptSession::clearInput);
          return 0;
        });
    functions.put(
        "is_closing", lua -> one(lua, session(lua).map(ScriptSession::isStopped).orElse(true)));
  }

  /** Does something to a connection and gives why it could not. */
  private interface Action {
    Optional<String> on(Lua lua, ScriptConnection connection);
  }

  private JFunction onConnection(Action action) {
    return lua -> {
      Optional<ScriptConnection> connection = connection(lua);
      Optional<String> refusal;
      try {
        refusal =
            connection.isPresent()
                ? action.on(lua, connection.get())
                : Optional.of(UNKNOWN_CONNECTION);
      } catch (IllegalArgumentException e) {
        refusal = Optional.ofNullable(e.getMessage());
      }
      return push(lua, refusal);
    };
  }

  private Optional<ScriptSession> session(Lua lua) {
    return Optional.ofNullable(runtime.session(LuaValues.text(lua, 1)));
  }

  private Optional<ScriptConnection> connection(Lua lua) {
    return session(lua).map(ScriptSession::connection);
  }

  private int context(Lua lua) {
    Map<String, String> context = connection(lua).map(ScriptConnection::context).orElseGet(Map::of);
    lua.createTable(0, context.size());
    context.forEach(
        (name, json) -> {
          LuaValues.push(lua, name);
          pushJson(lua, json);
          lua.rawSet(-3);
        });
    return 1;
  }

  /** Whether it is set, and the value. */
  private int contextValue(Lua lua) {
    String key = LuaValues.text(lua, 2);
    Optional<String> json = connection(lua).flatMap(each -> each.contextValue(key));
    if (json.isEmpty()) {
      return one(lua, false);
    }
    lua.push(true);
    pushJson(lua, json.get());
    return 2;
  }

  private int waitContext(Lua lua) {
    ScriptSession session = runtime.running();
    if (session == null) {
      return push(lua, Waits.NOT_HERE);
    } else if (session.isClosed()) {
      return push(lua, UNKNOWN_CONNECTION);
    }
    session.awaitKey(LuaValues.text(lua, 2));
    return 0;
  }

  private Optional<String> setContext(ScriptConnection connection, Map<String, String> values) {
    Optional<String> refusal = connection.setContext(values);
    ScriptSession session = runtime.session(connection.id());
    if (refusal.isEmpty() && session != null) {
      values.keySet().forEach(session::onContext);
    }
    return refusal;
  }

  private Optional<String> close(ScriptConnection connection) {
    ScriptSession session = runtime.session(connection.id());
    if (session != null) {
      session.stopTaking();
    }
    return connection.close();
  }

  private static List<String> texts(Lua lua, int from) {
    List<String> texts = new ArrayList<>();
    for (int i = from; i <= lua.getTop(); i++) {
      texts.add(LuaValues.text(lua, i));
    }
    return texts;
  }
}
