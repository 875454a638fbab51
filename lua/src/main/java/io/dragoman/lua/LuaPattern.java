// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Matches Lua's patterns as LuaJIT does, but looks at the time. For patterns and subjects with
 * which LuaJIT's own, which cannot be stopped, could take long.
 *
 * <p>The pattern is interpreted where it stands, recursively for each of its items and in loops for
 * their repetitions, so the depth of the stack is bounded by the length of the pattern.
 */
final class LuaPattern {
  private static final int CAPTURES_MAX = 32;
  private static final int PATTERN_BYTES_MAX = 500;
  private static final int POSITION = -2;
  private static final int OPEN = -1;
  private static final int NONE = -1;
  private static final int STEPS_BETWEEN_LOOKS = 1 << 12;

  private final byte[] subject;
  private final byte[] pattern;
  private final BooleanSupplier late;
  private final int[] starts = new int[CAPTURES_MAX];
  private final int[] lengths = new int[CAPTURES_MAX];
  private int captures;
  private int steps;

  /**
   * A pattern for a subject.
   *
   * @param late asked now and then; when it says yes, matching throws
   */
  LuaPattern(byte[] subject, byte[] pattern, BooleanSupplier late) {
    if (pattern.length > PATTERN_BYTES_MAX) {
      throw new IllegalArgumentException("the pattern is too long");
    }
    this.subject = subject;
    this.pattern = pattern;
    this.late = late;
  }

  /**
   * The first match at or after a place.
   *
   * @return where it begins and ends (exclusive), then for each capture its beginning and its
   *     length ({@code -2} for the place itself); null when there is none
   * @throws IllegalArgumentException if the pattern is none
   */
  int @Nullable [] find(int from) {
    boolean anchored = pattern.length > 0 && pattern[0] == '^';
    int at = from;
    do {
      captures = 0;
      int end = match(at, anchored ? 1 : 0);
      if (end != NONE) {
        return found(at, end);
      }
      at++;
    } while (at <= subject.length && !anchored);
    return null;
  }

  private int[] found(int start, int end) {
    int[] found = new int[2 + 2 * captures];
    found[0] = start;
    found[1] = end;
    for (int i = 0; i < captures; i++) {
      if (lengths[i] == OPEN) {
        throw new IllegalArgumentException("a capture is not closed");
      }
      found[2 + 2 * i] = starts[i];
      found[3 + 2 * i] = lengths[i];
    }
    return found;
  }

  private void step() {
    if (++steps % STEPS_BETWEEN_LOOKS == 0 && late.getAsBoolean()) {
      throw new IllegalStateException("stopped: it ran too long (matching a pattern)");
    }
  }

  /** Matches the pattern from an item on at a place of the subject; gives the end or NONE. */
  private int match(int s, int p) {
    while (true) {
      step();
      if (p == pattern.length) {
        return s;
      }
      byte item = pattern[p];
      if (item == '(') {
        return open(s, p);
      } else if (item == ')') {
        return close(s, p + 1);
      } else if (item == '$' && p + 1 == pattern.length) {
        return s == subject.length ? s : NONE;
      } else if (item == '%' && p + 1 < pattern.length) {
        int after = special(s, p);
        if (after == NONE) {
          return NONE;
        } else if (after != s || isSpecial(pattern[p + 1])) {
          s = after;
          p += width(p);
          continue;
        }
      }
      int next = itemEnd(p);
      char suffix = next < pattern.length ? (char) pattern[next] : 0;
      switch (suffix) {
        case '?' -> {
          if (matches(s, p, next)) {
            int end = match(s + 1, next + 1);
            if (end != NONE) {
              return end;
            }
          }
          p = next + 1;
        }
        case '*' -> {
          return longest(s, s, p, next);
        }
        case '+' -> {
          return matches(s, p, next) ? longest(s, s + 1, p, next) : NONE;
        }
        case '-' -> {
          return shortest(s, p, next);
        }
        default -> {
          if (!matches(s, p, next)) {
            return NONE;
          }
          s++;
          p = next;
        }
      }
    }
  }

  private static boolean isSpecial(byte letter) {
    return letter == 'b' || letter == 'f' || letter >= '0' && letter <= '9';
  }

  /** How much of the pattern a balance, a frontier or a reference takes. */
  private int width(int p) {
    return switch (pattern[p + 1]) {
      case 'b' -> 4;
      case 'f' -> itemEnd(p + 2) - p;
      default -> 2;
    };
  }

  /**
   * Where the subject goes on after a balance, a frontier or a reference; the same place for other
   * items.
   */
  private int special(int s, int p) {
    byte letter = pattern[p + 1];
    if (letter == 'b') {
      return balanced(s, p + 2);
    } else if (letter == 'f') {
      return frontier(s, p + 2);
    } else if (letter >= '0' && letter <= '9') {
      return repeated(s, letter - '1');
    }
    return s;
  }

  private int open(int s, int p) {
    if (captures == CAPTURES_MAX) {
      throw new IllegalArgumentException("too many captures");
    }
    boolean position = p + 1 < pattern.length && pattern[p + 1] == ')';
    starts[captures] = s;
    lengths[captures] = position ? POSITION : OPEN;
    captures++;
    int level = captures;
    int end = match(s, position ? p + 2 : p + 1);
    if (end == NONE) {
      captures = level - 1;
    }
    return end;
  }

