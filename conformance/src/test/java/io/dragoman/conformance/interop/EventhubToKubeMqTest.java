// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.EventReceive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What KubeMQ's clients see of what Eventhub's publish. */
@KubeMqSuite
class EventhubToKubeMqTest extends WithBothClients {
  private static final int FIRST = 2;
  private static final int AT_TIME = 5;

  EventhubToKubeMqTest(KubeMq mq) {
    super(mq);
  }

  private WsClient rest(String channel, int type, long value) {
    return mq.subscribeEventsStore(Names.unique("client"), channel, "", type, value);
  }

  private GrpcSubscription<EventReceive> grpc(String channel, int type, long value) {
    return GrpcSubscription.store(grpc, Names.unique("client"), channel, "", type, value);
  }

  // --- start positions

  @ParameterizedTest
  @CsvSource({
    // type, value, sequence of the first event delivered, of five published and one more later
    "1, 0, 6",
    "2, 0, 1",
    "3, 0, 5",
    "4, 1, 1",
    "4, 3, 3",
    "4, 6, 6",
    "6, 3600, 1"
  })
  void shouldShowWhatIsPublishedFromEveryStart(int type, long value, int first) {
    // given
    String topic = Names.unique("start") + "/a.b:c";
    for (int i = 1; i <= 5; i++) {
      publisher.publish(topic, "event " + i);
    }
    try (WsClient rest = rest(topic, type, value);
        GrpcSubscription<EventReceive> grpc = grpc(topic, type, value)) {
      // when
      publisher.publish(topic, "event 6");

      // then
      for (int sequence = first; sequence <= 6; sequence++) {
        JsonNode frame = rest.next();
        assertThat(frame.get("Sequence").intValue()).isEqualTo(sequence);
        assertThat(Json.decoded(frame.get("Body"))).isEqualTo("event " + sequence);
        EventReceive event = grpc.next();
        assertThat(event.getSequence()).isEqualTo(sequence);
        assertThat(event.getBody().toStringUtf8()).isEqualTo("event " + sequence);
      }
    }
  }

  @Test
  void shouldStartAtTheTimeThatAnIdSays() {
    // given
    String topic = Names.unique("time");
    publisher.publish(topic, "1");
    String second = publisher.publish(topic, "2");
    publisher.publish(topic, "3");
    long nanos = TopicClient.nanos(second);

    // when
    try (WsClient rest = rest(topic, AT_TIME, nanos);
        GrpcSubscription<EventReceive> grpc = grpc(topic, AT_TIME, nanos)) {
      // then
      assertThat(Json.decoded(rest.next().get("Body"))).isEqualTo("2");
      assertThat(grpc.next().getBody().toStringUtf8()).isEqualTo("2");
    }
  }

  @Test
  void shouldGoOnWhereADurableClientWas() {
    // given
    String topic = Names.unique("durable");
    String client = Names.unique("client");
    try (WsClient subscriber = mq.subscribeEventsStore(client, topic, "", 1, 0)) {
      publisher.publish(topic, "1");
      subscriber.next();
    }

    // when
    publisher.publish(topic, "2");
    mq.store(topic, "3");

    // then
    try (WsClient again = mq.subscribeEventsStore(client, topic, "", 1, 0)) {
      assertThat(again.next(2))
          .extracting(frame -> Json.decoded(frame.get("Body")))
          .containsExactly("2", "3");
    }
  }

  // --- fields

  @Test
  void shouldGiveEveryFieldItsMeaning() {
    // given
    String topic = Names.unique("fields");
    try (WsClient rest = rest(topic, 1, 0);
        GrpcSubscription<EventReceive> grpc = grpc(topic, 1, 0)) {
      // when
      String id = publisher.publish(topic, "grüße 🙂 \u0000\n");

      // then
      JsonNode frame = rest.next();
      assertThat(Json.keys(frame))
          .containsExactlyInAnyOrder("EventID", "Channel", "Body", "Timestamp", "Sequence");
      assertThat(UUID.fromString(frame.get("EventID").textValue()).version()).isPositive();
      assertThat(frame.get("Channel").textValue()).isEqualTo(topic);
      assertThat(Json.decoded(frame.get("Body"))).isEqualTo("grüße 🙂 \u0000\n");
      assertThat(frame.get("Timestamp").longValue()).isEqualTo(TopicClient.nanos(id));
      assertThat(frame.get("Sequence").longValue()).isEqualTo(1);
      EventReceive event = grpc.next();
      assertThat(event.getEventID()).isEqualTo(frame.get("EventID").textValue());
      assertThat(event.getChannel()).isEqualTo(topic);
      assertThat(event.getMetadata()).isEmpty();
      assertThat(event.getTagsMap()).isEmpty();
      assertThat(event.getBody().toStringUtf8()).isEqualTo("grüße 🙂 \u0000\n");
      assertThat(event.getTimestamp()).isEqualTo(TopicClient.nanos(id));
      assertThat(event.getSequence()).isEqualTo(1);
    }
  }

