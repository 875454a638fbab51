// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Kind;
import io.dragoman.core.Receipt;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Query;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The query parameters of one request to the management API. */
final class Parameters {
  private static final long PAGE_MAX = 1000;
  private static final long PAGE_DEFAULT = 100;

  /** A parameter that cannot be used; the message is for the client. */
  static final class BadParameterException extends Exception {
    private static final long serialVersionUID = 1L;

    BadParameterException(String message) {
      super(message);
    }
  }

  private final Map<String, String> values = new HashMap<>();

  private Parameters() {}

  /** Reads the query, which may hold these parameters, each once, and no others. */
  static Parameters of(HttpExchange exchange, String... known) throws BadParameterException {
    Parameters parameters = new Parameters();
    StringBuilder faults = new StringBuilder();
    Query.forEach(exchange.rawQuery(), (name, value) -> parameters.add(name, value, known, faults));
    if (!faults.isEmpty()) {
      throw new BadParameterException(faults.toString());
    }
    return parameters;
  }

  private void add(String name, String value, String[] known, StringBuilder faults) {
    if (!faults.isEmpty()) {
      return;
    }
    if (!List.of(known).contains(name)) {
      faults.append("unknown parameter ").append(name).append("; known are ");
      faults.append(String.join(", ", known));
    } else if (values.put(name, value) != null) {
      faults.append("the parameter ").append(name).append(" is there twice");
    }
  }

  /** The value, or the empty text. */
  String text(String name) {
    return values.getOrDefault(name, "");
  }

  String required(String name) throws BadParameterException {
    String value = text(name);
    if (value.isEmpty()) {
      throw new BadParameterException("the parameter " + name + " is missing");
    }
    return value;
  }

  boolean flag(String name) throws BadParameterException {
    return switch (text(name)) {
      case "true" -> true;
      case "", "false" -> false;
      default -> throw new BadParameterException(name + " must be true or false");
    };
  }

  /** The most that one page holds. */
  int max() throws BadParameterException {
    return (int) number("max", PAGE_DEFAULT, 1, PAGE_MAX);
  }

  /** A sequence; 0 if there is none. */
  long sequence(String name) throws BadParameterException {
    return number(name, 0, 0, Long.MAX_VALUE);
  }

  private long number(String name, long absent, long min, long max) throws BadParameterException {
    String value = text(name);
    if (value.isEmpty()) {
      return absent;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, like any other value that is out of range.
    }
    throw new BadParameterException(
        name + " must be a whole number from " + min + " to " + max + ", not " + value);
  }

  /** The kind of channel; null if there is none. */
  @Nullable Kind kind() throws BadParameterException {
    String label = text("kind");
    for (Kind kind : Kind.values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    if (label.isEmpty()) {
      return null;
    }
    throw new BadParameterException("kind must be one of " + kinds() + ", not " + label);
  }

  Kind requiredKind() throws BadParameterException {
    Kind kind = kind();
    if (kind == null) {
      throw new BadParameterException("the parameter kind is missing: one of " + kinds());
    }
    return kind;
  }

  private static String kinds() {
    return Arrays.stream(Kind.values()).map(Kind::label).collect(Collectors.joining(", "));
  }

  /** A handle; null if there is none. */
  @Nullable Receipt handle(String name) throws BadParameterException {
    String value = text(name);
    try {
      return value.isEmpty() ? null : Receipt.of(HexFormat.of().parseHex(value));
    } catch (IllegalArgumentException e) {
      throw new BadParameterException(name + " is no handle: " + value);
    }
  }

  Receipt requiredHandle(String name) throws BadParameterException {
    Receipt handle = handle(name);
    if (handle == null) {
      throw new BadParameterException("the parameter " + name + " is missing");
    }
    return handle;
  }
}
