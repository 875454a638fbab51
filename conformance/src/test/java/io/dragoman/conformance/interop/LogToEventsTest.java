// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** With {@code interop.logToEvents} what logs are given reaches live subscribers of events. */
@KubeMqSuite(settings = "interop.logToEvents=true")
class LogToEventsTest extends WithBothClients {

  LogToEventsTest(KubeMq mq) {
    super(mq);
  }

  private static String body(JsonNode frame) {
    return Json.decoded(frame.path("Body"));
  }

  @Test
  void shouldReachSubscribersOfEventsWhoeverSentIt() {
    // given
    String base = Names.unique("reach");
    String topic = base + ".a";
    try (WsClient exact = mq.subscribeEvents(topic, "");
        WsClient pattern = mq.subscribeEvents(base + ".*", "");
        GrpcSubscription<EventReceive> events = GrpcSubscription.events(grpc, topic, "");
        GrpcSubscription<EventReceive> all = GrpcSubscription.events(grpc, base + ".>", "")) {
      // when
      publisher.publish(topic, "hub");
      mq.store(topic, "rest");
      grpc.calls()
          .sendEvent(
              Event.newBuilder()
                  .setEventID("the-id")
                  .setClientID("c")
                  .setChannel(topic)
                  .setMetadata("the-metadata")
                  .putTags("a", "1")
                  .setStore(true)
                  .build());
      mq.publish(topic, "event");

      // then
      for (WsClient subscriber : List.of(exact, pattern)) {
        List<JsonNode> frames = subscriber.next(4);
        assertThat(frames)
            .extracting(LogToEventsTest::body)
            .containsExactly("hub", "rest", "", "event");
        assertThat(frames).noneMatch(each -> each.has("Sequence") || each.has("Timestamp"));
        assertThat(frames.get(2).get("EventID").textValue()).isEqualTo("the-id");
        assertThat(frames.get(2).get("Metadata").textValue()).isEqualTo("the-metadata");
        assertThat(frames.get(2).get("Tags")).isEqualTo(Json.object("a", "1"));
      }
      for (GrpcSubscription<EventReceive> subscriber : List.of(events, all)) {
        List<EventReceive> received = subscriber.next(4);
        assertThat(received)
            .extracting(each -> each.getBody().toStringUtf8())
            .containsExactly("hub", "rest", "", "event");
        assertThat(received).allMatch(each -> each.getSequence() == 0 && each.getTimestamp() == 0);
        assertThat(received).allMatch(each -> each.getChannel().equals(topic));
      }
    }
  }

  @Test
  void shouldBeSharedInGroups() {
    // given
    String topic = Names.unique("group");
    int count = 100;
    try (WsClient one = mq.subscribeEvents(topic, "g");
        WsClient two = mq.subscribeEvents(topic, "g")) {
      // when
      for (int i = 0; i < count; i++) {
        publisher.publish(topic, "m" + i);
      }

      // then
      await().until(() -> one.waiting() + two.waiting() >= count);
      assertThat(one.waiting()).isPositive();
      assertThat(two.waiting()).isPositive();
      assertThat(one.waiting() + two.waiting()).isEqualTo(count);
    }
  }

  @Test
  void shouldReachEventhubsSubscribersOnce() throws Exception {
    // given
    String base = Names.unique("once");
    String topic = base + "/a";
    HttpRequest stream =
        HttpRequest.newBuilder(mq.api().resolve("/" + topic))
            .header("Accept", "text/event-stream")
            .build();
    List<String> wanted = new ArrayList<>();
    try (TopicClient exact = TopicClient.subscribed(mq, topic);
        TopicClient pattern = TopicClient.subscribed(mq, base + "/#");
        Stream<String> lines = mq.http().send(stream, BodyHandlers.ofLines()).body();
        WsClient events = mq.subscribeEvents(topic, "")) {
      Iterator<String> data = lines.filter(each -> each.startsWith("data: ")).iterator();

      // when each kind of event follows the others
      for (int i = 0; i < 30; i++) {
        publisher.publish(topic, "hub " + i);
        mq.store(topic, "stored " + i);
        wanted.add("hub " + i);
        wanted.add("stored " + i);
      }
      mq.publish(topic, "event");
      wanted.add("event");

      // then
      assertThat(events.next(wanted.size()))
          .extracting(LogToEventsTest::body)
          .containsExactlyElementsOf(wanted);
      assertOnce(exact, wanted);
      assertOnce(pattern, wanted);
      List<String> streamed = new ArrayList<>();
      for (int i = 0; i < wanted.size(); i++) {
        streamed.add(data.next().substring("data: ".length()));
      }
      assertThat(streamed).containsExactlyInAnyOrderElementsOf(wanted);
    }
  }

  /** The event that nobody keeps may overtake what comes from the log. */
  private void assertOnce(TopicClient subscriber, List<String> wanted) {
    List<String> heard = subscriber.messages(wanted.size());
    assertThat(heard).containsExactlyInAnyOrderElementsOf(wanted);
    heard.remove("event");
    assertThat(heard).containsExactlyElementsOf(wanted.subList(0, wanted.size() - 1));
  }

  @Test
  void shouldReachMembersOfConnmixChannelsOnce() {
    // given
    String channel = Names.unique("member");
    try (Backend backend = Backend.connect(mq)) {
      backend.consume(Backend.TOPIC);
      try (Member member = backend.member(channel)) {
        // when, then
        publisher.publish(channel, "hub");
        assertThat(member.next()).isEqualTo("hub");
        mq.store(channel, "stored");
        assertThat(member.next()).isEqualTo("stored");
        mq.publish("events_store:%1$s;events:%1$s".formatted(channel), "to both");
        assertThat(member.next()).isEqualTo("to both");
        backend.call("mesh.publish", "c", channel, "d", "mesh");
        assertThat(member.next()).isEqualTo("mesh");
      }
    }
  }

  @Test
  void shouldSayOnceWhatIsSentToBoth() {
    // given
    String topic = Names.unique("both");
    try (WsClient events = mq.subscribeEvents(topic, "");
        TopicClient subscriber = TopicClient.subscribed(mq, topic)) {
      // when
      mq.publish("events_store:" + topic + ";events:" + topic, "to both");
      mq.publish("events_store:" + topic + ";queues:" + topic, "to the log and a queue");
      mq.store(topic, "last");

      // then
      assertThat(events.next(3))
          .extracting(LogToEventsTest::body)
          .containsExactly("to both", "to the log and a queue", "last");
      assertThat(subscriber.messages(3))
          .containsExactly("to both", "to the log and a queue", "last");
      assertThat(KubeMq.bodies(mq.receive(topic, 1, 10))).containsExactly("to the log and a queue");
    }
  }

  @Test
  void shouldKeepTheOrderOfASender() {
    // given
    String topic = Names.unique("order");
    int count = 2000;
    try (WsClient events = mq.subscribeEvents(topic, "");
        WsClient stream = mq.connect("/send/stream")) {
      // when
      for (int i = 0; i < count; i++) {
        stream.send(Json.with(KubeMq.event(topic, "m" + i), "Store", true));
      }
      stream.next(count);

      // then
      for (int i = 0; i < count; i++) {
        assertThat(body(events.next())).isEqualTo("m" + i);
      }
    }
  }
}
