// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.nilAnd;
import static io.dragoman.lua.LuaResults.pushTexts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** Asks web servers. */
final class HttpFunctions {
  private final ScriptRuntime runtime;
  private final Waits waits;

  HttpFunctions(ScriptRuntime runtime, Waits waits) {
    this.runtime = runtime;
    this.waits = waits;
  }

  void addTo(Map<String, JFunction> functions) {
    functions.put(
        "http",
        waits.awaiting(
            lua -> runtime.host().http(httpCall(lua)),
            (lua, answer, error) -> answer == null ? nilAnd(lua, error) : pushAnswer(lua, answer)));
  }

  private HttpCall httpCall(Lua lua) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 5; i < lua.getTop(); i += 2) {
      headers.add(Map.entry(LuaValues.text(lua, i), LuaValues.text(lua, i + 1)));
    }
    long millisMax = runtime.script().limits().httpMillisMax();
    long millis = (long) Math.ceil(lua.toNumber(3));
    return new HttpCall(
        LuaValues.text(lua, 1).toUpperCase(Locale.ROOT),
        LuaValues.text(lua, 2),
        List.copyOf(headers),
        LuaValues.bytes(lua, 4),
        millis == 0 ? millisMax : Math.min(millis, millisMax));
  }

  private static int pushAnswer(Lua lua, HttpAnswer answer) {
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, String> cookies = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : answer.headers()) {
      headers.merge(each.getKey(), each.getValue(), (a, b) -> a + ", " + b);
      if (each.getKey().equalsIgnoreCase("Set-Cookie")) {
        String cookie = each.getValue().split(";", 2)[0];
        int equals = cookie.indexOf('=');
        if (equals > 0) {
          cookies.put(cookie.substring(0, equals).trim(), cookie.substring(equals + 1).trim());
        }
      }
    }
    lua.createTable(0, 6);
    LuaValues.push(lua, answer.body());
    lua.setField(-2, "body");
    lua.push((Number) (double) answer.body().length);
    lua.setField(-2, "body_size");
    pushTexts(lua, headers);
    lua.setField(-2, "headers");
    pushTexts(lua, cookies);
    lua.setField(-2, "cookies");
    lua.push((Number) (double) answer.status());
    lua.setField(-2, "status_code");
    LuaValues.push(lua, answer.url());
    lua.setField(-2, "url");
    return 1;
  }
}
