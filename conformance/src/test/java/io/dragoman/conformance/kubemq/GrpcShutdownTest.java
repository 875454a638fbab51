// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What gRPC clients see when a server stops, and what the next one finds. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class GrpcShutdownTest {

  @BeforeEach
  void needsServersOfItsOwn() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts and stops servers of its own");
  }

  @Test
  void shouldEndSubscriptionsAndStreams() {
    GrpcSubscription<EventReceive> events;
    GrpcSubscription<EventReceive> store;
    GrpcSubscription<Request> commands;
    GrpcExchange<Event, Result> sender;
    Time time;
    try (KubeMq mq = KubeMq.start(Map.of())) {
      // given
      GrpcClient client = GrpcClient.connect(mq);
      events = GrpcSubscription.events(client, "channel", "");
      store = GrpcSubscription.store(client, "client", "channel", "", 1, 0);
      commands = GrpcSubscription.requests(client, SubscribeType.Commands, "channel", "");
      sender = GrpcExchange.open(client.streams()::sendEventsStream);
      sender.send(GrpcEventsTest.event("channel", "body").toBuilder().setStore(true).build());
      assertThat(sender.next().getSent()).isTrue();

      // when the block ends
      time = Time.start();
    }

    // then
    assertThat(time.elapsed()).isLessThan(Duration.ofSeconds(8));
    assertThat(events.end()).isEqualTo(Status.OK);
    assertThat(store.end()).isEqualTo(Status.OK);
    assertThat(commands.end()).isEqualTo(Status.OK);
    assertThat(sender.end()).isEqualTo(Status.OK);
    assertThat(store.next(1)).hasSize(1);
  }

  @Test
  void shouldAnswerLongPollsBeforeItGoes() {
    // given a receive that waits
    CompletableFuture<ReceiveQueueMessagesResponse> waiting;
    Time time;
    try (KubeMq mq = KubeMq.start(Map.of())) {
      GrpcClient client = GrpcClient.connect(mq);
      waiting =
          CompletableFuture.supplyAsync(
              () ->
                  client
                      .calls()
                      .receiveQueueMessages(
                          ReceiveQueueMessagesRequest.newBuilder()
                              .setClientID("c")
                              .setChannel("queue")
                              .setMaxNumberOfMessages(1)
                              .setWaitTimeSeconds(40)
                              .build()));
      await()
          .until(
              () ->
                  mq.getFromApi("/health")
                          .json()
                          .at("/0/grpc/connections/queue_receivers")
                          .intValue()
                      == 1);

      // when
      time = Time.start();
    }

    // then
    assertThat(waiting.join().getMessagesReceived()).isZero();
    assertThat(time.elapsed()).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void shouldHoldNothingAgainstAMessageItsConsumerHadToGiveUp(@TempDir Path directory) {
    try (KubeMq mq = KubeMq.start(directory, Map.of())) {
      // given a consumer that holds a message
      mq.send("queue", "held");
      GrpcExchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream =
          GrpcExchange.open(GrpcClient.connect(mq).streams()::streamQueueMessage);
      stream.send(
          GrpcText.message(
              StreamQueueMessagesRequest.getDefaultInstance(),
              "ClientID:'c' StreamRequestTypeData:ReceiveMessage Channel:'queue'"
                  + " WaitTimeSeconds:10"));
      assertThat(stream.next().getIsError()).isFalse();

      // when the server stops
    }

    // then
    try (KubeMq mq = KubeMq.start(directory, Map.of())) {
      assertThat(mq.receiveOne("queue").at("/Attributes/ReceiveCount").intValue()).isEqualTo(1);
    }
  }

  @Test
  void shouldSayThatItIsNotReady() {
    try (KubeMq mq = KubeMq.start(Map.of("drain.grace", "5s"))) {
      // given a client that the server waits for, because it does not answer its ping
      RawHttp2 client = RawHttp2.connect(mq.grpc());
      client.call(1, "Ping").message(1, 0, new byte[0]).halfClose(1);
      assertThat(client.next(RawHttp2.DATA).stream()).isEqualTo(1);

      // when
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(mq::close);
      client.next(RawHttp2.GO_AWAY);
      client.call(3, "Ping").message(3, 0, new byte[0]).halfClose(3);

      // then
      RawHttp2.Frame answer = client.next(RawHttp2.HEADERS);
      while (answer.stream() != 3) {
        answer = client.next(RawHttp2.HEADERS);
      }
      assertThat(answer.hasValue("14")).isTrue();
      assertThat(answer.hasValue("grpc server is not ready to accept requests")).isTrue();
      client.close();
      stopping.join();
    }
  }

  @Test
  void shouldRefuseNewConnectionsWhenItHasGone() {
    // given
    GrpcClient client;
    try (KubeMq mq = KubeMq.start(Map.of())) {
      client = GrpcClient.connect(mq);
      client.calls().ping(Empty.getDefaultInstance());
    }

    // when
    Status refusal = GrpcRefusal.of(() -> client.calls().ping(Empty.getDefaultInstance()));

    // then
    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
