// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.util.ArrayList;
import java.util.List;

/**
 * The grammar of topics and topic filters (spec: eventhub §4; {@code .} and {@code :} besides, by
 * ruling 17): levels between slashes, of which {@code +} stands for one and a last {@code #} for
 * any number, also none. Case matters. Safe from any thread.
 */
public final class Topics {
  static final String ONE = "+";
  static final String REST = "#";

  private Topics() {}

  /** Whether this names one topic. */
  public static boolean isTopic(String text) {
    return !text.isEmpty()
        && text.charAt(0) != '/'
        && text.charAt(text.length() - 1) != '/'
        && text.chars().allMatch(Topics::isLetter);
  }

  /**
   * Whether this is a filter: at least one level is a wildcard, and no wildcard is less than a
   * level. A last slash is allowed here.
   */
  public static boolean isFilter(String text) {
    if (text.isEmpty() || text.charAt(0) == '/') {
      return false;
    }
    boolean wildcard = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean last = i == text.length() - 1;
      boolean level = (i == 0 || text.charAt(i - 1) == '/') && (last || text.charAt(i + 1) == '/');
      boolean stands = level && (c == '+' || c == '#' && last);
      if (!stands && !isLetter(c)) {
        return false;
      }
      wildcard |= stands;
    }
    return wildcard;
  }

  /** Whether a filter, or a topic, matches a name; any text can be the name. */
  public static boolean matches(String filter, String name) {
    return matches(levels(filter), name);
  }

  /** The name is not taken apart: it may be as long as a message. */
  static boolean matches(List<String> filter, String name) {
    int start = 0;
    for (int i = 0; i < filter.size(); i++) {
      String level = filter.get(i);
      if (level.equals(REST) && i == filter.size() - 1) {
        return true;
      }
      if (start > name.length()) {
        return false;
      }
      int slash = name.indexOf('/', start);
      int end = slash < 0 ? name.length() : slash;
      boolean equal = level.length() == end - start && name.startsWith(level, start);
      if (!equal && !level.equals(ONE)) {
        return false;
      }
      start = end + 1;
    }
    return start > name.length();
  }

  /** Whether a filter matches every topic that another one, or a topic, matches. */
  public static boolean covers(String filter, String other) {
    return covers(levels(filter), levels(other));
  }

  static boolean covers(List<String> filter, List<String> other) {
    if (isEverything(filter)) {
      return true;
    }
    int i = 0;
    for (; i < filter.size(); i++) {
      String level = filter.get(i);
      if (level.equals(REST) && i == filter.size() - 1) {
        return true;
      }
      if (i == other.size() || !coversLevel(level, other.get(i))) {
        return false;
      }
    }
    return i == other.size();
  }

  /** What stands for any number of levels is more than what stands for one, or for itself. */
  private static boolean coversLevel(String level, String other) {
    return !other.equals(REST) && (level.equals(ONE) || level.equals(other));
  }

  /** No topic is without any level, so {@code +/#} matches all that {@code #} does. */
  private static boolean isEverything(List<String> filter) {
    return filter.equals(List.of(REST)) || filter.equals(List.of(ONE, REST));
  }

  static List<String> levels(String text) {
    List<String> levels = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf('/'); end >= 0; end = text.indexOf('/', start)) {
      levels.add(text.substring(start, end));
      start = end + 1;
    }
    levels.add(text.substring(start));
    return levels;
  }

  private static boolean isLetter(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "-_/.:".indexOf(c) >= 0;
  }
}
