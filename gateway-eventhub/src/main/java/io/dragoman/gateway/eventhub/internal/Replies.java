// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Utf8Text;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers to requests, keys in alphabetical order (spec: eventhub §2 and §3). Each gives a
 * buffer that its caller owns.
 */
final class Replies {
  private static final byte[] INVALID_REQUEST =
      JsonText.ascii(
          "{\"error\":{\"code\":-32600,\"data\":\"Invalid request\",\"message\":\"Invalid"
              + " request\"},\"id\":null,\"jsonrpc\":\"2.0\"}");
  private static final byte[] NO_SUCH_METHOD =
      JsonText.ascii("{\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":");
  private static final byte[] INVALID_PARAMS =
      JsonText.ascii("{\"error\":{\"code\":-32602,\"data\":");
  private static final byte[] INVALID_PARAMS_END =
      JsonText.ascii(",\"message\":\"Invalid params\"},\"id\":");
  private static final byte[] VERSION_END = JsonText.ascii(",\"jsonrpc\":\"2.0\"}");
  private static final byte[] ID = JsonText.ascii("{\"id\":");
  private static final byte[] RESULT = JsonText.ascii(",\"jsonrpc\":\"2.0\",\"result\":");
  private static final int ROOM_BYTES = 256;

  private final ByteBufAllocator allocator;

  Replies(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  ByteBuf invalidRequest() {
    return allocator.buffer(INVALID_REQUEST.length).writeBytes(INVALID_REQUEST);
  }

  ByteBuf noSuchMethod(RequestId id) {
    return allocator
        .buffer(ROOM_BYTES)
        .writeBytes(NO_SUCH_METHOD)
        .writeBytes(id.json())
        .writeBytes(VERSION_END);
  }

  /** What a method refuses, for whatever reason: clients read {@code data}. */
  ByteBuf invalidParams(RequestId id, String data) {
    ByteBuf out = allocator.buffer(ROOM_BYTES).writeBytes(INVALID_PARAMS);
    JsonText.string(out, data);
    return out.writeBytes(INVALID_PARAMS_END).writeBytes(id.json()).writeBytes(VERSION_END);
  }

  /**
   * @param history null when none was asked for
   */
  ByteBuf subscribed(RequestId id, String topic, @Nullable LogHistory history) {
    ByteBuf out = result(id);
    put(out, "{\"action\":\"subscribe\",");
    if (history != null) {
      if (history.missed().isPresent()) {
        put(out, "\"missed\":");
        JsonText.number(out, history.missed().getAsLong());
        put(out, ",");
      }
      put(out, history.complete() ? "\"recovered\":true," : "\"recovered\":false,");
    }
    put(out, "\"status\":\"ok\",\"topic\":");
    JsonText.string(out, topic);
    return put(out, "}}");
  }

  ByteBuf published(RequestId id, String topic, String eventId) {
    ByteBuf out = result(id);
    publishedResult(out, topic, eventId);
    return put(out, "}");
  }

  /** The result of a publish alone, as publishing over HTTP answers it. */
  static void publishedResult(ByteBuf out, String topic, String eventId) {
    put(out, "{\"action\":\"publish\",\"id\":");
    JsonText.string(out, eventId);
    put(out, ",\"status\":\"ok\",\"topic\":");
    JsonText.string(out, topic);
    put(out, "}");
  }

  /** No error, as the reference has it: clients look at the status. */
  ByteBuf rateLimited(RequestId id, String topic) {
    ByteBuf out = result(id);
    put(out, "{\"action\":\"publish\",\"status\":\"ERR_RATE_LIMIT_EXCEEDED\",\"topic\":");
    JsonText.string(out, topic);
    return put(out, "}}");
  }

  ByteBuf unsubscribed(RequestId id, int count) {
    ByteBuf out = result(id);
    put(out, "{\"unsubscribe_count\":");
    JsonText.number(out, count);
    return put(out, "}}");
  }

  ByteBuf topics(RequestId id, Collection<String> topics) {
    ByteBuf out = result(id);
    char before = '[';
    for (String topic : topics) {
      out.writeByte(before);
      JsonText.string(out, topic);
      before = ',';
    }
    return put(out, topics.isEmpty() ? "[]}" : "]}");
  }

  ByteBuf events(RequestId id, String topic, List<LogRecord> records) {
    ByteBuf out = result(id);
    put(out, "{\"action\":\"eventlog\",\"items\":[");
    for (int i = 0; i < records.size(); i++) {
      if (i > 0) {
        out.writeByte(',');
      }
      LogRecord record = records.get(i);
      ResultBatch.writeEvent(out, EventIds.of(record), record.message());
    }
    put(out, "],\"status\":\"ok\",\"topic\":");
    JsonText.string(out, topic);
    return put(out, "}}");
  }

  ByteBuf value(RequestId id, String key, byte[] value) {
    ByteBuf out = result(id);
    boolean text = Utf8Text.isValid(value);
    put(
        out,
        text
            ? "{\"action\":\"get\",\"key\":"
            : "{\"action\":\"get\",\"encoding\":\"base64\",\"key\":");
    JsonText.string(out, key);
    put(out, ",\"value\":");
    if (text) {
      JsonText.string(out, value);
    } else {
      JsonText.base64(out, value);
    }
    return put(out, "}}");
  }

  /**
   * @param action {@code set} or {@code del}
   */
  ByteBuf changed(RequestId id, String action, String key, boolean success) {
    ByteBuf out = result(id);
    put(out, "{\"action\":\"");
    put(out, action);
    put(out, "\",\"key\":");
    JsonText.string(out, key);
    return put(out, success ? ",\"success\":true}}" : ",\"success\":false}}");
  }

  ByteBuf pong(RequestId id, long unixMillis) {
    ByteBuf out = result(id);
    put(out, "{\"pong\":");
    JsonText.number(out, unixMillis);
    return put(out, "}}");
  }

  private ByteBuf result(RequestId id) {
    return allocator.buffer(ROOM_BYTES).writeBytes(ID).writeBytes(id.json()).writeBytes(RESULT);
  }

  private static ByteBuf put(ByteBuf out, String ascii) {
    out.writeCharSequence(ascii, java.nio.charset.StandardCharsets.US_ASCII);
    return out;
  }
}
