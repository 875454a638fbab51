// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.GrpcBroker;
import io.dragoman.cli.internal.Latencies;
import io.dragoman.cli.internal.Progress;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loads of {@code dragoman bench}: each keeps so many messages under way as it is told, and
 * measures each one. Calls are made by one thread; answers come on the connection's thread.
 */
final class BenchLoads {
  /** Without any answer for so long a load is given up. */
  private static final long STALL_SECONDS = 30;

  private static final int RECEIVE_BATCH = 500;
  private static final long PROBE_MILLIS = 50;
  private static final int PROBE_TIMEOUT_MILLIS = 200;
  private static final int REQUEST_TIMEOUT_MILLIS = 30_000;

  private final ManagedChannel channel;
  private final CallOptions options;
  private final String name;
  private final String clientId;
  private final ByteString body;
  private final int outstanding;
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

  BenchLoads(GrpcBroker broker, String name, String clientId, int sizeBytes, int outstanding) {
    this.channel = broker.channel();
    this.options = broker.options();
    this.name = name;
    this.clientId = clientId;
    this.body = ByteString.copyFrom(new byte[sizeBytes]);
    this.outstanding = outstanding;
  }

  private void check() {
    String reason = failure.get();
    if (reason != null) {
      throw CliException.failed(reason);
    }
  }

  /** Takes a place among those under way. */
  private void acquire(Semaphore places, int count) throws InterruptedException {
    if (!places.tryAcquire(count, STALL_SECONDS, TimeUnit.SECONDS)) {
      check();
      throw CliException.failed(
          "nothing came back for " + STALL_SECONDS + " s: messages were lost, or nobody answers");
    }
    check();
  }

  private <R> StreamObserver<R> observer(Consumer<R> onNext) {
    return new StreamObserver<>() {
      @Override
      public void onNext(R value) {
        onNext.accept(value);
      }

      @Override
      public void onError(Throwable error) {
        failure.compareAndSet(null, String.valueOf(error.getMessage()));
      }

      @Override
      public void onCompleted() {}
    };
  }

