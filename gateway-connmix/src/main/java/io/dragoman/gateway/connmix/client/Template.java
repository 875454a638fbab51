// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A text with places that are filled in for each client: {@code {query.NAME}}, {@code
 * {header.NAME}}, {@code {claim.NAME}}, {@code {ctx.KEY}}, {@code {message.NAME}} or {@code
 * {message./a/b}} (a member of the message, or what a JSON pointer points to), {@code
 * {remote_addr}} and {@code {client_id}}. Immutable.
 */
public final class Template {

  /** Where a value comes from. */
  public enum Source {
    QUERY,
    HEADER,
    CLAIM,
    CTX,
    MESSAGE,
    REMOTE_ADDR,
    CLIENT_ID
  }

  /**
   * A place that is filled in.
   *
   * @param name empty for sources that have one value
   */
  public record Place(Source source, String name) {}

  /** Either a place, or the text that is there. */
  private record Part(@Nullable Place place, String text) {}

  private final String text;
  private final List<Part> parts;

  private Template(String text, List<Part> parts) {
    this.text = text;
    this.parts = List.copyOf(parts);
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  public static Template parse(String text) {
    List<Part> parts = new ArrayList<>();
    int start = 0;
    for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', start)) {
      int end = text.indexOf('}', open);
      if (end < 0) {
        throw new IllegalArgumentException("a { without } in \"" + text + "\"");
      }
      if (open > start) {
        parts.add(new Part(null, text.substring(start, open)));
      }
      parts.add(new Part(place(text.substring(open + 1, end)), ""));
      start = end + 1;
    }
    if (start < text.length()) {
      parts.add(new Part(null, text.substring(start)));
    }
    return new Template(text, parts);
  }

  private static Place place(String inner) {
    int dot = inner.indexOf('.');
    String word = dot < 0 ? inner : inner.substring(0, dot);
    String name = dot < 0 ? "" : inner.substring(dot + 1);
    for (Source each : Source.values()) {
      boolean single = each == Source.REMOTE_ADDR || each == Source.CLIENT_ID;
      if (each.name().toLowerCase(Locale.ROOT).equals(word)
          && (single ? dot < 0 : !name.isEmpty())) {
        return new Place(each, name);
      }
    }
    throw new IllegalArgumentException(
        "{"
            + inner
            + "} is none of {query.…}, {header.…}, {claim.…}, {ctx.…}, {message.…}, {remote_addr}"
            + " and {client_id}");
  }

  /** The text that it was read from. */
  public String text() {
    return text;
  }

  /** All places, in their order. */
  public List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (Part each : parts) {
      if (each.place != null) {
        places.add(each.place);
      }
    }
    return places;
  }

  /** The place, if it consists of nothing else; else null. */
  public @Nullable Place onlyPlace() {
    return parts.size() == 1 ? parts.get(0).place : null;
  }

  /** Fills in; null when a value is missing. */
  public @Nullable String fill(Function<Place, @Nullable String> values) {
    if (parts.size() == 1 && parts.get(0).place == null) {
      return text;
    }
    StringBuilder filled = new StringBuilder();
    for (Part each : parts) {
      String value = each.place == null ? each.text : values.apply(each.place);
      if (value == null) {
        return null;
      }
      filled.append(value);
    }
    return filled.toString();
  }

  /**
   * A pattern of names: in the text, but not in what is filled in, {@code *} stands for any
   * characters. Null when a value is missing.
   */
  public @Nullable Predicate<String> pattern(Function<Place, @Nullable String> values) {
    // Pieces between the stars.
    List<StringBuilder> pieces = new ArrayList<>();
    pieces.add(new StringBuilder());
    for (Part each : parts) {
      if (each.place != null) {
        String value = values.apply(each.place);
        if (value == null) {
          return null;
        }
        pieces.get(pieces.size() - 1).append(value);
        continue;
      }
      for (int i = 0; i < each.text.length(); i++) {
        if (each.text.charAt(i) == '*') {
          pieces.add(new StringBuilder());
        } else {
          pieces.get(pieces.size() - 1).append(each.text.charAt(i));
        }
      }
    }
    List<String> literal = pieces.stream().map(StringBuilder::toString).toList();
    return name -> matches(literal, name);
  }

  private static boolean matches(List<String> pieces, String name) {
    String first = pieces.get(0);
    if (pieces.size() == 1) {
      return name.equals(first);
    }
    String last = pieces.get(pieces.size() - 1);
    if (!name.startsWith(first)
        || !name.endsWith(last)
        || name.length() < first.length() + last.length()) {
      return false;
    }
    int at = first.length();
    int end = name.length() - last.length();
    for (String piece : pieces.subList(1, pieces.size() - 1)) {
      int found = name.indexOf(piece, at);
      if (found < 0 || found + piece.length() > end) {
        return false;
      }
      at = found + piece.length();
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Template template && template.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
