// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.Subscribe;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events and the events store over gRPC, seen from gRPC and from REST. */
@KubeMqSuite
class GrpcEventsTest {

  private final KubeMq mq;
  private GrpcClient client;

  GrpcEventsTest(KubeMq mq) {
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

  // --- one event

  @ParameterizedTest
  @CsvSource({"false, my-id", "true, my-id", "false, ''", "true, ''"})
  void shouldSendTheEvent(boolean store, String id) {
    // when
    Result result =
        client
            .calls()
            .sendEvent(
                event(Names.unique("send"), "body").toBuilder()
                    .setEventID(id)
                    .setStore(store)
                    .build());

    // then
    assertThat(result.getSent()).isTrue();
    assertThat(result.getError()).isEmpty();
    if (id.isEmpty()) {
      assertThat(result.getEventID()).isNotEmpty();
    } else {
      assertThat(result.getEventID()).isEqualTo(id);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldDeliverWhatRestSent(boolean store) {
    // given
    String channel = Names.unique("from-rest");
    try (GrpcSubscription<EventReceive> subscriber = subscribe(channel, store)) {
      ObjectNode event = KubeMq.event(channel, "the-body");
      event.put("EventID", "the-id").put("Metadata", "the-metadata").put("Store", store);
      event.putObject("Tags").put("a", "1").put("b", "");

      // when
      mq.post("/send/event", event).data();

      // then
      EventReceive received = subscriber.next();
      assertThat(received.getEventID()).isEqualTo("the-id");
      assertThat(received.getChannel()).isEqualTo(channel);
      assertThat(received.getMetadata()).isEqualTo("the-metadata");
      assertThat(received.getBody().toStringUtf8()).isEqualTo("the-body");
      assertThat(received.getTagsMap()).isEqualTo(Map.of("a", "1", "b", ""));
      assertThat(received.getSequence()).isEqualTo(store ? 1 : 0);
      assertThat(received.getTimestamp() > 0).isEqualTo(store);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldSendWhatRestDelivers(boolean store) {
    // given
    String channel = Names.unique("to-rest");
    try (WsClient subscriber =
        store
            ? mq.subscribeEventsStore(Names.unique("client"), channel, "", 1, 0)
            : mq.subscribeEvents(channel, "")) {
      // when
      client
          .calls()
          .sendEvent(
              event(channel, "the-body").toBuilder()
                  .setEventID("the-id")
                  .setMetadata("the-metadata")
                  .putTags("a", "1")
                  .putTags("b", "")
                  .setStore(store)
                  .build());

      // then
      JsonNode received = subscriber.next();
      assertThat(received.get("EventID").textValue()).isEqualTo("the-id");
      assertThat(received.get("Metadata").textValue()).isEqualTo("the-metadata");
      assertThat(Json.decoded(received.get("Body"))).isEqualTo("the-body");
      assertThat(received.get("Tags")).isEqualTo(Json.object("a", "1", "b", ""));
      assertThat(received.has("Sequence")).isEqualTo(store);
    }
  }

  private GrpcSubscription<EventReceive> subscribe(String channel, boolean store) {
    return store
        ? GrpcSubscription.store(client, Names.unique("client"), channel, "", 1, 0)
        : GrpcSubscription.events(client, channel, "");
  }

  @Test
  void shouldMatchPatternsAndGroups() {
    // given
    String base = Names.unique("pattern");
    try (GrpcSubscription<EventReceive> one = GrpcSubscription.events(client, base + ".*", "");
        GrpcSubscription<EventReceive> many = GrpcSubscription.events(client, base + ".>", "");
        GrpcSubscription<EventReceive> group = GrpcSubscription.events(client, base + ".>", "g");
        WsClient member = mq.subscribeEvents(base + ".>", "g")) {
      // when
      for (int i = 0; i < 100; i++) {
        client.calls().sendEvent(event(base + ".a", "shallow"));
        client.calls().sendEvent(event(base + ".a.b", "deep"));
      }

      // then
      assertThat(many.next(200)).hasSize(200);
      assertThat(one.next(100)).allMatch(received -> received.getChannel().equals(base + ".a"));
      await().until(() -> group.waiting() + member.waiting() >= 200);
      assertThat(group.waiting()).isPositive();
      assertThat(member.waiting()).isPositive();
      assertThat(group.waiting() + member.waiting()).isEqualTo(200);
      assertThat(one.waiting()).isZero();
    }
  }

  // --- the sender's stream

  @Test
  void shouldAnswerStoredAndRefusedEventsOfAStreamOnly() {
    // given
    String channel = Names.unique("stream");
    try (GrpcSubscription<EventReceive> live = GrpcSubscription.events(client, channel, "");
        GrpcExchange<Event, Result> stream =
            GrpcExchange.open(client.streams()::sendEventsStream)) {
      // when
      stream.send(streamed(channel, "live-1", false));
      stream.send(streamed(channel, "stored-1", true));
      stream.send(streamed("", "bad-1", false));
      stream.send(streamed(channel, "live-2", false));
      stream.send(streamed("*", "bad-2", true));
      stream.send(streamed(channel, "stored-2", true));
      stream.halfClose();

      // then
      assertThat(stream.end()).isEqualTo(Status.OK);
      assertThat(List.of(stream.next(), stream.next(), stream.next(), stream.next()))
          .containsExactly(
              sent("stored-1"),
              Result.newBuilder().setEventID("bad-1").setError(ErrorText.of(102)).build(),
              Result.newBuilder().setEventID("bad-2").setError(ErrorText.of(107)).build(),
              sent("stored-2"));
      assertThat(stream.arrived()).isZero();
      assertThat(live.next(2))
          .extracting(EventReceive::getEventID)
          .containsExactly("live-1", "live-2");
    }
  }

  @Test
  void shouldShareAStreamAmongTheMembersOfAGroup() {
    // given
    String channel = Names.unique("stream");
    try (GrpcSubscription<EventReceive> one = GrpcSubscription.events(client, channel, "g");
        GrpcSubscription<EventReceive> two = GrpcSubscription.events(client, channel, "g");
        GrpcExchange<Event, Result> stream =
            GrpcExchange.open(client.streams()::sendEventsStream)) {
      // when
      for (int i = 0; i < 1000; i++) {
        stream.send(streamed(channel, "event-" + i, false));
      }
      stream.halfClose();
      assertThat(stream.end()).isEqualTo(Status.OK);

      // then
      await().until(() -> one.waiting() + two.waiting() >= 1000);
      assertThat(one.waiting()).isPositive();
      assertThat(two.waiting()).isPositive();
      assertThat(one.waiting() + two.waiting()).isEqualTo(1000);
    }
  }

  @Test
  void shouldStoreAStreamInOrder() {
    // given
    String channel = Names.unique("stream");
    int count = 3000;
    try (GrpcExchange<Event, Result> stream =
            GrpcExchange.open(client.streams()::sendEventsStream);
        GrpcSubscription<EventReceive> subscriber =
            GrpcSubscription.store(client, Names.unique("client"), channel, "", 2, 0)) {
      // when
      for (int i = 0; i < count; i++) {
        stream.send(streamed(channel, "event-" + i, true));
      }

      // then
      for (int i = 0; i < count; i++) {
        assertThat(stream.next()).isEqualTo(sent("event-" + i));
        EventReceive received = subscriber.next();
        assertThat(received.getEventID()).isEqualTo("event-" + i);
        assertThat(received.getSequence()).isEqualTo(i + 1);
      }
    }
  }

  // --- the events store

  @ParameterizedTest
  @CsvSource({
    // type, value, sequence of the first event delivered, of five stored and one sent later
    "1, 0, 6",
    "2, 0, 1",
    "3, 0, 5",
    "4, 1, 1",
    "4, 3, 3",
    "4, 100, 6",
    "5, 1, 1",
    "6, 3600, 1"
  })
  void shouldStart(int type, long value, long first) {
    // given
    String channel = Names.unique("start");
    for (int i = 1; i <= 5; i++) {
      mq.store(channel, "event");
    }
    try (GrpcSubscription<EventReceive> subscriber =
        GrpcSubscription.store(client, Names.unique("client"), channel, "", type, value)) {
      // when
      mq.store(channel, "event");

      // then
      List<EventReceive> received = subscriber.next((int) (7 - first));
      assertThat(received)
          .extracting(EventReceive::getSequence)
          .containsExactlyElementsOf(LongStream.rangeClosed(first, 6).boxed().toList());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1_000, 1_000_000_000})
  void shouldStartAtATimeInAnyUnit(long unitsPerSecond) {
    // given one event in an earlier second than the others
    String channel = Names.unique("time");
    mq.store(channel, "event");
    long boundarySeconds;
    try (GrpcSubscription<EventReceive> subscriber =
        GrpcSubscription.store(client, Names.unique("client"), channel, "", 2, 0)) {
      boundarySeconds = subscriber.next().getTimestamp() / 1_000_000_000 + 1;
    }
    Time.awaitClock(boundarySeconds * 1000 + 20);
    mq.store(channel, "event");

    // when
    try (GrpcSubscription<EventReceive> subscriber =
        GrpcSubscription.store(
            client, Names.unique("client"), channel, "", 5, boundarySeconds * unitsPerSecond)) {
      // then
      assertThat(subscriber.next().getSequence()).isEqualTo(2);
    }
  }

  @Test
  void shouldResumeOverEitherInterface() {
    // given a subscriber that has seen two events, and one that came while it was away
    String channel = Names.unique("durable");
    String id = Names.unique("client");
    mq.store(channel, "event");
    mq.store(channel, "event");
    try (GrpcSubscription<EventReceive> subscriber =
        GrpcSubscription.store(client, id, channel, "", 2, 0)) {
      subscriber.next(2);
    }
    awaitNobody(channel);
    mq.store(channel, "event");

    // when, then
    try (WsClient subscriber = reconnected(id, channel)) {
      assertThat(subscriber.next().get("Sequence").longValue()).isEqualTo(3);
    }
    mq.store(channel, "event");
    try (GrpcSubscription<EventReceive> subscriber = resubscribed(id, channel)) {
      assertThat(subscriber.next().getSequence()).isEqualTo(4);
    }
  }

  /**
   * A server hears a moment later that a client has left; what it wrote until then was delivered.
   */
  private void awaitNobody(String channel) {
    await()
        .until(
            () -> {
              JsonNode stores = mq.getFromApi("/v1/stats/events_stores").json().at("/data/queues");
              for (JsonNode store : stores) {
                if (store.get("name").textValue().equals(channel)) {
                  return store.path("subscribers").intValue() == 0;
                }
              }
              return false;
            });
  }

  /** A position is stored, and the id is free, a moment after the client has left. */
  private WsClient reconnected(String id, String channel) {
    return await()
        .ignoreExceptionsInstanceOf(RuntimeException.class)
        .until(() -> mq.subscribeEventsStore(id, channel, "", 2, 0), made -> true);
  }

  private GrpcSubscription<EventReceive> resubscribed(String id, String channel) {
    return await()
        .ignoreExceptionsInstanceOf(AssertionError.class)
        .until(() -> GrpcSubscription.store(client, id, channel, "", 2, 0), made -> true);
  }

  @Test
  void shouldRefuseASecondLiveSubscriptionOfTheSameClient() {
    // given
    String channel = Names.unique("twice");
    String id = Names.unique("client");
    Subscribe subscribe = GrpcSubscription.stored(id, channel, "", 1, 0);
    try (GrpcSubscription<EventReceive> first = GrpcSubscription.events(client, subscribe)) {
      // when
      Status second = GrpcSubscription.askForEvents(client, subscribe).end();

      // then
      assertThat(second.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(second.getDescription()).isNotEmpty().doesNotContain("stan:");
      mq.store(channel, "event");
      assertThat(first.next().getSequence()).isEqualTo(1);
    }
  }

  @Test
  void shouldShareAStoreAmongTheMembersOfAGroup() {
    // given members on both interfaces
    String channel = Names.unique("shared");
    List<GrpcSubscription<EventReceive>> members = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      members.add(GrpcSubscription.store(client, Names.unique("member"), channel, "g", 1, 0));
    }
    try (WsClient other = mq.subscribeEventsStore(Names.unique("member"), channel, "g", 1, 0)) {
      // when
      for (int i = 0; i < 200; i++) {
        mq.store(channel, "event");
      }

      // then
      await().until(() -> waiting(members) + other.waiting() >= 200);
      List<Long> all = new ArrayList<>();
      for (GrpcSubscription<EventReceive> member : members) {
        assertThat(member.waiting()).isPositive();
        member.next(member.waiting()).forEach(each -> all.add(each.getSequence()));
      }
      other.next(other.waiting()).forEach(each -> all.add(each.get("Sequence").longValue()));
      assertThat(all)
          .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 200).boxed().toList());
    }
    members.forEach(GrpcSubscription::close);
  }

  private static int waiting(List<GrpcSubscription<EventReceive>> members) {
    return members.stream().mapToInt(GrpcSubscription::waiting).sum();
  }

  // --- what subscriptions are refused for

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          207 | ClientID:'c' Channel:'foo'
          207 | SubscribeTypeData:Commands ClientID:'c' Channel:'foo'
          207 | SubscribeTypeData:Queries
          207 | SubscribeTypeData:9 ClientID:'c' Channel:'foo'
          101 | SubscribeTypeData:Events Channel:'foo'
          101 | SubscribeTypeData:EventsStore Channel:'foo' EventsStoreTypeData:StartNewOnly
          102 | SubscribeTypeData:Events ClientID:'c'
          119 | SubscribeTypeData:Events ClientID:'c' Channel:'foo.'
          108 | SubscribeTypeData:Events ClientID:'c' Channel:'f oo'
          118 | SubscribeTypeData:Events ClientID:'c' Channel:'foo' EventsStoreTypeData:StartAtTime
          107 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo.*' EventsStoreTypeData:StartNewOnly
          107 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'>' EventsStoreTypeData:StartNewOnly
          111 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo'
          111 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo' EventsStoreTypeData:7
          112 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo' EventsStoreTypeData:StartAtSequence
          112 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo' EventsStoreTypeData:StartAtSequence EventsStoreTypeValue:-1
          113 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo' EventsStoreTypeData:StartAtTime
          114 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'foo' EventsStoreTypeData:StartAtTimeDelta
          101 | SubscribeTypeData:Events EventsStoreTypeData:StartAtTime
          119 | SubscribeTypeData:Events ClientID:'c' Channel:'f oo.'
          108 | SubscribeTypeData:EventsStore ClientID:'c' Channel:' *'
          107 | SubscribeTypeData:EventsStore ClientID:'c' Channel:'*' EventsStoreTypeData:StartAtSequence
          """)
  void shouldRefuseToSubscribe(int error, String subscribe) {
    // when
    Status refusal =
        GrpcSubscription.askForEvents(
                client, GrpcText.message(Subscribe.getDefaultInstance(), subscribe))
            .end();

    // then
    assertThat(refusal.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(refusal.getDescription()).isEqualTo(ErrorText.of(error));
  }

  // --- what is told of it

  static Event event(String channel, String body) {
    return Event.newBuilder()
        .setClientID("grpc-sender")
        .setChannel(channel)
        .setBody(ByteString.copyFromUtf8(body))
        .build();
  }

  private static Event streamed(String channel, String id, boolean store) {
    return event(channel, "body").toBuilder().setEventID(id).setStore(store).build();
  }

  private static Result sent(String id) {
    return Result.newBuilder().setEventID(id).setSent(true).build();
  }

  @Test
  void shouldCarryAnyBytesAndTags() {
    // given
    String channel = Names.unique("bytes");
    byte[] body = new byte[70_000];
    IntStream.range(0, body.length).forEach(i -> body[i] = (byte) i);
    Event event =
        event(channel, "").toBuilder()
            .setBody(ByteString.copyFrom(body))
            .putTags("ümlaut", "日本")
            .putTags("", "")
            .build();
    try (GrpcSubscription<EventReceive> subscriber = GrpcSubscription.events(client, channel, "")) {
      // when
      client.calls().sendEvent(event);

      // then
      EventReceive received = subscriber.next();
      assertThat(received.getBody()).isEqualTo(event.getBody());
      assertThat(received.getTagsMap()).isEqualTo(event.getTagsMap());
    }
  }
}
