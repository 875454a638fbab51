// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels made, deleted and listed by requests, as newer clients do it; here over REST. */
@KubeMqSuite
class ChannelManagementTest {
  private static final String CHANNEL = "kubemq.cluster.internal.requests";
  private static final List<String> CHANNEL_KEYS =
      List.of("name", "type", "lastActivity", "isActive", "incoming", "outgoing");
  private static final List<String> SIDE_KEYS =
      List.of("messages", "volume", "waiting", "expired", "delayed", "responses");

  private final KubeMq mq;

  ChannelManagementTest(KubeMq mq) {
    this.mq = mq;
  }

  @ParameterizedTest
  @ValueSource(strings = {"events", "events_store", "commands", "queries", "queues"})
  void shouldCreateListAndDeleteEachType(String type) {
    // given
    String name = Names.unique("managed");
    long before = System.currentTimeMillis();

    // when
    JsonNode created = ask("create-channel", type, name);
    JsonNode again = ask("create-channel", type, name);
    List<JsonNode> listed = list(type, name);
    JsonNode deleted = ask("delete-channel", type, name);

    // then
    assertThat(created.get("Executed").booleanValue()).isTrue();
    assertThat(created.get("Error").textValue()).isEmpty();
    assertThat(created.get("RequestID").textValue()).isEqualTo("request-1");
    assertThat(again.get("Executed").booleanValue()).as("making it again").isTrue();
    assertThat(listed).hasSize(1);
    JsonNode channel = listed.get(0);
    assertThat(Json.keys(channel)).containsExactlyElementsOf(CHANNEL_KEYS);
    assertThat(channel.get("name").textValue()).isEqualTo(name);
    assertThat(channel.get("type").textValue()).isEqualTo(type);
    assertThat(channel.get("isActive").booleanValue()).isTrue();
    assertThat(channel.get("lastActivity").longValue()).isBetween(before - 1000, before + 60_000);
    for (String side : List.of("incoming", "outgoing")) {
      assertThat(Json.keys(channel.get(side))).containsExactlyElementsOf(SIDE_KEYS);
      channel.get(side).forEach(figure -> assertThat(figure).isEqualTo(Json.parse("0")));
    }
    assertThat(deleted.get("Executed").booleanValue()).isTrue();
    assertThat(list(type, name)).isEmpty();
  }

  @Test
  void shouldAnswerAnEmptyListAsAnEmptyArray() {
    assertThat(text(request("list-channels", "queues", Names.unique("nothing")))).isEqualTo("[]");
  }

  @Test
  void shouldListWithoutSearchAllOfAType() {
    // given
    String first = Names.unique("all");
    String second = Names.unique("all");
    ask("create-channel", "queues", first);
    ask("create-channel", "queues", second);
    ObjectNode request = request("list-channels", "queues", "");
    request.set("Tags", Json.object("channel_type", "queues"));

    // when
    JsonNode listed = Json.parse(text(request));

    // then
    assertThat(listed).extracting(each -> each.get("name").textValue()).contains(first, second);
    assertThat(listed).extracting(each -> each.get("name").textValue()).isSorted();
  }

  @Test
  void shouldShowTheFiguresOfAQueue() {
    // given
    String queue = Names.unique("queue");
    mq.send(queue, "1");
    mq.send(queue, "2");
    mq.send(queue, "3");
    mq.send(KubeMq.queueMessage(queue, "later", "DelaySeconds", 600));
    mq.receive(queue, 1, 1);

    // when, then: the receive is settled after its answer
    await()
        .untilAsserted(
            () -> {
              JsonNode channel = list("queues", queue).get(0);
              assertThat(channel.at("/incoming/messages").longValue()).isEqualTo(4);
              assertThat(channel.at("/incoming/volume").longValue()).isGreaterThan(4);
              assertThat(channel.at("/incoming/waiting").longValue()).isEqualTo(2);
              assertThat(channel.at("/incoming/delayed").longValue()).isEqualTo(1);
              assertThat(channel.at("/outgoing/messages").longValue()).isEqualTo(1);
              assertThat(channel.at("/outgoing/volume").longValue()).isPositive();
            });
  }

  @Test
  void shouldListChannelsOfTrafficThatWereNeverMade() {
    // given
    String name = Names.unique("live");
    try (WsClient subscriber = mq.subscribeEvents(name, "")) {
      mq.publish(name, "event");
      subscriber.next();

      // when
      JsonNode channel = list("events", name).get(0);

      // then
      assertThat(channel.at("/incoming/messages").longValue()).isEqualTo(1);
      assertThat(channel.at("/outgoing/messages").longValue()).isEqualTo(1);
      assertThat(channel.get("isActive").booleanValue()).isTrue();
    }
    ask("delete-channel", "events", name);
    assertThat(list("events", name)).isEmpty();
  }

  @Test
  void shouldCountResponsesOfQueries() {
    // given
    String name = Names.unique("query");
    try (WsClient responder = mq.subscribeRequests("queries", name, "")) {
      CompletableFuture<Answer> asked =
          CompletableFuture.supplyAsync(
              () -> mq.post("/send/request", KubeMq.request(2, name, 10_000)));
      mq.respond(responder.next(), "answer");
      asked.join().data();
    }

    // when
    JsonNode channel = list("queries", name).get(0);

    // then
    assertThat(channel.at("/incoming/messages").longValue()).isEqualTo(1);
    assertThat(channel.at("/outgoing/responses").longValue()).isEqualTo(1);
  }

