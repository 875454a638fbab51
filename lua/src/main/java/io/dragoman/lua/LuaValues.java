// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import party.iroiro.luajava.Lua;

/**
 * Texts and bytes across the border. A Lua string is bytes; the library's own conversions end at a
 * zero and write characters beyond the first plane in two parts, as the JVM's native interface
 * does, so only what is the same in both goes through them.
 */
final class LuaValues {
  private LuaValues() {}

  /**
   * The bytes of a string, or of a number as Lua writes it. Not for keys while a table is gone
   * through.
   */
  static byte[] bytes(Lua lua, int index) {
    ByteBuffer view = lua.toDirectBuffer(index);
    if (view == null) {
      throw new IllegalArgumentException("a string was expected");
    }
    byte[] bytes = new byte[view.remaining()];
    view.get(bytes);
    return bytes;
  }

  static String text(Lua lua, int index) {
    return new String(bytes(lua, index), StandardCharsets.UTF_8);
  }

  static void push(Lua lua, String text) {
    if (isSimple(text)) {
      lua.push(text);
    } else {
      pushLiteral(lua, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  static void push(Lua lua, byte[] bytes) {
    if (isSimple(bytes)) {
      lua.push(new String(bytes, StandardCharsets.ISO_8859_1));
    } else {
      pushLiteral(lua, bytes);
    }
  }

  private static boolean isSimple(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSimple(byte[] bytes) {
    for (byte each : bytes) {
      if (each <= 0) {
        return false;
      }
    }
    return true;
  }

  /** As a program that consists of the string. */
  private static void pushLiteral(Lua lua, byte[] bytes) {
    int escapes = 0;
    for (byte each : bytes) {
      if (isEscaped(each)) {
        escapes++;
      }
    }
    byte[] before = {'r', 'e', 't', 'u', 'r', 'n', '"'};
    ByteBuffer program =
        ByteBuffer.allocateDirect(before.length + bytes.length + 3 * escapes + 1).put(before);
    for (byte each : bytes) {
      if (isEscaped(each)) {
        program.put((byte) '\\').put((byte) '0');
        program.put((byte) ('0' + each / 10)).put((byte) ('0' + each % 10));
      } else {
        program.put(each);
      }
    }
    program.put((byte) '"').flip();
    lua.load(program, "=string");
    lua.pCall(0, 1);
  }

  private static boolean isEscaped(byte each) {
    return each == 0 || each == '\n' || each == '\r' || each == '"' || each == '\\' || each == 26;
  }
}
