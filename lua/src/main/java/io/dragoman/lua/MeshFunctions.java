// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.nil;
import static io.dragoman.lua.LuaResults.nilAnd;
import static io.dragoman.lua.LuaResults.push;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** Sends and publishes to any client, and puts events into topics. */
final class MeshFunctions {
  private final ScriptRuntime runtime;
  private final Waits waits;

  MeshFunctions(ScriptRuntime runtime, Waits waits) {
    this.runtime = runtime;
    this.waits = waits;
  }

  void addTo(Map<String, JFunction> functions) {
    functions.put(
        "mesh_send",
        waits.awaiting(
            lua ->
                runtime
                    .host()
                    .meshSend(LuaValues.text(lua, 1), LuaValues.bytes(lua, 2), lua.toBoolean(3)),
            (lua, nothing, error) -> error == null ? nil(lua) : push(lua, error)));
    functions.put(
        "mesh_publish",
        waits.awaiting(
            lua ->
                runtime
                    .host()
                    .meshPublish(LuaValues.text(lua, 1), LuaValues.bytes(lua, 2), lua.toBoolean(3)),
            (lua, tally, error) -> {
              lua.push((Number) (tally == null ? 0.0 : (double) tally.taken()));
              lua.push((Number) (tally == null ? 0.0 : (double) tally.failed()));
              return error == null ? 2 : 2 + push(lua, error);
            }));
    functions.put(
        "queue_push",
        waits.awaiting(
            lua ->
                runtime.host().queuePush(waits.runningId(), LuaValues.text(lua, 1), event(lua, 2)),
            (lua, count, error) -> {
              if (count == null) {
                return nilAnd(lua, error);
              }
              lua.push((Number) (double) count);
              return 1;
            }));
  }

  /**
   * What goes into a topic: a table as JSON, a string of JSON as it is, any other as a text frame.
   */
  static String event(Lua lua, int index) {
    if (lua.type(index) != Lua.LuaType.STRING) {
      return LuaJson.text(lua, index);
    }
    byte[] data = LuaValues.bytes(lua, index);
    String text = new String(data, StandardCharsets.UTF_8);
    boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), data);
    if (isText && LuaJson.isJson(text)) {
      return text;
    }
    String type = isText ? "text" : "binary";
    String shown = isText ? text : Base64.getEncoder().encodeToString(data);
    return "{\"frame\":{\"type\":\""
        + type
        + "\",\"data\":"
        + LuaJson.quoted(shown)
        + ",\"finish\":true}}";
  }
}
