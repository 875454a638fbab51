// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.ChannelFilter;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which names a rule of an access policy is for (spec: kubemq §5.4). What is written is read as the
 * documents use it, and where it could mean two things, as the narrower one:
 *
 * <ul>
 *   <li>{@code foo.bar}, of letters, digits and {@code . - _ / :} only, is that name, dots and all
 *   <li>{@code foo*} is every name that begins with {@code foo}, and so with {@code foo.*}, whose
 *       dot stands for itself; {@code .*} is every name
 *   <li>anything else is a regular expression for the whole name
 * </ul>
 *
 * Immutable, safe from any thread.
 */
sealed interface NamePattern {

  /** Whether the name is meant. */
  boolean matches(String name);

  /** Whether every channel is meant that a subscription's filter can match, as far as is known. */
  default boolean covers(ChannelFilter filter) {
    return filter.isExact() && matches(filter.text());
  }

  /**
   * Reads what is written.
   *
   * @throws IllegalArgumentException if it is neither a name nor a regular expression
   */
  static NamePattern parse(String text) {
    if (isPlain(text)) {
      return new Name(text);
    }
    String start = text.endsWith("*") ? text.substring(0, text.length() - 1) : "*";
    if (text.equals("*") || text.equals(".*")) {
      return new Prefix("");
    }
    return isPlain(start) ? new Prefix(start) : new Expression(compile(text));
  }

  private static boolean isPlain(String text) {
    return text.chars().allMatch(NamePattern::isPlain);
  }

  private static boolean isPlain(int c) {
    return Character.isLetterOrDigit(c) || ".-_/:".indexOf(c) >= 0;
  }

  private static Pattern compile(String text) {
    try {
      return Pattern.compile(text, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no regular expression", e);
    }
  }

  /** One name. */
  record Name(String name) implements NamePattern {
    @Override
    public boolean matches(String other) {
      return name.equals(other);
    }
  }

  /** All names with the same beginning. */
  record Prefix(String prefix) implements NamePattern {
    @Override
    public boolean matches(String name) {
      return name.startsWith(prefix);
    }

    /** What stands before the first wildcard is in all names that the filter matches. */
    @Override
    public boolean covers(ChannelFilter filter) {
      return filter.isExact() ? matches(filter.text()) : fixedPart(filter).startsWith(prefix);
    }

    private static String fixedPart(ChannelFilter filter) {
      ChannelFilter.Syntax syntax = filter.syntax();
      String text = filter.text();
      int start = 0;
      while (start < text.length()) {
        int separator = text.indexOf(syntax.separator(), start);
        int end = separator < 0 ? text.length() : separator;
        String level = text.substring(start, end);
        boolean rest = level.equals(syntax.rest()) && end == text.length();
        if (level.equals(syntax.one()) || rest) {
          // Where the rest may be nothing, the separator before it may be missing.
          boolean without = rest && syntax == ChannelFilter.Syntax.SLASHES && start > 0;
          return text.substring(0, without ? start - 1 : start);
        }
        start = end + 1;
      }
      return text;
    }
  }

  /** A regular expression, of which nobody knows what it covers but each name. */
  record Expression(Pattern pattern) implements NamePattern {
    private static final int STEPS_MAX = 100_000;

    @Override
    public boolean matches(String name) {
      try {
        return pattern.matcher(new Bounded(name)).matches();
      } catch (TooManyStepsException | StackOverflowError e) {
        return false;
      }
    }
  }

  /**
   * A text that can be looked at so many times: an expression can take for ever over a name that a
   * client chose, and runs on an event loop.
   */
  final class Bounded implements CharSequence {
    private final String text;
    private int steps;

    Bounded(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (++steps > Expression.STEPS_MAX) {
        throw new TooManyStepsException();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The expression was given up. */
  final class TooManyStepsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyStepsException() {
      super("too many steps", null, false, false);
    }
  }
}
