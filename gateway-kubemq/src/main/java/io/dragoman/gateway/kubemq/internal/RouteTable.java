// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the keys after {@code routes:} stand for. Immutable. Written as clients of this dialect know
 * it (spec: kubemq §5.5): {@code [{"Key":"k","Routes":"events:a;queues:b"}]}.
 */
public final class RouteTable {
  /** A table without routes. */
  public static final RouteTable EMPTY = new RouteTable(Map.of());

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String SHAPE =
      "a route table is an array of objects, each with Key and Routes, both texts";

  private final Map<String, List<RoutePart>> routes;

  private RouteTable(Map<String, List<RoutePart>> routes) {
    this.routes = routes;
  }

  /**
   * Reads a table.
   *
   * @throws IllegalArgumentException if it is none; the message is for whoever wrote it
   */
  public static RouteTable parse(String json) {
    Map<String, List<RoutePart>> routes = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(json)) {
      expect(parser.nextToken() == JsonToken.START_ARRAY);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(parser.currentToken() == JsonToken.START_OBJECT);
        entry(parser, routes);
      }
      expect(parser.nextToken() == null);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not JSON in line " + e.getLocation().getLineNr() + "; " + SHAPE, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(SHAPE, e);
    }
    return new RouteTable(Map.copyOf(routes));
  }

  private static void entry(JsonParser parser, Map<String, List<RoutePart>> routes)
      throws IOException {
    String key = "";
    String value = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName().toLowerCase(Locale.ROOT);
      boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
      switch (name) {
        case "key" -> {
          expect(text);
          key = parser.getText().trim();
        }
        case "routes" -> {
          expect(text);
          value = parser.getText();
        }
        default ->
            throw new IllegalArgumentException("unknown " + parser.currentName() + "; " + SHAPE);
      }
    }
    expect(parser.currentToken() == JsonToken.END_OBJECT && !key.isEmpty());
    if (routes.put(key, parts(key, value)) != null) {
      throw new IllegalArgumentException("the key " + key + " is there twice");
    }
  }

  private static List<RoutePart> parts(String key, String value) {
    List<RoutePart> parts;
    try {
      parts = RoutePart.list(value);
    } catch (BadInputException e) {
      throw new IllegalArgumentException("the key " + key + ": " + e.text(), e);
    }
    if (parts.stream().anyMatch(part -> part.type() == RoutePart.Type.ROUTES)) {
      throw new IllegalArgumentException("the key " + key + ": Routes may not contain routes:");
    }
    return parts;
  }

  private static void expect(boolean right) {
    if (!right) {
      throw new IllegalArgumentException(SHAPE);
    }
  }

  /** What a key stands for, or null. */
  @Nullable List<RoutePart> find(String key) {
    return routes.get(key);
  }

  /** How many keys there are. */
  public int size() {
    return routes.size();
  }
}
