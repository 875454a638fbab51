// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * Which channels a subscription wants: one name, or a pattern. Patterns belong to the dialect but
 * match the same literal names, so a subscription of one dialect hears senders of another.
 *
 * @param text the name or pattern as the client wrote it
 */
public record ChannelFilter(Syntax syntax, String text) {

  /** How the text is read. */
  public enum Syntax {
    /** The name itself; wildcard characters mean themselves. */
    EXACT('\0', "", "", false),
    /** Tokens between dots; {@code *} is one whole token, a last {@code >} one or more. */
    DOTS('.', "*", ">", false),
    /**
     * Tokens between slashes; {@code +} is one whole token, a last {@code #} none or more (spec:
     * eventhub §4).
     */
    SLASHES('/', "+", "#", true);

    private final char separator;
    private final String one;
    private final String rest;
    private final boolean restMayBeNone;

    Syntax(char separator, String one, String rest, boolean restMayBeNone) {
      this.separator = separator;
      this.one = one;
      this.rest = rest;
      this.restMayBeNone = restMayBeNone;
    }

    public char separator() {
      return separator;
    }

    /** The token that stands for exactly one token. */
    public String one() {
      return one;
    }

    /** The last token that stands for the rest. */
    public String rest() {
      return rest;
    }

    /** Whether the wildcard for the rest also stands for no token at all. */
    public boolean restMayBeNone() {
      return restMayBeNone;
    }
  }

  public static ChannelFilter exact(String name) {
    return new ChannelFilter(Syntax.EXACT, name);
  }

  /**
   * A dotted name in which {@code *} and {@code >} are wildcards when they are whole tokens ({@code
   * >} only as the last); a text without any is that one name.
   */
  public static ChannelFilter dotted(String text) {
    return hasWildcard(Syntax.DOTS, text) ? new ChannelFilter(Syntax.DOTS, text) : exact(text);
  }

  /** The same for {@code +} and {@code #} between slashes. */
  public static ChannelFilter slashed(String text) {
    return hasWildcard(Syntax.SLASHES, text)
        ? new ChannelFilter(Syntax.SLASHES, text)
        : exact(text);
  }

  public boolean isExact() {
    return syntax == Syntax.EXACT;
  }

  /** Whether a channel of this name is meant. */
  public boolean matches(String channel) {
    return isExact() ? text.equals(channel) : matchesTokens(channel);
  }

  // Token by token: each stands for exactly one, but for the last wildcard, so there is no choice.
  private boolean matchesTokens(String channel) {
    int textAt = 0;
    int channelAt = 0;
    while (textAt <= text.length()) {
      int textEnd = tokenEnd(text, textAt);
      boolean last = textEnd == text.length();
      boolean more = channelAt <= channel.length();
      if (last && isToken(syntax.rest(), textAt, textEnd)) {
        return more || syntax.restMayBeNone();
      }
      if (!more) {
        return false;
      }
      int channelEnd = tokenEnd(channel, channelAt);
      boolean same =
          isToken(syntax.one(), textAt, textEnd)
              || textEnd - textAt == channelEnd - channelAt
                  && text.regionMatches(textAt, channel, channelAt, textEnd - textAt);
      if (!same) {
        return false;
      }
      textAt = textEnd + 1;
      channelAt = channelEnd + 1;
    }
    return channelAt > channel.length();
  }

  private boolean isToken(String token, int start, int end) {
    return end - start == token.length() && text.startsWith(token, start);
  }

  private int tokenEnd(String of, int start) {
    int end = of.indexOf(syntax.separator(), start);
    return end < 0 ? of.length() : end;
  }

  private static boolean hasWildcard(Syntax syntax, String text) {
    int start = 0;
    while (true) {
      int end = text.indexOf(syntax.separator(), start);
      boolean last = end < 0;
      String token = text.substring(start, last ? text.length() : end);
      if (token.equals(syntax.one()) || last && token.equals(syntax.rest())) {
        return true;
      }
      if (last) {
        return false;
      }
      start = end + 1;
    }
  }
}
