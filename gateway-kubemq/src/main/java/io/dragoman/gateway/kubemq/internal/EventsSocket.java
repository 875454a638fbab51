// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.EventBatch;
import io.dragoman.core.EventListener;
import io.dragoman.core.Kind;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.transport.WebSocket;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Function;

/** A subscriber to events. What it cannot take in time is dropped for it alone. */
final class EventsSocket extends SubscriberSocket implements EventListener {
  /** Under this key a batch keeps its frames. */
  private static final Object FRAMES = new Object();

  private final SlowReceiver slow;

  /** Made once, as it is needed for every batch. */
  private final Function<EventBatch, Frames> encode;

  EventsSocket(GatewayContext context, String channel, ByteBufAllocator allocator) {
    super(context, Use.EVENTS_RECEIVERS, Kind.EVENTS, channel);
    slow = context.slowReceiver();
    encode = batch -> Frames.ofEvents(batch.events(), allocator);
  }

  @Override
  public void onEvents(EventBatch batch) {
    WebSocket socket = socket();
    if (socket == null) {
      return;
    }
    Frames frames = batch.derive(FRAMES, encode);
    long pending = socket.pendingBytes();
    int fitting = frames.within(pending, slow.allowance(pending));
    if (fitting > 0) {
      socket.writeFrames(frames.first(fitting), null);
      socket.flushSoon();
      context().restStats().received(batch.events(), fitting, frames::volume);
    }
    if (fitting < frames.count()) {
      slow.drop(frames.count() - fitting);
    }
  }
}
