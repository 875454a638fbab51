// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A URL in the parts that scripts know, which are those of Go's library.
 *
 * @param user name, or name and password with a colon between
 * @param rawPath set only where {@code path} does not say how it was written; likewise {@code
 *     rawFragment}
 * @param forceQuery it ends with a question mark
 * @param query the first value of each name
 */
record GoUrl(
    String scheme,
    String opaque,
    String user,
    String host,
    String path,
    String rawPath,
    boolean forceQuery,
    String rawQuery,
    String fragment,
    String rawFragment,
    Map<String, String> query) {

  private static final String UNRESERVED = "-_.~";
  private static final String PATH_PLAIN = "$&+,/:;=@";
  private static final String FRAGMENT_PLAIN = "$&+,/:;=?@!()*";

  /**
   * Takes a URL apart.
   *
   * @throws IllegalArgumentException if it is none
   */
  static GoUrl of(String url) {
    requireNoControls(url);
    int hash = url.indexOf('#');
    String rawFragment = hash < 0 ? "" : url.substring(hash + 1);
    String rest = hash < 0 ? url : url.substring(0, hash);

    int colon = schemeEnd(rest);
    String scheme = colon < 0 ? "" : lower(rest.substring(0, colon));
    rest = rest.substring(colon + 1);

    int mark = rest.indexOf('?');
    boolean forceQuery = mark >= 0 && mark == rest.length() - 1;
    String rawQuery = mark < 0 ? "" : rest.substring(mark + 1);
    rest = mark < 0 ? rest : rest.substring(0, mark);

    String opaque = "";
    String user = "";
    String host = "";
    if (!rest.startsWith("/") && !scheme.isEmpty()) {
      opaque = rest;
      rest = "";
    } else if (rest.startsWith("//") && (!scheme.isEmpty() || !rest.startsWith("///"))) {
      int slash = rest.indexOf('/', 2);
      String authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
      rest = slash < 0 ? "" : rest.substring(slash);
      int at = authority.lastIndexOf('@');
      user = at < 0 ? "" : unescape(authority.substring(0, at));
      host = unescape(authority.substring(at + 1));
    }
    String path = unescape(rest);
    String fragment = unescape(rawFragment);
    return new GoUrl(
        scheme,
        opaque,
        user,
        host,
        path,
        rest.equals(escape(path, PATH_PLAIN)) ? "" : rest,
        forceQuery,
        rawQuery,
        fragment,
        rawFragment.equals(escape(fragment, FRAGMENT_PLAIN)) ? "" : rawFragment,
        query(rawQuery));
  }

  private static void requireNoControls(String url) {
    for (int i = 0; i < url.length(); i++) {
      if (url.charAt(i) < ' ' || url.charAt(i) == 0x7f) {
        throw new IllegalArgumentException("a control character in the URL");
      }
    }
  }

  private static String lower(String ascii) {
    return ascii.toLowerCase(Locale.ROOT);
  }

  /** Where the colon after the scheme is, or -1. */
  private static int schemeEnd(String url) {
    for (int i = 0; i < url.length(); i++) {
      char c = url.charAt(i);
      if (c == ':') {
        if (i == 0) {
          throw new IllegalArgumentException("the URL has no scheme before its colon");
        }
        return i;
      }
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
      boolean later = c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.';
      if (!letter && (i == 0 || !later)) {
        return -1;
      }
    }
    return -1;
  }

  private static Map<String, String> query(String rawQuery) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : rawQuery.split("&")) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      if (!pair.isEmpty()) {
        // What is not written as it should be is left out, and the others are there.
        decoded(name)
            .ifPresent(key -> decoded(value).ifPresent(text -> query.putIfAbsent(key, text)));
      }
    }
    return query;
  }

  private static Optional<String> decoded(String text) {
    try {
      return Optional.of(unescape(text.replace('+', ' ')));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String unescape(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] from = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(from.length);
    for (int i = 0; i < from.length; i++) {
      if (from[i] == '%') {
        int high = i + 2 <= from.length - 1 ? Character.digit(from[i + 1], 16) : -1;
        int low = i + 2 <= from.length - 1 ? Character.digit(from[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw new IllegalArgumentException("a wrong escape in the URL");
        }
        out.write(high << 4 | low);
        i += 2;
      } else {
        out.write(from[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String escape(String text, String plain) {
    StringBuilder out = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (alphanumeric || UNRESERVED.indexOf(c) >= 0 || plain.indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append('%');
        out.append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return out.toString();
  }
}
