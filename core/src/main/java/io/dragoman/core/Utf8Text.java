// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Tells bytes that are UTF-8 text (RFC 3629) from others. It allocates nothing, however much there
 * is to look at, and takes ASCII eight bytes at a time. Safe from any thread.
 */
public final class Utf8Text {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8Text() {}

  /** Whether all of it is text, as dialects have that carry texts; nothing is. */
  public static boolean isValid(byte[] bytes) {
    return validUpTo(bytes, bytes.length) == bytes.length;
  }

  /**
   * Where the first character begins that is wrong or not complete; the length if there is none.
   *
   * @param length of what is looked at, from the beginning
   */
  public static int validUpTo(byte[] bytes, int length) {
    int i = 0;
    while (i < length) {
      while (i + 8 <= length && ((long) LONGS.get(bytes, i) & HIGH_BITS) == 0) {
        i += 8;
      }
      int size = i < length ? characterSize(bytes, i, length) : 0;
      if (size == 0) {
        return i;
      }
      i += size;
    }
    return length;
  }

  /** The bytes of the character here; 0 if there is none. */
  private static int characterSize(byte[] bytes, int at, int length) {
    int first = bytes[at] & 0xFF;
    if (first < 0x80) {
      return 1;
    }
    int size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || at + size > length) {
      return 0;
    }
    // Shorter forms exist below, surrogates lie above, Unicode ends.
    int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    int second = bytes[at + 1] & 0xFF;
    boolean valid = second >= lowest && second <= highest;
    for (int i = at + 2; i < at + size; i++) {
      valid &= (bytes[i] & 0xC0) == 0x80;
    }
    return valid ? size : 0;
  }
}
