// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.Event;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Eventhub's clients see of what KubeMQ's send. */
@KubeMqSuite
class KubeMqToEventhubTest {

  /** The ways on which KubeMQ's clients send events. */
  enum Way {
    REST,
    REST_STREAM,
    GRPC
  }

  private static final byte[] NO_TEXT = {'a', (byte) 0xff, 0, 'b'};

  private final KubeMq mq;

  KubeMqToEventhubTest(KubeMq mq) {
    this.mq = mq;
  }

  private void send(Way way, boolean store, String channel, byte[] body) {
    ObjectNode event =
        Json.object(
            "EventID",
            "the-id",
            "ClientID",
            "the-client",
            "Channel",
            channel,
            "Metadata",
            "the-metadata",
            "Body",
            Json.base64(body),
            "Store",
            store);
    event.putObject("Tags").put("a", "1");
    switch (way) {
      case REST -> mq.post("/send/event", event).data();
      case REST_STREAM -> {
        try (WsClient stream = mq.connect("/send/stream")) {
          stream.send(event);
          stream.next();
        }
      }
      case GRPC -> {
        try (GrpcClient client = GrpcClient.connect(mq)) {
          client
              .calls()
              .sendEvent(
                  Event.newBuilder()
                      .setEventID("the-id")
                      .setClientID("the-client")
                      .setChannel(channel)
                      .setMetadata("the-metadata")
                      .setBody(ByteString.copyFrom(body))
                      .putTags("a", "1")
                      .setStore(store)
                      .build());
        }
      }
    }
  }

  private void send(boolean store, String channel, String body) {
    send(Way.REST, store, channel, body.getBytes(UTF_8));
  }

  private static void assertShown(JsonNode event, String topic, String message) {
    assertThat(event.get("id").textValue()).matches("[0-9]{13}-[0-9]{1,6}");
    assertContent(event, topic, message);
  }

  private static void assertPassing(JsonNode event, String topic, String message) {
    assertThat(event.get("id").textValue()).matches("[0-9]{13}-[0-9]{25}");
    assertContent(event, topic, message);
  }

  private static void assertContent(JsonNode event, String topic, String message) {
    assertThat(Json.keys(event)).containsExactly("id", "message", "origin", "topic");
    assertThat(event.get("message").textValue()).isEqualTo(message);
    assertThat(event.get("origin").textValue()).isEqualTo("the-client");
    assertThat(event.get("topic").textValue()).isEqualTo(topic);
  }

  // --- live

