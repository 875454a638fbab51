// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.kubemq.KubemqRoutes;
import java.util.StringJoiner;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** A route table: JSON text, or, which is nearly the same, written out in YAML. */
final class RouteTableType implements SettingType<String> {

  @Override
  public String form() {
    return "a JSON array of objects with Key and Routes, as text";
  }

  @Override
  public String parse(Node node, Report report) throws InvalidValueException {
    String text = node instanceof SequenceNode list ? json(list) : SettingTypes.text(node, form());
    try {
      KubemqRoutes.check(text);
      return text;
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(String.valueOf(e.getMessage()));
    }
  }

  /** What is no list of texts by name becomes something that is no route table either. */
  private static String json(SequenceNode list) {
    StringJoiner array = new StringJoiner(",", "[", "]");
    for (Node item : list.getValue()) {
      StringJoiner object = new StringJoiner(",", "{", "}");
      if (item instanceof MappingNode mapping) {
        mapping.getValue().forEach(each -> object.add(member(each)));
      }
      array.add(object.toString());
    }
    return array.toString();
  }

  private static String member(NodeTuple tuple) {
    return scalar(tuple.getKeyNode()) + ":" + scalar(tuple.getValueNode());
  }

  private static String scalar(Node node) {
    return node instanceof ScalarNode text ? quoted(text.getValue()) : "null";
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  @Override
  public String print(String value) {
    return value;
  }
}