  @Test
  void shouldDeleteAQueueWithAllItHoldsAndEndWhoWaits() {
    // given
    String queue = Names.unique("queue");
    ask("create-channel", "queues", queue);
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(
            () -> mq.post("/queue/receive", KubeMq.receiveRequest(queue, 1, 60)));
    await().untilAsserted(() -> assertThat(waitingReceivers(queue)).isEqualTo(1));

    // when
    ask("delete-channel", "queues", queue);

    // then
    JsonNode ended = waiting.orTimeout(20, TimeUnit.SECONDS).join().data();
    assertThat(ended.get("IsError").booleanValue()).isTrue();
    assertThat(ended.get("Error").textValue()).contains(queue).contains("deleted");
    mq.send(queue, "anew");
    assertThat(mq.receiveOne(queue).at("/Attributes/Sequence").longValue()).isEqualTo(1);
  }

  @Test
  void shouldEndEventsStoreSubscriptionsOfADeletedChannel() {
    // given
    String channel = Names.unique("store");
    mq.store(channel, "old");
    try (WsClient subscriber = mq.subscribeEventsStore("c-" + channel, channel, "", 2, 0)) {
      subscriber.next();

      // when
      ask("delete-channel", "events_store", channel);

      // then
      await().atMost(Duration.ofSeconds(20)).until(subscriber::isClosed);
    }
    mq.store(channel, "new");
    try (WsClient again = mq.subscribeEventsStore("c-" + channel, channel, "", 2, 0)) {
      JsonNode event = again.next();
      assertThat(Json.decoded(event.get("Body"))).isEqualTo("new");
      assertThat(event.get("Sequence").longValue()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "create-channel, '',      a,   the tag channel_type is missing",
    "create-channel, topics,  a,   unsupported channel type topics",
    "list-channels,  topics,  a,   unsupported channel type topics",
    "delete-channel, queues,  '',  'Error 102: invalid channel value, cannot be empty'",
    "create-channel, queues,  a.*, 'Error 107: invalid channel value, no wildcards are allowed'",
    "create-channel, events,  a b, 'Error 108: invalid channel value, no white spaces are allowed'",
    "purge-channel,  queues,  a,   unknown request purge-channel",
  })
  void shouldTellWithinTheAnswerWhatIsWrong(String what, String type, String name, String error) {
    // when
    JsonNode answer = ask(what, type, name);

    // then
    assertThat(answer.get("Executed").booleanValue()).isFalse();
    assertThat(answer.get("Error").textValue()).isEqualTo(error);
  }

  @Test
  void shouldTellThatThereIsNothingToDelete() {
    // when
    String name = Names.unique("none");
    JsonNode answer = ask("delete-channel", "queues", name);

    // then
    assertThat(answer.get("Executed").booleanValue()).isFalse();
    assertThat(answer.get("Error").textValue())
        .isEqualTo("there is no channel " + name + " of type queues");
  }

  @Test
  void shouldLetNobodyElseAnswer() {
    // given
    Answer refused =
        mq.get("/subscribe/requests?client_id=c&subscribe_type=queries&channel=" + CHANNEL);

    // when
    ObjectNode other = KubeMq.request(2, CHANNEL + ".more", 200);
    Answer notIntercepted = mq.post("/send/request", other);

    // then
    refused.assertRefused("invalid channel value, requests on " + CHANNEL + " go to the server");
    notIntercepted.assertRefused("Error 301: timeout for request message");
    try (WsClient pattern = mq.subscribeRequests("queries", "kubemq.cluster.internal.*", "")) {
      ask("create-channel", "queues", Names.unique("managed"));
      mq.post("/send/request", KubeMq.request(2, "kubemq.cluster.internal.other", 200));
      assertThat(pattern.next().get("Channel").textValue())
          .isEqualTo("kubemq.cluster.internal.other");
    }
    assertThat(list("queries", CHANNEL)).isEmpty();
  }

  private long waitingReceivers(String queue) {
    JsonNode queues = mq.getFromApi("/v1/queues?name=" + queue).json().path("queues");
    return queues.path(0).path("waitingReceivers").longValue();
  }

  private JsonNode ask(String what, String type, String channel) {
    return mq.post("/send/request", request(what, type, channel)).data();
  }

  private List<JsonNode> list(String type, String search) {
    List<JsonNode> channels = new ArrayList<>();
    Json.parse(text(request("list-channels", type, search))).forEach(channels::add);
    return channels;
  }

  private String text(ObjectNode request) {
    JsonNode answer = mq.post("/send/request", request).data();
    assertThat(answer.get("Executed").booleanValue()).as(answer.toString()).isTrue();
    return Json.decoded(answer.get("Body"));
  }

  private static ObjectNode request(String what, String type, String channel) {
    ObjectNode tags = Json.object("channel_type", type, "client_id", "manager");
    tags.put(what.equals("list-channels") ? "channel_search" : "channel", channel);
    return Json.object(
        "RequestID",
        "request-1",
        "RequestTypeData",
        2,
        "ClientID",
        "manager",
        "Channel",
        CHANNEL,
        "Metadata",
        what,
        "Timeout",
        10_000,
        "Tags",
        tags);
  }
}
