// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One message to several channels, on every send path of REST. */
@KubeMqSuite(
    settings =
        "routing.data=[{\"Key\":\"all\",\"Routes\":\"events:r.e; events_store:r.s;queues:r.q\"},"
            + "{\"Key\":\"own\",\"Routes\":\"r.own\"},"
            + "{\"Key\":\"same\",\"Routes\":\"r.a;r.a;r.a;r.a;r.a\"}]")
class RoutesTest {

  private final KubeMq mq;

  RoutesTest(KubeMq mq) {
    this.mq = mq;
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

  @ParameterizedTest
  @ValueSource(strings = {"event", "store", "stream", "queue", "batch"})
  void shouldReachAllChannelsFromEverySender(String sender) {
    // given
    Targets to = Targets.unique();
    try (WsClient events = mq.subscribeEvents(to.events, "")) {

      // when
      send(sender, to.list());

      // then
      JsonNode event = events.next();
      JsonNode stored = stored(to.store, 1).get(0);
      JsonNode queued = mq.receiveOne(to.queue);
      assertThat(event.get("Channel").textValue()).isEqualTo(to.events);
      assertThat(stored.get("Channel").textValue()).isEqualTo(to.store);
      assertThat(stored.get("Sequence").longValue()).isEqualTo(1);
      assertThat(queued.get("Channel").textValue()).isEqualTo(to.queue);
      for (JsonNode each : List.of(event, stored, queued)) {
        assertThat(Json.decoded(each.get("Body"))).isEqualTo("body");
        assertThat(each.get("Tags")).isEqualTo(Json.object("key", "value"));
      }
      assertThat(stored.get("EventID")).isEqualTo(event.get("EventID"));
      assertThat(queued.get("MessageID")).isEqualTo(event.get("EventID"));
    }
  }

  @Test
  void shouldSendAPartWithoutPrefixWhereItsSenderSends() {
    // given
    String name = Names.unique("own");
    String other = Names.unique("other");

    // when
    send("queue", name + ";events_store:" + other);
    send("store", name + ";queues:" + other);

    // then
    assertThat(KubeMq.bodies(mq.receive(name, 1, 5))).containsExactly("body");
    assertThat(KubeMq.bodies(mq.receive(other, 1, 5))).containsExactly("body");
    assertThat(stored(name, 1)).hasSize(1);
    assertThat(stored(other, 1)).hasSize(1);
  }

  @Test
  void shouldFollowTheRouteTable() {
    // given
    String own = Names.unique("beside");
    try (WsClient events = mq.subscribeEvents("r.e", "")) {

      // when
      JsonNode result = send("queue", "routes: all; routes:own;" + own);

      // then
      assertThat(Json.keys(result)).containsExactly("MessageID", "SentAt");
      assertThat(events.next().get("Channel").textValue()).isEqualTo("r.e");
      assertThat(KubeMq.bodies(mq.receive("r.q", 1, 5))).containsExactly("body");
      assertThat(KubeMq.bodies(mq.receive("r.own", 1, 5))).containsExactly("body");
      assertThat(KubeMq.bodies(mq.receive(own, 1, 5))).containsExactly("body");
      assertThat(stored("r.s", 1)).hasSize(1);
    }
  }

  @Test
  void shouldApplyThePolicyToTheQueuesAmongThem() {
    // given
    Targets to = Targets.unique();
    ObjectNode message =
        KubeMq.queueMessage(
            to.list(), "body", "DelaySeconds", 1, "ExpirationSeconds", 600, "MaxReceiveCount", 3);

    // when
    JsonNode result = mq.send(message);

    // then
    long delayedTo = result.get("DelayedTo").longValue();
    assertThat(delayedTo).isGreaterThan(result.get("SentAt").longValue());
    assertThat(result.get("ExpirationAt").longValue()).isGreaterThan(delayedTo);
    assertThat(stored(to.store, 1)).hasSize(1);
    JsonNode queued = mq.receiveOne(to.queue);
    assertThat(queued.at("/Policy/MaxReceiveCount").intValue()).isEqualTo(3);
    assertThat(queued.at("/Policy/ExpirationSeconds").intValue()).isEqualTo(600);
  }

  @Test
  void shouldSendOnceToAChannelThatIsThereTwice() {
    // given
    String queue = Names.unique("q");

    // when
    send("queue", queue + ";queues:" + queue);

    // then
    assertThat(KubeMq.bodies(mq.receive(queue, 2, 1))).containsExactly("body");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "store", "stream", "queue", "batch"})
  void shouldSendNothingWhenAPartIsBad(String sender) {
    // given
    String queue = Names.unique("q");
    Map<String, String> bad =
        Map.of(
            ";",
            "invalid channel value, a part of it is empty: queues:" + queue + ";",
            ";events:",
            "invalid channel value, a part of it is empty: queues:" + queue + ";events:",
            ";routes:unknown",
            "invalid channel value, there is no route unknown",
            ";events:a.*",
            "Error 107: invalid channel value, no wildcards are allowed",
            ";events_store:a b",
            "Error 108: invalid channel value, no white spaces are allowed",
            ";queues:a.",
            "Error 120: invalid queue name value, cannot be empty, contains wildcards ,white"
                + " spaces and end with dot");

    // when, then
    bad.forEach(
        (part, error) ->
            assertThat(refused(sender, "queues:" + queue + part)).as(part).isEqualTo(error));
    assertThat(mq.getFromApi("/v1/queues?name=" + queue).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "store", "stream", "queue", "batch"})
  void shouldRefuseAListThatIsTooLongShortly(String sender) {
    // when, then
    assertThat(refused(sender, "a" + ";a".repeat(1024)))
        .isEqualTo("invalid channel value, it has more than 1024 parts");
    assertThat(refused(sender, "x".repeat(9_000) + ";"))
        .isEqualTo("invalid channel value, a part of it is empty: " + "x".repeat(400) + "...");
    assertThat(refused(sender, "routes:" + "x".repeat(9_000)))
        .isEqualTo("invalid channel value, there is no route " + "x".repeat(400) + "...");
    assertThat(refused(sender, "routes:same" + ";routes:same".repeat(1023)))
        .isEqualTo("invalid channel value, its routes have more than 4096 parts");
  }

