// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.Tokens;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.GrpcRefusal;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Result;
import io.grpc.stub.StreamObserver;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who a sender is to clients of the other protocol, where tokens are required. */
@KubeMqSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + SendersAcrossTest.SECRET})
class SendersAcrossTest {
  static final String SECRET = "a secret that is long enough for tests";
  private static final String SERVICE = Tokens.hs256(SECRET, "{}");
  private static final String PAGE =
      Tokens.hs256(SECRET, "{\"sub\":\"alice\",\"read\":[\"#\"],\"write\":[\"#\"]}");

  private static final String RATE_LIMITED =
      "too many events, the rate limit of the token is used up";

  /** How many events {@link #sendEveryWay} sends. */
  private static final int WAYS = 6;

  private final KubeMq mq;

  SendersAcrossTest(KubeMq mq) {
    this.mq = mq;
  }

  @Test
  void shouldShowTokensSubjectsAndClientIdsAsOriginAndKeepThem() {
    // given
    String topic = Names.unique("senders");
    try (GrpcClient service = GrpcClient.authorized(mq, SERVICE);
        GrpcSubscription<EventReceive> store =
            GrpcSubscription.store(service, Names.unique("client"), topic, "", 1, 0);
        TopicClient publisher = TopicClient.authorized(mq, PAGE);
        TopicClient subscriber = TopicClient.authorized(mq, PAGE)) {
      subscriber.call("subscribe", topic);

      // when
      publisher.publish(topic, "from a page");
      service
          .calls()
          .sendEvent(
              Event.newBuilder()
                  .setClientID("backend")
                  .setChannel(topic)
                  .setBody(ByteString.copyFromUtf8("from a service"))
                  .setStore(true)
                  .build());

      // then
      JsonNode first = subscriber.next();
      assertThat(first.get("message").textValue()).isEqualTo("from a page");
      assertThat(first.get("origin").textValue()).isEqualTo("alice");
      assertThat(subscriber.next().get("origin").textValue()).isEqualTo("backend");
      assertThat(store.next(2))
          .extracting(event -> event.getBody().toStringUtf8())
          .containsExactly("from a page", "from a service");
      assertThat(kept(topic)).containsExactly("alice", "backend");
    }
  }

  /** The origin of an event is whom its sender's token names, whichever way it came. */
  @Test
  void shouldNotLetALimitedTokenSendUnderAnotherName() {
    String topic = Names.unique("forged");
    String token = Tokens.hs256(SECRET, "{\"sub\":\"bob\",\"write\":[\"%s/#\"]}".formatted(topic));

    assertThat(heardOfEveryWay(token, topic))
        .allSatisfy(event -> assertThat(event.get("origin").textValue()).isEqualTo("bob"));
    assertThat(kept(topic)).containsOnly("bob");
  }

  /** Who has no name cannot take one. */
  @Test
  void shouldShowNoOriginOfALimitedTokenWithoutASubject() {
    String topic = Names.unique("forged");
    String token = Tokens.hs256(SECRET, "{\"write\":[\"%s/#\"]}".formatted(topic));

    assertThat(heardOfEveryWay(token, topic)).noneMatch(event -> event.has("origin"));
  }

  /** Sends every way, and gives what a subscriber of the topic hears, in no certain order. */
  private List<JsonNode> heardOfEveryWay(String token, String topic) {
    try (TopicClient subscriber = TopicClient.authorized(mq, PAGE)) {
      subscriber.call("subscribe", topic);

      sendEveryWay(token, topic);

      return Stream.generate(subscriber::next).limit(WAYS).toList();
    }
  }

