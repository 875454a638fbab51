// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reading answers strictly, the seeds' examples leniently, and writing requests. */
public final class Json {

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(1 << 28).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA, JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .build();

  private Json() {}

  /** Parses what a server sent: no duplicate keys, nothing behind the value. */
  public static JsonNode parse(String text) {
    try {
      return STRICT.readTree(text);
    } catch (JsonProcessingException e) {
      String beginning = text.substring(0, Math.min(text.length(), 1000));
      throw new AssertionError("not valid JSON: <" + beginning + ">", e);
    }
  }

  /** Parses an example of the seeds, which have trailing commas and comments here and there. */
  public static JsonNode parseExample(String text) {
    try {
      return LENIENT.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not readable: <" + text + ">", e);
    }
  }

  /** An object from keys and values in turn; values may be JSON nodes. */
  public static ObjectNode object(Object... keysAndValues) {
    ObjectNode object = STRICT.createObjectNode();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.set((String) keysAndValues[i], STRICT.valueToTree(keysAndValues[i + 1]));
    }
    return object;
  }

  public static ArrayNode array(JsonNode... items) {
    ArrayNode array = STRICT.createArrayNode();
    for (JsonNode item : items) {
      array.add(item);
    }
    return array;
  }

  /** A copy of {@code base} with one more or one changed member. */
  public static ObjectNode with(ObjectNode base, String key, Object value) {
    ObjectNode copy = base.deepCopy();
    copy.set(key, STRICT.valueToTree(value));
    return copy;
  }

  public static ObjectNode without(ObjectNode base, String key) {
    ObjectNode copy = base.deepCopy();
    copy.remove(key);
    return copy;
  }

  /** The keys of an object in the order in which they were sent. */
  public static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  public static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The text inside a base64 value; the empty text when the value is absent. */
  public static String decoded(JsonNode value) {
    return new String(Base64.getDecoder().decode(value.asText("")), StandardCharsets.UTF_8);
  }
}
