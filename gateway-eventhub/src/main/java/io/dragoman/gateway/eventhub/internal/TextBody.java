// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Whether a body is text, which is all that this dialect has. */
final class TextBody {

  private TextBody() {}

  static boolean isText(byte[] body) {
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
