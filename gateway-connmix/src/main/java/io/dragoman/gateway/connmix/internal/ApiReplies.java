// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.PublishCount;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes answers to backends (spec: connmix §2.0). Without an id they are those of HTTP. */
final class ApiReplies {
  private static final byte[] RESULT = JsonText.ascii("{\"E\":null,\"r\":");
  private static final byte[] DONE = JsonText.ascii("{\"s\":true}");
  private static final byte[] SENT = JsonText.ascii("{\"s\":");
  private static final byte[] FAILED = JsonText.ascii(",\"f\":");
  private static final byte[] CONTEXT = JsonText.ascii("{\"s\":true,\"context\":{");
  private static final byte[] ERROR = JsonText.ascii("{\"E\":{\"c\":");
  private static final byte[] TEXT = JsonText.ascii(",\"m\":");
  private static final byte[] ID = JsonText.ascii(",\"i\":");
  private static final byte[] PONG = JsonText.ascii("{\"m\":\"server.pong\"}");

  private ApiReplies() {}

  static void done(ByteBuf out, @Nullable RequestId id) {
    out.writeBytes(RESULT);
    out.writeBytes(DONE);
    end(out, id);
  }

  static void counted(ByteBuf out, PublishCount count, @Nullable RequestId id) {
    out.writeBytes(RESULT);
    out.writeBytes(SENT);
    JsonText.number(out, count.taken());
    out.writeBytes(FAILED);
    JsonText.number(out, count.failed());
    out.writeByte('}');
    end(out, id);
  }

  static void context(ByteBuf out, Map<String, String> context, @Nullable RequestId id) {
    out.writeBytes(RESULT);
    out.writeBytes(CONTEXT);
    boolean first = true;
    for (Map.Entry<String, String> each : context.entrySet()) {
      if (!first) {
        out.writeByte(',');
      }
      first = false;
      JsonText.string(out, each.getKey());
      out.writeByte(':');
      out.writeCharSequence(each.getValue(), StandardCharsets.UTF_8);
    }
    out.writeByte('}').writeByte('}');
    end(out, id);
  }

  static void pong(ByteBuf out, @Nullable RequestId id) {
    out.writeBytes(RESULT);
    out.writeBytes(PONG);
    end(out, id);
  }

  static void error(ByteBuf out, ApiError error, @Nullable RequestId id) {
    out.writeBytes(ERROR);
    JsonText.number(out, error.code());
    out.writeBytes(TEXT);
    JsonText.string(out, error.text());
    out.writeByte('}');
    end(out, id);
  }

  private static void end(ByteBuf out, @Nullable RequestId id) {
    if (id != null) {
      out.writeBytes(ID);
      out.writeBytes(id.json());
    }
    out.writeByte('}');
  }
}
