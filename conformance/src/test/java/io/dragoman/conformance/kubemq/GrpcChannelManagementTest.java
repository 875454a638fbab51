// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Channels made, deleted and listed by {@code SendRequest}, with what each SDK writes into it
 * (spec: kubemq §3.5).
 */
@KubeMqSuite
class GrpcChannelManagementTest {
  private static final String CHANNEL = "kubemq.cluster.internal.requests";

  private final KubeMq mq;
  private GrpcClient client;

  GrpcChannelManagementTest(KubeMq mq) {
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
  @ValueSource(strings = {"events", "events_store", "commands", "queries", "queues"})
  void shouldCreateListAndDeleteEachType(String type) {
    // given
    String name = Names.unique("managed");
    long before = System.currentTimeMillis();

    // when
    Response created = ask("create-channel", type, name);
    List<JsonNode> listed = list(type, name);
    Response deleted = ask("delete-channel", type, name);

    // then
    for (Response each : List.of(created, deleted)) {
      assertThat(each.getExecuted()).as(each.getError()).isTrue();
      assertThat(each.getError()).isEmpty();
      assertThat(each.getRequestID()).isEqualTo("the-request");
      assertThat(each.getTimestamp() / 1_000_000)
          .as("in nanoseconds")
          .isBetween(before - 5_000, before + 60_000);
    }
    assertThat(listed).hasSize(1);
    JsonNode channel = listed.get(0);
    assertThat(Json.keys(channel))
        .containsExactly("name", "type", "lastActivity", "isActive", "incoming", "outgoing");
    assertThat(channel.get("name").textValue()).isEqualTo(name);
    assertThat(channel.get("type").textValue()).isEqualTo(type);
    assertThat(channel.get("isActive").booleanValue()).isTrue();
    assertThat(channel.get("lastActivity").longValue()).isBetween(before - 1000, before + 60_000);
    for (String side : List.of("incoming", "outgoing")) {
      assertThat(Json.keys(channel.get(side)))
          .containsExactly("messages", "volume", "waiting", "expired", "delayed", "responses");
      channel.get(side).forEach(figure -> assertThat(figure.isIntegralNumber()).isTrue());
    }
    assertThat(list(type, name)).isEmpty();
  }

  @Test
  void shouldTakeRequestsOfSdksThatLeaveFieldsOut() {
    // given
    String name = Names.unique("managed");
    Request create =
        request("create-channel", "queues", name).toBuilder()
            .clearRequestID()
            .removeTags("client_id")
            .build();
    Request all =
        request("list-channels", "queues", "").toBuilder().removeTags("channel_search").build();

    // when
    Response created = client.calls().sendRequest(create);
    Response listed = client.calls().sendRequest(all);

    // then
    assertThat(created.getExecuted()).as(created.getError()).isTrue();
    assertThat(created.getRequestID()).isNotEmpty();
    assertThat(Json.parse(listed.getBody().toStringUtf8()))
        .extracting(each -> each.get("name").textValue())
        .contains(name);
  }

  @Test
  void shouldAnswerAnEmptyListAsAnEmptyArray() {
    assertThat(ask("list-channels", "events", Names.unique("nothing")).getBody().toStringUtf8())
        .isEqualTo("[]");
  }

  @Test
  void shouldShowTheFiguresOfTraffic() {
    // given
    String queue = Names.unique("queue");
    for (int i = 0; i < 3; i++) {
      client
          .calls()
          .sendQueueMessage(
              QueueMessage.newBuilder()
                  .setClientID("sender")
                  .setChannel(queue)
                  .setBody(ByteString.copyFromUtf8("body"))
                  .build());
    }
    try (PollClient polls = PollClient.open(client)) {
      polls.exchange(PollClient.get(queue, 1, 20_000).setAutoAck(true));
    }

    // when, then: it is settled after its answer
    await()
        .untilAsserted(
            () -> {
              JsonNode channel = list("queues", queue).get(0);
              assertThat(channel.at("/incoming/messages").longValue()).isEqualTo(3);
              assertThat(channel.at("/incoming/waiting").longValue()).isEqualTo(2);
              assertThat(channel.at("/outgoing/messages").longValue()).isEqualTo(1);
            });
  }

  @Test
  void shouldEndWhoUsesADeletedChannel() throws Exception {
    // given a poll that waits and a subscriber of an events store
    String queue = Names.unique("queue");
    String store = Names.unique("store");
    ask("create-channel", "queues", queue);
    mq.store(store, "old");
    try (PollClient polls = PollClient.open(client);
        GrpcSubscription<EventReceive> subscriber =
            GrpcSubscription.store(client, Names.unique("client"), store, "", 2, 0)) {
      assertThat(subscriber.next().getSequence()).isEqualTo(1);
      CompletableFuture<QueuesDownstreamResponse> waiting =
          CompletableFuture.supplyAsync(() -> polls.exchange(PollClient.get(queue, 1, 60_000)));
      await().untilAsserted(() -> assertThat(waitingReceivers(queue)).isEqualTo(1));

      // when
      ask("delete-channel", "queues", queue);
      ask("delete-channel", "events_store", store);

      // then
      QueuesDownstreamResponse ended = waiting.get(20, TimeUnit.SECONDS);
      assertThat(ended.getIsError()).isTrue();
      assertThat(ended.getError()).contains(queue).contains("deleted");
      assertThat(subscriber.end()).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "create-channel, '',      a,   the tag channel_type is missing",
    "create-channel, topics,  a,   unsupported channel type topics",
    "list-channels,  topics,  a,   unsupported channel type topics",
    "delete-channel, queues,  '',  'Error 102: invalid channel value, cannot be empty'",
    "create-channel, queues,  a.*, 'Error 107: invalid channel value, no wildcards are allowed'",
    "purge-channel,  queues,  a,   unknown request purge-channel",
  })
  void shouldTellWithinTheAnswerWhatIsWrong(String what, String type, String name, String error) {
    // when
    Response answer = ask(what, type, name);

    // then
    assertThat(answer.getExecuted()).isFalse();
    assertThat(answer.getError()).isEqualTo(error);
  }

  @Test
  void shouldLetNobodyElseAnswer() {
    // when
    Subscribe subscribe =
        Subscribe.newBuilder()
            .setSubscribeTypeData(SubscribeType.Queries)
            .setClientID("c")
            .setChannel(CHANNEL)
            .build();
    Status refusal = GrpcSubscription.askForRequests(client, subscribe).end();

    // then
    assertThat(refusal.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(refusal.getDescription())
        .isEqualTo("invalid channel value, requests on " + CHANNEL + " go to the server");
  }

  private long waitingReceivers(String queue) {
    JsonNode queues = mq.getFromApi("/v1/queues?name=" + queue).json().path("queues");
    return queues.path(0).path("waitingReceivers").longValue();
  }

  private List<JsonNode> list(String type, String search) {
    Response answer = ask("list-channels", type, search);
    assertThat(answer.getExecuted()).as(answer.getError()).isTrue();
    List<JsonNode> channels = new ArrayList<>();
    Json.parse(answer.getBody().toStringUtf8()).forEach(channels::add);
    return channels;
  }

  private Response ask(String what, String type, String channel) {
    return client.calls().sendRequest(request(what, type, channel));
  }

  private static Request request(String what, String type, String channel) {
    return Request.newBuilder()
        .setRequestID("the-request")
        .setRequestTypeData(RequestType.Query)
        .setClientID("manager")
        .setChannel(CHANNEL)
        .setMetadata(what)
        .setTimeout(10_000)
        .putTags("channel_type", type)
        .putTags("client_id", "manager")
        .putTags(what.equals("list-channels") ? "channel_search" : "channel", channel)
        .build();
  }
}
