// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The params of a request: those of the named ones that mean something to a method, or the texts of
 * a list. Values are texts, whole numbers (fractions cut off, capped to 64 bits) and truth values;
 * anything else is {@link #OTHER}. Where named ones are expected a list counts as none (spec:
 * eventhub §2).
 *
 * @param list null when there are named ones
 */
record Params(Map<String, Object> named, @Nullable List<String> list) {
  /** A value of a type that no method takes. */
  static final Object OTHER = new Object();

  static final Params NONE = new Params(Map.of(), null);

  /** A text; null when it is missing or not a text. */
  @Nullable String text(String name) {
    return named.get(name) instanceof String text ? text : null;
  }

  /** A text; empty when it is missing or not a text. */
  String textOrEmpty(String name) {
    String text = text(name);
    return text == null ? "" : text;
  }

  /** A number; the default when it is missing or not a number. Truth values are 0 and 1. */
  long number(String name, long missing) {
    Object value = named.get(name);
    if (value instanceof Long number) {
      return number;
    }
    return value instanceof Boolean flag ? (flag ? 1 : 0) : missing;
  }
}
