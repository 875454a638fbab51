// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientScript;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Reads which script says what happens with the clients of one listener of connmix. */
final class ConnmixScriptReader {
  private static final String ENTRY = "entry";
  private static final String LOOK = "byteCodeExpires";
  private static final String OPTIONS = "options";
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);
  private static final Duration LOOK_LONGEST = Duration.ofDays(1);

  /** What a script does itself. */
  private static final List<String> OF_RULES =
      List.of(
          "auth",
          "context",
          "subscribe",
          "events",
          "full",
          "verbs",
          "verbPointer",
          "awaitContext",
          "framing");

  private final SettingType.Report report;

  ConnmixScriptReader(SettingType.Report report) {
    this.report = report;
  }

  /** Whether there is one, right or wrong. */
  static boolean isMeant(ConfigFields fields) {
    return fields.node(ENTRY).isPresent();
  }

  /** Of a listener without one. */
  void refuseRest(ConfigFields fields) {
    for (String each : List.of(LOOK, OPTIONS)) {
      fields
          .node(each)
          .ifPresent(node -> fields.error(node, each + " is for a listener with " + ENTRY));
    }
  }

  /** Empty when something was wrong. */
  Optional<ClientScript> read(ConfigFields fields) {
    for (String each : OF_RULES) {
      fields
          .node(each)
          .ifPresent(
              node ->
                  fields.error(
                      node,
                      each + " is not for a listener with " + ENTRY + ": its script does that"));
    }
    Optional<Path> entry = fields.find(ENTRY, SettingTypes.file());
    Duration look =
        fields.get(LOOK, SettingTypes.duration(Duration.ZERO, LOOK_LONGEST), LOOK_EVERY);
    Map<String, String> options = new LinkedHashMap<>();
    boolean faulty = fields.node(OPTIONS).map(node -> options(node, options)).orElse(false);
    ClientRules defaults = ClientRules.DEFAULTS;
    int topicSize = fields.get("topicSize", SettingTypes.integer(1, 1 << 30), defaults.topicSize());
    int topicsMax = fields.get("maxTopics", SettingTypes.integer(1, 1 << 20), defaults.topicsMax());
    boolean textPing = fields.get("textPing", SettingTypes.bool(), defaults.textPing());
    if (faulty || entry.isEmpty()) {
      return Optional.empty();
    }
    return entry.map(
        file -> new ClientScript(file, look.toMillis(), options, topicSize, topicsMax, textPing));
  }

  /** Gives whether anything was wrong. */
  private boolean options(Node node, Map<String, String> options) {
    ConfigFields fields = new ConfigFields(OPTIONS, node, report);
    for (String each : List.copyOf(fields.all().keySet())) {
      fields.find(each, SettingTypes.text("a text")).ifPresent(value -> options.put(each, value));
    }
    return fields.faulty();
  }
}
