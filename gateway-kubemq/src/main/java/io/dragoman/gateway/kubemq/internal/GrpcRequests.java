// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.gateway.kubemq.internal.RequestRules.Asked;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.grpc.Status;

/** {@code SendRequest} and {@code SendResponse}. */
final class GrpcRequests {
  private final GatewayContext context;
  private final InterfaceStats stats;

  GrpcRequests(GatewayContext context) {
    this.context = context;
    this.stats = context.grpcStats();
  }

  void request(Request from, GrpcAnswer<Response> answer) {
    Inputs.Request request = GrpcDecoders.request(from);
    Asked asked = Asked.of(request);
    KubemqError error = answer.caller().request(request);
    if (error != null) {
      fail(answer, asked, GrpcErrors.refused(error));
      return;
    }
    stats.opened(Use.REQUESTS_SENDERS);
    Call<io.dragoman.core.Response> call = context.requestSender().send(request);
    answer.waits(call::cancel);
    answer.await(call.result(), outcome -> answered(answer, asked, outcome));
  }

  private void answered(
      GrpcAnswer<Response> answer, Asked asked, Result<io.dragoman.core.Response> outcome) {
    stats.closed(Use.REQUESTS_SENDERS);
    if (outcome instanceof Result.Ok<io.dragoman.core.Response> ok) {
      RequestRules.countAnswered(stats, asked, ok.value());
      answer.send(GrpcEncoders.response(ok.value(), asked.kind(), context.broker().clock()));
    } else {
      fail(answer, asked, GrpcErrors.refused(KubemqErrorMapper.text(outcome)));
    }
  }

  private void fail(GrpcAnswer<?> answer, Asked asked, Status status) {
    RequestRules.countRefused(stats, asked);
    answer.fail(status);
  }

  /** Whether anybody still waits for the answer is not checked, as in the reference. */
  void response(Response from, GrpcAnswer<Empty> answer) {
    Inputs.Response response = GrpcDecoders.response(from);
    KubemqError error = Checks.response(response);
    if (error != null) {
      stats.sendFailed(response.message());
      answer.fail(error);
      return;
    }
    stats.responseSent(response.message());
    context.broker().requests().respond(response.replyChannel(), RequestRules.response(response));
    answer.send(Empty.getDefaultInstance());
  }
}
