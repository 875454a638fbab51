// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.transport.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/** Answers over HTTP to what is refused before the protocol begins (spec: connmix §2.7). */
final class Answers {
  static final AsciiString JSON = AsciiString.cached("application/json");
  private static final AsciiString CHALLENGE = AsciiString.cached("www-authenticate");

  private Answers() {}

  static void badRequest(HttpExchange exchange, String text) {
    error(exchange, 400, ApiError.invalid(text));
  }

  /**
   * @param scheme how to say who one is
   */
  static void unauthorized(HttpExchange exchange, String scheme, String text) {
    exchange.addResponseHeader(CHALLENGE, scheme);
    error(exchange, 401, new ApiError(ApiError.NOT_ALLOWED, text));
  }

  static void forbidden(HttpExchange exchange, String text) {
    error(exchange, 403, new ApiError(ApiError.NOT_ALLOWED, text));
  }

  static void error(HttpExchange exchange, int status, ApiError error) {
    ByteBuf out = exchange.allocator().buffer();
    ApiReplies.error(out, error, null);
    exchange.respond(status, JSON, out);
  }
}
