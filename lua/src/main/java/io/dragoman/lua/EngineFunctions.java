// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.nil;
import static io.dragoman.lua.LuaResults.nilAnd;
import static io.dragoman.lua.LuaResults.one;
import static io.dragoman.lua.LuaResults.push;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** What the prelude itself needs of the host: the time, the log, modules, options, patterns. */
final class EngineFunctions {
  /** The prelude's numbers of levels are the places of ours. */
  private static final int INFO_LEVEL = 1;

  private final ScriptRuntime runtime;
  private final ScriptFiles files;

  EngineFunctions(ScriptRuntime runtime, ScriptFiles files) {
    this.runtime = runtime;
    this.files = files;
  }

  void addTo(Map<String, JFunction> functions) {
    functions.put("late", lua -> one(lua, runtime.isLate()));
    functions.put(
        "next_turn",
        lua -> {
          runtime.nextTurn();
          return 0;
        });
    functions.put("log", this::log);
    functions.put("module", this::module);
    functions.put("option", this::option);
    functions.put("scan", this::scan);
  }

  private int log(Lua lua) {
    int level = lua.isNumber(1) ? (int) lua.toNumber(1) : INFO_LEVEL;
    LogLevel[] levels = LogLevel.values();
    runtime.log().line(levels[Math.max(0, Math.min(level, levels.length - 1))], shown(lua, 2));
    return one(lua, true);
  }

  private static String shown(Lua lua, int index) {
    return switch (lua.type(index)) {
      case STRING, NUMBER -> LuaValues.text(lua, index);
      case TABLE -> LuaJson.text(lua, index);
      case BOOLEAN -> String.valueOf(lua.toBoolean(index));
      default -> "nil";
    };
  }

  private int module(Lua lua) {
    Optional<byte[]> source = files.module(LuaValues.text(lua, 1));
    if (source.isPresent()) {
      return push(lua, source.get());
    }
    return nilAnd(lua, "there is no such file");
  }

  private int option(Lua lua) {
    String value = runtime.script().options().get(LuaValues.text(lua, 1));
    return value == null ? nil(lua) : push(lua, value);
  }

  /**
   * All matches of a pattern: tables of beginning, end (inclusive) and captures, and {@code n} of
   * them.
   */
  private int scan(Lua lua) {
    byte[] subject = LuaValues.bytes(lua, 1);
    LuaPattern pattern = new LuaPattern(subject, LuaValues.bytes(lua, 2), runtime::isLate);
    boolean anchored = lua.rawLength(2) > 0 && LuaValues.bytes(lua, 2)[0] == '^';
    int init = (int) lua.toNumber(3);
    int from = Math.max(init < 0 ? subject.length + init : init - 1, 0);
    int max = (int) lua.toNumber(4);
    lua.createTable(0, 0);
    int count = 0;
    while (from <= subject.length && count != max) {
      int[] found = pattern.find(from);
      if (found == null) {
        break;
      }
      pushMatch(lua, subject, found);
      lua.rawSetI(-2, ++count);
      from = found[1] > found[0] ? found[1] : found[1] + 1;
      if (anchored) {
        break;
      }
    }
    return 1;
  }

  private static void pushMatch(Lua lua, byte[] subject, int[] found) {
    lua.createTable(found.length, 1);
    lua.push((Number) (found[0] + 1.0));
    lua.rawSetI(-2, 1);
    lua.push((Number) (double) found[1]);
    lua.rawSetI(-2, 2);
    int count = 2;
    for (int i = 2; i < found.length; i += 2) {
      if (found[i + 1] < 0) {
        lua.push((Number) (found[i] + 1.0));
      } else {
        LuaValues.push(lua, Arrays.copyOfRange(subject, found[i], found[i] + found[i + 1]));
      }
      lua.rawSetI(-2, ++count);
    }
    lua.push((Number) (double) count);
    lua.setField(-2, "n");
  }
}
