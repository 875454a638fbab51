// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Response;

/**
 * Where commands and queries go that have passed the checks, whichever interface they came by: to
 * the broker's responders, or, on the one channel that is the server's own, to the server. Safe
 * from any thread.
 */
final class RequestSender {
  private final GatewayContext context;
  private final ChannelRequests channels;
  private final RequestMonitors monitors = new RequestMonitors();

  RequestSender(GatewayContext context) {
    this.context = context;
    this.channels = new ChannelRequests(context);
  }

  /**
   * Sends it. The answer comes on a thread of the engine or of {@link LargeBodies}, or is there
   * already.
   *
   * @param request without an error by {@link Checks#request}
   */
  Call<Response> send(Inputs.Request request) {
    if (ChannelRequests.isMeant(request.message().channel())) {
      return channels.answer(request);
    }
    Call<Response> call =
        context
            .broker()
            .requests()
            .request(RequestRules.request(request, context.options().cacheTtlUnit()));
    if (!monitors.isEmpty()) {
      monitors.show(request, call.result());
    }
    return call;
  }

  /** Who watches what is sent here. */
  RequestMonitors monitors() {
    return monitors;
  }
}
