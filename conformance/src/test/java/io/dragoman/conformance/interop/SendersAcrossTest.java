// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.Tokens;
import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who a sender is to clients of the other protocol, where tokens are required. */
@KubeMqSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + SendersAcrossTest.SECRET})
class SendersAcrossTest {
  static final String SECRET = "a secret that is long enough for tests";
  private static final String SERVICE = Tokens.hs256(SECRET, "{}");
  private static final String PAGE =
      Tokens.hs256(SECRET, "{\"sub\":\"alice\",\"read\":[\"#\"],\"write\":[\"#\"]}");

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
