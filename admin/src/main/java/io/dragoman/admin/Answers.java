// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.transport.ErrorResponder;
import io.dragoman.transport.HttpExchange;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The forms in which the administration routes answer. */
final class Answers {
  static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");
  static final AsciiString HTML = AsciiString.cached("text/html; charset=utf-8");
  static final AsciiString JSON = AsciiString.cached("application/json");
  private static final AsciiString PROBLEM = AsciiString.cached("application/problem+json");
  private static final AsciiString ALLOW_ORIGIN = AsciiString.cached("access-control-allow-origin");
  private static final AsciiString CACHE_CONTROL = AsciiString.cached("cache-control");
  private static final JsonFactory FACTORY = new JsonFactory();

  /** How the transport's own errors look beside the administration routes. */
  static final ErrorResponder PROBLEMS =
      (status, reason) -> ErrorResponder.Body.of(PROBLEM, problem(status, reason));

  private Answers() {}

  /** Writes one JSON value. */
  @FunctionalInterface
  interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  /** Lets every web page read the answer, as Eventhub does. */
  static void allowAllOrigins(HttpExchange exchange) {
    String origin = exchange.header("origin");
    exchange.addResponseHeader(ALLOW_ORIGIN, origin == null ? "*" : origin);
  }

  static void text(HttpExchange exchange, int status, String text) {
    bytes(exchange, status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  static void json(HttpExchange exchange, int status, Writer writer) {
    bytes(exchange, status, JSON, json(writer));
  }

  /** An RFC 9457 problem document. */
  static void problem(HttpExchange exchange, int status, String detail) {
    bytes(exchange, status, PROBLEM, problem(status, detail));
  }

  /** Answers; what is asked here is only true now, so nobody may keep it. */
  static void bytes(HttpExchange exchange, int status, AsciiString type, byte[] body) {
    exchange.addResponseHeader(CACHE_CONTROL, "no-store");
    exchange.respond(status, type, Unpooled.wrappedBuffer(body));
  }

  /** What the core refused, as a problem document. */
  static void refusal(HttpExchange exchange, BrokerError error) {
    ErrorCode code = error.code();
    byte[] body =
        problem(
            status(code), error.detail(), code.name().toLowerCase(Locale.ROOT), code.retryable());
    bytes(exchange, status(code), PROBLEM, body);
  }

  /** A request that is wrong in itself. */
  static void invalid(HttpExchange exchange, String detail) {
    refusal(exchange, new BrokerError(ErrorCode.INVALID_ARGUMENT, detail));
  }

  private static int status(ErrorCode code) {
    return switch (code.category()) {
      case INVALID -> 400;
      case NOT_FOUND -> 404;
      case LIMIT, CONFLICT, CANCELLED -> 409;
      case TIMEOUT -> 504;
      case UNAVAILABLE -> 503;
      case INTERNAL -> 500;
    };
  }

  private static byte[] problem(int status, String detail) {
    String title = HttpResponseStatus.valueOf(status).reasonPhrase();
    String code = title.toLowerCase(Locale.ROOT).replace(' ', '_');
    return problem(status, detail, code, status == 429 || status == 503);
  }

  private static byte[] problem(int status, String detail, String code, boolean retryable) {
    String title = HttpResponseStatus.valueOf(status).reasonPhrase();
    return json(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "about:blank");
          json.writeStringField("title", title);
          json.writeNumberField("status", status);
          json.writeStringField("detail", detail);
          json.writeStringField("code", code);
          json.writeBooleanField("retryable", retryable);
          json.writeEndObject();
        });
  }

  private static byte[] json(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }
}
