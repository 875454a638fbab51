// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the management API shows messages. */
final class MessageJson {
  /** Larger bodies are left out: whoever browses a thousand messages does not want them. */
  private static final int BODY_MAX = 1 << 20;

  private MessageJson() {}

  /** The members of a message in a queue, or held back for it, within an object that is open. */
  static void write(JsonGenerator json, QueueMessage queued) throws IOException {
    if (queued.sequence() != 0) {
      json.writeNumberField("sequence", queued.sequence());
    }
    write(json, queued.message(), queued.timestampNanos());
    json.writeNumberField("receiveCount", queued.receiveCount());
    if (!queued.reRoutedFrom().isEmpty()) {
      json.writeStringField("reRoutedFrom", queued.reRoutedFrom());
    }
    time(json, "expiresAt", queued.expiresAtNanos());
    time(json, "deliverAt", queued.deliverAtNanos());
    QueuePolicy policy = queued.policy();
    json.writeObjectFieldStart("policy");
    json.writeNumberField("expirationSeconds", policy.expirationSeconds());
    json.writeNumberField("delaySeconds", policy.delaySeconds());
    json.writeNumberField("maxReceiveCount", policy.maxReceiveCount());
    json.writeStringField("deadLetterQueue", policy.deadLetterQueue());
    json.writeEndObject();
  }

  /** The members of a message in a log, within an object that is open. */
  static void write(JsonGenerator json, LogRecord logged) throws IOException {
    json.writeNumberField("sequence", logged.sequence());
    write(json, logged.message(), logged.timestampNanos());
  }

  /** Unless there is none. */
  static void time(JsonGenerator json, String name, long unixNanos) throws IOException {
    if (unixNanos != 0) {
      json.writeStringField(name, Instant.ofEpochSecond(0, unixNanos).toString());
    }
  }

  private static void write(JsonGenerator json, Message message, long timestampNanos)
      throws IOException {
    json.writeStringField("id", message.id());
    json.writeStringField("clientId", message.clientId());
    time(json, "timestamp", timestampNanos);
    json.writeStringField("metadata", message.metadata());
    json.writeObjectFieldStart("tags");
    for (Map.Entry<String, String> tag : message.tags().entrySet()) {
      json.writeStringField(tag.getKey(), tag.getValue());
    }
    json.writeEndObject();
    body(json, message.body());
  }

  private static void body(JsonGenerator json, byte[] body) throws IOException {
    json.writeNumberField("bodyBytes", body.length);
    if (body.length > BODY_MAX) {
      json.writeBooleanField("bodyOmitted", true);
      return;
    }
    String text = text(body);
    if (text != null) {
      json.writeStringField("body", text);
    } else {
      json.writeBinaryField("bodyBase64", body);
    }
  }

  /** Null if it is not UTF-8. */
  private static @Nullable String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
