// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.server.internal.SettingType.InvalidValueException;
import io.dragoman.server.internal.SettingType.Report;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The keys of one mapping within a composite setting, while they are read. Faults are reported at
 * their places; {@link #faulty} says whether there were any.
 */
final class ConfigFields {
  private final String where;
  private final Node mapping;
  private final Report report;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final TreeSet<String> known = new TreeSet<>();
  private boolean faulty;

  /**
   * @param where what it belongs to, for faults
   */
  ConfigFields(String where, Node node, Report report) {
    this.where = where;
    this.mapping = node;
    this.report = report;
    if (!(node instanceof MappingNode map)) {
      error(node, where + " is a mapping of keys to values");
      return;
    }
    for (NodeTuple each : map.getValue()) {
      if (!(each.getKeyNode() instanceof ScalarNode key)) {
        error(each.getKeyNode(), "a key is a word");
      } else if (nodes.put(key.getValue(), each.getValueNode()) != null) {
        error(key, key.getValue() + " is there twice");
      }
    }
  }

  /** A value; the default if it is not there or cannot be used. */
  <T> T get(String name, SettingType<T> type, T absent) {
    return find(name, type).orElse(absent);
  }

  /** A value; empty if it is not there or cannot be used. */
  <T> Optional<T> find(String name, SettingType<T> type) {
    Optional<Node> node = node(name);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(type.parse(node.get(), this::error));
    } catch (InvalidValueException e) {
      error(node.get(), name + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A value that has to be there. */
  <T> Optional<T> need(String name, SettingType<T> type) {
    if (!nodes.containsKey(name)) {
      error(mapping, where + " needs " + name);
    }
    return find(name, type);
  }

  /** A value to be read by others. */
  Optional<Node> node(String name) {
    known.add(name);
    return Optional.ofNullable(nodes.get(name));
  }

  /** All that is there, for mappings whose keys are anything. */
  Map<String, Node> all() {
    known.addAll(nodes.keySet());
    return nodes;
  }

  boolean has(String name) {
    return nodes.containsKey(name);
  }

  void error(Node at, String message) {
    faulty = true;
    report.error(at, message);
  }

  void error(String message) {
    error(mapping, message);
  }

  /** Whether anything was wrong; what nobody asked for is, too. To be called last. */
  boolean faulty() {
    for (Map.Entry<String, Node> each : nodes.entrySet()) {
      if (!known.contains(each.getKey())) {
        error(
            each.getValue(),
            ConfigLoader.unknownKey(
                each.getKey(), " in " + where, Suggestions.nearest(each.getKey(), known)));
      }
    }
    return faulty;
  }
}
