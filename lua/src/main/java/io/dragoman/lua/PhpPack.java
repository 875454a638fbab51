// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The formats of PHP's pack and unpack: a letter, then how many (or how long), then for unpack a
 * name.
 */
final class PhpPack {
  private static final int ALL = -1;
  private static final long EXACT_MAX = 1L << 53;
  private static final String TEXTS = "aAZhH";
  private static final String POSITIONS = "xX@";
  private static final String NUMBERS = "cCsSnvlLNVqQJPiIfgGdeE";

  private final int bytesMax;

  PhpPack(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** One element of a format; count 1 and no star when nothing is said. */
  private record Element(char code, int count, boolean counted, String name) {}

  /**
   * Packs values.
   *
   * @param values bytes of strings, or numbers
   * @throws IllegalArgumentException if the format is none, or values are missing
   */
  byte[] pack(String format, List<Object> values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int next = 0;
    for (Element each : elements(format, false)) {
      if (POSITIONS.indexOf(each.code) >= 0) {
        move(out, each);
        continue;
      }
      boolean text = TEXTS.indexOf(each.code) >= 0;
      int takes = text ? 1 : each.count == ALL ? values.size() - next : each.count;
      for (int i = 0; i < takes; i++) {
        if (next == values.size()) {
          throw new IllegalArgumentException("too few values for " + each.code);
        }
        Object value = values.get(next++);
        requireRoom(out.size() + (text ? Math.max(each.count, 0L) : 8));
        if (text) {
          packText(out, each, bytes(value));
        } else {
          packNumber(out, each.code, value);
        }
      }
    }
    return out.toByteArray();
  }

  /**
   * Unpacks. Values are strings as bytes, {@code Double}, or {@code String} for whole numbers that
   * a double cannot hold.
   *
   * @throws IllegalArgumentException if the format is none, or bytes are missing
   */
  Map<Object, Object> unpack(String format, byte[] data) {
    Map<Object, Object> values = new LinkedHashMap<>();
    int at = 0;
    for (Element each : elements(format, true)) {
      if (POSITIONS.indexOf(each.code) >= 0) {
        at = moved(each, at, data.length);
        continue;
      }
      if (TEXTS.indexOf(each.code) >= 0) {
        int digits = each.code == 'h' || each.code == 'H' ? 2 : 1;
        int length = each.count == ALL ? data.length - at : (each.count + digits - 1) / digits;
        requireData(data, at, length, each);
        values.put(key(each, 1), unpackText(each, data, at, length));
        at += length;
        continue;
      }
      int size = size(each.code);
      int count = each.count == ALL ? (data.length - at) / size : each.count;
      for (int i = 1; i <= count; i++) {
        requireData(data, at, size, each);
        values.put(key(each, i), unpackNumber(each.code, data, at));
        at += size;
      }
    }
    return values;
  }

  private static List<Element> elements(String format, boolean named) {
    List<Element> elements = new ArrayList<>();
    int at = 0;
    while (at < format.length()) {
      char code = format.charAt(at++);
      if ((NUMBERS + TEXTS + POSITIONS).indexOf(code) < 0) {
        throw new IllegalArgumentException("unknown format: " + code);
      }
      int digits = at;
      while (at < format.length() && Character.isDigit(format.charAt(at))) {
        at++;
      }
      boolean star = at == digits && at < format.length() && format.charAt(at) == '*';
      int count = star ? ALL : at == digits ? 1 : count(format.substring(digits, at));
      boolean counted = star || at > digits;
      at += star ? 1 : 0;
      String name = "";
      if (named) {
        int end = format.indexOf('/', at);
        name = format.substring(at, end < 0 ? format.length() : end);
        at = end < 0 ? format.length() : end + 1;
      }
      elements.add(new Element(code, count, counted, name));
    }
    return elements;
  }

  private static int count(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("too large a count: " + digits, e);
    }
  }

  private void requireRoom(long bytes) {
    if (bytes > bytesMax) {
      throw new IllegalArgumentException("it would be too long");
    }
  }

  private void move(ByteArrayOutputStream out, Element element) {
    int count = Math.max(element.count, 0);
    int to =
        switch (element.code) {
          case 'x' -> out.size() + count;
          case 'X' -> out.size() - count;
          default -> count;
        };
    if (to < 0) {
      throw new IllegalArgumentException("before the beginning");
    }
    requireRoom(to);
    byte[] soFar = out.toByteArray();
    out.reset();
    out.write(soFar, 0, Math.min(to, soFar.length));
    for (int i = soFar.length; i < to; i++) {
      out.write(0);
    }
  }

  private static int moved(Element element, int at, int length) {
    int count = element.count == ALL ? (element.code == 'x' ? length - at : 0) : element.count;
    int to =
        switch (element.code) {
          case 'x' -> at + count;
          case 'X' -> at - count;
          default -> count;
        };
    if (to < 0 || to > length) {
      throw new IllegalArgumentException("outside of the data: " + element.code);
    }
    return to;
  }

