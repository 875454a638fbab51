// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.dragoman.json.JsonFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON value whose parts are looked up by pointers. Immutable. */
final class JsonTree {
  /** No value. */
  static final JsonTree NONE = new JsonTree(Kind.LITERAL, "null", Map.of());

  private enum Kind {
    OBJECT,
    LIST,
    TEXT,
    /** A number, a truth value or null. */
    LITERAL
  }

  private final Kind kind;
  private final String text;

  /** Of an object or a list, whose members are called by their numbers. */
  private final Map<String, JsonTree> members;

  private JsonTree(Kind kind, String text, Map<String, JsonTree> members) {
    this.kind = kind;
    this.text = text;
    this.members = members;
  }

  /** Reads what is one JSON value; {@link #NONE} when it is not. */
  static JsonTree read(ByteBuf utf8) {
    try (JsonParser parser = JsonFrames.open(utf8)) {
      if (parser.nextToken() == null) {
        return NONE;
      }
      JsonTree tree = value(parser);
      return parser.nextToken() == null ? tree : NONE;
    } catch (IOException e) {
      return NONE;
    }
  }

  /** The same from a text. */
  static JsonTree read(String json) {
    return read(Unpooled.wrappedBuffer(json.getBytes(StandardCharsets.UTF_8)));
  }

  /** What a text of JSON stands for in a name: a text without its quotes, all else as it is. */
  static String plain(String json) {
    if (!json.startsWith("\"")) {
      return json;
    }
    String text = read(json).text();
    return text == null ? json : text;
  }

  /** A text as JSON. */
  static String quoted(String text) {
    return new JsonTree(Kind.TEXT, text, Map.of()).json();
  }

  private static JsonTree value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, JsonTree> members = new LinkedHashMap<>();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        members.put(name, value(parser));
      }
      return new JsonTree(Kind.OBJECT, "", members);
    }
    if (token == JsonToken.START_ARRAY) {
      Map<String, JsonTree> members = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        members.put(Integer.toString(members.size()), value(parser));
      }
      return new JsonTree(Kind.LIST, "", members);
    }
    Kind kind = token == JsonToken.VALUE_STRING ? Kind.TEXT : Kind.LITERAL;
    return new JsonTree(kind, parser.getText(), Map.of());
  }

  /** What a JSON pointer points to, or a name as a member of this; null when there is nothing. */
  @Nullable JsonTree at(String pointer) {
    if (pointer.isEmpty()) {
      return this;
    }
    if (!pointer.startsWith("/")) {
      return members.get(pointer);
    }
    JsonTree tree = this;
    for (String each : pointer.substring(1).split("/", -1)) {
      JsonTree member = tree.members.get(each.replace("~1", "/").replace("~0", "~"));
      if (member == null) {
        return null;
      }
      tree = member;
    }
    return tree;
  }

  /** The text that it stands for; null when it is null, an object or a list. */
  @Nullable String text() {
    boolean single = kind == Kind.TEXT || kind == Kind.LITERAL && !text.equals("null");
    return single ? text : null;
  }

  boolean isObject() {
    return kind == Kind.OBJECT;
  }

  boolean isList() {
    return kind == Kind.LIST;
  }

  /** The members of an object or a list. */
  Map<String, JsonTree> members() {
    return members;
  }

  /** As compact JSON. */
  String json() {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = JsonFrames.factory().createGenerator(out)) {
      write(generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private void write(JsonGenerator generator) throws IOException {
    switch (kind) {
      case OBJECT -> {
        generator.writeStartObject();
        for (Map.Entry<String, JsonTree> each : members.entrySet()) {
          generator.writeFieldName(each.getKey());
          each.getValue().write(generator);
        }
        generator.writeEndObject();
      }
      case LIST -> {
        generator.writeStartArray();
        for (JsonTree each : members.values()) {
          each.write(generator);
        }
        generator.writeEndArray();
      }
      case TEXT -> generator.writeString(text);
      case LITERAL -> generator.writeRawValue(text);
    }
  }
}
