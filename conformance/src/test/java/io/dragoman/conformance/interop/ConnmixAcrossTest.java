// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.EventReceive;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What clients and backends of connmix see of the other protocols, and these of them. All clients
 * share one topic, so one test runs at a time.
 */
@KubeMqSuite(ownServer = true)
@Execution(ExecutionMode.SAME_THREAD)
class ConnmixAcrossTest {
  private static final byte[] NO_TEXT = {'a', (byte) 0xff, 0, 'b'};

  private final KubeMq mq;
  private Backend backend;

  ConnmixAcrossTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    backend = Backend.connect(mq);
    backend.consume(Backend.TOPIC);
  }

  @AfterEach
  void disconnect() {
    backend.close();
  }

  // --- what others publish

  @Test
  void shouldPushWhatEventhubPublishes() {
    String channel = Names.unique("news");
    try (Member member = backend.member(channel);
        TopicClient publisher = TopicClient.connect(mq)) {
      publisher.publish(channel, "first é");
      publisher.publish(channel, "second");

      assertThat(member.next()).isEqualTo("first é");
      assertThat(member.next()).isEqualTo("second");
    }
  }

  @Test
  void shouldPushKubeMqsEventsKeptOrNot() {
    String channel = Names.unique("events");
    try (Member member = backend.member(channel)) {
      mq.publish(channel, "passing");
      assertThat(member.next()).isEqualTo("passing");

      mq.store(channel, "kept");
      assertThat(member.next()).isEqualTo("kept");

      // One message to the log and the events of one name is pushed once.
      mq.post(
              "/send/event",
              KubeMq.event("events_store:%1$s;events:%1$s".formatted(channel), "both"))
          .data();
      mq.publish(channel, "last");
      assertThat(member.next()).isEqualTo("both");
      assertThat(member.next()).isEqualTo("last");
    }
  }

  // --- what backends publish

  @Test
  void shouldShowWhatIsPublishedToLiveSubscribersOfEveryProtocolOnce() {
    String channel = Names.unique("shared");
    try (Member one = backend.member(channel);
        Member two = backend.member(channel);
        TopicClient exact = TopicClient.subscribed(mq, channel);
        TopicClient pattern = TopicClient.subscribed(mq, "+");
        WsClient rest = mq.subscribeEvents(channel, "");
        GrpcClient grpc = GrpcClient.connect(mq);
        GrpcSubscription<EventReceive> events = GrpcSubscription.events(grpc, channel, "")) {
      for (String text : List.of("first", "second")) {
        JsonNode counts = backend.call("mesh.publish", "c", channel, "d", text);
        // Connections of connmix, and no others.
        assertThat(counts).isEqualTo(Json.object("s", 2, "f", 0));
      }

      for (Member member : List.of(one, two)) {
        assertThat(member.next()).isEqualTo("first");
        assertThat(member.next()).isEqualTo("second");
      }
      for (TopicClient topic : List.of(exact, pattern)) {
        assertThat(topic.next().get("message").textValue()).isEqualTo("first");
        assertThat(topic.next().get("message").textValue()).isEqualTo("second");
      }
      assertThat(rest.next(2))
          .extracting(event -> Json.decoded(event.get("Body")))
          .containsExactly("first", "second");
      assertThat(events.next(2))
          .extracting(event -> event.getBody().toStringUtf8())
          .containsExactly("first", "second");
    }
  }

  @Test
  void shouldShowBinaryAsBytes() {
    String channel = Names.unique("binary");
    try (WsClient rest = mq.subscribeEvents(channel, "");
        TopicClient topic = TopicClient.subscribed(mq, channel)) {
      backend.call("mesh.publish", "c", channel, "d", "Yf8AYg==", "t", "binary");

      assertThat(rest.next().get("Body").textValue()).isEqualTo(Json.base64(NO_TEXT));
      JsonNode event = topic.next();
      assertThat(event.get("message").textValue()).isEqualTo("Yf8AYg==");
      assertThat(event.get("encoding").textValue()).isEqualTo("base64");
    }
  }

  // --- queues

  @Test
  void shouldGiveKubeMqsReceiversWhatClientsSend() {
    // given
    backend.call("queue.unpop");
    try (Member client = Member.connect(mq)) {
      // when
      client.send("to the service");

      // then
      JsonNode message = mq.receiveOne(Backend.TOPIC);
      assertThat(Json.parse(Json.decoded(message.get("Body"))))
          .isEqualTo(
              Json.parse(
                  """
                  {"frame": {"type": "text", "data": "to the service", "finish": true}}
                  """));
      assertThat(message.get("ClientID").textValue()).matches("\\d{18,19}");
      assertThat(backend.call("mesh.send", "c", message.get("ClientID"), "d", "and back"))
          .isEqualTo(Json.object("s", true));
      assertThat(client.next()).isEqualTo("and back");
    }
  }

  @Test
  void shouldGiveBackendsWhatIsSentToAQueue() {
    // given
    String queue = Names.unique("jobs");
    backend.consume(queue);

    // when
    send(queue, "{\"job\": 7, \"id\": 1627581697287520263}".getBytes(UTF_8));
    send(queue, "[1]".getBytes(UTF_8));
    send(queue, "plain \"text\"".getBytes(UTF_8));
    send(queue, NO_TEXT);

    // then
    JsonNode first = backend.event();
    assertThat(Json.keys(first)).containsExactly("n", "c", "t", "d");
    assertThat(first.get("n").intValue()).isEqualTo(1);
    assertThat(first.get("c").textValue()).isEqualTo("service");
    assertThat(first.get("t").textValue()).isEqualTo(queue);
    assertThat(first.get("d")).isEqualTo(Json.object("job", 7, "id", 1627581697287520263L));
    assertThat(backend.event().get("d")).isEqualTo(framed("text", "[1]"));
    assertThat(backend.event().get("d")).isEqualTo(framed("text", "plain \"text\""));
    assertThat(backend.event().get("d")).isEqualTo(framed("binary", "Yf8AYg=="));
  }

  private static ObjectNode framed(String type, String data) {
    return Json.object("frame", Json.object("type", type, "data", data, "finish", true));
  }

  /** Consumers of both protocols compete: nobody gets what another got. */
  @Test
  void shouldShareAQueueWithKubeMqsReceivers() {
    // given
    String queue = Names.unique("shared");
    int count = 100;
    List<String> sent = IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
    sent.subList(0, count / 2).forEach(each -> send(queue, each.getBytes(UTF_8)));

    // when
    List<String> got = new ArrayList<>(KubeMq.bodies(mq.receive(queue, count / 4, 10)));
    backend.consume(queue);
    sent.subList(count / 2, count).forEach(each -> send(queue, each.getBytes(UTF_8)));
    while (got.size() < count) {
      got.add(backend.event().at("/d/frame/data").textValue());
    }

    // then
    assertThat(got).containsExactlyInAnyOrderElementsOf(sent);
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  private void send(String queue, byte[] body) {
    mq.post(
            "/queue/send",
            Json.object("ClientID", "service", "Channel", queue, "Body", Json.base64(body)))
        .data();
  }
}