  @Test
  void shouldCountWhatComesByKubeMqAgainstTheRateLimit() {
    String topic = Names.unique("rate");
    String token =
        Tokens.hs256(
            SECRET,
            ("{\"sub\":\"%1$s\",\"write\":[\"%1$s/#\"],\"rlimit\":[{\"topic\":\"%1$s/#\","
                    + "\"interval\":3600,\"max\":%2$d}]}")
                .formatted(topic, WAYS + 1));
    sendEveryWay(token, topic);

    try (TopicClient publisher = TopicClient.authorized(mq, token);
        GrpcClient grpc = GrpcClient.authorized(mq, token);
        WsClient stream = openStream(token)) {
      publisher.publish(topic, "the last one");

      assertThat(publisher.call("publish", topic, "message", "too many").get("status").textValue())
          .isEqualTo("ERR_RATE_LIMIT_EXCEEDED");
      assertThat(rest(token, forged(topic)).status()).isEqualTo(400);
      assertThat(rest(token, forged("events:" + topic)).text()).contains(RATE_LIMITED);
      assertThat(GrpcRefusal.of(() -> grpc.calls().sendEvent(grpcEvent(topic))).getDescription())
          .isEqualTo(RATE_LIMITED);
      stream.send(forged(topic));
      assertThat(stream.next().toString()).contains(RATE_LIMITED);
      assertThat(sendByGrpcStream(grpc, topic).getError()).isEqualTo(RATE_LIMITED);
    }
    assertThat(kept(topic)).hasSize(WAYS); // All but the one that was not stored, and the last one.
  }

  /** Sends {@link #WAYS} events as somebody else, one of which is not stored. */
  private void sendEveryWay(String token, String topic) {
    rest(token, forged(topic)).data();
    rest(token, forged(topic).put("Store", false)).data();
    rest(token, forged("events_store:" + topic)).data();
    try (GrpcClient grpc = GrpcClient.authorized(mq, token);
        WsClient stream = openStream(token)) {
      assertThat(grpc.calls().sendEvent(grpcEvent(topic)).getSent()).isTrue();
      assertThat(sendByGrpcStream(grpc, topic).getSent()).isTrue();
      stream.send(forged(topic));
      assertThat(stream.next().toString()).doesNotContain("Error");
    }
  }

  private WsClient openStream(String token) {
    return WsClient.connectAsync(mq.http(), mq.webSocketUri("/send/stream"), token).join();
  }

  private Answer rest(String token, ObjectNode event) {
    return mq.exchange(
        HttpRequest.newBuilder(mq.rest().resolve("/send/event"))
            .header("Content-Type", "application/json")
            .header("Authorization", token)
            .POST(HttpRequest.BodyPublishers.ofString(event.toString()))
            .build());
  }

  private static ObjectNode forged(String channel) {
    return KubeMq.event(channel, "m").put("ClientID", "admin").put("Store", true);
  }

  private static Event grpcEvent(String topic) {
    return Event.newBuilder()
        .setClientID("admin")
        .setChannel(topic)
        .setBody(ByteString.copyFromUtf8("m"))
        .setStore(true)
        .build();
  }

  private static Result sendByGrpcStream(GrpcClient grpc, String topic) {
    CompletableFuture<Result> told = new CompletableFuture<>();
    StreamObserver<Event> events =
        grpc.streams()
            .sendEventsStream(
                new StreamObserver<>() {
                  @Override
                  public void onNext(Result result) {
                    told.complete(result);
                  }

                  @Override
                  public void onError(Throwable cause) {
                    told.completeExceptionally(cause);
                  }

                  @Override
                  public void onCompleted() {}
                });
    events.onNext(grpcEvent(topic));
    Result result = told.orTimeout(45, TimeUnit.SECONDS).join();
    events.onCompleted();
    return result;
  }

  /** The senders of what is in a log, as administrators see them. */
  private List<String> kept(String topic) {
    HttpRequest request =
        HttpRequest.newBuilder(mq.api().resolve("/v1/logs/messages?log=" + topic))
            .header("Authorization", SERVICE)
            .build();
    List<String> senders = new ArrayList<>();
    mq.exchange(request)
        .json()
        .get("messages")
        .forEach(each -> senders.add(each.get("clientId").textValue()));
    return senders;
  }
}
