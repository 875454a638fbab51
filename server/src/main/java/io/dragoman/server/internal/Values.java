// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The value of every setting and where it was set. For one thread while it is filled. */
final class Values {

  /** The sources, weakest first. */
  enum Source {
    /** A foreign program's variable that means the same. */
    FOREIGN,
    FILE,
    ENVIRONMENT,
    FLAG
  }

  private record Given(Object value, Source source, String where) {}

  private final Map<Setting<?>, Given> given = new HashMap<>();

  /** Sets a value unless a stronger source already has. */
  void put(Setting<?> setting, Object value, Source source, String where) {
    Given before = given.get(setting);
    if (before == null || before.source().compareTo(source) <= 0) {
      given.put(setting, new Given(value, source, where));
    }
  }

  @SuppressWarnings("unchecked")
  <T> T get(Setting<T> setting) {
    Given value = given.get(setting);
    return value == null ? setting.defaultValue() : (T) value.value();
  }

  /** Whether somebody set it, even to its default. */
  boolean isSet(Setting<?> setting) {
    return given.containsKey(setting);
  }

  /** Whether what counts is a foreign program's variable. */
  boolean isForeign(Setting<?> setting) {
    Given value = given.get(setting);
    return value != null && value.source() == Source.FOREIGN;
  }

  /** The place where it was set; null when it has its default. */
  @Nullable String where(Setting<?> setting) {
    Given value = given.get(setting);
    return value == null ? null : value.where();
  }

  /** The start of an error about this setting: its place and key. */
  String errorPlace(Setting<?> setting) {
    Given value = given.get(setting);
    if (value == null) {
      return setting.key();
    }
    // A flag or a variable names the key already.
    return value.source() == Source.FILE ? value.where() + ": " + setting : value.where();
  }

  /** The value as it may be shown. */
  String show(Setting<?> setting) {
    return setting.show(get(setting));
  }
}