  private <Q, R> void call(MethodDescriptor<Q, R> method, Q request, Consumer<R> onAnswer) {
    ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, observer(onAnswer));
  }

  // --- Queues --------------------------------------------------------------------------------

  /** One call for each message. */
  void sendToQueue(long count, Latencies latencies, Progress progress) throws InterruptedException {
    Semaphore places = new Semaphore(outstanding);
    QueueMessage message =
        QueueMessage.newBuilder().setClientID(clientId).setChannel(name).setBody(body).build();
    for (long i = 0; i < count; i++) {
      acquire(places, 1);
      long began = System.nanoTime();
      call(
          kubemqGrpc.getSendQueueMessageMethod(),
          message,
          (SendQueueMessageResult result) -> {
            latencies.add(System.nanoTime() - began);
            if (result.getIsError()) {
              failure.compareAndSet(null, result.getError());
            }
            places.release();
          });
      progress.at(i + 1);
    }
    acquire(places, outstanding);
  }

  /**
   * Batches over one stream; as many messages under way as there are places, at least one batch.
   */
  void sendBatches(long count, int batch, Latencies latencies, Progress progress)
      throws InterruptedException {
    int batches = Math.max(1, outstanding / batch);
    Semaphore places = new Semaphore(batches);
    Map<String, Long> began = new ConcurrentHashMap<>();
    StreamObserver<QueuesUpstreamRequest> stream =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(kubemqGrpc.getQueuesUpstreamMethod(), options),
            observer(
                (QueuesUpstreamResponse answer) -> {
                  Long start = began.remove(answer.getRefRequestID());
                  latencies.add(System.nanoTime() - (start == null ? 0 : start));
                  String error = firstError(answer);
                  if (!error.isEmpty()) {
                    failure.compareAndSet(null, error);
                  }
                  places.release();
                }));
    QueueMessage message =
        QueueMessage.newBuilder().setClientID(clientId).setChannel(name).setBody(body).build();
    long sent = 0;
    while (sent < count) {
      acquire(places, 1);
      QueuesUpstreamRequest.Builder request =
          QueuesUpstreamRequest.newBuilder().setRequestID(Long.toString(sent));
      for (int i = 0; i < batch && sent < count; i++, sent++) {
        request.addMessages(message);
      }
      began.put(request.getRequestID(), System.nanoTime());
      stream.onNext(request.build());
      progress.at(sent);
    }
    acquire(places, batches);
    stream.onCompleted();
  }

  private static String firstError(QueuesUpstreamResponse answer) {
    return answer.getIsError()
        ? answer.getError()
        : answer.getResultsList().stream()
            .filter(SendQueueMessageResult::getIsError)
            .findFirst()
            .map(SendQueueMessageResult::getError)
            .orElse("");
  }

  /** Takes all that was sent. */
  void receiveFromQueue(long count, Latencies latencies, Progress progress) {
    long received = 0;
    while (received < count) {
      int wanted = (int) Math.min(RECEIVE_BATCH, count - received);
      long began = System.nanoTime();
      ReceiveQueueMessagesResponse answer =
          ClientCalls.blockingUnaryCall(
              channel,
              kubemqGrpc.getReceiveQueueMessagesMethod(),
              options.withDeadlineAfter(STALL_SECONDS, TimeUnit.SECONDS),
              ReceiveQueueMessagesRequest.newBuilder()
                  .setClientID(clientId)
                  .setChannel(name)
                  .setMaxNumberOfMessages(wanted)
                  .setWaitTimeSeconds(5)
                  .build());
      latencies.add(System.nanoTime() - began);
      if (answer.getIsError()) {
        throw CliException.failed(answer.getError());
      }
      if (answer.getMessagesCount() == 0) {
        throw CliException.failed(
            (count - received) + " of " + count + " messages are missing from the queue " + name);
      }
      received += answer.getMessagesCount();
      progress.at(received);
    }
  }

  // --- Events --------------------------------------------------------------------------------

  /** From the sender through the broker to one subscriber. */
  void events(boolean store, long count, Latencies latencies, Progress progress)
      throws InterruptedException {
    Semaphore places = new Semaphore(outstanding);
    Listening<Subscribe, EventReceive> subscriber =
        new Listening<>(
            event -> {
              latencies.add(System.nanoTime() - sentAt(event.getBody()));
              places.release();
            });
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(kubemqGrpc.getSubscribeToEventsMethod(), options),
        subscription(store),
        subscriber);
    awaitSubscription(store, places);
    StreamObserver<Event> stream =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(kubemqGrpc.getSendEventsStreamMethod(), options),
            observer(
                (Result result) -> {
                  if (!result.getSent()) {
                    failure.compareAndSet(null, result.getError());
                  }
                }));
    Event.Builder event = Event.newBuilder().setClientID(clientId).setChannel(name).setStore(store);
    byte[] bytes = new byte[Math.max(Long.BYTES, body.size())];
    for (long i = 0; i < count; i++) {
      acquire(places, 1);
      ByteBuffer.wrap(bytes).putLong(System.nanoTime());
      stream.onNext(event.setBody(ByteString.copyFrom(bytes)).build());
      progress.at(i + 1);
    }
    acquire(places, outstanding);
    stream.onCompleted();
    subscriber.cancel();
  }

  private static long sentAt(ByteString body) {
    return body.asReadOnlyByteBuffer().getLong();
  }

  private Subscribe subscription(boolean store) {
    return Subscribe.newBuilder()
        .setSubscribeTypeData(
            store ? Subscribe.SubscribeType.EventsStore : Subscribe.SubscribeType.Events)
        .setEventsStoreTypeDataValue(store ? Subscribe.EventsStoreType.StartNewOnly_VALUE : 0)
        .setClientID(clientId)
        .setChannel(name)
        .build();
  }

  /** Events sent before the subscription is there would be lost: sends some until one comes. */
  private void awaitSubscription(boolean store, Semaphore places) throws InterruptedException {
    int before = places.availablePermits();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STALL_SECONDS);
    while (places.availablePermits() == before) {
      check();
      if (System.nanoTime() > deadline) {
        throw CliException.failed("the subscription did not come about");
      }
      byte[] bytes = new byte[Math.max(Long.BYTES, body.size())];
      ByteBuffer.wrap(bytes).putLong(System.nanoTime());
      call(
          kubemqGrpc.getSendEventMethod(),
          Event.newBuilder()
              .setClientID(clientId)
              .setChannel(name)
              .setStore(store)
              .setBody(ByteString.copyFrom(bytes))
              .build(),
          (Result result) -> {});
      Thread.sleep(PROBE_MILLIS);
    }
    // Their answers may still be on the way: they must not count as places.
    Thread.sleep(PROBE_MILLIS);
    places.drainPermits();
    places.release(outstanding);
  }

  /** A subscription that can be cancelled. */
  private final class Listening<Q, R> implements ClientResponseObserver<Q, R> {
    private final Consumer<R> onItem;
    private @Nullable ClientCallStreamObserver<Q> call;
    private volatile boolean cancelled;

    Listening(Consumer<R> onItem) {
      this.onItem = onItem;
    }

    ClientCallStreamObserver<Q> call() {
      ClientCallStreamObserver<Q> started = call;
      if (started == null) {
        throw new IllegalStateException("not started");
      }
      return started;
    }

    void cancel() {
      cancelled = true;
      call().cancel("the load is over", null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {
      call = stream;
    }

    @Override
    public void onNext(R item) {
      onItem.accept(item);
    }

    @Override
    public void onError(Throwable error) {
      if (!cancelled) {
        failure.compareAndSet(null, String.valueOf(error.getMessage()));
      }
    }

    @Override
    public void onCompleted() {}
  }

  // --- Queries -------------------------------------------------------------------------------

  /** From the asker through the broker to a responder and back. */
  void queries(long count, Latencies latencies, Progress progress) throws InterruptedException {
    Semaphore places = new Semaphore(outstanding);
    Listening<Subscribe, Request> responder =
        new Listening<>(
            request ->
                call(
                    kubemqGrpc.getSendResponseMethod(),
                    Response.newBuilder()
                        .setClientID(clientId)
                        .setRequestID(request.getRequestID())
                        .setReplyChannel(request.getReplyChannel())
                        .setExecuted(true)
                        .setBody(body)
                        .build(),
                    (Empty done) -> {}));
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(kubemqGrpc.getSubscribeToRequestsMethod(), options),
        Subscribe.newBuilder()
            .setSubscribeTypeData(Subscribe.SubscribeType.Queries)
            .setClientID(clientId)
            .setChannel(name)
            .build(),
        responder);
    Request request =
        Request.newBuilder()
            .setRequestTypeData(Request.RequestType.Query)
            .setClientID(clientId)
            .setChannel(name)
            .setBody(body)
            .setTimeout(REQUEST_TIMEOUT_MILLIS)
            .build();
    awaitResponder(request.toBuilder().setTimeout(PROBE_TIMEOUT_MILLIS).build());
    for (long i = 0; i < count; i++) {
      acquire(places, 1);
      long began = System.nanoTime();
      call(
          kubemqGrpc.getSendRequestMethod(),
          request,
          (Response response) -> {
            latencies.add(System.nanoTime() - began);
            places.release();
          });
      progress.at(i + 1);
    }
    acquire(places, outstanding);
    responder.cancel();
  }

  /** Requests sent before the responder is there would wait in vain: asks until one is answered. */
  private void awaitResponder(Request probe) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STALL_SECONDS);
    while (true) {
      check();
      try {
        Response ignored =
            ClientCalls.blockingUnaryCall(
                channel, kubemqGrpc.getSendRequestMethod(), options, probe);
        return;
      } catch (StatusRuntimeException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }
}
