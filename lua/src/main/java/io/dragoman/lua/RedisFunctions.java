// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.nil;
import static io.dragoman.lua.LuaResults.nilAnd;
import static io.dragoman.lua.LuaResults.push;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** Sends commands to Redis. */
final class RedisFunctions {
  private static final long EXACT_MAX = 1L << 53;

  private final ScriptRuntime runtime;
  private final Waits waits;

  RedisFunctions(ScriptRuntime runtime, Waits waits) {
    this.runtime = runtime;
    this.waits = waits;
  }

  void addTo(Map<String, JFunction> functions) {
    functions.put(
        "redis_refusal", lua -> push(lua, runtime.host().redisRefusal(LuaValues.text(lua, 1))));
    functions.put(
        "redis",
        waits.awaiting(
            lua -> runtime.host().redis(LuaValues.text(lua, 1), command(lua)),
            RedisFunctions::pushReply));
    functions.put(
        "redis_push",
        waits.awaiting(
            lua ->
                runtime
                    .host()
                    .redisPush(
                        LuaValues.text(lua, 1),
                        waits.runningId(),
                        LuaValues.text(lua, 2),
                        MeshFunctions.event(lua, 3)),
            RedisFunctions::pushReply));
  }

  /** The command and its arguments, as they go out. */
  private static List<byte[]> command(Lua lua) {
    if (lua.getTop() < 2) {
      throw new IllegalArgumentException("a command was expected");
    }
    List<byte[]> parts = new ArrayList<>();
    for (int i = 2; i <= lua.getTop(); i++) {
      parts.add(
          switch (lua.type(i)) {
            case STRING -> LuaValues.bytes(lua, i);
            case NUMBER -> number(lua.toNumber(i)).getBytes(StandardCharsets.US_ASCII);
            default ->
                throw new IllegalArgumentException(
                    "what goes to Redis must be strings or numbers, and argument "
                        + (i - 1)
                        + " is neither");
          });
    }
    return parts;
  }

  /** Whole numbers without an exponent, which Redis does not take for its whole numbers. */
  private static String number(double value) {
    boolean large = Math.abs(value) > EXACT_MAX && !Double.isInfinite(value);
    return large ? new BigDecimal(value).toPlainString() : LuaJson.number(value);
  }

  private static int pushReply(Lua lua, @Nullable RedisReply reply, @Nullable String error) {
    if (reply == null) {
      return nilAnd(lua, error);
    } else if (reply instanceof RedisReply.Fault fault) {
      return nilAnd(lua, fault.message());
    } else if (reply instanceof RedisReply.Nothing) {
      return nil(lua);
    }
    pushValue(lua, reply);
    return 1;
  }

  /**
   * In a table nil would be a hole, and its length unknown: there it is false, as in Redis' own
   * Lua.
   */
  private static void pushValue(Lua lua, RedisReply reply) {
    if (reply instanceof RedisReply.Bytes bytes) {
      LuaValues.push(lua, bytes.value());
    } else if (reply instanceof RedisReply.Whole whole) {
      pushWhole(lua, whole.value());
    } else if (reply instanceof RedisReply.Several several) {
      lua.checkStack(4);
      lua.createTable(several.values().size(), 0);
      int index = 0;
      for (RedisReply each : several.values()) {
        pushValue(lua, each);
        lua.rawSetI(-2, ++index);
      }
    } else if (reply instanceof RedisReply.Fault fault) {
      LuaResults.pushTexts(lua, Map.of("err", fault.message()));
    } else {
      lua.push(false);
    }
  }

  private static void pushWhole(Lua lua, long value) {
    if (Math.abs(value) <= EXACT_MAX && value != Long.MIN_VALUE) {
      lua.push((Number) (double) value);
    } else {
      LuaValues.push(lua, Long.toString(value));
    }
  }
}
