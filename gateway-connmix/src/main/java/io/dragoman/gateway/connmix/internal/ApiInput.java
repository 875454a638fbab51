// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.dragoman.json.JsonFrames;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a backend's request straight from the bytes that arrived (spec: connmix §2.0). Of a member
 * that is there more than once the last counts.
 */
final class ApiInput {
  private static final int ID_BYTES_MAX = 1024;
  private static final int LIST_MAX = 100_000;
  private static final String NO_TYPE = "?";

  private final JsonParser parser;
  private @Nullable String target;
  private @Nullable String data;
  private @Nullable String type;
  private @Nullable List<String> topics;
  private @Nullable String function;
  private @Nullable List<String> arguments;
  private boolean acknowledged;

  private ApiInput(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads a frame.
   *
   * @throws IOException if it is no JSON object
   */
  static ApiRequest request(ByteBuf frame) throws IOException {
    try (JsonParser parser = JsonFrames.open(frame)) {
      return new ApiInput(parser).envelope(frame.readableBytes());
    }
  }

  /**
   * Reads the body of an HTTP request, which is what {@code p} is in a frame.
   *
   * @throws IOException if it is no JSON object
   */
  static ApiParams params(ByteBuf body) throws IOException {
    try (JsonParser parser = JsonFrames.open(body)) {
      ApiInput input = new ApiInput(parser);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      input.members();
      input.end();
      return input.params();
    }
  }

  private ApiRequest envelope(int bytes) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("no object");
    }
    RequestId shortForm = null;
    RequestId longForm = null;
    String method = "";
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (name) {
        case "m" -> {
          String given = textOrNull(token);
          method = given == null ? "" : given;
        }
        case "p" -> readParams(token);
        case "i" -> shortForm = id(token);
        case "id" -> longForm = id(token);
        default -> parser.skipChildren();
      }
    }
    end();
    RequestId id = shortForm != null ? shortForm : longForm;
    return new ApiRequest(id == null ? RequestId.NONE : id, method, params(), bytes);
  }

  private ApiParams params() {
    return new ApiParams(target, data, type, topics, function, arguments, acknowledged);
  }

  private void end() throws IOException {
    if (parser.nextToken() != null) {
      throw new IOException("something behind the object");
    }
  }

  /** Null where there is none that could be echoed. */
  private @Nullable RequestId id(JsonToken token) throws IOException {
    if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
      parser.skipChildren();
      return null;
    }
    byte[] json =
        token == JsonToken.VALUE_STRING
            ? JsonText.quoted(text())
            : parser.getText().getBytes(StandardCharsets.US_ASCII);
    if (json.length > ID_BYTES_MAX) {
      throw new IOException("an id of " + json.length + " bytes");
    }
    return new RequestId(json);
  }

  /** An object, the first object of a list, or a list of texts. */
  private void readParams(JsonToken token) throws IOException {
    if (token == JsonToken.START_OBJECT) {
      members();
    } else if (token == JsonToken.START_ARRAY) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_OBJECT) {
        members();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          parser.skipChildren();
        }
      } else if (first != JsonToken.END_ARRAY) {
        topics = texts(first);
      }
    } else {
      parser.skipChildren();
    }
  }

  private void members() throws IOException {
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (name) {
        case "c" -> target = textOrInteger(token);
        case "d" -> data = textOrJson(token);
        case "t" -> readType(token);
        case "f" -> function = textOrNull(token);
        case "a" -> arguments = jsonTexts(token);
        case "ack" -> {
          acknowledged = token == JsonToken.VALUE_TRUE;
          parser.skipChildren();
        }
        default -> parser.skipChildren();
      }
    }
  }

  private @Nullable String textOrInteger(JsonToken token) throws IOException {
    return token == JsonToken.VALUE_NUMBER_INT ? parser.getText() : textOrNull(token);
  }

  private @Nullable String textOrNull(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      return text();
    }
    parser.skipChildren();
    return null;
  }

  private @Nullable String textOrJson(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    return token == JsonToken.VALUE_STRING ? text() : JsonValues.compact(parser);
  }

  private void readType(JsonToken token) throws IOException {
    type = null;
    topics = null;
    if (token == JsonToken.VALUE_STRING) {
      type = text();
      return;
    }
    if (token == JsonToken.START_ARRAY) {
      topics = texts(parser.nextToken());
    } else {
      parser.skipChildren();
    }
    // What is no text is to be refused where a type is meant, as a type is that nobody knows.
    type = token == JsonToken.VALUE_NULL ? null : NO_TYPE;
  }

  /** The texts of a list whose first element is current; null if something else is among them. */
  private @Nullable List<String> texts(JsonToken first) throws IOException {
    List<String> texts = new ArrayList<>();
    boolean all = true;
    for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      if (token == JsonToken.VALUE_STRING && texts.size() < LIST_MAX) {
        texts.add(text());
      } else {
        all = false;
        parser.skipChildren();
      }
    }
    return all ? texts : null;
  }

  private @Nullable List<String> jsonTexts(JsonToken token) throws IOException {
    if (token != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return null;
    }
    List<String> texts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (texts.size() == LIST_MAX) {
        throw new IOException("too many arguments");
      }
      texts.add(JsonValues.compact(parser));
    }
    return texts;
  }

  private String text() throws IOException {
    return JsonValues.wellFormed(parser.getText());
  }
}