  @Test
  void shouldShowWhatIsPublishedOverHttp() {
    // given
    String topic = Names.unique("http");
    HttpRequest request =
        HttpRequest.newBuilder(mq.api().resolve("/api/v1/topics/" + topic))
            .POST(BodyPublishers.ofString("posted"))
            .build();
    try (WsClient rest = rest(topic, 1, 0);
        GrpcSubscription<EventReceive> grpc = grpc(topic, 1, 0)) {
      // when
      Answer answer = mq.exchange(request);

      // then
      assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
      assertThat(Json.decoded(rest.next().get("Body"))).isEqualTo("posted");
      assertThat(grpc.next().getBody().toStringUtf8()).isEqualTo("posted");
    }
  }

  @Test
  void shouldGoByTheTimeOfStoringWhereAPublisherHasATimeOfItsOwn() {
    // given
    String topic = Names.unique("timestamp");
    long past = 1_574_843_571_767L;
    String untimed = publisher.publish(topic, "1");
    String timed = publisher.publish(topic, "2", "timestamp", past);
    assertThat(timed).startsWith(past + "-");
    long stored = Long.parseLong(timed.substring(timed.indexOf('-') + 1));

    // when
    try (WsClient fromFirst = rest(topic, FIRST, 0);
        WsClient fromSecond = rest(topic, AT_TIME, stored);
        GrpcSubscription<EventReceive> grpc = grpc(topic, AT_TIME, stored)) {
      // then
      List<JsonNode> all = fromFirst.next(2);
      assertThat(all.get(0).get("Timestamp").longValue()).isEqualTo(TopicClient.nanos(untimed));
      assertThat(all.get(1).get("Timestamp").longValue()).isEqualTo(stored);
      assertThat(fromSecond.next()).isEqualTo(all.get(1));
      assertThat(grpc.next().getTimestamp()).isEqualTo(stored);
    }
    // and Eventhub itself goes by the publisher's
    assertThat(publisher.history(topic, "since", past + 1))
        .extracting(each -> each.get("message").textValue())
        .containsExactly("1");
    assertThat(publisher.history(topic, "since", past)).hasSize(2);
  }

  @Test
  void shouldNotDeliverWhatHasExpired() {
    // given
    String topic = Names.unique("ttl");
    publisher.publish(topic, "short", "ttl", 1);
    publisher.publish(topic, "long", "ttl", 3600);
    publisher.publish(topic, "without end");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> publisher.history(topic, "since", 1).size() == 2);

    // when
    try (WsClient rest = rest(topic, FIRST, 0);
        WsClient atSequence = rest(topic, 4, 1);
        GrpcSubscription<EventReceive> grpc = grpc(topic, FIRST, 0)) {
      // then the first is gone, and has left its number
      assertThat(rest.next(2))
          .extracting(frame -> frame.get("Sequence").intValue())
          .containsExactly(2, 3);
      assertThat(Json.decoded(atSequence.next().get("Body"))).isEqualTo("long");
      assertThat(grpc.next(2)).extracting(EventReceive::getSequence).containsExactly(2L, 3L);
    }
  }

  // --- events and events store stay apart

  @Test
  void shouldNotReachEventsUnlessToldTo() {
    // given
    String topic = Names.unique("apart");
    try (WsClient rest = mq.subscribeEvents(topic, "");
        GrpcSubscription<EventReceive> events = GrpcSubscription.events(grpc, topic, "")) {
      // when
      publisher.publish(topic, "published");
      mq.store(topic, "stored");
      mq.publish(topic, "event");

      // then
      assertThat(Json.decoded(rest.next().get("Body"))).isEqualTo("event");
      assertThat(events.next().getBody().toStringUtf8()).isEqualTo("event");
    }
  }

  @Test
  void shouldNumberTheLogOverAllSenders() {
    // given
    String topic = Names.unique("mixed");
    for (int i = 0; i < 5; i++) {
      publisher.publish(topic, "hub");
      mq.store(topic, "mq");
    }

    // when
    try (WsClient rest = rest(topic, FIRST, 0)) {
      // then
      assertThat(rest.next(10))
          .extracting(frame -> frame.get("Sequence").intValue())
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 10).boxed().toList());
    }
  }
}
