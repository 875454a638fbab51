// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.Response;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a monitor shows what passes: indented JSON for people's eyes (spec: kubemq §4.4). That form
 * does not tell what the bytes of a body were; for programs that ask for it there is another, which
 * differs in the members for the body.
 */
enum MonitorFrames {
  /** As KubeMQ does: JSON as JSON, what is no text as base64, and both under the same name. */
  FOR_PEOPLE,

  /** As the management API does: {@code body} for text, {@code bodyBase64} for what is none. */
  EXACT;

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  /** Nobody reads more than this, and an event loop should not have to make it. */
  private static final int BODY_MAX = 256 << 10;

  private interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  String event(Message event, long timestampNanos, long sequence) {
    return frame(json -> message(json, event, timestampNanos, sequence));
  }

  String logged(LogRecord logged) {
    return event(logged.message(), logged.timestampNanos(), logged.sequence());
  }

  String queued(QueueMessage queued) {
    return frame(
        json -> {
          message(json, queued.message(), queued.timestampNanos(), queued.sequence());
          json.writeNumberField("receivedCount", queued.receiveCount());
          json.writeStringField("reRoutedFrom", queued.reRoutedFrom());
          json.writeStringField("expirationAt", time(queued.expiresAtNanos()));
          json.writeStringField("delayedTo", time(queued.deliverAtNanos()));
        });
  }

  String request(Inputs.Request request) {
    Message message = request.message();
    return frame(
        json -> {
          json.writeStringField("requestId", message.id());
          json.writeStringField("metadata", message.metadata());
          body(json, message.body());
          json.writeNumberField("timeout", request.timeoutMillis());
          json.writeStringField("tags", tags(message.tags()));
        });
  }

  String response(String requestId, Response response, long nowNanos) {
    Message message = response.message();
    return frame(
        json -> {
          json.writeStringField("requestId", requestId);
          json.writeStringField("metadata", message.metadata());
          body(json, message.body());
          json.writeStringField("timestamp", time(nowNanos));
          json.writeStringField("tags", tags(message.tags()));
          json.writeStringField("error", response.error());
          json.writeBooleanField("executed", response.executed());
        });
  }

  static String noResponse(String requestId, String error, long nowNanos) {
    return frame(
        json -> {
          json.writeStringField("requestId", requestId);
          json.writeStringField("error", error);
          json.writeStringField("timestamp", time(nowNanos));
        });
  }

  private void message(JsonGenerator json, Message message, long timestampNanos, long sequence)
      throws IOException {
    json.writeStringField("messageId", message.id());
    json.writeStringField("metadata", message.metadata());
    body(json, message.body());
    json.writeStringField("timestamp", time(timestampNanos));
    json.writeNumberField("sequence", sequence);
    json.writeStringField("tags", tags(message.tags()));
  }

  /** Whether a frame has the body of a message, and not only its size. */
  static boolean isShown(byte[] body) {
    return body.length <= BODY_MAX;
  }

  /** Empty for no time. */
  private static String time(long unixNanos) {
    return unixNanos == 0 ? "" : TIME.format(Instant.ofEpochSecond(0, unixNanos));
  }

  private static String tags(Map<String, String> tags) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      for (Map.Entry<String, String> tag : tags.entrySet()) {
        json.writeStringField(tag.getKey(), tag.getValue());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private void body(JsonGenerator json, byte[] body) throws IOException {
    if (this == EXACT) {
      exactly(json, body);
      return;
    }
    json.writeFieldName("body");
    if (body.length > BODY_MAX) {
      json.writeString("(" + body.length + " bytes)");
    } else if (isStructure(body)) {
      try (JsonParser parser = FACTORY.createParser(body)) {
        parser.nextToken();
        json.copyCurrentStructure(parser);
      }
    } else {
      String text = text(body);
      json.writeString(text == null ? Base64.getEncoder().encodeToString(body) : text);
    }
  }

  private static void exactly(JsonGenerator json, byte[] body) throws IOException {
    json.writeNumberField("bodyBytes", body.length);
    if (body.length > BODY_MAX) {
      json.writeBooleanField("bodyOmitted", true);
      return;
    }
    String text = text(body);
    if (text == null) {
      json.writeBinaryField("bodyBase64", body);
    } else {
      json.writeStringField("body", text);
    }
  }

  private static boolean isStructure(byte[] body) {
    if (body.length == 0 || body[0] != '{' && body[0] != '[') {
      return false;
    }
    try (JsonParser parser = FACTORY.createParser(body)) {
      JsonToken first = parser.nextToken();
      parser.skipChildren();
      return (first == JsonToken.START_OBJECT || first == JsonToken.START_ARRAY)
          && parser.nextToken() == null;
    } catch (IOException e) {
      return false;
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

  private static String frame(Members members) {
    StringWriter text = new StringWriter(256);
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.setPrettyPrinter(printer());
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static DefaultPrettyPrinter printer() {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
    printer.indentArraysWith(lines);
    printer.indentObjectsWith(lines);
    return printer;
  }
}
