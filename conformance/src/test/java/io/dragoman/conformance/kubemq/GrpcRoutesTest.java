// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One message to several channels, on every send path of gRPC (spec: kubemq §5.5). */
@KubeMqSuite(
    settings =
        "routing.data=[{\"Key\":\"all\",\"Routes\":\"events:g.e; events_store:g.s;queues:g.q\"},"
            + "{\"Key\":\"own\",\"Routes\":\"g.own\"},"
            + "{\"Key\":\"same\",\"Routes\":\"g.a;g.a;g.a;g.a;g.a\"}]")
class GrpcRoutesTest {

  /** The calls that send. Each gives the text of the error, empty if there is none. */
  enum Sender {
    EVENT {
      @Override
      String send(GrpcClient client, String channel) {
        return unary(client, event(channel, false));
      }
    },
    STORED_EVENT {
      @Override
      String send(GrpcClient client, String channel) {
        return unary(client, event(channel, true));
      }
    },
    STREAMED_EVENT {
      @Override
      String send(GrpcClient client, String channel) {
        // A result of an event that is not stored comes only when it was refused.
        return streamed(client, event(channel, false), event("g.mark", true));
      }
    },
    STREAMED_STORED_EVENT {
      @Override
      String send(GrpcClient client, String channel) {
        return streamed(client, event(channel, true));
      }
    },
    MESSAGE {
      @Override
      String send(GrpcClient client, String channel) {
        return error(client.calls().sendQueueMessage(message(channel)));
      }
    },
    BATCH {
      @Override
      String send(GrpcClient client, String channel) {
        return error(
            client
                .calls()
                .sendQueueMessagesBatch(
                    QueueMessagesBatchRequest.newBuilder().addMessages(message(channel)).build())
                .getResults(0));
      }
    },
    UPSTREAM {
      @Override
      String send(GrpcClient client, String channel) {
        return error(upstream(client, List.of(message(channel))).getResults(0));
      }
    };

    abstract String send(GrpcClient client, String channel);

    private static String unary(GrpcClient client, Event event) {
      Result result;
      try {
        result = client.calls().sendEvent(event);
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        return String.valueOf(e.getStatus().getDescription());
      }
      assertThat(result.getSent()).isTrue();
      assertThat(result.getEventID()).isEqualTo("the-id");
      return result.getError();
    }

    /** The error in the first result. */
    private static String streamed(GrpcClient client, Event... events) {
      try (GrpcExchange<Event, Result> stream =
          GrpcExchange.open(client.streams()::sendEventsStream)) {
        List.of(events).forEach(stream::send);
        Result result = stream.next();
        assertThat(result.getSent()).isEqualTo(result.getError().isEmpty());
        assertThat(result.getEventID()).isEqualTo("the-id");
        return result.getError();
      }
    }

    private static String error(SendQueueMessageResult result) {
      assertThat(result.getIsError()).isEqualTo(!result.getError().isEmpty());
      assertThat(result.getMessageID()).isEqualTo("the-id");
      return result.getError();
    }
  }

  /** Where a message is to arrive. */
  private record Targets(String events, String store, String queue) {
    static Targets unique() {
      return new Targets(Names.unique("e"), Names.unique("s"), Names.unique("q"));
    }

    /** With blanks where the documents show some. */
    String list() {
      return "events: " + events + "; events_store:" + store + " ;queues:" + queue;
    }
  }

  private final KubeMq mq;
  private GrpcClient client;

  GrpcRoutesTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    client = GrpcClient.connect(mq);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @ParameterizedTest
  @EnumSource
  void shouldReachAllChannelsFromEverySender(Sender sender) {
    // given
    Targets to = Targets.unique();
    try (GrpcSubscription<EventReceive> events = GrpcSubscription.events(client, to.events, "")) {

      // when
      String error = sender.send(client, to.list());

      // then
      assertThat(error).isEmpty();
      EventReceive event = events.next();
      assertThat(event.getChannel()).isEqualTo(to.events);
      assertThat(event.getSequence()).isZero();
      EventReceive stored = stored(to.store);
      assertThat(stored.getChannel()).isEqualTo(to.store);
      assertThat(stored.getSequence()).isEqualTo(1);
      for (EventReceive each : List.of(event, stored)) {
        assertThat(each.getEventID()).isEqualTo("the-id");
        assertThat(each.getMetadata()).isEqualTo("the-metadata");
        assertThat(each.getBody().toStringUtf8()).isEqualTo("body");
        assertThat(each.getTagsMap()).isEqualTo(Map.of("key", "value"));
      }
      QueueMessage queued = receive(to.queue);
      assertThat(queued.getChannel()).isEqualTo(to.queue);
      assertThat(queued.getMessageID()).isEqualTo("the-id");
      assertThat(queued.getMetadata()).isEqualTo("the-metadata");
      assertThat(queued.getBody().toStringUtf8()).isEqualTo("body");
      assertThat(queued.getTagsMap()).isEqualTo(Map.of("key", "value"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldFollowTheRouteTable(Sender sender) {
    // given
    String queue = Names.unique("beside");
    try (GrpcSubscription<EventReceive> events = GrpcSubscription.events(client, "g.e", "")) {

      // when
      String error = sender.send(client, "routes: all;queues:" + queue);

      // then
      assertThat(error).isEmpty();
      assertThat(events.next().getChannel()).isEqualTo("g.e");
      assertThat(receive("g.q").getBody().toStringUtf8()).isEqualTo("body");
      assertThat(receive(queue).getBody().toStringUtf8()).isEqualTo("body");
    }
  }

  @Test
  void shouldSendAPartWithoutPrefixWhereItsSenderSends() {
    // given
    String name = Names.unique("own");
    String other = Names.unique("other");
    try (GrpcSubscription<EventReceive> live = GrpcSubscription.events(client, name, "")) {

      // when
      Sender.EVENT.send(client, name + ";queues:" + other);
      Sender.STORED_EVENT.send(client, name + ";routes:own");
      Sender.UPSTREAM.send(client, name + ";routes:own");

      // then
      assertThat(live.next().getEventID()).isEqualTo("the-id");
      assertThat(receive(other).getBody().toStringUtf8()).isEqualTo("body");
      assertThat(stored(name).getSequence()).isEqualTo(1);
      assertThat(stored("g.own").getSequence()).isEqualTo(1);
      assertThat(receive(name).getAttributes().getSequence()).isEqualTo(1);
      assertThat(receive("g.own").getBody().toStringUtf8()).isEqualTo("body");
      assertThat(live.waiting()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldSendNothingWhenAPartIsBad(Sender sender) {
    // given
    String queue = Names.unique("q");
    Map<String, String> bad =
        Map.of(
            ";",
            "invalid channel value, a part of it is empty: queues:" + queue + ";",
            ";routes:unknown",
            "invalid channel value, there is no route unknown",
            ";events:a.*",
            ErrorText.of(107),
            ";events_store:a b",
            ErrorText.of(108),
            ";events_store:a.",
            ErrorText.of(119),
            ";queues:a.",
            ErrorText.of(120));

    // when, then
    bad.forEach(
        (part, error) ->
            assertThat(sender.send(client, "queues:" + queue + part)).as(part).isEqualTo(error));
    assertThat(mq.getFromApi("/v1/queues?name=" + queue).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseAListThatIsTooLongShortly(Sender sender) {
    // given
    String name = Names.unique("q");
    String many = ("queues:" + name + ";").repeat(1024);

    // when, then an error is short, as clients of gRPC take it from a header
    assertThat(sender.send(client, many + "queues:" + name))
        .isEqualTo("invalid channel value, it has more than 1024 parts");
    assertThat(sender.send(client, "a" + ";a".repeat(500_000)))
        .isEqualTo("invalid channel value, it has more than 524288 characters");
    assertThat(sender.send(client, "x".repeat(9_000) + ";"))
        .isEqualTo("invalid channel value, a part of it is empty: " + "x".repeat(400) + "...");
    assertThat(sender.send(client, "routes:" + "x".repeat(9_000)))
        .isEqualTo("invalid channel value, there is no route " + "x".repeat(400) + "...");
    assertThat(mq.getFromApi("/v1/queues?name=" + name).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void shouldBoundWhatRoutesAreFollowed(Sender sender) {
    // given, when, then a route with 3 parts is followed 1024 times, one with 5 is not
    assertThat(sender.send(client, "routes:all" + ";routes:all".repeat(1023))).isEmpty();
    assertThat(sender.send(client, "routes:same" + ";routes:same".repeat(1023)))
        .isEqualTo("invalid channel value, its routes have more than 4096 parts");
  }

  @Test
  void shouldBoundWhatRoutesAreFollowedForABatch() {
    // given 30 messages that lead to one channel in 3072 ways, and one that leads nowhere else
    String many = "routes:all" + ";routes:all".repeat(1023);
    List<QueueMessage> messages = new ArrayList<>(Collections.nCopies(30, message(many)));
    String plain = Names.unique("plain");
    messages.add(message(plain));

    // when
    List<SendQueueMessageResult> results = upstream(client, messages).getResultsList();

    // then
    assertThat(results.subList(0, 22))
        .extracting(SendQueueMessageResult::getError)
        .containsOnly("");
    assertThat(results.subList(22, 30))
        .extracting(SendQueueMessageResult::getError)
        .containsOnly("the messages of the batch lead to too many channels");
    assertThat(results.get(30).getError()).isEmpty();
    assertThat(KubeMq.bodies(mq.receive(plain, 1, 5))).containsExactly("body");
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseWhatIsTooLargeInAllChannelsTogether(Sender sender) {
    // given
    try (KubeMq small = KubeMq.start(Map.of("limits.unwrittenBytes", "2KiB"));
        GrpcClient sending = GrpcClient.connect(small)) {
      String list = "queues:q0";
      for (int i = 1; i < 50; i++) {
        list += ";queues:q" + i;
      }

      // when, then
      assertThat(sender.send(sending, list))
          .matches("stored in 50 channels the message takes \\d+ bytes, over the limit of 2048");
      assertThat(sender.send(sending, "queues:q0;queues:q1")).isEmpty();
      assertThat(KubeMq.bodies(small.receive("q0", 2, 1))).containsExactly("body");
      assertThat(small.getFromApi("/v1/queues?name=q2").status()).isEqualTo(404);
    }
  }

  @Test
  void shouldApplyThePolicyToTheQueuesAmongThem() {
    // given
    Targets to = Targets.unique();
    QueueMessage message =
        message(to.list()).toBuilder()
            .setPolicy(
                QueueMessagePolicy.newBuilder()
                    .setDelaySeconds(1)
                    .setExpirationSeconds(600)
                    .setMaxReceiveCount(3))
            .build();

    // when
    SendQueueMessageResult result = upstream(client, List.of(message)).getResults(0);

    // then
    assertThat(result.getDelayedTo()).isGreaterThan(result.getSentAt());
    assertThat(result.getExpirationAt()).isGreaterThan(result.getDelayedTo());
    assertThat(stored(to.store).getSequence()).isEqualTo(1);
    QueueMessage queued = receive(to.queue);
    assertThat(queued.getAttributes().getTimestamp()).isGreaterThanOrEqualTo(result.getDelayedTo());
    assertThat(queued.getPolicy().getMaxReceiveCount()).isEqualTo(3);
    assertThat(queued.getPolicy().getExpirationSeconds()).isEqualTo(600);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldTakeEachMessageOfABatchOnItsOwn(boolean upstream) {
    // given
    String plain = Names.unique("plain");
    Targets to = Targets.unique();
    List<QueueMessage> messages =
        List.of(message("routes:unknown"), message(to.list()), message(plain), message("bad name"));

    // when
    List<SendQueueMessageResult> results;
    if (upstream) {
      results = upstream(client, messages).getResultsList();
    } else {
      QueueMessagesBatchResponse answer =
          client
              .calls()
              .sendQueueMessagesBatch(
                  QueueMessagesBatchRequest.newBuilder().addAllMessages(messages).build());
      assertThat(answer.getHaveErrors()).isTrue();
      results = answer.getResultsList();
    }

    // then
    assertThat(results)
        .extracting(SendQueueMessageResult::getError)
        .containsExactly(
            "invalid channel value, there is no route unknown", "", "", ErrorText.of(120));
    assertThat(receive(plain).getBody().toStringUtf8()).isEqualTo("body");
    assertThat(receive(to.queue).getBody().toStringUtf8()).isEqualTo("body");
    assertThat(stored(to.store).getSequence()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldKeepTheOrderOfABatch(boolean upstream) {
    // given a bad one among them
    String queue = Names.unique("ordered");
    List<QueueMessage> messages = new ArrayList<>();
    for (String channel :
        List.of("queues:" + queue, queue, "bad name", queue + ";events:other", queue)) {
      ByteString body = ByteString.copyFromUtf8("body " + messages.size());
      messages.add(
          message(channel).toBuilder().setMessageID("id-" + messages.size()).setBody(body).build());
    }

    // when
    List<SendQueueMessageResult> results =
        upstream
            ? upstream(client, messages).getResultsList()
            : client
                .calls()
                .sendQueueMessagesBatch(
                    QueueMessagesBatchRequest.newBuilder().addAllMessages(messages).build())
                .getResultsList();

    // then
    assertThat(KubeMq.bodies(mq.receive(queue, 4, 5)))
        .containsExactly("body 0", "body 1", "body 3", "body 4");
    assertThat(results)
        .extracting(SendQueueMessageResult::getMessageID)
        .containsExactly("id-0", "id-1", "id-2", "id-3", "id-4");
    assertThat(results)
        .extracting(SendQueueMessageResult::getIsError)
        .containsExactly(false, false, true, false, false);
  }

  @Test
  void shouldSendOnceToAChannelThatIsThereTwice() {
    // given
    String queue = Names.unique("q");

    // when
    Sender.MESSAGE.send(client, queue + ";queues:" + queue);

    // then
    assertThat(KubeMq.bodies(mq.receive(queue, 2, 1))).containsExactly("body");
  }

  private EventReceive stored(String channel) {
    try (GrpcSubscription<EventReceive> subscriber =
        GrpcSubscription.store(client, Names.unique("client"), channel, "", 2, 0)) {
      return subscriber.next();
    }
  }

  private QueueMessage receive(String queue) {
    return client
        .calls()
        .receiveQueueMessages(
            ReceiveQueueMessagesRequest.newBuilder()
                .setClientID("receiver")
                .setChannel(queue)
                .setMaxNumberOfMessages(1)
                .setWaitTimeSeconds(20)
                .build())
        .getMessages(0);
  }

  private static QueuesUpstreamResponse upstream(GrpcClient client, List<QueueMessage> messages) {
    try (GrpcExchange<QueuesUpstreamRequest, QueuesUpstreamResponse> stream =
        GrpcExchange.open(client.streams()::queuesUpstream)) {
      return stream
          .send(QueuesUpstreamRequest.newBuilder().addAllMessages(messages).build())
          .next();
    }
  }

  private static Event event(String channel, boolean store) {
    return Event.newBuilder()
        .setEventID("the-id")
        .setClientID("sender")
        .setChannel(channel)
        .setMetadata("the-metadata")
        .setBody(ByteString.copyFromUtf8("body"))
        .setStore(store)
        .putTags("key", "value")
        .build();
  }

  private static QueueMessage message(String channel) {
    return QueueMessage.newBuilder()
        .setMessageID("the-id")
        .setClientID("sender")
        .setChannel(channel)
        .setMetadata("the-metadata")
        .setBody(ByteString.copyFromUtf8("body"))
        .putTags("key", "value")
        .build();
  }
}
