// SPDX-License-Identifier: Apache-2.0
package io.dragoman.json;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Writes pieces of compact JSON as UTF-8: neither slashes nor anything beyond ASCII is escaped. */
public final class JsonText {
  private static final byte[] HEX = ascii("0123456789abcdef");

  /** For each byte: 0 as it is, 'u' by number, else the letter after the backslash. */
  private static final byte[] ESCAPES = escapes();

  private JsonText() {}

  public static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A text with its quotes. */
  public static void string(ByteBuf out, String text) {
    string(out, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A text that is UTF-8 already, with its quotes. */
  public static void string(ByteBuf out, byte[] utf8) {
    out.writeByte('"');
    int start = 0;
    for (int i = 0; i < utf8.length; i++) {
      byte escape = utf8[i] < 0 ? 0 : ESCAPES[utf8[i]];
      if (escape != 0) {
        out.writeBytes(utf8, start, i - start);
        escape(out, utf8[i], escape);
        start = i + 1;
      }
    }
    out.writeBytes(utf8, start, utf8.length - start);
    out.writeByte('"');
  }

  /** Bytes as base64 with padding, with quotes. */
  public static void base64(ByteBuf out, byte[] bytes) {
    out.writeByte('"');
    out.writeBytes(Base64.getEncoder().encode(bytes));
    out.writeByte('"');
  }

  public static void number(ByteBuf out, long value) {
    out.writeCharSequence(Long.toString(value), StandardCharsets.US_ASCII);
  }

  /** A text with its quotes, on its own. */
  public static byte[] quoted(String text) {
    ByteBuf out = Unpooled.buffer(text.length() + 2);
    string(out, text);
    byte[] json = new byte[out.readableBytes()];
    out.readBytes(json);
    return json;
  }

  private static void escape(ByteBuf out, byte character, byte escape) {
    out.writeByte('\\');
    out.writeByte(escape);
    if (escape == 'u') {
      out.writeByte('0');
      out.writeByte('0');
      out.writeByte(HEX[character >> 4]);
      out.writeByte(HEX[character & 15]);
    }
  }

  private static byte[] escapes() {
    byte[] escapes = new byte[128];
    for (int c = 0; c < 0x20; c++) {
      escapes[c] = 'u';
    }
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    escapes['\b'] = 'b';
    escapes['\f'] = 'f';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    return escapes;
  }
}
