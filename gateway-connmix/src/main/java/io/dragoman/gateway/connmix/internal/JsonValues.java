// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.dragoman.json.JsonFrames;
import java.io.IOException;
import java.io.StringWriter;

/** Values of JSON as texts. */
final class JsonValues {

  private JsonValues() {}

  /**
   * The parser's current value without blanks, numbers as exact as they came; the parser is at its
   * end afterwards.
   *
   * @throws IOException if a text in it cannot be UTF-8
   */
  static String compact(JsonParser parser) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JsonFrames.factory().createGenerator(text)) {
      generator.copyCurrentStructureExact(parser);
    }
    return wellFormed(text.toString());
  }

  /**
   * The same text.
   *
   * @throws IOException if half a surrogate pair is in it, which no UTF-8 can hold
   */
  static String wellFormed(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
          throw new IOException("half a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }
}
