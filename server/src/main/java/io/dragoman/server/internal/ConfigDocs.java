// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes {@code docs/configuration.md} from the catalogue. */
public final class ConfigDocs {

  /** The headings, each with the sections of the keys below it. */
  private static final Map<String, List<String>> HEADINGS = new LinkedHashMap<>();

  static {
    HEADINGS.put("The node", List.of("engine", "durability", "data", "node", "nats"));
    HEADINGS.put("Listeners", List.of("bind", "http", "eventhub", "kubemq", "connmix"));
    HEADINGS.put("Who may connect", List.of("auth"));
    HEADINGS.put("Limits", List.of("limits"));
    HEADINGS.put("Queues", List.of("queue"));
    HEADINGS.put("Logs", List.of("log"));
    HEADINGS.put("Routes", List.of("routing"));
    HEADINGS.put("Between the protocols", List.of("interop"));
    HEADINGS.put("Memory and slow receivers", List.of("memory", "slowReceiver"));
    HEADINGS.put("Operation", List.of("metrics", "drain", "logging"));
  }

  private static final String INTRODUCTION =
      """
      # Configuration

      <!-- Generated from the catalogue of settings (server, class Settings). Do not edit:
           change the catalogue, then run: bin/dragoman config docs > docs/configuration.md -->

      Dragoman runs without any configuration. What you do set comes from, the strongest first:

      1. the command line: `--set key=value`, as often as you like; `--data DIR` is `--set data.dir=DIR`
      2. the environment: the key in upper case, with `_` for dots and before capitals, after
         `DRAGOMAN_`: `kubemq.rest.port` is `DRAGOMAN_KUBEMQ_REST_PORT`. A variable with an empty value
         counts as not set
      3. a YAML file, named by `--config FILE` or the variable `DRAGOMAN_CONFIG`
      4. the defaults below

      In the file, sections may be nested or written out, whichever reads better:

      ```yaml
      durability: async
      durability.asyncSyncMillis: 20
      log:
        retention:
          age: 30d
          bytes: 10GiB
      ```

      A key or variable that does not exist, or a value that cannot be used, stops the start with exit code
      2 and one line for each fault: its file and line, what is wrong, and what was probably meant.

      Durations need a unit: `ms`, `s`, `m`, `h` or `d`. Sizes are in bytes or have one: `KiB`, `MiB`,
      `GiB`, `TiB` (1024) or `kB`, `MB`, `GB`, `TB` (1000). Lists are YAML lists; elsewhere than in the file
      they are separated by commas.

      | command | |
      |---|---|
      | `dragoman config check` | reads the configuration as `server` would, says what is wrong, starts nothing |
      | `dragoman config defaults` | all settings with their defaults, as YAML |
      | `dragoman config effective` | all settings as they are now and where each was set; secrets masked |
      """;

  private static final String CHANNELS =
      """

      ## Channels

      `channels` says what is different for single queues and logs. Each setting of a channel comes from the
      entry that fits best and has it: the full name before a pattern, a longer pattern before a shorter
      one, and the settings above if there is none. Elsewhere than in the file the list is written as YAML
      on one line. A channel reads its settings when the broker first uses it after a start.

      ```yaml
      channels:
        - kind: queue
          name: orders
          maxReceiveCount: 5
          deadLetterQueue: orders-dead
        - kind: log
          name: telemetry.*
          durability: async
          retentionAge: 12h
      ```

      | key | for | meaning |
      |---|---|---|
      """;

  private static final String FOREIGN =
      """

      ## Variables of other programs

      Most variables that KubeMQ and Eventhub know (`KUBEMQ_TOKEN`, `REST_PORT` and so on) do not configure
      Dragoman. Those that are set are listed at the start, so that nobody wonders. Some mean something
      here, unless the setting itself is set:

      | variable | setting |
      |---|---|
      | `KUBEMQ_HOST` | `node.name` |
      | `JWT_SECRET` | `auth.jwt.secret` |
      | `DISABLE_AUTH` | `true` is `auth.enabled: false`; `false` is `auth.enabled: true` where there is a key |
      | `LISTEN_PORT` | `eventhub.port`, unless another listener has that port; not for web pages of other origins while no tokens are required |
      | `ENABLE_CACHE` | `eventhub.eventLog` |
      | `ENABLE_KVSTORE` | `eventhub.keyValues` |
      | `ENABLE_SSE` | `eventhub.sse` |
      | `MAX_CACHE_REQUEST_LIMIT` | `eventhub.historyMax` |
      | `PING_INTERVAL` | `eventhub.pingInterval`, in seconds |
      | `HANDSHAKE_TIMEOUT` | `eventhub.handshakeTimeout`, in seconds |

      Eventhub's, all but the first, may be in lower case. What cannot be used is ignored, and a port that
      cannot be opened is said at the start: none of these stops it. `DEFAULT_CACHE_TTL` is not read,
      because messages would disappear by it that KubeMQ's clients rely on, too; set `eventhub.defaultTtl`.
      `LOG_LEVEL` is not read, because too many programs share the name.

      Kubernetes sets variables such as `DRAGOMAN_SERVICE_HOST` and `DRAGOMAN_PORT_8080_TCP` beside a service
      called `dragoman`. They are ignored.
      """;

  private ConfigDocs() {}

  /** The whole page. */
  public static String markdown() {
    StringBuilder page = new StringBuilder(INTRODUCTION);
    HEADINGS.forEach((heading, sections) -> settings(page, heading, sections));
    page.append(CHANNELS);
    for (ChannelOverridesType.Field<?> field : ChannelOverridesType.FIELDS) {
      String kind = field.kind() == null ? "both" : field.kind().label();
      row(page, code(field.name()), kind, field.doc());
    }
    return page.append(FOREIGN).toString();
  }

  /** Settings that have no place on the page; there must be none. */
  static List<Setting<?>> homeless() {
    return Settings.all().stream()
        .filter(setting -> !setting.key().equals(Settings.CHANNELS.key()))
        .filter(setting -> HEADINGS.values().stream().noneMatch(s -> s.contains(setting.section())))
        .toList();
  }

  private static void settings(StringBuilder page, String heading, List<String> sections) {
    page.append("\n## ").append(heading).append("\n\n");
    row(page, "key", "default", "meaning");
    page.append("|---|---|---|\n");
    for (Setting<?> setting : Settings.all()) {
      if (sections.contains(setting.section())) {
        row(page, code(setting.key()), defaultOf(setting), setting.doc() + values(setting));
      }
    }
  }

  private static String defaultOf(Setting<?> setting) {
    String value = setting.show(setting.defaultValue());
    return value.isEmpty() ? "unset" : value.equals("[]") ? "none" : code(value);
  }

  private static String values(Setting<?> setting) {
    return " Takes " + setting.type().form() + ".";
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static void row(StringBuilder page, String first, String second, String third) {
    page.append("| ").append(first).append(" | ").append(second).append(" | ");
    page.append(third.replace("|", "\\|")).append(" |\n");
  }
}
