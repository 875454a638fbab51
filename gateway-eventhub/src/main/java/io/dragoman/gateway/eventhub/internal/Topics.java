// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

/** What a topic and a filter over topics may look like (spec: eventhub §4, ruling 17). */
final class Topics {

  private Topics() {}

  /** A name that can be published to. */
  static boolean isTopic(String text) {
    return isPath(text, false) && !text.endsWith("/");
  }

  /** A pattern: at least one level is a wildcard. A slash may end it, unlike a topic. */
  static boolean isFilter(String text) {
    if (!isPath(text, true)) {
      return false;
    }
    boolean wildcard = false;
    int start = 0;
    while (start <= text.length()) {
      int slash = text.indexOf('/', start);
      int end = slash < 0 ? text.length() : slash;
      int kind = wildcard(text, start, end);
      if (kind < 0 || kind == '#' && end < text.length()) {
        return false;
      }
      wildcard |= kind > 0;
      start = end + 1;
    }
    return wildcard;
  }

  /** What can be subscribed to. */
  static boolean isTopicOrFilter(String text) {
    return isTopic(text) || isFilter(text);
  }

  /** The wildcard that this level is; 0 if it is none, -1 if one stands within it. */
  private static int wildcard(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c == '+' || c == '#') {
        return end - start == 1 ? c : -1;
      }
    }
    return 0;
  }

  private static boolean isPath(String text, boolean wildcards) {
    if (text.isEmpty() || text.charAt(0) == '/') {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isNameCharacter(c) && c != '/' && !(wildcards && (c == '+' || c == '#'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNameCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_'
        || c == '.'
        || c == ':';
  }
}