  @Test
  void shouldRefuseWhatIsTooLargeInAllChannelsTogether() {
    // given
    try (KubeMq own = KubeMq.start(Map.of("limits.unwrittenBytes", "1MiB"))) {
      String channels = "queues:a;queues:b;events_store:c;events:d";

      // when
      Answer answer = own.post("/queue/send", KubeMq.queueMessage(channels, "x".repeat(400 << 10)));

      // then nothing is kept, and what fits goes through
      assertThat(answer.data().get("Error").textValue())
          .matches("stored in 3 channels the message takes \\d+ bytes, over the limit of 1048576");
      own.send(channels, "x".repeat(300 << 10));
      assertThat(KubeMq.bodies(own.receive("a", 2, 1))).hasSize(1);
      assertThat(KubeMq.bodies(own.receive("b", 2, 1))).hasSize(1);
    }
  }

  @Test
  void shouldTakeEachMessageOfABatchOnItsOwn() {
    // given
    String plain = Names.unique("plain");
    Targets to = Targets.unique();

    // when
    JsonNode answer =
        mq.sendBatch(
            List.of(
                message(to.list()),
                message("routes:unknown"),
                message(plain),
                message("bad name")));

    // then
    JsonNode results = answer.get("Results");
    assertThat(results).hasSize(4);
    assertThat(results.get(0).has("Error")).isFalse();
    assertThat(results.get(1).get("Error").textValue())
        .isEqualTo("invalid channel value, there is no route unknown");
    assertThat(results.get(2).has("Error")).isFalse();
    assertThat(results.get(3).get("IsError").booleanValue()).isTrue();
    assertThat(answer.get("HaveErrors").booleanValue()).isTrue();
    assertThat(KubeMq.bodies(mq.receive(plain, 1, 5))).containsExactly("body");
    assertThat(KubeMq.bodies(mq.receive(to.queue, 1, 5))).containsExactly("body");
  }

  @Test
  void shouldKeepTheOrderOfABatch() {
    // given
    String queue = Names.unique("ordered");
    List<String> channels =
        List.of("queues:" + queue, queue, queue, queue + ";events:other", queue, "queues:" + queue);

    // when
    List<ObjectNode> messages = new ArrayList<>();
    for (String channel : channels) {
      messages.add(KubeMq.queueMessage(channel, "body " + messages.size()));
    }
    mq.sendBatch(messages);

    // then
    assertThat(KubeMq.bodies(mq.receive(queue, 6, 5)))
        .containsExactly("body 0", "body 1", "body 2", "body 3", "body 4", "body 5");
  }

