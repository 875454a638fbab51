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

  /** The parser's current value without blanks; the parser is at its end afterwards. */
  static String compact(JsonParser parser) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JsonFrames.factory().createGenerator(text)) {
      generator.copyCurrentStructure(parser);
    }
    return text.toString();
  }
}
