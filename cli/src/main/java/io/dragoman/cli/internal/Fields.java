// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record of output: names and values in the order in which they are shown. Every format is made
 * from the same record, so that none of them can lag behind. For one thread.
 *
 * <p>Values are texts, numbers, booleans, instants, {@link Body}, maps, lists and other records.
 */
public final class Fields {
  private final Map<String, Object> values = new LinkedHashMap<>();

  /** A record of what was read as JSON. */
  public static Fields of(Map<?, ?> map) {
    Fields fields = new Fields();
    map.forEach((name, value) -> fields.put(String.valueOf(name), value));
    return fields;
  }

  /** Adds a value, unless there is none. */
  public Fields put(String name, @Nullable Object value) {
    if (value != null) {
      values.put(name, value);
    }
    return this;
  }

  /** Adds a value, unless it is empty, zero or false: what the protocols call not set. */
  public Fields putIfSet(String name, @Nullable Object value) {
    boolean unset =
        value == null
            || value.equals("")
            || value.equals(false)
            || value instanceof Number number && number.doubleValue() == 0
            || value instanceof Map<?, ?> map && map.isEmpty();
    return unset ? this : put(name, value);
  }

  public @Nullable Object get(String name) {
    return values.get(name);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** A value as text; empty when it is not there. */
  public String text(String name) {
    Object value = values.get(name);
    return value == null ? "" : value.toString();
  }

  /** A value as whole number; 0 when it is not there or none. */
  public long number(String name) {
    return values.get(name) instanceof Number number ? number.longValue() : 0;
  }

  public Map<String, Object> values() {
    return values;
  }
}