  private static void packText(ByteArrayOutputStream out, Element element, byte[] value) {
    if (element.code == 'h' || element.code == 'H') {
      packHex(out, element, value);
      return;
    }
    boolean zeroEnds = element.code == 'Z';
    int length = element.count == ALL ? value.length + (zeroEnds ? 1 : 0) : element.count;
    int kept = Math.min(value.length, zeroEnds ? Math.max(length - 1, 0) : length);
    out.write(value, 0, kept);
    for (int i = kept; i < length; i++) {
      out.write(element.code == 'A' ? ' ' : 0);
    }
  }

  private static void packHex(ByteArrayOutputStream out, Element element, byte[] digits) {
    int count = element.count == ALL ? digits.length : Math.min(element.count, digits.length);
    for (int i = 0; i < count; i += 2) {
      int first = digit(digits[i]);
      int second = i + 1 < count ? digit(digits[i + 1]) : 0;
      out.write(element.code == 'H' ? first << 4 | second : second << 4 | first);
    }
  }

  private static int digit(byte each) {
    int digit = Character.digit(each, 16);
    if (digit < 0) {
      throw new IllegalArgumentException("not a hexadecimal digit: " + (char) each);
    }
    return digit;
  }

  private static byte[] unpackText(Element element, byte[] data, int at, int length) {
    if (element.code == 'h' || element.code == 'H') {
      return unpackHex(element, data, at, length);
    }
    int end = at + length;
    if (element.code == 'A') {
      while (end > at && " \t\r\n\0".indexOf(data[end - 1]) >= 0) {
        end--;
      }
    } else if (element.code == 'Z') {
      for (int i = at; i < end; i++) {
        if (data[i] == 0) {
          end = i;
        }
      }
    }
    return Arrays.copyOfRange(data, at, end);
  }

  private static byte[] unpackHex(Element element, byte[] data, int at, int length) {
    int count = element.count == ALL ? 2 * length : element.count;
    StringBuilder digits = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      int each = data[at + i / 2] & 0xff;
      boolean high = (i % 2 == 0) == (element.code == 'H');
      digits.append(Character.forDigit(high ? each >> 4 : each & 15, 16));
    }
    return digits.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static int size(char code) {
    return switch (code) {
      case 'c', 'C' -> 1;
      case 's', 'S', 'n', 'v' -> 2;
      case 'q', 'Q', 'J', 'P', 'd', 'e', 'E' -> 8;
      default -> 4;
    };
  }

  private static ByteOrder order(char code) {
    return "nNJGE".indexOf(code) >= 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private static void packNumber(ByteArrayOutputStream out, char code, Object value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(order(code));
    switch (code) {
      case 'f', 'g', 'G' -> bytes.putFloat((float) real(value));
      case 'd', 'e', 'E' -> bytes.putDouble(real(value));
      default -> putWhole(bytes, size(code), whole(value));
    }
    out.write(bytes.array(), 0, bytes.position());
  }

  private static void putWhole(ByteBuffer bytes, int size, long value) {
    switch (size) {
      case 1 -> bytes.put((byte) value);
      case 2 -> bytes.putShort((short) value);
      case 4 -> bytes.putInt((int) value);
      default -> bytes.putLong(value);
    }
  }

  private static Object unpackNumber(char code, byte[] data, int at) {
    ByteBuffer bytes = ByteBuffer.wrap(data, at, size(code)).order(order(code));
    return switch (code) {
      case 'c' -> (double) bytes.get();
      case 'C' -> (double) (bytes.get() & 0xff);
      case 's' -> (double) bytes.getShort();
      case 'S', 'n', 'v' -> (double) (bytes.getShort() & 0xffff);
      case 'i', 'l' -> (double) bytes.getInt();
      case 'f', 'g', 'G' -> (double) bytes.getFloat();
      case 'd', 'e', 'E' -> bytes.getDouble();
      case 'q', 'Q', 'J', 'P' -> exact(bytes.getLong());
      default -> (double) (bytes.getInt() & 0xffff_ffffL);
    };
  }

  private static Object exact(long value) {
    if (value <= EXACT_MAX && value >= -EXACT_MAX) {
      return (double) value;
    }
    return Long.toString(value);
  }

  private static Object key(Element element, int i) {
    if (element.name.isEmpty()) {
      return (double) i;
    }
    boolean text = TEXTS.indexOf(element.code) >= 0;
    return element.counted && !text ? element.name + i : element.name;
  }

  private static void requireData(byte[] data, int at, int length, Element element) {
    if (length > data.length - at) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s needs %d bytes, %d are left",
              element.code,
              length,
              data.length - at));
    }
  }

  private static byte[] bytes(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    return LuaJson.number((Double) value).getBytes(StandardCharsets.US_ASCII);
  }

  private static double real(Object value) {
    if (value instanceof Double number) {
      return number;
    }
    return Double.parseDouble(new String(bytes(value), StandardCharsets.ISO_8859_1));
  }

  /** Strings of digits stand for numbers that a double cannot hold. */
  private static long whole(Object value) {
    if (value instanceof Double number) {
      return number.longValue();
    }
    String digits = new String(bytes(value), StandardCharsets.ISO_8859_1);
    return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
  }
}
