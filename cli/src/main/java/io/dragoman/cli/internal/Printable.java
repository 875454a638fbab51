// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.util.function.IntPredicate;

/**
 * Texts of others among our own words. Control characters in them could move the cursor of a
 * terminal, change its settings, or make up lines that we never wrote; they are shown as escapes.
 */
public final class Printable {
  private static final char DELETE = 0x7f;
  private static final char LAST_CONTROL = 0x9f;

  private Printable() {}

  /** What belongs on one line. */
  public static String line(String text) {
    return escaped(text.replace("\n", "\\n"), Character::isISOControl);
  }

  /** What may have several lines. */
  public static String lines(String text) {
    return escaped(text, c -> Character.isISOControl(c) && c != '\n' && c != '\t');
  }

  /** JSON, whose writer has escaped only the control characters that JSON does not allow. */
  static String json(String text) {
    return escaped(text, c -> c >= DELETE && c <= LAST_CONTROL);
  }

  private static String escaped(String text, IntPredicate wanted) {
    if (text.chars().noneMatch(wanted)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.chars()
        .forEach(
            c -> {
              if (wanted.test(c)) {
                safe.append(String.format("\\u%04x", c));
              } else {
                safe.append((char) c);
              }
            });
    return safe.toString();
  }
}
