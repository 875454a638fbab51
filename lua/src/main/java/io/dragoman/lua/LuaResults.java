// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** What functions give to scripts. Where a number comes back, it is that of the values pushed. */
final class LuaResults {
  private LuaResults() {}

  static int one(Lua lua, boolean value) {
    lua.push(value);
    return 1;
  }

  static int nil(Lua lua) {
    lua.pushNil();
    return 1;
  }

  static int nilAnd(Lua lua, @Nullable String error) {
    lua.pushNil();
    return 1 + push(lua, String.valueOf(error));
  }

  static int push(Lua lua, String text) {
    LuaValues.push(lua, text);
    return 1;
  }

  static int push(Lua lua, byte[] bytes) {
    LuaValues.push(lua, bytes);
    return 1;
  }

  static int push(Lua lua, Optional<String> text) {
    return text.isPresent() ? push(lua, text.get()) : nil(lua);
  }

  /** A table of texts. */
  static void pushTexts(Lua lua, Map<String, String> texts) {
    lua.createTable(0, texts.size());
    texts.forEach(
        (name, value) -> {
          LuaValues.push(lua, name);
          LuaValues.push(lua, value);
          lua.rawSet(-3);
        });
  }

  static void pushJson(Lua lua, String json) {
    try {
      LuaJson.push(lua, json);
    } catch (IOException e) {
      throw new IllegalStateException("a value of the context is not JSON", e);
    }
  }

  /** What fails gives nil and why. */
  static JFunction orError(JFunction function) {
    return lua -> {
      int top = lua.getTop();
      try {
        return function.__call(lua);
      } catch (IllegalArgumentException e) {
        lua.setTop(top);
        return nilAnd(lua, e.getMessage());
      }
    };
  }
}
