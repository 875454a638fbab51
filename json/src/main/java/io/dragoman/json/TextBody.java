// SPDX-License-Identifier: Apache-2.0
package io.dragoman.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Whether a body is text, as dialects have that carry texts. */
public final class TextBody {

  private TextBody() {}

  public static boolean isText(byte[] body) {
    for (byte each : body) {
      if (each < 0) {
        return isUtf8(body);
      }
    }
    return true;
  }

  private static boolean isUtf8(byte[] body) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
