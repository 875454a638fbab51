// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands and queries over gRPC, answered over gRPC and over REST. */
@KubeMqSuite
class GrpcRequestsTest {

  private final KubeMq mq;
  private GrpcClient client;

  GrpcRequestsTest(KubeMq mq) {
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
  @EnumSource(names = {"Command", "Query"})
  void shouldBeAnsweredOverGrpc(RequestType type) throws Exception {
    // given
    String channel = Names.unique("request");
    try (GrpcSubscription<Request> responder =
        GrpcSubscription.requests(client, serving(type), channel, "")) {
      // when
      CompletableFuture<Response> answer = send(request(type, channel));
      Request received = responder.next();
      client.calls().sendResponse(response(received));

      // then
      assertThat(received.getRequestID()).isEqualTo("the-request");
      assertThat(received.getRequestTypeData()).isEqualTo(type);
      assertThat(received.getClientID()).isEqualTo("grpc-requester");
      assertThat(received.getChannel()).isEqualTo(channel);
      assertThat(received.getMetadata()).isEqualTo("request-metadata");
      assertThat(received.getBody().toStringUtf8()).isEqualTo("request-body");
      assertThat(received.getReplyChannel()).isNotEmpty();
      assertThat(received.getTimeout()).isEqualTo(20_000);
      assertThat(received.getTagsMap()).isEqualTo(Map.of("q", "1"));
      assertThat(received.getSpan().toStringUtf8()).isEqualTo("request-span");

      Response told = answer.get(30, TimeUnit.SECONDS);
      assertThat(told.getRequestID()).isEqualTo("the-request");
      assertThat(told.getClientID()).isEqualTo("grpc-responder");
      assertThat(told.getExecuted()).isTrue();
      assertThat(told.getError()).isEqualTo("some words");
      assertThat(told.getTimestamp()).isEqualTo(1234);
      assertThat(told.getReplyChannel()).isEmpty();
      assertThat(told.getTagsMap()).isEqualTo(Map.of("r", "2"));
      assertThat(told.getSpan().toStringUtf8()).isEqualTo("response-span");
      assertThat(told.getCacheHit()).isFalse();
      boolean query = type == RequestType.Query;
      assertThat(told.getMetadata()).isEqualTo(query ? "response-metadata" : "");
      assertThat(told.getBody().toStringUtf8()).isEqualTo(query ? "response-body" : "");
    }
  }

  @Test
  void shouldFillInTheTimeThatAResponderLeftOut() throws Exception {
    // given
    String channel = Names.unique("time");
    try (GrpcSubscription<Request> responder =
        GrpcSubscription.requests(client, SubscribeType.Commands, channel, "")) {
      CompletableFuture<Response> answer = send(request(RequestType.Command, channel));
      long before = System.currentTimeMillis();

      // when
      client.calls().sendResponse(response(responder.next()).toBuilder().clearTimestamp().build());

      // then it is in nanoseconds
      assertThat(answer.get(30, TimeUnit.SECONDS).getTimestamp() / 1_000_000)
          .isBetween(before - 5_000, System.currentTimeMillis() + 5_000);
    }
  }

  @ParameterizedTest
  @CsvSource({"Command, commands", "Query, queries"})
  void shouldBeAnsweredOverRest(RequestType type, String kind) throws Exception {
    // given
    String channel = Names.unique("request");
    try (WsClient responder = mq.subscribeRequests(kind, channel, "")) {
      // when
      CompletableFuture<Response> answer = send(request(type, channel));
      JsonNode received = responder.next();
      ObjectNode response = KubeMq.response(received, "response-body");
      response.putObject("Tags").put("r", "2");
      mq.post("/send/response", response).data();

      // then
      assertThat(received.get("RequestID").textValue()).isEqualTo("the-request");
      assertThat(received.get("Metadata").textValue()).isEqualTo("request-metadata");
      assertThat(received.get("Tags")).isEqualTo(Json.object("q", "1"));
      Response told = answer.get(30, TimeUnit.SECONDS);
      assertThat(told.getExecuted()).isTrue();
      assertThat(told.getTagsMap()).isEqualTo(Map.of("r", "2"));
      assertThat(told.getBody().toStringUtf8())
          .isEqualTo(type == RequestType.Query ? "response-body" : "");
    }
  }

  @ParameterizedTest
  @CsvSource({"Commands, 1", "Queries, 2"})
  void shouldAnswerWhatRestAsked(SubscribeType serving, int type) {
    // given
    String channel = Names.unique("request");
    try (GrpcSubscription<Request> responder =
        GrpcSubscription.requests(client, serving, channel, "")) {
      ObjectNode asked = KubeMq.request(type, channel, 20_000);
      asked.putObject("Tags").put("q", "1");

      // when
      CompletableFuture<Answer> answer = mq.postAsync("/send/request", asked);
      Request received = responder.next();
      client.calls().sendResponse(response(received));

      // then
      assertThat(received.getTagsMap()).isEqualTo(Map.of("q", "1"));
      assertThat(received.getBody().toStringUtf8()).isEqualTo("request-body");
      JsonNode told = answer.join().data();
      assertThat(told.get("Executed").booleanValue()).isTrue();
      assertThat(told.get("Tags")).isEqualTo(Json.object("r", "2"));
      if (type == 2) {
        assertThat(Json.decoded(told.get("Body"))).isEqualTo("response-body");
      }
    }
  }

  @Test
  void shouldAnswerQueriesFromTheCache() throws Exception {
    // given a group of responders for a pattern
    String base = Names.unique("cache");
    try (GrpcSubscription<Request> responder =
        GrpcSubscription.requests(client, SubscribeType.Queries, base + ".*", "g")) {
      Request query =
          request(RequestType.Query, base + ".a").toBuilder()
              .setCacheKey("the-key")
              .setCacheTTL(600)
              .build();
      CompletableFuture<Response> first = send(query);
      Request received = responder.next();
      client.calls().sendResponse(response(received).toBuilder().clearError().build());

      // when
      Response fresh = first.get(30, TimeUnit.SECONDS);
      Response cached =
          client.calls().sendRequest(query.toBuilder().setRequestID("second").build());

      // then
      assertThat(received.getCacheKey()).isEqualTo("the-key");
      assertThat(received.getCacheTTL()).isEqualTo(600);
      assertThat(fresh.getCacheHit()).isFalse();
      assertThat(fresh.getTagsMap()).isEqualTo(Map.of("r", "2"));
      assertThat(cached.getCacheHit()).isTrue();
      assertThat(cached.getRequestID()).isEqualTo("second");
      assertThat(cached.getBody()).isEqualTo(fresh.getBody());
      assertThat(cached.getTagsMap()).isEqualTo(fresh.getTagsMap());
    }
  }

  @Test
  void shouldHandOutEveryCommandOnce() {
    // given two responders of one group
    String channel = Names.unique("many");
    try (GrpcSubscription<Request> one =
            GrpcSubscription.requests(client, SubscribeType.Commands, channel, "g");
        GrpcSubscription<Request> two =
            GrpcSubscription.requests(client, SubscribeType.Commands, channel, "g")) {
      int answered = 0;
      for (int i = 0; i < 100; i++) {
        // when
        CompletableFuture<Response> answer = send(request(RequestType.Command, channel));
        while (one.waiting() + two.waiting() == 0 && !answer.isDone()) {
          Thread.onSpinWait();
        }
        assertThat(one.waiting() + two.waiting()).isEqualTo(1);
        GrpcSubscription<Request> chosen = one.waiting() > 0 ? one : two;
        answered += chosen == one ? 1 : 0;
        client.calls().sendResponse(response(chosen.next()));
      }

      // then
      assertThat(answered).isBetween(1, 99);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          207 | ClientID:'c' Channel:'foo'
          207 | SubscribeTypeData:Events ClientID:'c' Channel:'foo'
          207 | SubscribeTypeData:EventsStore
          101 | SubscribeTypeData:Commands Channel:'foo'
          102 | SubscribeTypeData:Queries ClientID:'c'
          119 | SubscribeTypeData:Commands ClientID:'c' Channel:'foo.'
          108 | SubscribeTypeData:Queries ClientID:'c' Channel:'f oo'
          119 | SubscribeTypeData:Queries ClientID:'c' Channel:'f oo.'
          """)
  void shouldRefuseToSubscribe(int error, String subscribe) {
    // when
    Status refusal =
        GrpcSubscription.askForRequests(
                client, GrpcText.message(Subscribe.getDefaultInstance(), subscribe))
            .end();

    // then
    assertThat(refusal.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(refusal.getDescription()).isEqualTo(ErrorText.of(error));
  }

  private CompletableFuture<Response> send(Request request) {
    return CompletableFuture.supplyAsync(() -> client.calls().sendRequest(request));
  }

  private static SubscribeType serving(RequestType type) {
    return type == RequestType.Command ? SubscribeType.Commands : SubscribeType.Queries;
  }

  private static Request request(RequestType type, String channel) {
    return Request.newBuilder()
        .setRequestID("the-request")
        .setRequestTypeData(type)
        .setClientID("grpc-requester")
        .setChannel(channel)
        .setMetadata("request-metadata")
        .setBody(ByteString.copyFromUtf8("request-body"))
        .setTimeout(20_000)
        .setSpan(ByteString.copyFromUtf8("request-span"))
        .putTags("q", "1")
        .build();
  }

  private static Response response(Request request) {
    return Response.newBuilder()
        .setRequestID(request.getRequestID())
        .setReplyChannel(request.getReplyChannel())
        .setClientID("grpc-responder")
        .setMetadata("response-metadata")
        .setBody(ByteString.copyFromUtf8("response-body"))
        .setTimestamp(1234)
        .setExecuted(true)
        .setError("some words")
        .setSpan(ByteString.copyFromUtf8("response-span"))
        .putTags("r", "2")
        .build();
  }
}