  @Test
  void shouldCountForEachChannel() {
    // given
    Targets to = Targets.unique();

    // when
    send("queue", to.list());
    refused("queue", to.list() + ";queues:a b");

    // then
    for (String channel : List.of("events/" + to.events, "log/" + to.store, "queue/" + to.queue)) {
      String[] kindAndName = channel.split("/");
      JsonNode listed =
          mq.getFromApi("/v1/channels?kind=" + kindAndName[0] + "&contains=" + kindAndName[1])
              .json()
              .at("/channels/0");
      assertThat(listed.at("/incoming/messages").longValue()).as(channel).isEqualTo(1);
      assertThat(listed.at("/incoming/errors").longValue()).as(channel).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "event:a", "Queues:a", "a.queues:b"})
  void shouldLeaveOtherColonsAlone(String like) {
    // given
    String queue = like + Names.unique("x");

    // when
    send("queue", queue);

    // then
    assertThat(mq.receiveOne(queue).get("Channel").textValue()).isEqualTo(queue);
  }

  @Test
  void shouldReadRoutesFromAFileAgain(@TempDir Path directory) throws Exception {
    // given
    Path file = directory.resolve("routes.json");
    Files.writeString(file, table("queues:first"));
    try (KubeMq own =
        KubeMq.start(Map.of("routing.file", file.toString(), "routing.reload", "50ms"))) {
      own.send("routes:key", "body");
      assertThat(KubeMq.bodies(own.receive("first", 1, 5))).containsExactly("body");

      // when it is broken for a while
      Files.writeString(file, "[{");
      await().until(() -> metric(own, "dragoman_routes_reload_failed_total") > 0);
      own.send("routes:key", "still");
      Files.writeString(file, table("queues:second"));

      // then
      assertThat(KubeMq.bodies(own.receive("first", 1, 5))).containsExactly("still");
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                own.send("routes:key", "body");
                assertThat(KubeMq.bodies(own.receive("second", 1, 1))).contains("body");
              });
    }
  }

  @Test
  void shouldReadRoutesFromAUrl() throws Exception {
    // given
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] table = table("queues:by-url").getBytes(StandardCharsets.UTF_8);
    web.createContext(
        "/routes.json",
        exchange -> {
          exchange.sendResponseHeaders(200, table.length);
          exchange.getResponseBody().write(table);
          exchange.close();
        });
    web.start();
    String url = "http://127.0.0.1:" + web.getAddress().getPort() + "/routes.json";
    try (KubeMq own = KubeMq.start(Map.of("routing.url", url))) {

      // when
      own.send("routes:key", "body");

      // then
      assertThat(KubeMq.bodies(own.receive("by-url", 1, 5))).containsExactly("body");
    } finally {
      web.stop(0);
    }
  }

  private static String table(String routes) {
    return Json.array(Json.object("Key", "key", "Routes", routes)).toString();
  }

  private static double metric(KubeMq mq, String name) {
    return mq.getFromApi("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Sends a message that must be taken; gives the answer's data. */
  private JsonNode send(String sender, String channel) {
    return switch (sender) {
      case "event" -> mq.post("/send/event", event(channel, false)).data();
      case "store" -> mq.post("/send/event", event(channel, true)).data();
      case "stream" -> stream(channel).get("data");
      case "queue" -> mq.send(message(channel));
      default -> {
        JsonNode result = mq.sendBatch(List.of(message(channel))).at("/Results/0");
        assertThat(result.has("Error")).as(result.toString()).isFalse();
        yield result;
      }
    };
  }

  /** Sends a message that must be refused; gives the error. */
  private String refused(String sender, String channel) {
    return switch (sender) {
      case "event" -> refusal(mq.post("/send/event", event(channel, false)));
      case "store" -> refusal(mq.post("/send/event", event(channel, true)));
      case "stream" -> stream(channel).get("Error").textValue();
      case "queue" -> mq.post("/queue/send", message(channel)).data().get("Error").textValue();
      default -> mq.sendBatch(List.of(message(channel))).at("/Results/0/Error").textValue();
    };
  }

  private static String refusal(Answer answer) {
    return answer.assertRefused().get("message").textValue();
  }

  private JsonNode stream(String channel) {
    try (WsClient stream = mq.connect("/send/stream")) {
      return stream.send(event(channel, false)).next();
    }
  }

  private List<JsonNode> stored(String channel, int count) {
    String client = Names.unique("client");
    try (WsClient subscriber = mq.subscribeEventsStore(client, channel, "", 2, 0)) {
      return subscriber.next(count);
    }
  }

  private static ObjectNode event(String channel, boolean store) {
    ObjectNode event = Json.with(KubeMq.event(channel, "body"), "Store", store);
    return Json.with(event, "Tags", Json.object("key", "value"));
  }

  private static ObjectNode message(String channel) {
    return Json.with(KubeMq.queueMessage(channel, "body"), "Tags", Json.object("key", "value"));
  }
}
