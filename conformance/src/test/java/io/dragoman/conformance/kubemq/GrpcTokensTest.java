// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.QueuesInfoRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens over gRPC (spec: kubemq §3, §5.3). */
@KubeMqSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + TokensTest.SECRET})
class GrpcTokensTest {
  private static final String NONE = TokensTest.FAILED + "no token was sent";
  private static final String EXPIRED = TokensTest.FAILED + "the token has expired";

  private final KubeMq mq;
  private final String channel = Names.unique("grpc-tokens");

  GrpcTokensTest(KubeMq mq) {
    this.mq = mq;
  }

  private static void assertUnauthenticated(Status status, String text) {
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(status.getDescription()).isEqualTo(text);
  }

  private static QueueMessage message(String queue) {
    return PollClient.message(queue, ByteString.copyFromUtf8("hello")).build();
  }

  private static Event event(String channel) {
    return Event.newBuilder().setClientID("c").setChannel(channel).setMetadata("m").build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "Bearer %s", "bearer %s"})
  void shouldServeCallsWithAToken(String form) {
    try (GrpcClient client = GrpcClient.authorized(mq, form.formatted(TokensTest.service()))) {
      assertThat(client.calls().ping(Empty.getDefaultInstance()).getHost()).isNotEmpty();
      assertThat(client.calls().sendQueueMessage(message(channel)).getIsError()).isFalse();
      assertThat(PollClient.bodies(PollClient.open(client).poll(channel, 1)))
          .containsExactly("hello");
    }
  }

  @Test
  void shouldRefuseEveryCallWithoutAToken() {
    try (GrpcClient client = GrpcClient.connect(mq)) {
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().ping(Empty.getDefaultInstance())), NONE);
      assertUnauthenticated(GrpcRefusal.of(() -> client.calls().sendEvent(event(channel))), NONE);
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().sendRequest(Request.getDefaultInstance())), NONE);
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().sendResponse(Response.getDefaultInstance())), NONE);
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().sendQueueMessage(message(channel))), NONE);
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().queuesInfo(QueuesInfoRequest.getDefaultInstance())),
          NONE);
      assertUnauthenticated(
          GrpcSubscription.askForEvents(client, GrpcSubscription.live(channel, "")).end(), NONE);
      assertUnauthenticated(
          GrpcExchange.<Event, io.dragoman.kubemq.protocol.Result>open(
                  client.streams()::sendEventsStream)
              .end(),
          NONE);
      assertUnauthenticated(
          GrpcExchange.<QueuesUpstreamRequest, QueuesUpstreamResponse>open(
                  client.streams()::queuesUpstream)
              .end(),
          NONE);
      assertUnauthenticated(PollClient.open(client).stream().end(), NONE);
      assertUnauthenticated(
          GrpcExchange.<StreamQueueMessagesRequest, StreamQueueMessagesResponse>open(
                  client.streams()::streamQueueMessage)
              .end(),
          NONE);
      assertUnauthenticated(
          GrpcExchange.<ServerReflectionRequest, ServerReflectionResponse>open(
                  ServerReflectionGrpc.newStub(client.channel())::serverReflectionInfo)
              .end(),
          NONE);
    }
  }

  @Test
  void shouldTellProbesWithoutAToken() {
    try (GrpcClient client = GrpcClient.connect(mq)) {
      HealthGrpc.newBlockingStub(client.channel()).check(HealthCheckRequest.getDefaultInstance());
    }
  }

  @Test
  void shouldRefuseTokensThatDoNotHold() {
    try (GrpcClient client = GrpcClient.authorized(mq, TokensTest.token("{\"exp\":5}"))) {
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().ping(Empty.getDefaultInstance())), EXPIRED);
    }
  }

  @Test
  void shouldEndStreamsWhenTheirTokenExpires() {
    try (GrpcClient service = GrpcClient.authorized(mq, TokensTest.service());
        GrpcClient client = GrpcClient.authorized(mq, TokensTest.shortLived())) {
      service.calls().sendQueueMessage(message(channel));
      GrpcSubscription<?> events = GrpcSubscription.events(client, channel, "");
      GrpcSubscription<?> store = GrpcSubscription.store(client, "s", channel, "", 1, 0);
      GrpcSubscription<?> requests =
          GrpcSubscription.requests(client, SubscribeType.Queries, channel, "");
      GrpcExchange<Event, io.dragoman.kubemq.protocol.Result> sender =
          GrpcExchange.open(client.streams()::sendEventsStream);
      GrpcExchange<QueuesUpstreamRequest, QueuesUpstreamResponse> upstream =
          GrpcExchange.open(client.streams()::queuesUpstream);
      PollClient polls = PollClient.open(client);
      QueuesDownstreamResponse held = polls.poll(channel, 1);
      assertThat(held.getTransactionComplete()).isFalse();

      assertUnauthenticated(events.end(), EXPIRED);
      assertUnauthenticated(store.end(), EXPIRED);
      assertUnauthenticated(requests.end(), EXPIRED);
      assertUnauthenticated(sender.end(), EXPIRED);
      assertUnauthenticated(upstream.end(), EXPIRED);
      assertUnauthenticated(polls.stream().end(), EXPIRED);
      assertUnauthenticated(
          GrpcRefusal.of(() -> client.calls().ping(Empty.getDefaultInstance())), EXPIRED);
      // What the consumer held is there for others.
      assertThat(PollClient.bodies(PollClient.open(service).poll(channel, 1)))
          .containsExactly("hello");
    }
  }

  @Test
  void shouldHoldTokensWithTopicRulesToThem() {
    try (GrpcClient client = GrpcClient.authorized(mq, TokensTest.limited())) {
      SendQueueMessageResult sent = client.calls().sendQueueMessage(message("chat"));
      SendQueueMessageResult refused = client.calls().sendQueueMessage(message(channel));

      assertThat(sent.getIsError()).isFalse();
      assertThat(refused.getError()).isEqualTo(TokensTest.DENIED);
      assertDenied(GrpcRefusal.of(() -> client.calls().sendEvent(event(channel))));
      assertDenied(GrpcSubscription.askForEvents(client, GrpcSubscription.live(">", "")).end());
      assertDenied(
          GrpcSubscription.askForEvents(client, GrpcSubscription.stored("s", "chat", "", 1, 0))
              .end());
      QueuesDownstreamResponse polled =
          PollClient.open(client).exchange(PollClient.get("chat", 1, 1000));
      assertThat(polled.getError()).isEqualTo(TokensTest.DENIED);
      QueuesUpstreamResponse batch =
          GrpcExchange.<QueuesUpstreamRequest, QueuesUpstreamResponse>open(
                  client.streams()::queuesUpstream)
              .send(
                  QueuesUpstreamRequest.newBuilder()
                      .setRequestID("r")
                      .addMessages(message("chat"))
                      .addMessages(message(channel))
                      .build())
              .next();
      assertThat(batch.getResults(0).getIsError()).isFalse();
      assertThat(batch.getResults(1).getError()).isEqualTo(TokensTest.DENIED);
    }
  }

  /** Not to a queue that one may not write to, and not by way of what was received. */
  @Test
  void shouldNotRequeueToWhereTheTokenMayNotWrite() {
    String claims = "{\"read\":[\"" + channel + "\"],\"write\":[\"" + channel + "\"]}";
    try (GrpcClient client = GrpcClient.authorized(mq, TokensTest.token(claims))) {
      client.calls().sendQueueMessage(message(channel));
      PollClient polls = PollClient.open(client);
      QueuesDownstreamResponse polled = polls.poll(channel, 1);

      polls.tell(
          polled,
          PollClient.request(QueuesDownstreamRequestType.ReQueueAll).setReQueueChannel("orders"));

      assertThat(polls.next().getError()).endsWith(TokensTest.DENIED);
    }
  }

  private static void assertDenied(Status status) {
    assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription()).isEqualTo(TokensTest.DENIED);
  }
}
