// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.RequestRules.Asked;
import io.dragoman.transport.HttpExchange;

/** {@code /send/request} and {@code /send/response}. */
final class RequestEndpoints {
  private final GatewayContext context;
  private final InterfaceStats stats;

  RequestEndpoints(GatewayContext context) {
    this.context = context;
    this.stats = context.restStats();
  }

  void request(HttpExchange exchange, Inputs.Request request) {
    Asked asked = Asked.of(request);
    KubemqError error = context.entrance().caller(exchange).request(request);
    if (error != null) {
      RequestRules.countRefused(stats, asked);
      RestReplies.failed(exchange, error.text());
      return;
    }
    stats.opened(Use.REQUESTS_SENDERS);
    exchange.releaseBody();
    Call<Response> call = context.requestSender().send(request);
    exchange.onDisconnect(call::cancel);
    LaneStep.of(call.result(), exchange.lane(), outcome -> answered(exchange, asked, outcome));
  }

  private void answered(HttpExchange exchange, Asked asked, Result<Response> outcome) {
    stats.closed(Use.REQUESTS_SENDERS);
    if (outcome instanceof Result.Ok<Response> ok) {
      Response answer = ok.value();
      RequestRules.countAnswered(stats, asked, answer);
      JsonWriter out = RestReplies.ok(exchange);
      RestReplies.send(
          exchange, JsonEncoders.response(out, answer, asked.kind(), context.broker().clock()));
    } else {
      RequestRules.countRefused(stats, asked);
      RestReplies.failed(exchange, KubemqErrorMapper.text(outcome));
    }
  }

  /** Whether anybody still waits for the answer is not checked, as in the reference. */
  void response(HttpExchange exchange, Inputs.Response response) {
    KubemqError error = Checks.response(response);
    if (error != null) {
      stats.sendFailed(response.message());
      RestReplies.failed(exchange, error.text());
      return;
    }
    stats.responseSent(response.message());
    context.broker().requests().respond(response.replyChannel(), RequestRules.response(response));
    RestReplies.okWithoutData(exchange);
  }
}
