// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.RequestListener;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.kubemq.protocol.Request;

/** A responder. Requests that it cannot take in time are dropped for it, like events. */
final class GrpcRequestsSubscriber extends GrpcSubscriber<Request> implements RequestListener {
  private final SlowReceiver slow;

  GrpcRequestsSubscriber(Place<Request> place, Kind kind, String channel) {
    super(
        place,
        kind == Kind.COMMAND ? Use.COMMANDS_RECEIVERS : Use.QUERIES_RECEIVERS,
        kind,
        channel);
    slow = place.context().slowReceiver();
  }

  @Override
  public void onRequest(io.dragoman.core.Request request, String replyTo) {
    if (!isOpen()) {
      return;
    }
    long pending = out().pendingBytes();
    if (pending >= slow.allowance(pending)) {
      slow.drop(1);
      return;
    }
    Request message = GrpcEncoders.request(request, replyTo, context().options().cacheTtlUnit());
    out().send(message, message.getSerializedSize());
    out().arm();
    stats()
        .received(
            request.kind(),
            request.message().channel(),
            1,
            InterfaceStats.volume(request.message()));
  }
}
