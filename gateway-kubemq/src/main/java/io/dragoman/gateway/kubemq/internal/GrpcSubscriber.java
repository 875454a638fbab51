// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.ChannelStats;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.Subscription;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A stream on which a subscriber is sent messages. For one lane.
 *
 * <p>The subscription is made first and the stream's headers are sent then, so that it can still be
 * refused, and so that a client that has seen the headers misses nothing.
 */
abstract class GrpcSubscriber<O> implements GrpcStreams.Open {

  private enum State {
    /** The subscription is being made. */
    NEW,
    OPEN,
    /** Nothing more is sent, but not all has been written. */
    ENDING,
    GONE
  }

  /** What makes a subscriber: whose call it is, and where it is registered. */
  record Place<O>(GatewayContext context, GrpcStreams streams, ServerCall<?, O> call, Lane lane) {}

  private final Place<O> place;
  private final Use use;
  private final Kind kind;
  private final String channel;
  private final GrpcOutflow<O> out;
  private State state = State.NEW;
  private @Nullable Subscription subscription;
  private ChannelStats.@Nullable Entry countedIn;

  GrpcSubscriber(Place<O> place, Use use, Kind kind, String channel) {
    this.place = place;
    this.use = use;
    this.kind = kind;
    this.channel = channel;
    this.out = new GrpcOutflow<>(place.call(), this::taken);
  }

  /** The kernel has taken everything up to this message. */
  void taken(long number) {
    // Most do not mind.
  }

  /** There may be room again. */
  void written() {
    // Most do not wait for it.
  }

  /** Opens the stream for a subscription that stands. */
  final void accept(Subscription made) {
    subscription = made;
    if (state == State.GONE) {
      made.close();
      return;
    }
    state = State.OPEN;
    place.streams().add(this);
    stats().opened(use);
    countedIn = stats().receiverCame(kind, channel);
    place.call().sendHeaders(new Metadata());
  }

  final void refuse(String text) {
    if (state == State.NEW) {
      state = State.GONE;
      place.call().close(GrpcErrors.refused(text), new Metadata());
    }
  }

  final GatewayContext context() {
    return place.context();
  }

  final InterfaceStats stats() {
    return place.context().grpcStats();
  }

  final GrpcOutflow<O> out() {
    return out;
  }

  /** Whether messages can be sent. */
  final boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public final Lane lane() {
    return place.lane();
  }

  @Override
  public final void drain() {
    end(Status.OK);
  }

  /** Ends the stream after what was sent. */
  final void end(Status status) {
    if (state == State.OPEN) {
      state = State.ENDING;
      place.call().close(status, new Metadata());
    }
  }

  final void onReady() {
    if (state == State.OPEN) {
      out.onReady();
      written();
    }
  }

  final void onComplete() {
    if (state == State.ENDING) {
      out.completed();
    }
    gone();
  }

  /** The client is gone, or the stream has ended. */
  final void gone() {
    boolean wasOpen = state == State.OPEN || state == State.ENDING;
    state = State.GONE;
    if (wasOpen) {
      place.streams().remove(this);
      stats().closed(use);
      if (countedIn != null) {
        stats().receiverLeft(kind, channel, countedIn);
      }
    }
    if (subscription != null) {
      subscription.close();
    }
  }
}
