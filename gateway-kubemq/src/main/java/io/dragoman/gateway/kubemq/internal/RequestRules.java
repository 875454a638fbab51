// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Request;
import io.dragoman.core.Response;
import io.dragoman.gateway.kubemq.KubemqOptions.CacheTtlUnit;

/** What commands, queries and their answers of this dialect mean to the core. */
final class RequestRules {
  static final int COMMAND = 1;
  static final int QUERY = 2;

  private RequestRules() {}

  static Kind kind(Inputs.Request request) {
    return request.type() == COMMAND ? Kind.COMMAND : Kind.QUERY;
  }

  static Kind kind(Inputs.Subscribe subscribe) {
    return subscribe.type() == Inputs.SubscribeType.COMMANDS ? Kind.COMMAND : Kind.QUERY;
  }

  /** The number that stands for a kind in {@code RequestTypeData}. */
  static int type(Kind kind) {
    return kind == Kind.COMMAND ? COMMAND : QUERY;
  }

  static Request request(Inputs.Request request, CacheTtlUnit cacheTtlUnit) {
    return new Request(
        kind(request),
        request.message(),
        request.timeoutMillis(),
        request.cacheKey(),
        cacheTtlUnit.toMillis(request.cacheTtl()),
        request.span());
  }

  /** Whether an answer comes from the cache is for the core to say, not for the responder. */
  static Response response(Inputs.Response response) {
    return new Response(
        response.message(),
        response.timestamp(),
        response.executed(),
        response.error(),
        false,
        response.span());
  }

  static void countAnswered(InterfaceStats stats, Inputs.Request request, Response answer) {
    Kind kind = kind(request);
    stats.sent(kind, request.message());
    stats.answered(kind, request.message().channel(), answer.message(), answer.executed());
  }

  /** A request of no known kind belongs to no channel. */
  static void countRefused(InterfaceStats stats, Inputs.Request request) {
    if (request.type() == COMMAND || request.type() == QUERY) {
      stats.sendFailed(kind(request), request.message());
    } else {
      stats.sendFailed(request.message());
    }
  }
}
