// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.util.AsciiString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Cross-origin resource sharing for listeners that are open to all pages. */
final class Cors {

  /** The header lines of every answer to a request with an {@code Origin}. */
  static final String HEADERS = "access-control-allow-origin: *\r\nvary: Origin\r\n";

  private static final String ALLOW_ORIGIN = "access-control-allow-origin:";
  private static final AsciiString ALLOW_METHODS =
      AsciiString.cached("access-control-allow-methods");
  private static final AsciiString ALLOW_HEADERS =
      AsciiString.cached("access-control-allow-headers");
  private static final AsciiString VARY = AsciiString.cached("vary");

  private Cors() {}

  /** Whether header lines of a handler's own say who may read the answer. */
  static boolean isIn(String headers) {
    return headers.toLowerCase(Locale.ROOT).contains(ALLOW_ORIGIN);
  }

  static boolean isPreflight(Exchange request, RequestFacts facts) {
    return facts.originStart() >= 0
        && request.method().equals("OPTIONS")
        && request.header("access-control-request-method") != null;
  }

  static void answerPreflight(Exchange request) {
    @Nullable String headers = request.header("access-control-request-headers");
    request.addResponseHeader(ALLOW_METHODS, "GET,POST");
    if (headers != null) {
      request.addResponseHeader(ALLOW_HEADERS, headers);
    }
    request.addResponseHeader(
        VARY, "Access-Control-Request-Method, Access-Control-Request-Headers");
    request.respond(204, AsciiString.EMPTY_STRING, io.netty.buffer.Unpooled.EMPTY_BUFFER);
  }
}
