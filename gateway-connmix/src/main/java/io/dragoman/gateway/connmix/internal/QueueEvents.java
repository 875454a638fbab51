// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.dragoman.core.Message;
import io.dragoman.core.Utf8Text;
import io.dragoman.json.JsonFrames;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes what a queue gave to a backend (spec: connmix §2.3, ruling 18). */
final class QueueEvents {
  private static final byte[] NODE = JsonText.ascii("{\"e\":\"queue.pop\",\"p\":{\"n\":");
  private static final byte[] CLIENT = JsonText.ascii(",\"c\":");
  private static final byte[] TOPIC = JsonText.ascii(",\"t\":");
  private static final byte[] DATA = JsonText.ascii(",\"d\":");
  private static final byte[] HANDLE = JsonText.ascii(",\"a\":");
  private static final byte[] END = JsonText.ascii("},\"id\":null}");
  private static final byte[] TEXT = JsonText.ascii("{\"frame\":{\"type\":\"text\",\"data\":");
  private static final byte[] BINARY = JsonText.ascii("{\"frame\":{\"type\":\"binary\",\"data\":");
  private static final byte[] FINISH = JsonText.ascii(",\"finish\":true}}");

  private QueueEvents() {}

  /**
   * Writes an event.
   *
   * @param handle what it is acknowledged with; null when that is not asked for
   */
  static void write(ByteBuf out, int node, Message message, @Nullable String handle) {
    out.writeBytes(NODE);
    JsonText.number(out, node);
    out.writeBytes(CLIENT);
    JsonText.string(out, message.clientId());
    out.writeBytes(TOPIC);
    JsonText.string(out, message.channel());
    out.writeBytes(DATA);
    data(out, message.body());
    if (handle != null) {
      out.writeBytes(HANDLE);
      JsonText.string(out, handle);
    }
    out.writeBytes(END);
  }

  private static void data(ByteBuf out, byte[] body) {
    boolean text = Utf8Text.isValid(body);
    if (text && isObject(body)) {
      out.writeBytes(body);
      return;
    }
    frame(out, body, !text);
  }

  /** What a client sent, as backends are told of it. */
  static void frame(ByteBuf out, byte[] body, boolean binary) {
    out.writeBytes(binary ? BINARY : TEXT);
    if (binary) {
      JsonText.base64(out, body);
    } else {
      JsonText.string(out, body);
    }
    out.writeBytes(FINISH);
  }

  /** Whether it is one JSON object and nothing else. */
  private static boolean isObject(byte[] body) {
    int first = 0;
    while (first < body.length && body[first] <= ' ' && body[first] > 0) {
      first++;
    }
    if (first == body.length || body[first] != '{') {
      return false;
    }
    try (JsonParser parser = JsonFrames.open(Unpooled.wrappedBuffer(body))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }
}
