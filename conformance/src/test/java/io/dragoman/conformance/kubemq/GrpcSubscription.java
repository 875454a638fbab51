// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.EventsStoreType;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A subscription as its client has it: what comes, when it stands, and how it ends. */
public final class GrpcSubscription<O> extends ClientCall.Listener<O> implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 30;
  private static final int ALL = Integer.MAX_VALUE;

  private final ClientCall<Subscribe, O> call;
  private final BlockingQueue<O> arrived = new LinkedBlockingQueue<>();
  private final CompletableFuture<Boolean> headers = new CompletableFuture<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  private GrpcSubscription(
      GrpcClient client, MethodDescriptor<Subscribe, O> method, Subscribe subscribe, int wanted) {
    call = client.channel().newCall(method, CallOptions.DEFAULT);
    call.start(this, new Metadata());
    call.sendMessage(subscribe);
    call.halfClose();
    if (wanted > 0) {
      call.request(wanted);
    }
  }

  /** Asks, without waiting for what the server says to it. */
  static GrpcSubscription<EventReceive> askForEvents(GrpcClient client, Subscribe subscribe) {
    return new GrpcSubscription<>(client, kubemqGrpc.getSubscribeToEventsMethod(), subscribe, ALL);
  }

  static GrpcSubscription<Request> askForRequests(GrpcClient client, Subscribe subscribe) {
    return new GrpcSubscription<>(
        client, kubemqGrpc.getSubscribeToRequestsMethod(), subscribe, ALL);
  }

  /** Subscribes, and gives the subscription when it stands. */
  static GrpcSubscription<EventReceive> events(GrpcClient client, Subscribe subscribe) {
    return askForEvents(client, subscribe).awaitHeaders();
  }

  public static GrpcSubscription<EventReceive> events(
      GrpcClient client, String channel, String group) {
    return events(client, live(channel, group));
  }

  public static GrpcSubscription<EventReceive> store(
      GrpcClient client, String clientId, String channel, String group, int type, long value) {
    return events(client, stored(clientId, channel, group, type, value));
  }

  static GrpcSubscription<Request> requests(
      GrpcClient client, SubscribeType type, String channel, String group) {
    Subscribe subscribe =
        Subscribe.newBuilder()
            .setSubscribeTypeData(type)
            .setClientID("grpc-responder")
            .setChannel(channel)
            .setGroup(group)
            .build();
    return askForRequests(client, subscribe).awaitHeaders();
  }

  /** A subscriber that takes nothing until it is asked to. */
  static GrpcSubscription<EventReceive> unread(GrpcClient client, Subscribe subscribe) {
    return new GrpcSubscription<>(client, kubemqGrpc.getSubscribeToEventsMethod(), subscribe, 0)
        .awaitHeaders();
  }

  static Subscribe live(String channel, String group) {
    return Subscribe.newBuilder()
        .setSubscribeTypeData(SubscribeType.Events)
        .setClientID("grpc-subscriber")
        .setChannel(channel)
        .setGroup(group)
        .build();
  }

  static Subscribe stored(String clientId, String channel, String group, int type, long value) {
    return Subscribe.newBuilder()
        .setSubscribeTypeData(SubscribeType.EventsStore)
        .setClientID(clientId)
        .setChannel(channel)
        .setGroup(group)
        .setEventsStoreTypeData(EventsStoreType.forNumber(type))
        .setEventsStoreTypeValue(value)
        .build();
  }

  private GrpcSubscription<O> awaitHeaders() {
    if (!within(headers)) {
      throw new AssertionError("the subscription was refused: " + end);
    }
    return this;
  }

  void request(int messages) {
    call.request(messages);
  }

  public O next() {
    try {
      O message = arrived.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("nothing came; the end: " + end);
      }
      return message;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  public List<O> next(int count) {
    List<O> messages = new ArrayList<>();
    while (messages.size() < count) {
      messages.add(next());
    }
    return messages;
  }

  /** What has come and was not taken with {@link #next}. */
  int waiting() {
    return arrived.size();
  }

  /** How the server ended it. */
  Status end() {
    return within(end);
  }

  private static <T> T within(CompletableFuture<T> future) {
    try {
      return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void onHeaders(Metadata received) {
    headers.complete(true);
  }

  @Override
  public void onMessage(O message) {
    arrived.add(message);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    end.complete(status);
    headers.complete(false);
  }

  /** Cancels, as a client does that has enough. */
  @Override
  public void close() {
    call.cancel("enough", null);
  }
}
