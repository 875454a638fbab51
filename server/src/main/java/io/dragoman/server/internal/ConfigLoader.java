// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.server.internal.SettingType.InvalidValueException;
import io.dragoman.server.internal.Values.Source;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Collects configuration from its sources and makes a {@link ServerConfig} of it. Flags win over
 * the environment, that over the file, that over the defaults, in whatever order they are added.
 * Faults are collected, so that the operator sees all of them at once. For one thread.
 */
public final class ConfigLoader {
  private static final long FILE_BYTES_MAX = 1 << 20;

  private final Values values = new Values();
  private final List<String> problems = new ArrayList<>();
  private final List<String> foreignVariables = new ArrayList<>();
  private String disableAuth = "";
  private OptionalInt listenPort = OptionalInt.empty();

  /** A value that is single text, from a source that has no lines. */
  static ScalarNode scalar(String text) {
    return new ScalarNode(Tag.STR, text, null, null, ScalarStyle.PLAIN);
  }

  static String unknownKey(String written, String where, Optional<String> suggestion) {
    return "unknown key \""
        + written
        + "\""
        + where
        + suggestion.map(key -> "; did you mean \"" + key + "\"?").orElse("");
  }

  /** Takes a YAML file, which must be there. */
  public ConfigLoader file(Path file) {
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        problems.add(file + ": is larger than " + Units.printSize(FILE_BYTES_MAX));
      } else {
        yaml(Files.readString(file), file.toString());
      }
    } catch (NoSuchFileException e) {
      problems.add(file + ": there is no such file");
    } catch (CharacterCodingException e) {
      problems.add(file + ": is not UTF-8 text");
    } catch (IOException e) {
      problems.add(file + ": cannot be read: " + e.getMessage());
    }
    return this;
  }

  /** Takes YAML text as if it were in a file of this name. */
  ConfigLoader yaml(String text, String file) {
    try {
      Node root = YamlText.compose(text);
      if (root instanceof MappingNode mapping) {
        new YamlReader(file).mapping(mapping, "");
      } else if (root != null) {
        problems.add(line(file, root) + ": a configuration is a mapping of keys to values");
      }
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      problems.add(file + ":" + line + ": not YAML: " + YamlText.problem(e));
    } catch (YAMLException e) {
      problems.add(file + ": not YAML: " + YamlText.problem(e));
    }
    return this;
  }

  /**
   * Takes the environment: {@code DRAGOMAN_…} are settings, and those of the programs whose
   * protocols we speak are noticed.
   */
  public ConfigLoader environment(Map<String, String> environment) {
    Map<String, Setting<?>> settings = new HashMap<>();
    Settings.all().forEach(setting -> settings.put(setting.variable(), setting));
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      if (EnvironmentNames.isSetting(variable)) {
        variable(variable, settings);
      }
    }
    String host = environment.getOrDefault(ForeignVariables.NODE_NAME, "").strip();
    if (!host.isEmpty()) {
      values.put(Settings.NODE_NAME, Optional.of(host), Source.FOREIGN, ForeignVariables.NODE_NAME);
    }
    String secret = ForeignVariables.eventhub(environment, ForeignVariables.SECRET);
    if (!secret.isEmpty()) {
      values.put(
          Settings.AUTH_JWT_SECRET, Optional.of(secret), Source.FOREIGN, ForeignVariables.SECRET);
    }
    for (ForeignVariables.Meaning each : ForeignVariables.MEANINGS) {
      each.read(environment)
          .ifPresent(value -> values.put(each.setting(), value, Source.FOREIGN, each.name()));
    }
    ForeignVariables.LISTEN_PORT
        .read(environment)
        .ifPresent(port -> listenPort = (OptionalInt) port);
    disableAuth = ForeignVariables.eventhub(environment, ForeignVariables.DISABLE_AUTH);
    foreignVariables.addAll(ForeignVariables.describe(environment));
    return this;
  }

  private void variable(Map.Entry<String, String> variable, Map<String, Setting<?>> settings) {
    String name = variable.getKey();
    Setting<?> setting = settings.get(name);
    if (setting != null) {
      put(setting, scalar(variable.getValue()), Source.ENVIRONMENT, node -> name, "");
      return;
    }
    String suggestion =
        Suggestions.nearest(name, settings.keySet())
            .map(near -> "; did you mean " + near + "?")
            .orElse("");
    problems.add(name + ": unknown variable" + suggestion);
  }

  /** Takes {@code key=value} from the command line. */
  public ConfigLoader flag(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 0) {
      problems.add("--set " + assignment + ": takes key=value, such as --set http.port=8081");
      return this;
    }
    String key = assignment.substring(0, equals).strip();
    return set(key, assignment.substring(equals + 1), "--set " + key);
  }

  /**
   * Sets one key, as strongly as a flag. A later one wins over an earlier one.
   *
   * @param where what to call this place in an error
   */
  public ConfigLoader set(String key, String value, String where) {
    Optional<Setting<?>> setting = Settings.find(key);
    if (setting.isPresent()) {
      put(setting.get(), scalar(value), Source.FLAG, node -> where, "");
    } else {
      problems.add(where + ": " + unknownKey(key, "", suggestion(key, "")));
    }
    return this;
  }

  private void put(
      Setting<?> setting, Node value, Source source, Function<Node, String> places, String name) {
    try {
      Object parsed =
          setting
              .type()
              .parse(value, (at, message) -> problems.add(places.apply(at) + ": " + message));
      values.put(setting, parsed, source, places.apply(value));
    } catch (InvalidValueException e) {
      String separator = name.isEmpty() ? ": " : ": " + name + ": ";
      problems.add(places.apply(value) + separator + e.getMessage());
    }
  }

  /** The key that was probably meant, within a section. */
  private static Optional<String> suggestion(String written, String section) {
    Set<String> candidates = new LinkedHashSet<>();
    for (Setting<?> setting : Settings.all()) {
      if (setting.key().startsWith(section)) {
        String tail = setting.key().substring(section.length());
        int dot = tail.indexOf('.');
        candidates.add(tail);
        candidates.add(dot < 0 ? tail : tail.substring(0, dot));
      }
    }
    return Suggestions.nearest(written, candidates).or(() -> onlyKeyEndingWith(written));
  }

  private static Optional<String> onlyKeyEndingWith(String written) {
    List<String> keys =
        Settings.all().stream().map(Setting::key).filter(k -> k.endsWith("." + written)).toList();
    return keys.size() == 1 ? Optional.of(keys.get(0)) : Optional.empty();
  }

  /** Everything that was wrong so far. */
  List<String> problems() {
    return problems;
  }

  /**
   * Checks what belongs together and makes the configuration.
   *
   * @throws ConfigException with all faults of all sources
   */
  public Configuration load() throws ConfigException {
    if (problems.isEmpty()) {
      heedDisableAuth();
      heedListenPort();
      problems.addAll(new ConfigChecks(values).run());
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Configuration(ServerConfig.of(values), values, List.copyOf(foreignVariables));
  }

  /**
   * Eventhub's users say by it whether they want tokens, for whatever this broker serves. That they
   * want them cannot be followed where there is no key, which is no reason to refuse to start: what
   * is ours decides then.
   */
  private void heedDisableAuth() {
    boolean key =
        values.get(Settings.AUTH_JWT_SECRET).isPresent()
            || values.get(Settings.AUTH_JWT_KEYS).isPresent();
    String word = disableAuth.toLowerCase(Locale.ROOT);
    boolean disabled = word.equals("true") || word.equals("1");
    boolean enabled = key && (word.equals("false") || word.equals("0"));
    if (disabled || enabled) {
      values.put(
          Settings.AUTH_ENABLED,
          Optional.of(enabled),
          Source.FOREIGN,
          ForeignVariables.DISABLE_AUTH);
    }
  }

  /**
   * Eventhub's users say by it where their clients come to. A port that another listener has is
   * none for a second one: on {@code http}, whose default is Eventhub's too, they are served
   * anyway.
   */
  private void heedListenPort() {
    boolean taken =
        Arrays.stream(ListenerName.values())
            .filter(name -> name != ListenerName.EVENTHUB)
            .anyMatch(name -> values.get(name.setting()).equals(listenPort));
    if (listenPort.isPresent() && !taken) {
      values.put(
          Settings.EVENTHUB_PORT, listenPort, Source.FOREIGN, ForeignVariables.LISTEN_PORT.name());
    }
  }

  private static String line(String file, Node node) {
    return file + ":" + (node.getStartMark().getLine() + 1);
  }

  /** Walks through one file. Only known sections are entered, so its depth is that of the keys. */
  private final class YamlReader {
    private final String file;
    private final Map<Setting<?>, String> seen = new HashMap<>();

    YamlReader(String file) {
      this.file = file;
    }

    void mapping(MappingNode mapping, String section) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode name) {
          entry(name, tuple.getValueNode(), section);
        } else {
          problems.add(line(file, tuple.getKeyNode()) + ": a key is a word");
        }
      }
    }

    private void entry(ScalarNode name, Node value, String section) {
      String key = section + name.getValue();
      Optional<Setting<?>> setting = Settings.find(key);
      boolean isSection = isSection(key);
      if (isSection && value instanceof MappingNode mapping) {
        mapping(mapping, key + ".");
      } else if (setting.isPresent()) {
        setting(setting.get(), name, value);
      } else if (!isSection) {
        String where = section.isEmpty() ? "" : " in " + section.substring(0, section.length() - 1);
        String text = unknownKey(name.getValue(), where, suggestion(name.getValue(), section));
        problems.add(line(file, name) + ": " + text);
      } else if (!isEmpty(value)) {
        problems.add(line(file, value) + ": " + key + " is a section, with keys of its own");
      }
    }

    private void setting(Setting<?> setting, Node name, Node value) {
      String first = seen.putIfAbsent(setting, line(file, name));
      if (first == null) {
        put(setting, value, Source.FILE, node -> line(file, node), setting.key());
      } else {
        problems.add(line(file, name) + ": " + setting + " is there twice, first at " + first);
      }
    }

    private static boolean isSection(String key) {
      return Settings.all().stream().anyMatch(setting -> setting.key().startsWith(key + "."));
    }

    private static boolean isEmpty(@Nullable Node value) {
      return value instanceof ScalarNode scalar && scalar.getValue().isEmpty();
    }
  }
}
