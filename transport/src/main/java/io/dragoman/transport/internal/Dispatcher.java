// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** Brings a complete request to its handler, past the checks that need the whole head. */
final class Dispatcher {

  private static final AsciiString VERSION_HEADER = AsciiString.cached("sec-websocket-version");

  private Dispatcher() {}

  static void dispatch(Endpoint endpoint, Exchange request, RequestFacts facts) {
    if (endpoint.cors() && Cors.isPreflight(request, facts)) {
      Cors.answerPreflight(request);
      return;
    }
    Route route = endpoint.routes().find(request);
    if (facts.originStart() >= 0 && !allowsOrigin(endpoint, request, route)) {
      endpoint.metrics().refusedByOrigin();
      request.respondError(403, Reasons.of(403));
    } else if (!route.webSocket() || !request.upgradeRequested() || checkHandshake(request)) {
      route.handler().handle(request);
    }
  }

  /** Whether the body of a request is to be read before it is dispatched. */
  static boolean wantsBody(Endpoint endpoint, Exchange request) {
    return endpoint.routes().find(request).handler().wantsBody(request);
  }

  private static boolean allowsOrigin(Endpoint endpoint, Exchange request, Route route) {
    @Nullable String origin = request.header("origin");
    return origin == null
        || endpoint.access().allowsOrigin(route.origins(), origin, request.header("host"));
  }

  /** Answers a handshake that cannot be completed, and returns false. */
  private static boolean checkHandshake(Exchange request) {
    String version = request.header(VERSION_HEADER);
    if (!Handshake.VERSION.equals(version)) {
      request.addResponseHeader(VERSION_HEADER, Handshake.VERSION);
      request.respondError(426, Reasons.of(426));
      return false;
    }
    String key = request.header("sec-websocket-key");
    if (key == null || !Handshake.isKey(key)) {
      request.respondError(400, Reasons.of(400));
      return false;
    }
    return true;
  }
}