  @ParameterizedTest
  @EnumSource
  void shouldShowWhatIsStoredAtOnceAndInHistory(Way way) {
    // given
    String topic = Names.unique("stored") + "/a.b:c";
    try (TopicClient exact = TopicClient.subscribed(mq, topic);
        TopicClient pattern = TopicClient.subscribed(mq, topic.replaceFirst("/.*", "/+"));
        TopicClient asker = TopicClient.connect(mq)) {
      // when
      send(way, true, topic, "grüße 🙂 \"/\\".getBytes(UTF_8));

      // then
      JsonNode live = exact.next();
      assertShown(live, topic, "grüße 🙂 \"/\\");
      assertThat(pattern.next()).isEqualTo(live);
      assertThat(asker.history(topic, "since", 1)).containsExactly(live);
      try (WsClient store = mq.subscribeEventsStore(Names.unique("c"), topic, "", 2, 0)) {
        assertThat(store.next().get("Timestamp").longValue())
            .isEqualTo(TopicClient.nanos(live.get("id").textValue()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldShowWhatNobodyKeepsAtOnceOnly(Way way) {
    // given
    String topic = Names.unique("event");
    try (TopicClient exact = TopicClient.subscribed(mq, topic);
        TopicClient pattern = TopicClient.subscribed(mq, "#");
        TopicClient asker = TopicClient.connect(mq)) {
      // when
      send(way, false, topic, "passing".getBytes(UTF_8));

      // then
      assertPassing(exact.next(), topic, "passing");
      JsonNode seen = pattern.next();
      while (!seen.get("topic").textValue().equals(topic)) {
        seen = pattern.next();
      }
      assertPassing(seen, topic, "passing");
      assertThat(asker.history(topic, "since", 1)).isEmpty();
    }
  }

  @Test
  void shouldShowOnceWhatIsSentToTheLogAndTheEventsOfOneName() {
    // given
    String topic = Names.unique("both");
    try (TopicClient subscriber = TopicClient.subscribed(mq, topic);
        WsClient events = mq.subscribeEvents(topic, "")) {
      // when
      send(true, "events_store:" + topic + ";events:" + topic, "to both");
      send(true, topic, "last");

      // then an event that followed would not wait for what is stored
      assertThat(subscriber.messages(2)).containsExactly("to both", "last");
      send(false, topic, "last event");
      assertThat(subscriber.messages(1)).containsExactly("last event");
      assertThat(Json.decoded(events.next().get("Body"))).isEqualTo("to both");
      assertThat(Json.decoded(events.next().get("Body"))).isEqualTo("last event");
    }
  }

  @Test
  void shouldShowNoOriginWhereTheSenderHasNoName() {
    // given the only way for a sender to have none
    String topic = Names.unique("nameless");
    try (TopicClient subscriber = TopicClient.subscribed(mq, topic);
        TopicClient publisher = TopicClient.connect(mq)) {
      // when
      publisher.publish(topic, "m");

      // then
      assertThat(Json.keys(subscriber.next())).containsExactly("id", "message", "topic");
    }
  }

  @Test
  void shouldShowAnEmptyMessageForMetadataAlone() {
    // given
    String topic = Names.unique("empty");
    try (TopicClient subscriber = TopicClient.subscribed(mq, topic)) {
      // when
      send(true, topic, "");

      // then
      assertShown(subscriber.next(), topic, "");
    }
  }

  // --- bytes that are no text

  @ParameterizedTest
  @EnumSource
  void shouldShowBytesThatAreNoTextInBase64(Way way) {
    // given
    String topic = Names.unique("bytes");
    try (TopicClient subscriber = TopicClient.subscribed(mq, topic);
        TopicClient asker = TopicClient.connect(mq)) {
      // when
      send(way, true, topic, NO_TEXT);
      JsonNode stored = subscriber.next();
      send(way, false, topic, NO_TEXT);

      // then
      JsonNode passing = subscriber.next();
      for (JsonNode event : List.of(stored, passing)) {
        assertThat(Json.keys(event))
            .containsExactly("encoding", "id", "message", "origin", "topic");
        assertThat(event.get("encoding").textValue()).isEqualTo("base64");
        assertThat(event.get("message").textValue()).isEqualTo(Json.base64(NO_TEXT));
      }
      assertThat(asker.history(topic, "since", 1)).containsExactly(stored);
    }
  }

  @Test
  void shouldShowStreamsTheSame() throws Exception {
    // given
    String topic = Names.unique("sse");
    send(true, topic, "one\ntwo");
    send(Way.GRPC, true, topic, NO_TEXT);
    URI uri = mq.api().resolve("/" + topic + "?since=1");
    HttpRequest request = HttpRequest.newBuilder(uri).header("Accept", "text/event-stream").build();

    // when
    try (Stream<String> lines = mq.http().send(request, BodyHandlers.ofLines()).body()) {
      Iterator<String> line = lines.filter(each -> !each.startsWith(":")).iterator();

      // then
      assertThat(line.next()).isEmpty();
      assertThat(line.next()).matches("id: [0-9]{13}-[0-9]{1,6}");
      assertThat(line.next()).isEqualTo("data: one");
      assertThat(line.next()).isEqualTo("data: two");
      assertThat(line.next()).isEmpty();
      assertThat(line.next()).startsWith("id: ");
      assertThat(line.next()).isEqualTo("event: base64");
      assertThat(line.next()).isEqualTo("data: " + Json.base64(NO_TEXT));
    }
  }

  // --- history

  @Test
  void shouldGiveHistoryByTimeAndByIdAndThenWhatIsLive() {
    // given
    String base = Names.unique("history");
    String topic = base + "/a";
    send(true, topic, "1");
    send(false, topic, "not kept");
    send(true, base + "/b", "2");
    send(true, topic, "3");
    String first;
    try (TopicClient asker = TopicClient.connect(mq)) {
      first = asker.history(topic, "since", -60_000).get(0).get("id").textValue();
      assertThat(asker.history(topic, "sinceEventId", first)).hasSize(1);
      assertThat(asker.history(topic, "since", System.currentTimeMillis() + 60_000)).isEmpty();
    }

    // when
    try (TopicClient byTime = TopicClient.subscribed(mq, base + "/+", "since", -60_000);
        TopicClient byId = TopicClient.subscribed(mq, topic, "sinceEventId", first);
        TopicClient bySince = TopicClient.subscribed(mq, base + "/#", "since", first)) {
      send(true, topic, "4");

      // then
      assertThat(byTime.messages(4)).containsExactly("1", "2", "3", "4");
      assertThat(byId.messages(2)).containsExactly("3", "4");
      assertThat(bySince.messages(3)).containsExactly("2", "3", "4");
      send(false, topic, "5");
      assertThat(byTime.messages(1)).containsExactly("5");
      assertThat(byId.messages(1)).containsExactly("5");
      assertThat(bySince.messages(1)).containsExactly("5");
    }
  }

  @Test
  void shouldResumeFromAnEventThatNobodyKept() {
    // given
    String topic = Names.unique("resume");
    String passing;
    try (TopicClient subscriber = TopicClient.subscribed(mq, topic)) {
      send(true, topic, "before");
      subscriber.next();
      send(false, topic, "passing");
      passing = subscriber.next().get("id").textValue();
    }
    send(true, topic, "meanwhile");

    // when
    try (TopicClient again = TopicClient.connect(mq)) {
      JsonNode confirmed = again.call("subscribe", topic, "sinceEventId", passing);

      // then
      assertThat(confirmed.get("recovered").booleanValue()).isTrue();
      assertThat(again.messages(1)).containsExactly("meanwhile");
    }
  }

  @Test
  void shouldShowBothSendersOfATopicInOneOrder() {
    // given
    String topic = Names.unique("mixed");
    try (TopicClient publisher = TopicClient.connect(mq)) {
      for (int i = 0; i < 10; i++) {
        publisher.publish(topic, "hub " + i);
        send(true, topic, "mq " + i);
      }

      // when
      List<JsonNode> history = publisher.history(topic, "since", 1);

      // then
      assertThat(history).hasSize(20);
      assertThat(history.get(0).get("message").textValue()).isEqualTo("hub 0");
      assertThat(history.get(19).get("message").textValue()).isEqualTo("mq 9");
      assertThat(history)
          .extracting(each -> TopicClient.nanos(each.get("id").textValue()))
          .isSorted()
          .doesNotHaveDuplicates();
    }
  }
}
