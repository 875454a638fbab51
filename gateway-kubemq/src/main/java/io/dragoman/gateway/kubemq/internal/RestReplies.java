// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.transport.ErrorResponder;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.ResponseListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;

/** How this dialect answers over HTTP. */
final class RestReplies {
  static final AsciiString JSON = AsciiString.cached("application/json; charset=UTF-8");
  static final AsciiString TEXT = AsciiString.cached("text/plain; charset=UTF-8");

  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int UNAVAILABLE = 503;
  private static final byte[] ERROR_CODE = Field.quoted("error_code");
  private static final byte[] MESSAGE = Field.quoted("message");

  private RestReplies() {}

  /** Begins a success: the data is to be written next, then {@link #send}. */
  static JsonWriter ok(HttpExchange exchange) {
    return JsonEncoders.ok(JsonWriter.start(exchange.allocator()));
  }

  /** Ends and sends what {@link #ok} began. */
  static void send(HttpExchange exchange, JsonWriter data) {
    exchange.respond(OK, JSON, data.endObject().finish());
  }

  /** The same, and tells the listener what became of it. */
  static void send(HttpExchange exchange, JsonWriter data, ResponseListener listener) {
    exchange.respond(OK, JSON, data.endObject().finish(), listener);
  }

  static void okWithoutData(HttpExchange exchange) {
    JsonWriter out = JsonWriter.start(exchange.allocator());
    exchange.respond(OK, JSON, JsonEncoders.okWithoutData(out).finish());
  }

  static void failed(HttpExchange exchange, String message) {
    envelope(exchange, BAD_REQUEST, message);
  }

  static void notReady(HttpExchange exchange) {
    envelope(exchange, UNAVAILABLE, "rest server is not ready to accept requests");
  }

  /** For those whose token is not accepted. */
  static void unauthenticated(HttpExchange exchange, String message) {
    exchange.addResponseHeader(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    envelope(exchange, UNAUTHORIZED, message);
  }

  /** For those whose token is not enough. */
  static void forbidden(HttpExchange exchange, String message) {
    envelope(exchange, FORBIDDEN, message);
  }

  /** For a plain GET of a path that is for WebSockets. */
  static void notWebSocket(HttpExchange exchange) {
    exchange.addResponseHeader(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
    failed(
        exchange,
        "websocket: the client is not using the websocket protocol: 'upgrade' token not found in"
            + " 'Connection' header");
  }

  private static void envelope(HttpExchange exchange, int status, String message) {
    JsonWriter out = JsonWriter.start(exchange.allocator());
    exchange.respond(status, JSON, JsonEncoders.failed(out, message).finish());
  }

  /** The errors of the transport: not the envelope, but another shape that clients know. */
  static ErrorResponder.Body error(int status, String reason) {
    ByteBuf text =
        JsonWriter.start(UnpooledByteBufAllocator.DEFAULT)
            .beginObject()
            .key(ERROR_CODE)
            .value(status)
            .key(MESSAGE)
            .value(known(status, reason))
            .endObject()
            .finish();
    byte[] bytes = ByteBufUtil.getBytes(text);
    text.release();
    return ErrorResponder.Body.of(JSON, bytes);
  }

  private static String known(int status, String reason) {
    return switch (status) {
      case 404, 405, 413 -> HttpResponseStatus.valueOf(status).reasonPhrase();
      default -> reason;
    };
  }
}
