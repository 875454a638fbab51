// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.Channels;
import io.dragoman.core.Clock;
import io.dragoman.core.Connections;
import io.dragoman.core.Dispatch;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.EventListener;
import io.dragoman.core.Events;
import io.dragoman.core.Health;
import io.dragoman.core.KeyValues;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.Request;
import io.dragoman.core.RequestListener;
import io.dragoman.core.Requests;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A broker that notes what it is asked and answers what the test sets. */
final class FakeBroker implements Broker, Events, Requests, Channels, Health, Clock {
  static final long NOW = 1_600_000_000_123_456_700L;

  final FakeQueues queues = new FakeQueues();
  final FakeLogs logs = new FakeLogs();
  final Metrics metrics = new Metrics();
  private final io.dragoman.core.ChannelStats channelStats = new io.dragoman.core.ChannelStats(100);
  long nowNanos = NOW;
  boolean ready = true;
  final List<Message> published = new ArrayList<>();
  volatile Request request;
  FakeCall<Response> response = new FakeCall<>();
  final List<Response> responses = new ArrayList<>();
  String respondedTo = "";
  ChannelFilter filter;
  @Nullable String group;
  Kind kind;
  EventListener eventListener;
  RequestListener requestListener;
  @Nullable ErrorCode subscribeError;
  int closedSubscriptions;
  int overviews;

  @Override
  public CompletionStage<Result<Boolean>> publish(Message message) {
    published.add(message);
    return CompletableFuture.completedFuture(Result.ok(true));
  }

  @Override
  public Result<Subscription> subscribe(
      ChannelFilter wanted, @Nullable String ofGroup, Lane lane, EventListener listener) {
    filter = wanted;
    group = ofGroup;
    eventListener = listener;
    return subscription();
  }

  private Result<Subscription> subscription() {
    return subscribeError != null
        ? Result.refused(subscribeError, "not now")
        : Result.ok(() -> closedSubscriptions++);
  }

  @Override
  public FakeCall<Response> request(Request asked) {
    request = asked;
    return response;
  }

  @Override
  public Result<Subscription> serve(
      Kind served,
      ChannelFilter wanted,
      @Nullable String ofGroup,
      Lane lane,
      RequestListener listener) {
    kind = served;
    filter = wanted;
    group = ofGroup;
    requestListener = listener;
    return subscription();
  }

  @Override
  public void respond(String replyTo, Response answer) {
    respondedTo = replyTo;
    responses.add(answer);
  }

  @Override
  public CompletionStage<Result<Boolean>> create(Kind ofKind, String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<Boolean>> delete(Kind ofKind, String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<List<ChannelInfo>>> list(Kind ofKind, String containing) {
    Map<String, ?> infos = ofKind == Kind.QUEUE ? queues.infos : logs.infos;
    return CompletableFuture.completedFuture(
        Result.ok(
            infos.keySet().stream().map(name -> new ChannelInfo(ofKind, name, 1, 1)).toList()));
  }

  @Override
  public CompletionStage<Result<List<ChannelOverview>>> overview(Kind ofKind, String containing) {
    overviews++;
    return list(ofKind, containing)
        .thenApply(
            made ->
                made.map(
                    all ->
                        all.stream()
                            .map(info -> new ChannelOverview(ofKind, info.name(), info, null))
                            .toList()));
  }

  @Override
  public List<Check> readiness() {
    return List.of(new Check("storage", ready, ""));
  }

  @Override
  public boolean live() {
    return true;
  }

  @Override
  public long unixNanos() {
    return nowNanos;
  }

  @Override
  public Events events() {
    return this;
  }

  @Override
  public FakeLogs logs() {
    return logs;
  }

  @Override
  public FakeQueues queues() {
    return queues;
  }

  @Override
  public Requests requests() {
    return this;
  }

  @Override
  public Channels channels() {
    return this;
  }

  @Override
  public Dispatch dispatch() {
    throw new UnsupportedOperationException();
  }

  @Override
  public KeyValues keyValues() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Connections connections() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Metrics metrics() {
    return metrics;
  }

  @Override
  public io.dragoman.core.ChannelStats channelStats() {
    return channelStats;
  }

  @Override
  public Clock clock() {
    return this;
  }

  @Override
  public Health health() {
    return this;
  }

  @Override
  public String nodeName() {
    return "node";
  }
}
