// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.json.JsonText;
import io.dragoman.transport.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The answers over HTTP. */
final class Answers {
  private static final AsciiString HTML = AsciiString.cached("text/html; charset=utf-8");
  private static final AsciiString JSON = AsciiString.cached("application/json");
  private static final AsciiString PROBLEM = AsciiString.cached("application/problem+json");

  private static final AsciiString ALLOW_METHODS =
      AsciiString.cached("access-control-allow-methods");

  private static final Map<Integer, String> REASONS =
      Map.of(
          400, "Bad Request",
          401, "Unauthorized",
          403, "Forbidden",
          405, "Method not allowed",
          413, "Content Too Large",
          429, "Too Many Requests",
          500, "Internal Server Error",
          501, "Not Implemented",
          503, "Service Unavailable");

  private Answers() {}

  /** An error as this dialect shows it to browsers (spec: eventhub §1). */
  static void page(HttpExchange exchange, int status, String text) {
    respond(
        exchange, status, HTML, "<h1>" + status + " " + reason(status) + "</h1>\n" + text + "\r\n");
  }

  /** What can be done, without a token, on every path (spec: eventhub §1). */
  static void options(HttpExchange exchange) {
    exchange.addResponseHeader(ALLOW_METHODS, "GET, POST, OPTIONS");
    exchange.respond(204, AsciiString.EMPTY_STRING, Unpooled.EMPTY_BUFFER);
  }

  /** The only one that has no text. */
  static void methodNotAllowed(HttpExchange exchange) {
    respond(exchange, 405, HTML, "<h1>405 " + reason(405) + "</h1>\r\n");
  }

  static void json(HttpExchange exchange, int status, String json) {
    respond(exchange, status, JSON, json);
  }

  /** An error of a route of ours (RFC 9457). */
  static void problem(HttpExchange exchange, int status, String detail) {
    ByteBuf out = exchange.allocator().buffer();
    out.writeCharSequence(
        "{\"type\":\"about:blank\",\"title\":\""
            + reason(status)
            + "\",\"status\":"
            + status
            + ",\"detail\":",
        StandardCharsets.UTF_8);
    JsonText.string(out, detail);
    out.writeByte('}');
    exchange.respond(status, PROBLEM, out);
  }

  static void result(HttpExchange exchange, ByteBuf json) {
    exchange.respond(200, JSON, json);
  }

  private static String reason(int status) {
    return REASONS.getOrDefault(status, "Error");
  }

  private static void respond(HttpExchange exchange, int status, AsciiString type, String text) {
    ByteBuf out = exchange.allocator().buffer();
    out.writeCharSequence(text, StandardCharsets.UTF_8);
    exchange.respond(status, type, out);
  }
}
