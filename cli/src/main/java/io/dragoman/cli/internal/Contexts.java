// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The brokers that a user has given names, in a file of the user's configuration directory that
 * only the user can read (it may hold tokens). For one thread; two commands that change it at once:
 * the last one wins, and the file is whole.
 */
public final class Contexts {
  private static final String CURRENT = "current";
  private static final String CONTEXTS = "contexts";

  private final Path file;
  private final Map<String, Fields> contexts = new TreeMap<>();
  private String current = "";

  private Contexts(Path file) {
    this.file = file;
  }

  /**
   * Reads the file; without one there are no contexts.
   *
   * @throws CliException when it cannot be read or understood
   */
  public static Contexts load(Console console) {
    Contexts contexts = new Contexts(file(console));
    try {
      if (Files.exists(contexts.file)) {
        contexts.read(Json.parseObject(Files.readString(contexts.file)));
      }
    } catch (IOException | CliException e) {
      throw CliException.failed(contexts.file + ": cannot be read: " + e.getMessage());
    }
    return contexts;
  }

  private static Path file(Console console) {
    String config = console.environment("XDG_CONFIG_HOME");
    Path directory =
        config.isEmpty()
            ? Path.of(System.getProperty("user.home", "."), ".config")
            : Path.of(config);
    return directory.resolve("dragoman").resolve("contexts.json");
  }

  private void read(Fields root) {
    current = root.text(CURRENT);
    if (root.get(CONTEXTS) instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            if (value instanceof Map<?, ?> settings) {
              contexts.put(String.valueOf(name), Fields.of(settings));
            }
          });
    }
  }

  public Path file() {
    return file;
  }

  public Set<String> names() {
    return contexts.keySet();
  }

  /** The name of the one in use; empty: none. */
  public String current() {
    return contexts.containsKey(current) ? current : "";
  }

  /**
   * The settings of one.
   *
   * @throws CliException when there is none of that name
   */
  public Fields get(String name) {
    Fields settings = contexts.get(name);
    if (settings == null) {
      throw CliException.usage(
          "there is no context '"
              + name
              + "'; "
              + (contexts.isEmpty()
                  ? "make one: dragoman context add " + name + " --server HOST[:PORT]"
                  : "there are: " + String.join(", ", contexts.keySet())));
    }
    return settings;
  }

  /** The settings of the one in use. */
  public @Nullable Fields currentSettings() {
    return contexts.get(current);
  }

  public void put(String name, Fields settings) {
    contexts.put(name, settings);
  }

  public void remove(String name) {
    get(name);
    contexts.remove(name);
  }

  /** Makes one the one in use; an empty name: none. */
  public void use(String name) {
    if (!name.isEmpty()) {
      get(name);
    }
    current = name;
  }

  /**
   * Writes the file: a new one, then renamed over the old one.
   *
   * @throws CliException when it cannot be written
   */
  public void save() {
    Map<String, Object> all = new LinkedHashMap<>(contexts);
    String text = Json.pretty(new Fields().putIfSet(CURRENT, current()).put(CONTEXTS, all)) + "\n";
    OwnFiles.write(file, text);
  }
}
