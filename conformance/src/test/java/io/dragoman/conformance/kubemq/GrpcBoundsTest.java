// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What bounds the gRPC port, what happens there, and what says so. */
@Timeout(90)
@Execution(ExecutionMode.CONCURRENT)
class GrpcBoundsTest {
  private static final int BODY = 30_000;

  @BeforeEach
  void needsServersOfItsOwn() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts servers with settings of their own");
  }

  @Test
  void shouldRefuseAMessageThatIsTooLarge() {
    try (KubeMq mq = KubeMq.start(Map.of("limits.messageBytes", "1MiB"));
        GrpcClient client = GrpcClient.connect(mq)) {
      // given
      QueueMessage.Builder message = QueueMessage.newBuilder().setClientID("c").setChannel("q");

      // when
      Status refusal =
          GrpcRefusal.of(
              () ->
                  client
                      .calls()
                      .sendQueueMessage(
                          message.setBody(ByteString.copyFrom(new byte[3 << 20])).build()));

      // then
      assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(
              metric(mq, "dragoman_body_refused_total{listener=\"kubemq-grpc\",reason=\"size\"}"))
          .isEqualTo(1);
      assertThat(metric(mq, "dragoman_body_bytes_in_flight")).isZero();

      // and what fits is taken on the same connection
      assertThat(
              client
                  .calls()
                  .sendQueueMessage(message.setBody(ByteString.copyFrom(new byte[1 << 20])).build())
                  .getError())
          .isEmpty();
    }
  }

  @Test
  void shouldHoldNoMoreHalfMessagesThanTheBudgetAllows() {
    try (KubeMq mq =
            KubeMq.start(
                Map.of("limits.messageBytes", "1MiB", "limits.bodiesInFlightBytes", "4MiB"));
        GrpcClient client = GrpcClient.connect(mq)) {
      // given four clients that send most of a message and then no more
      List<RawHttp2> halves = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        halves.add(half(mq));
        await().until(holding(mq, i * 1_000_000L));
      }

      // when
      try (RawHttp2 fifth = half(mq)) {
        // then
        assertThat(fifth.next(RawHttp2.HEADERS).hasValue("8")).isTrue();
        assertThat(
                metric(
                    mq, "dragoman_body_refused_total{listener=\"kubemq-grpc\",reason=\"budget\"}"))
            .isEqualTo(1);
      }

      // and when they leave, everything is given back
      halves.forEach(RawHttp2::close);
      await().until(() -> metric(mq, "dragoman_body_bytes_in_flight") == 0);
      assertThat(client.calls().sendEvent(GrpcEventsTest.event("channel", "x".repeat(1 << 20))))
          .matches(Result::getSent);
    }
  }

  private static RawHttp2 half(KubeMq mq) {
    return RawHttp2.connect(mq.grpc())
        .call(1, "SendQueueMessage")
        .message(1, 1 << 20, new byte[1_000_000]);
  }

  private static java.util.concurrent.Callable<Boolean> holding(KubeMq mq, long bytes) {
    return () -> metric(mq, "dragoman_body_bytes_in_flight") >= bytes;
  }

  @Test
  void shouldReturnMessagesOfAPollWhoseStreamItEnded() {
    try (KubeMq mq = KubeMq.start(Map.of());
        RawHttp2 consumer = RawHttp2.connect(mq.grpc())) {
      // given
      mq.send("queue", "body");
      poll(consumer);
      consumer.next(RawHttp2.HEADERS);

      // when
      assertEnded(consumer);

      // then
      assertThat(KubeMq.bodies(mq.receive("queue", 1, 5))).containsExactly("body");
      assertThat(open(mq, "queue_receivers")).isZero();
      assertThat(metric(mq, "dragoman_poll_answer_bytes{dialect=\"kubemq\"}")).isZero();
    }
  }

  @Test
  void shouldGiveUpAPollThatWaitsOnAStreamItEnded() {
    try (KubeMq mq = KubeMq.start(Map.of());
        RawHttp2 consumer = RawHttp2.connect(mq.grpc())) {
      // given a poll of a queue that is there and empty
      mq.send("queue", "before");
      mq.receiveOne("queue");
      poll(consumer);
      await().until(() -> receiversOf(mq, "queue") == 1);

      // when
      assertEnded(consumer);

      // then it takes nothing from others
      await().until(() -> receiversOf(mq, "queue") == 0);
      mq.send("queue", "body");
      assertThat(KubeMq.bodies(mq.receive("queue", 1, 5))).containsExactly("body");
      assertThat(open(mq, "queue_receivers")).isZero();
    }
  }

  private static long receiversOf(KubeMq mq, String queue) {
    return mq.getFromApi("/v1/queues?contains=" + queue)
        .json()
        .at("/queues/0/waitingReceivers")
        .longValue();
  }

  @Test
  void shouldForgetASendersStreamItEnded() {
    try (KubeMq mq = KubeMq.start(Map.of());
        RawHttp2 sender = RawHttp2.connect(mq.grpc())) {
      // given
      sender.call(1, "QueuesUpstream");
      await().until(() -> open(mq, "queue_senders") == 1);

      // when
      assertEnded(sender);

      // then
      await().until(() -> open(mq, "queue_senders") == 0);
      assertThat(metric(mq, "dragoman_grpc_calls{listener=\"kubemq-grpc\"}")).isZero();
    }
  }

  private static void poll(RawHttp2 consumer) {
    byte[] get =
        QueuesDownstreamRequest.newBuilder()
            .setClientID("consumer")
            .setRequestTypeData(QueuesDownstreamRequestType.Get)
            .setChannel("queue")
            .setMaxItems(1)
            .setWaitTimeout(60_000)
            .build()
            .toByteArray();
    consumer.call(1, "QueuesDownstream").message(1, get.length, get);
  }

  /** Says what cannot be read, for which its stream is ended. */
  private static void assertEnded(RawHttp2 client) {
    client.message(1, 3, new byte[] {-1, -1, -1});
    assertThat(client.next(RawHttp2.HEADERS).hasValue("13")).isTrue();
  }

  @Test
  void shouldGiveBackWhatWasTakenOnEveryWay() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq)) {
      // given
      String body = "x".repeat(100_000);
      try (GrpcExchange<Event, Result> stream =
          GrpcExchange.open(client.streams()::sendEventsStream)) {
        // when messages are taken, refused, waited for, cut and nonsense
        for (int i = 0; i < 50; i++) {
          stream.send(GrpcEventsTest.event("channel", body).toBuilder().setStore(true).build());
          stream.send(GrpcEventsTest.event("*", body));
        }
        for (int i = 0; i < 100; i++) {
          stream.next();
        }
        client.calls().sendEvent(GrpcEventsTest.event("channel", body));
        GrpcRefusal.of(() -> client.calls().sendEvent(GrpcEventsTest.event("*", body)));
        RawHttp2 cut = half(mq);
        await().until(holding(mq, 1_000_000));
        cut.close();
        try (RawHttp2 nonsense = RawHttp2.connect(mq.grpc())) {
          nonsense.call(1, "SendEvent").message(1, 3, new byte[] {-1, -1, -1}).halfClose(1);
          assertThat(nonsense.next(RawHttp2.HEADERS).hasValue("13")).isTrue();
        }

        // then also while the stream lasts
        await().until(() -> metric(mq, "dragoman_body_bytes_in_flight") == 0);
      }
    }
  }

  @Test
  void shouldRefuseOneConnectionTooMany() {
    try (KubeMq mq = KubeMq.start(Map.of("limits.connections", "20"))) {
      // given
      List<GrpcClient> clients = new ArrayList<>();
      while (clients.size() < 20) {
        GrpcClient client = GrpcClient.connect(mq);
        clients.add(client);
        try {
          client.calls().ping(Empty.getDefaultInstance());
        } catch (io.grpc.StatusRuntimeException e) {
          // then
          assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
          break;
        }
        if (clients.size() == 18) {
          assertThat(metric(mq, "dragoman_connections{kind=\"grpc\",listener=\"kubemq-grpc\"}"))
              .isEqualTo(18);
        }
      }

      // when they leave
      clients.forEach(GrpcClient::close);

      // then
      await()
          .until(
              () ->
                  metric(mq, "dragoman_connections{kind=\"grpc\",listener=\"kubemq-grpc\"}") == 0);
      assertThat(
              metric(
                  mq,
                  "dragoman_connections_refused_total{listener=\"kubemq-grpc\",reason=\"limit\"}"))
          .isPositive();
      try (GrpcClient client = GrpcClient.connect(mq)) {
        client.calls().ping(Empty.getDefaultInstance());
      }
    }
  }

  @Test
  void shouldServeAThousandSubscribersAndForgetThem() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq);
        GrpcClient another = GrpcClient.connect(mq)) {
      // given
      List<GrpcSubscription<EventReceive>> subscribers = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        subscribers.add(GrpcSubscription.events(i % 2 == 0 ? client : another, "many", ""));
      }
      assertThat(open(mq, "events_receivers")).isEqualTo(1000);
      assertThat(open(mq, "total")).isGreaterThanOrEqualTo(1000);
      assertThat(metric(mq, "dragoman_grpc_calls{listener=\"kubemq-grpc\"}")).isEqualTo(1000);

      // when
      mq.publish("many", "to everybody");

      // then
      for (GrpcSubscription<EventReceive> subscriber : subscribers) {
        assertThat(subscriber.next().getChannel()).isEqualTo("many");
      }
      assertThat(mq.getFromApi("/health").json().at("/0/grpc/traffic/received_events").intValue())
          .isEqualTo(1000);

      // and when half of them cancel and half break off
      for (int i = 0; i < 1000; i += 2) {
        subscribers.get(i).close();
      }
      another.channel().shutdownNow();

      // then
      await()
          .untilAsserted(
              () -> {
                assertThat(open(mq, "events_receivers")).isZero();
                assertThat(open(mq, "total")).isZero();
                assertThat(metric(mq, "dragoman_grpc_calls{listener=\"kubemq-grpc\"}")).isZero();
                assertThat(metric(mq, "dragoman_subscriptions{kind=\"events\"}")).isZero();
              });
    }
  }

  private static long open(KubeMq mq, String use) {
    return mq.getFromApi("/health").json().at("/0/grpc/connections/" + use).longValue();
  }

  @Test
  void shouldDropEventsForASubscriberThatDoesNotRead() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient reading = GrpcClient.connect(mq);
        GrpcClient other = GrpcClient.withWindow(mq, 1 << 20);
        GrpcSubscription<EventReceive> fast = GrpcSubscription.events(reading, "channel", "");
        GrpcSubscription<EventReceive> slow =
            GrpcSubscription.unread(other, GrpcSubscription.live("channel", ""))) {
      // when no faster than the other one reads
      int count = 1000;
      for (int i = 1; i <= count; i++) {
        mq.publish("channel", "x".repeat(BODY));
        int published = i;
        await().pollDelay(Duration.ZERO).until(() -> fast.waiting() > published - 20);
      }

      // then the other one gets everything
      await().until(() -> fast.waiting() == count);

      // and for this one no more is kept than its window and its bound, what is not is counted
      int dropped = (int) metric(mq, "dragoman_slow_receiver_dropped_total{dialect=\"kubemq\"}");
      int kept = count - dropped;
      assertThat(kept * BODY).isBetween(3 << 19, 5 << 19);
      slow.request(count);
      assertThat(slow.next(kept)).hasSize(kept);

      // and it goes on with what is sent later
      mq.publish("channel", "last");
      assertThat(slow.next().getBody().toStringUtf8()).isEqualTo("last");
    }
  }

  @Test
  void shouldPauseALogForASubscriberThatDoesNotReadAndLoseNothing() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq)) {
      // given
      int count = 300;
      store(client, "channel", count);

      // when one reads some of it, and leaves
      try (GrpcClient leaving = GrpcClient.withWindow(mq, 1 << 20);
          GrpcSubscription<EventReceive> slow =
              GrpcSubscription.unread(
                  leaving, GrpcSubscription.stored("durable", "channel", "", 2, 0))) {
        await()
            .until(() -> metric(mq, "dragoman_slow_receiver_paused_total{dialect=\"kubemq\"}") > 0);
        slow.request(10);
        slow.next(10);
      }

      // then it goes on after what its connection had taken: that is at most a window of 1 MiB
      try (GrpcSubscription<EventReceive> again = resubscribe(client)) {
        long first = again.next().getSequence();
        assertThat(first).isBetween(1L, (1 << 20) / BODY + 2L);

        // and to the end without a gap
        for (long sequence = first + 1; sequence <= count; sequence++) {
          assertThat(again.next().getSequence()).isEqualTo(sequence);
        }
      }
    }
  }

  /**
   * What the broker does rests on what gRPC tells of writes: that of one that failed it tells
   * nothing but the end of the call. A version that tells otherwise makes this test fail.
   */
  @Test
  void shouldNotMoveAPositionBeyondWhatWasWrittenWhenTheConnectionBreaks() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq)) {
      // given a connection that is not read, though the client would take all
      int count = 1000;
      long handed;
      try (StallingProxy proxy = new StallingProxy(mq.grpc());
          GrpcClient hanging = GrpcClient.withWindow(proxy.uri(), 64 << 20)) {
        GrpcSubscription.store(hanging, "durable", "channel", "", 2, 0);
        proxy.stall();

        // and more than it takes: the rest cannot be written
        store(client, "channel", count);
        handed = awaitSteadyReceived(mq);
        assertThat(handed).isBetween(1L, count - 1L);
        assertThat(metric(mq, "dragoman_slow_receiver_paused_total{dialect=\"kubemq\"}"))
            .isPositive();

        // when
        proxy.breakOff();
      }

      // then at least what makes a subscriber pause comes again, and nothing is left out
      try (GrpcSubscription<EventReceive> again = resubscribe(client)) {
        long first = again.next().getSequence();
        assertThat(first).isBetween(2L, handed + 1 - (1 << 19) / BODY);
        for (long sequence = first + 1; sequence <= count; sequence++) {
          assertThat(again.next().getSequence()).isEqualTo(sequence);
        }
      }
    }
  }

  /** How many events were handed to subscribers when that has not changed for a while. */
  private static long awaitSteadyReceived(KubeMq mq) {
    long[] last = {-1};
    await()
        .atMost(Duration.ofSeconds(30))
        .during(Duration.ofSeconds(1))
        .until(
            () -> {
              long before = last[0];
              last[0] =
                  mq.getFromApi("/health").json().at("/0/grpc/traffic/received_events").longValue();
              return before == last[0];
            });
    return last[0];
  }

  private static GrpcSubscription<EventReceive> resubscribe(GrpcClient client) {
    return await()
        .ignoreExceptionsInstanceOf(AssertionError.class)
        .until(() -> GrpcSubscription.store(client, "durable", "channel", "", 2, 0), made -> true);
  }

  private static void store(GrpcClient client, String channel, int count) {
    try (GrpcExchange<Event, Result> stream =
        GrpcExchange.open(client.streams()::sendEventsStream)) {
      Event event = GrpcEventsTest.event(channel, "x".repeat(BODY));
      for (int i = 0; i < count; i++) {
        stream.send(event.toBuilder().setStore(true).build());
      }
      for (int i = 0; i < count; i++) {
        assertThat(stream.next().getSent()).isTrue();
      }
    }
  }

  @Test
  void shouldPauseASenderThatDoesNotReadItsResults() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq);
        GrpcExchange<Event, Result> stream =
            GrpcExchange.unread(client.streams()::sendEventsStream)) {
      // given results as large as their events, as the ids make them
      String id = "i".repeat(BODY);
      Event event =
          GrpcEventsTest.event("channel", "b").toBuilder().setStore(true).setEventID(id).build();
      int count = 0;

      // when
      while (metric(mq, "dragoman_senders_paused_total{dialect=\"kubemq\"}") == 0) {
        stream.send(event);
        count++;
        assertThat(count).as("events until the sender is not read").isLessThan(2000);
      }
      for (int i = 0; i < 100; i++, count++) {
        stream.send(event);
      }

      // then, when it reads, all of them are there
      stream.request(count);
      for (int i = 0; i < count; i++) {
        assertThat(stream.next().getSent()).isTrue();
      }
    }
  }

  @Test
  void shouldPauseATransactionWhoseClientDoesNotReadItsReplies() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq);
        GrpcExchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream =
            GrpcExchange.unread(client.streams()::streamQueueMessage)) {
      // given requests that are refused, with replies as large as they are
      StreamQueueMessagesRequest request =
          StreamQueueMessagesRequest.newBuilder().setRequestID("r".repeat(100_000)).build();
      int count = 0;

      // when
      while (metric(mq, "dragoman_senders_paused_total{dialect=\"kubemq\"}") == 0) {
        stream.send(request);
        count++;
        assertThat(count).as("requests until the client is not read").isLessThan(500);
      }
      for (int i = 0; i < 100; i++, count++) {
        stream.send(request);
      }

      // then, when it reads, all replies are there
      stream.request(count);
      for (int i = 0; i < count; i++) {
        assertThat(stream.next().getError()).isEqualTo(ErrorText.of(101));
      }
    }
  }

  @Test
  void shouldTakeCompressedMessages() {
    try (KubeMq mq = KubeMq.start(Map.of());
        GrpcClient client = GrpcClient.connect(mq)) {
      // given
      String queue = Names.unique("compressed");

      // when
      var unused =
          client
              .calls()
              .withCompression("gzip")
              .sendQueueMessage(
                  QueueMessage.newBuilder()
                      .setClientID("c")
                      .setChannel(queue)
                      .setBody(ByteString.copyFromUtf8("x".repeat(BODY)))
                      .build());

      // then
      assertThat(KubeMq.bodies(mq.receive(queue, 1, 10))).containsExactly("x".repeat(BODY));
      await().until(() -> metric(mq, "dragoman_body_bytes_in_flight") == 0);
    }
  }

  /** One series of the metrics; 0 if it is not there. */
  static double metric(KubeMq mq, String series) {
    return mq.getFromApi("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .sum();
  }
}
