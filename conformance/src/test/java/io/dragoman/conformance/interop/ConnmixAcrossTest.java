// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  private static final int FROM_FIRST = 2;
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

  @Test
  void shouldPushWhatComesByGrpcByStreamsAndOverHttp() {
    String channel = Names.unique("ways");
    try (Member member = backend.member(channel);
        GrpcClient grpc = GrpcClient.connect(mq);
        WsClient stream = mq.connect("/send/stream")) {
      for (boolean store : new boolean[] {false, true}) {
        Event event =
            Event.newBuilder()
                .setClientID("service")
                .setChannel(channel)
                .setBody(ByteString.copyFromUtf8("by grpc"))
                .setStore(store)
                .build();
        assertThat(grpc.calls().sendEvent(event).getSent()).isTrue();
        assertThat(member.next()).isEqualTo("by grpc");
        stream.send(Json.with(KubeMq.event(channel, "by stream"), "Store", store));
        assertThat(member.next()).isEqualTo("by stream");
      }
      HttpRequest post =
          HttpRequest.newBuilder(mq.api().resolve("/api/v1/topics/" + channel))
              .POST(BodyPublishers.ofString("by http"))
              .build();
      assertThat(mq.exchange(post).status()).isBetween(200, 299);
      assertThat(member.next()).isEqualTo("by http");
    }
  }

  @Test
  void shouldPushBytesThatAreNoTextInBinaryFrames() {
    String channel = Names.unique("bytes");
    RawWebSocket member = RawWebSocket.connect(mq.clients(), "/chat");
    try {
      member.sendText("hello");
      String id = backend.event().get("c").textValue();
      backend.call("conn.call", "c", id, "f", "subscribe", "a", new String[] {channel});
      for (boolean store : new boolean[] {false, true}) {
        mq.post(
                "/send/event",
                Json.object(
                    "ClientID",
                    "service",
                    "Channel",
                    channel,
                    "Body",
                    Json.base64(NO_TEXT),
                    "Store",
                    store))
            .data();

        RawWebSocket.Frame frame = member.readFrame();
        assertThat(frame.opcode()).isEqualTo(RawWebSocket.BINARY);
        assertThat(frame.text()).isEqualTo(new String(NO_TEXT, UTF_8));
      }
    } finally {
      member.close();
    }
  }

  /** Ruling 17: what each protocol makes of dots, slashes and colons is its own business. */
  @Test
  void shouldReachMembersOfChannelsWithEveryName() {
    String own = Names.unique("name");
    for (String name : List.of("U.created", "U/created", "U:created", "U/eu.de/a:b.c")) {
      String channel = name.replace("U", own);
      try (Member member = backend.member(channel);
          TopicClient publisher = TopicClient.connect(mq);
          TopicClient topic = TopicClient.subscribed(mq, channel);
          WsClient events = mq.subscribeEvents(channel, "")) {
        publisher.publish(channel, "by eventhub");
        assertThat(member.next()).isEqualTo("by eventhub");
        assertThat(topic.messages(1)).containsExactly("by eventhub");
        mq.publish(channel, "by kubemq");
        assertThat(member.next()).isEqualTo("by kubemq");
        assertThat(topic.messages(1)).containsExactly("by kubemq");

        assertThat(backend.call("mesh.publish", "c", channel, "d", "by connmix"))
            .isEqualTo(Json.object("s", 1, "f", 0));

        assertThat(member.next()).isEqualTo("by connmix");
        assertThat(topic.messages(1)).containsExactly("by connmix");
        assertThat(events.next(2))
            .extracting(event -> Json.decoded(event.get("Body")))
            .containsExactly("by kubemq", "by connmix");
      }
    }
  }

  // --- what backends publish

  @Test
  void shouldShowWhatIsPublishedToStreamsPatternsAndOneOfAGroup() throws Exception {
    String base = Names.unique("live");
    String channel = base + ".a";
    int count = 20;
    HttpRequest request =
        HttpRequest.newBuilder(mq.api().resolve("/" + channel))
            .header("Accept", "text/event-stream")
            .build();
    try (Stream<String> lines = mq.http().send(request, BodyHandlers.ofLines()).body();
        WsClient pattern = mq.subscribeEvents(base + ".*", "");
        WsClient one = mq.subscribeEvents(channel, "g");
        WsClient two = mq.subscribeEvents(channel, "g");
        GrpcClient grpc = GrpcClient.connect(mq);
        GrpcSubscription<EventReceive> all = GrpcSubscription.events(grpc, base + ".>", "")) {
      List<String> published = IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
      for (String each : published) {
        backend.call("mesh.publish", "c", channel, "d", each);
      }

      assertThat(pattern.next(count))
          .extracting(event -> Json.decoded(event.get("Body")))
          .containsExactlyElementsOf(published);
      assertThat(all.next(count))
          .extracting(event -> event.getBody().toStringUtf8())
          .containsExactlyElementsOf(published);
      assertThat(lines.filter(each -> each.startsWith("data: ")).limit(count).toList())
          .containsExactlyElementsOf(published.stream().map(each -> "data: " + each).toList());
      await().atMost(Duration.ofSeconds(20)).until(() -> one.waiting() + two.waiting() >= count);
      List<String> shared = new ArrayList<>();
      for (WsClient each : List.of(one, two)) {
        each.next(each.waiting()).forEach(event -> shared.add(Json.decoded(event.get("Body"))));
      }
      assertThat(shared).containsExactlyInAnyOrderElementsOf(published);
    }
  }

  @Test
  void shouldKeepNothingOfWhatIsPublished() {
    String channel = Names.unique("passing");
    backend.call("mesh.publish", "c", channel, "d", "before");
    mq.store(channel, "stored");
    backend.call("mesh.publish", "c", channel, "d", "after");

    try (TopicClient topic = TopicClient.connect(mq);
        WsClient store =
            mq.subscribeEventsStore(Names.unique("client"), channel, "", FROM_FIRST, 0)) {
      assertThat(topic.history(channel, "since", 1))
          .extracting(item -> item.get("message").textValue())
          .containsExactly("stored");
      mq.store(channel, "last");
      assertThat(store.next(2))
          .extracting(event -> Json.decoded(event.get("Body")))
          .containsExactly("stored", "last");
    }
  }

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

  @Test
  void shouldTakeFromAndGiveToGrpcQueues() {
    // given
    String queue = Names.unique("jobs");
    backend.consume(queue);
    try (GrpcClient grpc = GrpcClient.connect(mq);
        Member client = Member.connect(mq)) {
      // when
      QueueMessage.Builder message =
          QueueMessage.newBuilder().setClientID("service").setChannel(queue);
      grpc.calls().sendQueueMessage(message.setBody(ByteString.copyFromUtf8("by grpc")).build());
      grpc.calls().sendQueueMessage(message.setBody(ByteString.copyFrom(NO_TEXT)).build());

      // then
      JsonNode event = backend.event();
      assertThat(event.get("c").textValue()).isEqualTo("service");
      assertThat(event.get("d")).isEqualTo(framed("text", "by grpc"));
      assertThat(backend.event().get("d")).isEqualTo(framed("binary", "Yf8AYg=="));

      // and back
      backend.call("queue.unpop");
      client.send("from a client");
      ReceiveQueueMessagesRequest receive =
          ReceiveQueueMessagesRequest.newBuilder()
              .setClientID("service")
              .setChannel(Backend.TOPIC)
              .setMaxNumberOfMessages(1)
              .setWaitTimeSeconds(10)
              .build();
      QueueMessage received = grpc.calls().receiveQueueMessages(receive).getMessages(0);
      assertThat(Json.parse(received.getBody().toStringUtf8()))
          .isEqualTo(framed("text", "from a client"));
      assertThat(received.getClientID()).matches("\\d{18,19}");
    }
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
