// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.gateway.kubemq.internal.GrpcSubscriber.Place;
import io.dragoman.gateway.kubemq.internal.Inputs.SubscribeType;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Subscribe;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code SubscribeToEvents} and {@code SubscribeToRequests}. */
final class GrpcSubscriptions {
  /** One more than there should be, so that one too many is noticed. */
  private static final int REQUESTS_WANTED = 2;

  private final GatewayContext context;
  private final Broker broker;
  private final GrpcStreams streams;
  private final Supplier<Lane> lanes;

  GrpcSubscriptions(GatewayContext context, GrpcStreams streams, Supplier<Lane> lanes) {
    this.context = context;
    this.broker = context.broker();
    this.streams = streams;
    this.lanes = lanes;
  }

  /** Makes the subscriber that was asked for, or refuses. */
  @FunctionalInterface
  private interface Start<O> {
    GrpcSubscriber<O> start(Inputs.Subscribe subscribe, Place<O> place);
  }

  ServerCallHandler<Subscribe, EncodedMessage> events() {
    return (call, headers) -> open(call, Caller::subscribeToEvents, this::startEvents);
  }

  ServerCallHandler<Subscribe, Request> requests() {
    return (call, headers) -> open(call, Caller::subscribeToRequests, this::serve);
  }

  /** Tells what is wrong with a subscription. */
  @FunctionalInterface
  private interface Check {
    @Nullable KubemqError of(Caller caller, Inputs.Subscribe subscribe);
  }

  private <O> ServerCall.Listener<Subscribe> open(
      ServerCall<Subscribe, O> call, Check check, Start<O> start) {
    call.request(REQUESTS_WANTED);
    Caller caller = context.entrance().caller();
    return new OneSubscription<>(
        new Place<>(context, streams, call, lanes.get()),
        subscribe -> check.of(caller, subscribe),
        start);
  }

  private GrpcSubscriber<EncodedMessage> startEvents(
      Inputs.Subscribe subscribe, Place<EncodedMessage> place) {
    return subscribe.type() == SubscribeType.EVENTS
        ? live(subscribe, place)
        : stored(subscribe, place);
  }

  private GrpcEventsSubscriber live(Inputs.Subscribe subscribe, Place<EncodedMessage> place) {
    GrpcEventsSubscriber subscriber = new GrpcEventsSubscriber(place, subscribe.channel());
    accept(
        subscriber,
        broker
            .events()
            .subscribe(
                SubscribeRules.filter(subscribe),
                SubscribeRules.group(subscribe),
                place.lane(),
                subscriber));
    return subscriber;
  }

  private GrpcSubscriber<Request> serve(Inputs.Subscribe subscribe, Place<Request> place) {
    Kind kind = RequestRules.kind(subscribe);
    GrpcRequestsSubscriber subscriber =
        new GrpcRequestsSubscriber(place, kind, subscribe.channel());
    accept(
        subscriber,
        broker
            .requests()
            .serve(
                kind,
                SubscribeRules.filter(subscribe),
                SubscribeRules.group(subscribe),
                place.lane(),
                subscriber));
    return subscriber;
  }

  private static void accept(GrpcSubscriber<?> subscriber, Result<Subscription> outcome) {
    if (outcome instanceof Result.Ok<Subscription> ok) {
      subscriber.accept(ok.value());
    } else {
      subscriber.refuse(KubemqErrorMapper.text(outcome));
    }
  }

  private GrpcLogSubscriber stored(Inputs.Subscribe subscribe, Place<EncodedMessage> place) {
    GrpcLogSubscriber subscriber = new GrpcLogSubscriber(place, subscribe.channel());
    LaneStep.of(
        broker
            .logs()
            .subscribe(
                SubscribeRules.log(subscribe, broker.clock().unixNanos()),
                place.lane(),
                subscriber),
        place.lane(),
        outcome -> accept(subscriber, outcome));
    return subscriber;
  }

  private static void accept(GrpcLogSubscriber subscriber, Result<LogSubscription> outcome) {
    if (outcome instanceof Result.Ok<LogSubscription> ok) {
      subscriber.accept(ok.value());
    } else {
      subscriber.refuse(KubemqErrorMapper.text(outcome));
    }
  }

  /** One call: becomes a subscriber when its request is complete. */
  private static final class OneSubscription<O> extends ServerCall.Listener<Subscribe> {
    private final Place<O> place;
    private final Function<Inputs.Subscribe, @Nullable KubemqError> check;
    private final Start<O> start;
    private @Nullable Subscribe request;
    private boolean tooMany;
    private @Nullable GrpcSubscriber<O> subscriber;

    OneSubscription(
        Place<O> place, Function<Inputs.Subscribe, @Nullable KubemqError> check, Start<O> start) {
      this.place = place;
      this.check = check;
      this.start = start;
    }

    @Override
    public void onMessage(Subscribe message) {
      tooMany = request != null;
      request = message;
    }

    @Override
    public void onHalfClose() {
      if (request == null || tooMany) {
        place.call().close(GrpcErrors.NOT_ONE_REQUEST, new Metadata());
        return;
      }
      Inputs.Subscribe asked = GrpcDecoders.subscribe(request);
      KubemqError error = check.apply(asked);
      if (error != null) {
        place.call().close(GrpcErrors.refused(error), new Metadata());
      } else {
        subscriber = start.start(asked, place);
      }
    }

    @Override
    public void onReady() {
      if (subscriber != null) {
        subscriber.onReady();
      }
    }

    @Override
    public void onComplete() {
      if (subscriber != null) {
        subscriber.onComplete();
      }
    }

    @Override
    public void onCancel() {
      if (subscriber != null) {
        subscriber.gone();
      }
    }
  }
}
