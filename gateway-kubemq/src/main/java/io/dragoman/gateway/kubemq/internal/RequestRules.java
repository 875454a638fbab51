// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Request;
import io.dragoman.core.Response;
import io.dragoman.gateway.kubemq.KubemqOptions.CacheTtlUnit;

/** What commands, queries and their answers of this dialect mean to the core. */
final class RequestRules {
  static final int COMMAND = 1;
  static final int QUERY = 2;

  /** What is counted of a request. To be held while it waits for its answer, in its place. */
  record Asked(int type, String channel, long volume) {
    static Asked of(Inputs.Request request) {
      Message message = request.message();
      return new Asked(request.type(), message.channel(), InterfaceStats.volume(message));
    }

    Kind kind() {
      return RequestRules.kind(type);
    }
  }

  private RequestRules() {}

  static Kind kind(Inputs.Request request) {
    return kind(request.type());
  }

  private static Kind kind(int type) {
    return type == COMMAND ? Kind.COMMAND : Kind.QUERY;
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

  static void countAnswered(InterfaceStats stats, Asked asked, Response answer) {
    stats.sent(asked.kind(), asked.channel, asked.volume);
    stats.answered(asked.kind(), asked.channel, answer.message(), answer.executed());
  }

  /** A request of no known kind belongs to no channel. */
  static void countRefused(InterfaceStats stats, Asked asked) {
    boolean known = asked.type == COMMAND || asked.type == QUERY;
    stats.sendFailed(asked.kind(), known ? asked.channel : "", asked.volume);
  }
}
