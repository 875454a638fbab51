// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.dragoman.core.Delivery;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.internal.GrpcPort.Told;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.StreamRequestType;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of the gRPC port whose broker is slow, or at fault. */
@Timeout(60)
class GrpcStreamsTest {
  private static final int MIB = 1 << 20;

  private final FakeBroker broker = new FakeBroker();
  private GrpcPort port;

  @BeforeEach
  void open() throws IOException {
    port = new GrpcPort(broker, 8 * MIB);
  }

  @AfterEach
  void close() {
    port.close();
  }

  @Test
  void shouldCountUpstreamRequestsUntilTheyAreAnswered() {
    // given a disk that takes its time
    CompletableFuture<List<Result<SendReceipt>>> sending = slowDisk();

    // when
    List<Told<QueuesUpstreamResponse>> senders = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      senders.add(upstream(1));
      long sent = i + 1L;
      await().until(() -> port.bodyBytes() >= sent * MIB);
    }
    Told<QueuesUpstreamResponse> tooMuch = upstream(1);

    // then
    assertThat(tooMuch.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(senders).noneMatch(Told::ended);

    // and it counts no longer when it is done
    sending.complete(List.of(Result.ok(new SendReceipt("id", 1, 0, 0))));
    await().until(() -> port.bodyBytes() == 0);
    assertThat(senders).allSatisfy(each -> await().until(() -> !each.messages.isEmpty()));
  }

  private CompletableFuture<List<Result<SendReceipt>>> slowDisk() {
    CompletableFuture<List<Result<SendReceipt>>> sending = new CompletableFuture<>();
    broker.queues.sending = sending;
    return sending;
  }

  private Told<QueuesUpstreamResponse> upstream(int messages) {
    Told<QueuesUpstreamResponse> told = new Told<>();
    port.calls()
        .queuesUpstream(told)
        .onNext(
            QueuesUpstreamRequest.newBuilder()
                .addAllMessages(Collections.nCopies(messages, message()))
                .build());
    return told;
  }

  private static QueueMessage message() {
    return QueueMessage.newBuilder()
        .setClientID("sender")
        .setChannel("queue")
        .setBody(ByteString.copyFrom(new byte[MIB]))
        .build();
  }

  @Test
  void shouldCountWhatIsUnderWayAfterItsClientHasLeft() {
    // given
    CompletableFuture<List<Result<SendReceipt>>> sending = slowDisk();
    Context.CancellableContext client = Context.current().withCancellation();
    client.run(
        () -> {
          upstream(1);
          port.calls().sendQueueMessage(message(), new Told<SendQueueMessageResult>());
        });
    await().until(() -> port.bodyBytes() >= 2 * MIB);

    // when
    client.cancel(null);
    await().until(() -> grpcCalls() == 0);

    // then
    assertThat(port.bodyBytes()).isGreaterThanOrEqualTo(2 * MIB);
    sending.complete(List.of(Result.ok(new SendReceipt("id", 1, 0, 0))));
    await().until(() -> port.bodyBytes() == 0);
  }

  private long grpcCalls() {
    return port.gauge("dragoman_grpc_calls");
  }

