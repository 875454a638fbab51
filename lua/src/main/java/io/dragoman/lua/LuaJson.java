// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import party.iroiro.luajava.Lua;

/**
 * JSON to Lua values and back.
 *
 * <p>Whole numbers that a Lua number cannot hold exactly become strings of their digits: an id must
 * not change. A table whose keys are 1 to n is an array, and so is an empty one; any other is an
 * object, its names sorted.
 */
final class LuaJson {
  private static final int DEPTH_MAX = 100;
  private static final int NUMBER_LENGTH_MAX = 1000;
  private static final long EXACT_MAX = 1L << 53;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private LuaJson() {}

  /** Whether it is one JSON value and nothing more. */
  static boolean isJson(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Pushes the value of a text.
   *
   * @throws IOException if it is not JSON; what was begun is left on the stack
   */
  static void push(Lua lua, String json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new IOException("there is no JSON in it");
      }
      pushValue(lua, parser, token);
      if (parser.nextToken() != null) {
        throw new IOException("there is more after the JSON");
      }
    }
  }

  private static void pushValue(Lua lua, JsonParser parser, JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT -> pushObject(lua, parser);
      case START_ARRAY -> pushArray(lua, parser);
      case VALUE_STRING -> LuaValues.push(lua, parser.getText());
      case VALUE_NUMBER_INT -> pushInteger(lua, parser);
      case VALUE_NUMBER_FLOAT -> lua.push((Number) parser.getDoubleValue());
      case VALUE_TRUE -> lua.push(true);
      case VALUE_FALSE -> lua.push(false);
      default -> lua.pushNil();
    }
  }

  private static void pushInteger(Lua lua, JsonParser parser) throws IOException {
    if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        && Math.abs(parser.getLongValue()) <= EXACT_MAX) {
      lua.push((Number) (double) parser.getLongValue());
    } else {
      lua.push(parser.getText());
    }
  }

  private static void pushObject(Lua lua, JsonParser parser) throws IOException {
    lua.createTable(0, 0);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      LuaValues.push(lua, parser.currentName());
      pushValue(lua, parser, parser.nextToken());
      lua.rawSet(-3);
    }
  }

  private static void pushArray(Lua lua, JsonParser parser) throws IOException {
    lua.createTable(0, 0);
    int index = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      pushValue(lua, parser, token);
      lua.rawSetI(-2, ++index);
    }
  }

  /**
   * The text of a value.
   *
   * @throws IllegalArgumentException if JSON has no such value
   */
  static String text(Lua lua, int index) {
    StringBuilder out = new StringBuilder();
    append(lua, index, out, 0);
    return out.toString();
  }

  /** A text with its quotes. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    quote(text, out);
    return out.toString();
  }

  /**
   * The members of a table, each as its text.
   *
   * @throws IllegalArgumentException if it is not a table, or JSON has no such value
   */
  static Map<String, String> members(Lua lua, int index) {
    if (!lua.isTable(index)) {
      throw new IllegalArgumentException("a table was expected");
    }
    Map<String, String> members = new LinkedHashMap<>();
    lua.checkStack(4);
    lua.pushNil();
    while (lua.next(index) != 0) {
      members.put(key(lua, lua.getTop() - 1), text(lua, lua.getTop()));
      lua.pop(1);
    }
    return Collections.unmodifiableMap(members);
  }

  private static void append(Lua lua, int index, StringBuilder out, int depth) {
    switch (lua.type(index)) {
      case NIL -> out.append("null");
      case BOOLEAN -> out.append(lua.toBoolean(index));
      case NUMBER -> out.append(number(lua.toNumber(index)));
      case STRING -> quote(LuaValues.text(lua, index), out);
      case TABLE -> appendTable(lua, index, out, depth + 1);
      default ->
          throw new IllegalArgumentException(
              "a value of this type has no JSON: " + lua.type(index));
    }
  }

  private static void appendTable(Lua lua, int index, StringBuilder out, int depth) {
    if (depth > DEPTH_MAX) {
      throw new IllegalArgumentException("tables are nested too deeply");
    }
    lua.checkStack(4);
    int length = length(lua, index);
    if (length >= 0) {
      appendArray(lua, index, length, out, depth);
    } else {
      appendObject(lua, index, out, depth);
    }
  }

  /** The length of an array, or -1 when other keys are there. */
  private static int length(Lua lua, int index) {
    int length = lua.rawLength(index);
    int count = 0;
    lua.pushNil();
    while (lua.next(index) != 0) {
      lua.pop(1);
      if (lua.type(-1) != Lua.LuaType.NUMBER || ++count > length) {
        lua.pop(1);
        return -1;
      }
    }
    return count == length ? length : -1;
  }

  private static void appendArray(Lua lua, int index, int length, StringBuilder out, int depth) {
    out.append('[');
    for (int i = 1; i <= length; i++) {
      if (i > 1) {
        out.append(',');
      }
      lua.rawGetI(index, i);
      append(lua, lua.getTop(), out, depth);
      lua.pop(1);
    }
    out.append(']');
  }

  private static void appendObject(Lua lua, int index, StringBuilder out, int depth) {
    Map<String, String> members = new TreeMap<>();
    lua.pushNil();
    while (lua.next(index) != 0) {
      StringBuilder value = new StringBuilder();
      append(lua, lua.getTop(), value, depth);
      members.put(key(lua, lua.getTop() - 1), value.toString());
      lua.pop(1);
    }
    List<String> names = new ArrayList<>(members.keySet());
    out.append('{');
    for (int i = 0; i < names.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      quote(names.get(i), out);
      out.append(':').append(members.get(names.get(i)));
    }
    out.append('}');
  }

  /**
   * Numbers must not be read as strings where a table is gone through: that would change the key.
   */
  private static String key(Lua lua, int index) {
    return switch (lua.type(index)) {
      case STRING -> LuaValues.text(lua, index);
      case NUMBER -> number(lua.toNumber(index));
      default ->
          throw new IllegalArgumentException("the keys of a table must be strings or numbers");
    };
  }

  /** Whole numbers without a point, as far as they are exact. */
  static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("JSON has no such number: " + value);
    }
    if (value == Math.rint(value) && Math.abs(value) <= EXACT_MAX) {
      return Long.toString((long) value);
    }
    return Double.toString(value);
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, out);
    out.append('"');
  }
}
