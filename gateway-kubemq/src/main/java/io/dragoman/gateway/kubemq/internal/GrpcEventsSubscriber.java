// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.EventBatch;
import io.dragoman.core.EventListener;
import io.dragoman.core.Kind;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;

/** A subscriber to events. What it cannot take in time is dropped for it alone. */
final class GrpcEventsSubscriber extends GrpcSubscriber<EncodedMessage> implements EventListener {
  /** Under this key a batch keeps its encoded form. */
  private static final Object ENCODED = new Object();

  private final SlowReceiver slow;

  GrpcEventsSubscriber(Place<EncodedMessage> place, String channel) {
    super(place, Use.EVENTS_RECEIVERS, Kind.EVENTS, channel);
    slow = place.context().slowReceiver();
  }

  @Override
  public void onEvents(EventBatch batch) {
    if (!isOpen()) {
      return;
    }
    EncodedEvents encoded = batch.derive(ENCODED, each -> EncodedEvents.ofEvents(each.events()));
    long allowance = slow.allowance(out().pendingBytes());
    int fitting = 0;
    while (fitting < encoded.count() && out().pendingBytes() < allowance) {
      EncodedMessage message = encoded.get(fitting++);
      out().send(message, message.length());
    }
    if (fitting > 0) {
      out().arm();
      stats().received(batch.events(), fitting, encoded::volume);
    }
    if (fitting < encoded.count()) {
      slow.drop(encoded.count() - fitting);
    }
  }
}
