// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.WsClient;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes through a channel, shown by the admin port to whoever asks. */
@KubeMqSuite
class MonitorTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d";

  private final KubeMq mq;

  MonitorTest(KubeMq mq) {
    this.mq = mq;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/stats/attach", "/api/monitor"})
  void shouldShowEventsOnlyBetweenStartAndStop(String path) {
    // given
    String channel = Names.unique("event");
    try (WsClient monitor = attach(path, "events", channel)) {
      mq.publish(channel, "before");

      // when
      started(monitor);
      mq.publish(channel, "during");
      JsonNode shown = monitor.next();
      monitor.send("stop");
      assertThat(text(monitor)).isEqualTo("Broker disconnected.");
      mq.publish(channel, "after");
      monitor.send("hello");

      // then
      assertThat(Json.keys(shown))
          .containsExactly("messageId", "metadata", "body", "timestamp", "sequence", "tags");
      assertThat(shown.get("body").textValue()).isEqualTo("during");
      assertThat(shown.get("timestamp").textValue()).matches(TIME);
      assertThat(text(monitor)).isEqualTo("Unknown command");
    }
  }

  @Test
  void shouldShowAPatternOfEventsAndIndentFrames() {
    // given
    String prefix = Names.unique("event");
    try (WsClient monitor = attach("/v1/stats/attach", "events", prefix + ".*")) {
      started(monitor);

      // when
      mq.post(
          "/send/event",
          Json.with(
              Json.with(KubeMq.event(prefix + ".a", "{\"a\": [1]}"), "Tags", Json.object("k", "v")),
              "EventID",
              "id-1"));

      // then
      String frame = text(monitor);
      assertThat(frame).startsWith("{\n  \"messageId\": \"id-1\",\n  \"metadata\": ");
      JsonNode shown = Json.parse(frame);
      assertThat(shown.get("body")).isEqualTo(Json.parse("{\"a\": [1]}"));
      assertThat(Json.parse(shown.get("tags").textValue())).isEqualTo(Json.object("k", "v"));
    }
  }

  @Test
  void shouldShowStoredEventsFromNowOnWithoutMovingAnybody() {
    // given
    String channel = Names.unique("store");
    mq.store(channel, "old");
    try (WsClient monitor = attach("/v1/stats/attach", "events_store", channel)) {
      started(monitor);

      // when
      mq.store(channel, "new");

      // then
      JsonNode shown = monitor.next();
      assertThat(shown.get("body").textValue()).isEqualTo("new");
      assertThat(shown.get("sequence").longValue()).isEqualTo(2);
    }
    try (WsClient subscriber = mq.subscribeEventsStore("c-" + channel, channel, "", 2, 0)) {
      assertThat(subscriber.next(2)).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"queue", "queues"})
  void shouldShowQueueMessagesWithoutConsumingThem(String kind) {
    // given
    String queue = Names.unique("queue");
    try (WsClient monitor = attach("/v1/stats/attach", kind, queue)) {
      started(monitor);

      // when
      mq.send(KubeMq.queueMessage(queue, "body", "ExpirationSeconds", 600));

      // then
      JsonNode shown = monitor.next();
      assertThat(Json.keys(shown))
          .containsExactly(
              "messageId",
              "metadata",
              "body",
              "timestamp",
              "sequence",
              "tags",
              "receivedCount",
              "reRoutedFrom",
              "expirationAt",
              "delayedTo");
      assertThat(shown.get("body").textValue()).isEqualTo("body");
      assertThat(shown.get("sequence").longValue()).isEqualTo(1);
      assertThat(shown.get("receivedCount").intValue()).isZero();
      assertThat(shown.get("expirationAt").textValue()).matches(TIME);
      assertThat(shown.get("delayedTo").textValue()).isEmpty();
      assertThat(mq.receiveOne(queue).at("/Attributes/ReceiveCount").intValue()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"commands, 1", "queries, 2"})
  void shouldShowRequestsAndTheirAnswers(String kind, int type) {
    // given
    String prefix = Names.unique("request");
    String channel = prefix + ".a";
    try (WsClient monitor = attach("/v1/stats/attach", kind, prefix + ".>");
        WsClient responder = mq.subscribeRequests(kind, channel, "")) {
      started(monitor);

      // when
      CompletableFuture<Answer> asked =
          mq.postAsync("/send/request", KubeMq.request(type, channel, 10_000));
      JsonNode request = monitor.next();
      mq.respond(responder.next(), "answer");
      JsonNode response = monitor.next();
      asked.join().data();

      // then
      assertThat(Json.keys(request))
          .containsExactly("requestId", "metadata", "body", "timeout", "tags");
      assertThat(request.get("body").textValue()).isEqualTo("request-body");
      assertThat(request.get("timeout").intValue()).isEqualTo(10_000);
      assertThat(Json.keys(response))
          .containsExactly(
              "requestId", "metadata", "body", "timestamp", "tags", "error", "executed");
      assertThat(response.get("requestId")).isEqualTo(request.get("requestId"));
      assertThat(response.get("body").textValue()).isEqualTo("answer");
      assertThat(response.get("executed").booleanValue()).isTrue();
    }
  }

  @Test
  void shouldShowExactBodiesToThoseWhoAskForThemAndKubeMqsFormToAllOthers() {
    // given
    String queue = Names.unique("queue");
    byte[] binary = {(byte) 0xFF, (byte) 0xFE};
    String large = "x".repeat(300_000);
    try (WsClient usual = attach("/v1/stats/attach", "queue", queue);
        WsClient exact = attach("/v1/stats/attach", "queue", queue, "&bodies=exact")) {
      started(usual);
      started(exact);

      // when
      mq.send(queue, "{\"a\": [1.10]}");
      mq.send(
          Json.object("ClientID", "sender-client", "Channel", queue, "Body", Json.base64(binary)));
      mq.send(queue, large);

      // then
      JsonNode json = exact.next();
      assertThat(Json.keys(json)).contains("messageId", "bodyBytes", "body", "delayedTo");
      assertThat(json.get("body").textValue()).isEqualTo("{\"a\": [1.10]}");
      assertThat(json.get("bodyBytes").intValue()).isEqualTo(13);
      JsonNode bytes = exact.next();
      assertThat(bytes.has("body")).isFalse();
      assertThat(bytes.get("bodyBase64").textValue()).isEqualTo("//4=");
      assertThat(bytes.get("bodyBytes").intValue()).isEqualTo(2);
      JsonNode omitted = exact.next();
      assertThat(omitted.get("bodyOmitted").booleanValue()).isTrue();
      assertThat(omitted.get("bodyBytes").intValue()).isEqualTo(300_000);
      assertThat(Json.keys(omitted)).doesNotContain("body", "bodyBase64");

      List<JsonNode> old = usual.next(3);
      assertThat(old.get(0).get("body")).isEqualTo(Json.parse("{\"a\": [1.10]}"));
      assertThat(old.get(1).get("body").textValue()).isEqualTo("//4=");
      assertThat(old.get(2).get("body").textValue()).isEqualTo("(300000 bytes)");
      assertThat(old)
          .allSatisfy(
              frame ->
                  assertThat(Json.keys(frame))
                      .contains("body")
                      .doesNotContain("bodyBytes", "bodyBase64", "bodyOmitted"));
    }
  }

  @Test
  void shouldShowThatARequestWasNotAnswered() {
    // given
    String channel = Names.unique("request");
    try (WsClient monitor = attach("/v1/stats/attach", "commands", channel)) {
      started(monitor);

      // when
      mq.post("/send/request", KubeMq.request(1, channel, 100));

      // then
      monitor.next();
      JsonNode none = monitor.next();
      assertThat(Json.keys(none)).containsExactly("requestId", "error", "timestamp");
      assertThat(none.get("error").textValue()).isEqualTo("Error 301: timeout for request message");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'',           a,   0,  'Error 305: invalid kind, should be events, events_store, commands or"
        + " pb.Subscribe_Queries'",
    "topics,       a,   0,  'Error 305: invalid kind, should be events, events_store, commands or"
        + " pb.Subscribe_Queries'",
    "events,       '',  0,  'Error 102: invalid channel value, cannot be empty'",
    "queue,        a.*, 0,  'Error 107: invalid channel value, no wildcards are allowed'",
    "events_store, a.>, 0,  'Error 107: invalid channel value, no wildcards are allowed'",
    "events,       a,   -1, 'Error 306: invalid msg body size length, cannot by negative'",
  })
  void shouldRefuseBadParameters(String kind, String channel, int maxSize, String error) {
    // when
    Answer answer =
        mq.getFromApi(
            "/v1/stats/attach?kind="
                + kind
                + "&channel="
                + encoded(channel)
                + "&max_size="
                + maxSize);

    // then
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo(error);
  }

  @Test
  void shouldDropForAMonitorThatDoesNotRead() {
    // given
    String channel = Names.unique("slow");
    String large = "x".repeat(200_000);
    double before = dropped();
    try (RawWebSocket monitor = raw("events", channel);
        WsClient other = mq.subscribeEvents(channel, "")) {
      monitor.sendText("start");

      // when
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ZERO)
          .until(
              () -> {
                mq.publish(channel, large);
                other.next();
                return dropped() > before;
              });

      // then
      mq.publish(channel, "small");
      assertThat(Json.decoded(other.next().get("Body"))).isEqualTo("small");
    }
  }

  @Test
  void shouldTellTheTrafficOfAllChannels() {
    // given
    String queue = Names.unique("counted");
    mq.send(queue, "1");
    mq.send(queue, "2");
    mq.receive(queue, 2, 5);

    // when
    JsonNode envelope = mq.getFromApi("/v1/stats/channels").json();

    // then
    JsonNode data = envelope.get("data");
    assertThat(Json.keys(data)).containsExactly("Host", "LastUpdate", "Channels", "Summery");
    JsonNode channel = named(data.get("Channels"), "name", queue);
    assertThat(Json.keys(channel))
        .containsExactly("kind", "name", "total_messages", "total_volume", "total_errors");
    assertThat(channel.get("kind").textValue()).isEqualTo("queues");
    assertThat(channel.get("total_messages").longValue()).isEqualTo(4);
    JsonNode sum = named(data.get("Summery"), "kind", "queues");
    assertThat(Json.keys(sum))
        .containsExactly(
            "kind", "total_channels", "total_messages", "total_volume", "total_errors");
    assertThat(sum.get("total_messages").longValue()).isGreaterThanOrEqualTo(4);
  }

  private static JsonNode named(JsonNode list, String key, String name) {
    for (JsonNode each : list) {
      if (each.get(key).textValue().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("no " + name + " in " + list);
  }

  private double dropped() {
    return mq.getFromApi("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("dragoman_monitor_dropped_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private WsClient attach(String path, String kind, String channel) {
    return attach(path, kind, channel, "");
  }

  private WsClient attach(String path, String kind, String channel, String more) {
    String query = "?kind=" + kind + "&channel=" + encoded(channel) + "&max_size=1000" + more;
    return WsClient.connect(
        mq.http(), URI.create("ws" + mq.api().resolve(path + query).toString().substring(4)));
  }

  private RawWebSocket raw(String kind, String channel) {
    return RawWebSocket.connectSlow(
        mq.api(), "/v1/stats/attach?kind=" + kind + "&channel=" + channel);
  }

  private static void started(WsClient monitor) {
    monitor.send("start");
    assertThat(text(monitor)).endsWith(" Broker connected.");
  }

  private static String text(WsClient monitor) {
    return monitor.poll(SOON).orElseThrow();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