  private int close(int s, int p) {
    for (int level = captures - 1; level >= 0; level--) {
      if (lengths[level] == OPEN) {
        lengths[level] = s - starts[level];
        int end = match(s, p);
        if (end == NONE) {
          lengths[level] = OPEN;
        }
        return end;
      }
    }
    throw new IllegalArgumentException("a capture is closed that was not opened");
  }

  private int balanced(int s, int p) {
    if (p + 1 >= pattern.length) {
      throw new IllegalArgumentException("a balance (b after a percent sign) needs two characters");
    }
    if (s >= subject.length || subject[s] != pattern[p]) {
      return NONE;
    }
    int depth = 1;
    for (int i = s + 1; i < subject.length; i++) {
      step();
      if (subject[i] == pattern[p + 1]) {
        if (--depth == 0) {
          return i + 1;
        }
      } else if (subject[i] == pattern[p]) {
        depth++;
      }
    }
    return NONE;
  }

  private int frontier(int s, int p) {
    if (p >= pattern.length || pattern[p] != '[') {
      throw new IllegalArgumentException("a frontier (f after a percent sign) needs a set");
    }
    int end = itemEnd(p);
    int before = s == 0 ? 0 : subject[s - 1] & 0xff;
    int after = s == subject.length ? 0 : subject[s] & 0xff;
    return !inSet(before, p, end - 1) && inSet(after, p, end - 1) ? s : NONE;
  }

  private int repeated(int s, int level) {
    if (level < 0 || level >= captures || lengths[level] < 0) {
      throw new IllegalArgumentException("a reference to a capture that is not there");
    }
    int length = lengths[level];
    boolean same =
        length <= subject.length - s
            && Arrays.equals(
                subject, starts[level], starts[level] + length, subject, s, s + length);
    steps += length / 16;
    return same ? s + length : NONE;
  }

  private int longest(int from, int start, int p, int next) {
    int s = start;
    while (matches(s, p, next)) {
      step();
      s++;
    }
    int least = Math.max(from, start);
    for (; s >= least; s--) {
      int end = match(s, next + 1);
      if (end != NONE) {
        return end;
      }
    }
    return NONE;
  }

  private int shortest(int from, int p, int next) {
    int s = from;
    while (true) {
      int end = match(s, next + 1);
      if (end != NONE) {
        return end;
      } else if (!matches(s, p, next)) {
        return NONE;
      }
      s++;
    }
  }

  /** Where the item that begins here ends, its repetition not counted. */
  private int itemEnd(int p) {
    byte first = pattern[p];
    int at = p + 1;
    if (first == '%') {
      if (at >= pattern.length) {
        throw new IllegalArgumentException("the pattern ends with %");
      }
      return at + 1;
    } else if (first != '[') {
      return at;
    }
    if (at < pattern.length && pattern[at] == '^') {
      at++;
    }
    // A bracket that comes first is one of the set.
    do {
      if (at >= pattern.length) {
        throw new IllegalArgumentException("a set is not closed");
      }
      at += pattern[at] == '%' ? 2 : 1;
    } while (at >= pattern.length || pattern[at] != ']');
    return at + 1;
  }

  private boolean matches(int s, int p, int end) {
    if (s >= subject.length) {
      return false;
    }
    int c = subject[s] & 0xff;
    return switch (pattern[p]) {
      case '.' -> true;
      case '%' -> inClass(c, pattern[p + 1]);
      case '[' -> inSet(c, p, end - 1);
      default -> (pattern[p] & 0xff) == c;
    };
  }

  private boolean inSet(int c, int p, int closing) {
    int at = p + 1;
    boolean wanted = true;
    if (pattern[at] == '^') {
      wanted = false;
      at++;
    }
    while (at < closing) {
      if (pattern[at] == '%') {
        if (inClass(c, pattern[at + 1])) {
          return wanted;
        }
        at += 2;
      } else if (at + 2 < closing && pattern[at + 1] == '-') {
        if ((pattern[at] & 0xff) <= c && c <= (pattern[at + 2] & 0xff)) {
          return wanted;
        }
        at += 3;
      } else {
        if ((pattern[at] & 0xff) == c) {
          return wanted;
        }
        at++;
      }
    }
    return !wanted;
  }

  private static boolean inClass(int c, byte letter) {
    boolean upper = letter >= 'A' && letter <= 'Z';
    boolean is;
    switch (upper ? letter + 32 : letter) {
      case 'a' -> is = isLower(c) || isUpper(c);
      case 'c' -> is = c < 32 || c == 127;
      case 'd' -> is = isDigit(c);
      case 'g' -> is = c > 32 && c < 127;
      case 'l' -> is = isLower(c);
      case 'p' -> is = c > 32 && c < 127 && !isLower(c) && !isUpper(c) && !isDigit(c);
      case 's' -> is = c == 32 || c >= 9 && c <= 13;
      case 'u' -> is = isUpper(c);
      case 'w' -> is = isLower(c) || isUpper(c) || isDigit(c);
      case 'x' -> is = isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
      case 'z' -> is = c == 0;
      default -> {
        return (letter & 0xff) == c;
      }
    }
    return is != upper;
  }

  private static boolean isLower(int c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isUpper(int c) {
    return c >= 'A' && c <= 'Z';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