  @Test
  void shouldNotHoldTheContentsOfARequestThatWaits() {
    // given
    Told<Response> told = new Told<>();
    port.calls()
        .sendRequest(
            Request.newBuilder()
                .setRequestTypeData(Request.RequestType.Query)
                .setRequestID("id")
                .setClientID("requester")
                .setChannel("channel")
                .setBody(ByteString.copyFrom(new byte[MIB]))
                .setTimeout(20_000)
                .build(),
            told);
    await().until(() -> broker.request != null);
    WeakReference<Message> contents = new WeakReference<>(broker.request.message());

    // when its responders have it, as only the broker knows
    broker.request = null;

    // then
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(contents.refersTo(null)).isTrue();
            });
    assertThat(told.ended()).isFalse();
    assertThat(port.bodyBytes()).isZero();
  }

  @Test
  void shouldCountOnlyWhatAPollKeepsOfItsRequest() {
    // given
    Told<QueuesDownstreamResponse> told = new Told<>();
    StreamObserver<QueuesDownstreamRequest> stream = port.calls().queuesDownstream(told);
    QueuesDownstreamRequest.Builder poll =
        QueuesDownstreamRequest.newBuilder()
            .setRequestTypeData(QueuesDownstreamRequestType.Get)
            .setClientID("receiver")
            .setChannel("queue")
            .setWaitTimeout(20_000);

    // when its id is long, and something in it is that polls do not need
    stream.onNext(
        poll.setRequestID("i".repeat(100_000)).putMetadata("m", "x".repeat(2 * MIB)).build());

    // then
    await().until(() -> !broker.queues.asked.isEmpty());
    await().untilAsserted(() -> assertThat(port.bodyBytes()).isBetween(100_000L, 101_000L));

    // and nothing when it has been answered
    broker.queues.receive.ok(new Received(List.of(), 0));
    await().until(() -> !told.messages.isEmpty());
    await().until(() -> port.bodyBytes() == 0);
  }

  @Test
  void shouldCountWhatIsAskedAboutATransactionOfAnotherStreamUntilItIsDone() {
    // given a transaction, and a disk that takes its time
    Told<QueuesDownstreamResponse> polled = new Told<>();
    port.calls()
        .queuesDownstream(polled)
        .onNext(
            QueuesDownstreamRequest.newBuilder()
                .setRequestTypeData(QueuesDownstreamRequestType.Get)
                .setClientID("receiver")
                .setChannel("queue")
                .setMaxItems(1)
                .setWaitTimeout(20_000)
                .build());
    await().until(() -> !broker.queues.asked.isEmpty());
    broker.queues.receive.ok(new Received(List.of(GrpcDownstreamTest.delivery(1)), 0));
    await().until(() -> !polled.messages.isEmpty());
    await().until(() -> port.bodyBytes() == 0);
    CompletableFuture<Result<List<Settled>>> settled = new CompletableFuture<>();
    broker.queues.settled = settled;

    // when one asks on another stream, with a long range, and leaves
    Context.CancellableContext client = Context.current().withCancellation();
    client.run(
        () ->
            port.calls()
                .queuesDownstream(new Told<QueuesDownstreamResponse>())
                .onNext(
                    QueuesDownstreamRequest.newBuilder()
                        .setRequestTypeData(QueuesDownstreamRequestType.AckRange)
                        .setRefTransactionId(polled.messages.element().getTransactionId())
                        .addAllSequenceRange(Collections.nCopies(MIB, 1L))
                        .build()));
    await().until(() -> !broker.queues.settlements.isEmpty());
    client.cancel(null);
    await().until(() -> grpcCalls() == 1);

    // then
    assertThat(port.bodyBytes()).isGreaterThanOrEqualTo(MIB);
    settled.complete(FakeQueues.settled(Settled.DONE).join());
    await().until(() -> port.bodyBytes() == 0);
    await().until(() -> polled.messages.size() == 2);
  }

  @Test
  void shouldEndAnUpstreamWhoseResultsCannotBeTold() {
    // given
    CompletableFuture<List<Result<SendReceipt>>> sending = slowDisk();
    Told<QueuesUpstreamResponse> told = upstream(1);
    await().until(() -> port.bodyBytes() >= MIB);

    // when
    SendReceipt none = null;
    sending.complete(List.of(Result.ok(none)));

    // then
    assertThat(told.end()).satisfies(GrpcStreamsTest::isFault);
    await().until(() -> port.bodyBytes() == 0);
    await().until(() -> grpcCalls() == 0);
  }

  @Test
  void shouldReleaseMessagesOfAPollThatCannotBeAnswered() {
    // given
    Told<QueuesDownstreamResponse> told = new Told<>();
    StreamObserver<QueuesDownstreamRequest> stream = port.calls().queuesDownstream(told);
    stream.onNext(
        QueuesDownstreamRequest.newBuilder()
            .setRequestTypeData(QueuesDownstreamRequestType.Get)
            .setClientID("receiver")
            .setChannel("queue")
            .setMaxItems(1)
            .setWaitTimeout(20_000)
            .build());
    await().until(() -> !broker.queues.asked.isEmpty());

    // when
    broker.queues.receive.ok(new Received(List.of(unspeakable()), 0));

    // then
    assertThat(told.end()).satisfies(GrpcStreamsTest::isFault);
    assertThat(broker.queues.settlements).containsOnly(Settlement.RELEASE);
  }

  @Test
  void shouldReleaseTheMessageOfATransactionThatCannotBeTold() {
    // given
    Told<StreamQueueMessagesResponse> told = new Told<>();
    StreamObserver<StreamQueueMessagesRequest> stream = port.calls().streamQueueMessage(told);
    stream.onNext(
        StreamQueueMessagesRequest.newBuilder()
            .setStreamRequestTypeData(StreamRequestType.ReceiveMessage)
            .setClientID("receiver")
            .setChannel("queue")
            .setVisibilitySeconds(20)
            .setWaitTimeSeconds(20)
            .build());
    await().until(() -> !broker.queues.asked.isEmpty());

    // when
    broker.queues.receive.ok(new Received(List.of(unspeakable()), 0));

    // then
    assertThat(told.end()).satisfies(GrpcStreamsTest::isFault);
    assertThat(broker.queues.settlements).containsOnly(Settlement.RELEASE);
  }

  /** A fault of ours: encoding it fails. */
  private static Delivery unspeakable() {
    QueuePolicy none = null;
    Message message = Message.builder().id("id").channel("queue").build();
    return new Delivery(
        Receipt.of(new byte[1]),
        new io.dragoman.core.QueueMessage(message, none, 1, 1, 1, "", 0, 0));
  }

  private static void isFault(Status status) {
    assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(status.getDescription()).isEqualTo(GrpcErrors.FAULT.getDescription());
  }
}
