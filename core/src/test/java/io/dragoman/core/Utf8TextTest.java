// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class Utf8TextTest {
  private static final int[] EDGES = {
    0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
    0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
  };

  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

  private boolean decodes(byte[] bytes) {
    try {
      decoder.decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private void shouldAgree(byte[] bytes) {
    assertThat(Utf8Text.isValid(bytes)).as("%s", bytes).isEqualTo(decodes(bytes));
  }

  @Test
  void shouldAgreeWithTheDecoderAboutOneAndTwoBytes() {
    shouldAgree(new byte[0]);
    for (int i = 0; i < 1 << 8; i++) {
      shouldAgree(new byte[] {(byte) i});
    }
    for (int i = 0; i < 1 << 16; i++) {
      shouldAgree(new byte[] {(byte) (i >> 8), (byte) i});
    }
  }

  /** At both sides of every border that the rules have, and behind what is taken at once. */
  @Test
  void shouldAgreeWithTheDecoderAboutLongerOnes() {
    for (int first : EDGES) {
      for (int second : EDGES) {
        for (int third : EDGES) {
          shouldAgree(new byte[] {(byte) first, (byte) second, (byte) third});
          for (int fourth : EDGES) {
            byte[] four = {(byte) first, (byte) second, (byte) third, (byte) fourth};
            if (Utf8Text.isValid(four) != decodes(four)) {
              shouldAgree(four);
            }
            byte[] behind = new byte[12];
            System.arraycopy(four, 0, behind, 8, 4);
            if (Utf8Text.isValid(behind) != decodes(behind)) {
              shouldAgree(behind);
            }
          }
        }
      }
    }
  }

  @Test
  void shouldSayHowFarItIsText() {
    byte[] text = "12345678abcź".getBytes(StandardCharsets.UTF_8);
    assertThat(Utf8Text.validUpTo(text, text.length)).isEqualTo(text.length);
    assertThat(Utf8Text.validUpTo(text, text.length - 1)).isEqualTo(11);
    text[2] = (byte) 0xFF;
    assertThat(Utf8Text.validUpTo(text, text.length)).isEqualTo(2);
    assertThat(Utf8Text.validUpTo(text, 2)).isEqualTo(2);
  }

  /** Bodies may have 100 MiB, and lanes do not wait for a collector. */
  @Test
  void shouldAllocateNothing() {
    byte[] large = "ż".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    assertThat(Utf8Text.isValid(large)).isTrue();
    long before = allocated();

    boolean valid = Utf8Text.isValid(large);
    long more = allocated() - before;

    assertThat(valid).isTrue();
    // The measuring itself takes a little.
    assertThat(more).isLessThan(16 << 10);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
