// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Utf8Text;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at encoded text before it is parsed, eight bytes at a time. */
final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long BACKSLASHES = 0x5C5C5C5C5C5C5C5CL;

  private static final int CHARACTER_BYTES_MAX = 4;

  private Utf8() {}

  /** Whether bytes are all plain ASCII without a backslash, so that nothing needs a second look. */
  static boolean isPlain(byte[] bytes, int length) {
    long found = 0;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      long word = (long) LONGS.get(bytes, i);
      long zeros = word ^ BACKSLASHES;
      found |= word | (zeros - LOW_BITS) & ~zeros;
    }
    boolean plain = (found & HIGH_BITS) == 0;
    for (; i < length; i++) {
      plain &= bytes[i] >= 0 && bytes[i] != '\\';
    }
    return plain;
  }

  /**
   * Whether a text is UTF-8 (RFC 3629). A large one lies in many buffers, where reaching for each
   * byte costs far more than copying them together piece by piece.
   *
   * @param scratch overwritten; of eight bytes or more
   */
  static boolean isValid(ByteBuf text, byte[] scratch) {
    int at = text.readerIndex();
    int end = text.writerIndex();
    while (at < end) {
      int length = Math.min(scratch.length, end - at);
      text.getBytes(at, scratch, 0, length);
      int valid = Utf8Text.validUpTo(scratch, length);
      boolean whole = valid == length;
      // What a piece ends with may be a character that goes on in the next.
      if (!whole && (at + length == end || length - valid >= CHARACTER_BYTES_MAX)) {
        return false;
      }
      at += valid;
    }
    return true;
  }

  /** The text with each half of a surrogate pair, which no UTF-8 can hold, replaced. */
  static String whole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return replaceHalves(text);
      }
    }
    return text;
  }

  private static String replaceHalves(String text) {
    StringBuilder whole = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(whole::appendCodePoint);
    return whole.toString();
  }
}
