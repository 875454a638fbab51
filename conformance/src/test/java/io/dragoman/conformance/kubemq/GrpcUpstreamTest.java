// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches to queues over one stream (spec: kubemq §3.3; §8 QueuesClient_Send, array Upstream). */
@KubeMqSuite
class GrpcUpstreamTest {
  private final KubeMq mq;
  private GrpcClient client;
  private GrpcExchange<QueuesUpstreamRequest, QueuesUpstreamResponse> stream;

  GrpcUpstreamTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    client = GrpcClient.connect(mq);
    stream = GrpcExchange.open(client.streams()::queuesUpstream);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void shouldAnswerEachMessageInItsPlace() {
    // given
    String queue = Names.unique("up");
    List<QueueMessage> messages =
        IntStream.range(0, 10).mapToObj(i -> message(queue, "m" + i, "body " + i)).toList();

    // when
    QueuesUpstreamResponse response = stream.send(batch("request-1", messages)).next();

    // then
    assertThat(response.getRefRequestID()).isEqualTo("request-1");
    assertThat(response.getIsError()).isFalse();
    assertThat(response.getError()).isEmpty();
    assertThat(response.getResultsList())
        .extracting(SendQueueMessageResult::getMessageID)
        .containsExactlyElementsOf(messages.stream().map(QueueMessage::getMessageID).toList());
    assertThat(response.getResultsList())
        .allSatisfy(
            result -> {
              assertThat(result.getIsError()).as(result.getError()).isFalse();
              assertThat(result.getSentAt()).isPositive();
              assertThat(result.getExpirationAt()).isZero();
              assertThat(result.getDelayedTo()).isZero();
            });
    assertThat(KubeMq.bodies(mq.receive(queue, 10, 10)))
        .containsExactlyElementsOf(
            messages.stream().map(each -> each.getBody().toStringUtf8()).toList());
  }

  @Test
  void shouldKeepEveryPartOfAMessage() {
    // given
    String queue = Names.unique("up");
    QueueMessage message =
        message(queue, "the-id", "the-body").toBuilder()
            .setMetadata("the-metadata")
            .putTags("a", "1")
            .putTags("b", "")
            .setPolicy(
                QueueMessagePolicy.newBuilder()
                    .setExpirationSeconds(100)
                    .setMaxReceiveCount(3)
                    .setMaxReceiveQueue(queue + ".dead"))
            .build();

    // when
    SendQueueMessageResult result = stream.send(batch("r", List.of(message))).next().getResults(0);

    // then
    JsonNode received = mq.receiveOne(queue);
    assertThat(received.get("MessageID").textValue()).isEqualTo("the-id");
    assertThat(received.get("ClientID").textValue()).isEqualTo("upstream-client");
    assertThat(received.get("Channel").textValue()).isEqualTo(queue);
    assertThat(received.get("Metadata").textValue()).isEqualTo("the-metadata");
    assertThat(Json.decoded(received.get("Body"))).isEqualTo("the-body");
    assertThat(received.at("/Tags/a").textValue()).isEqualTo("1");
    assertThat(received.get("Tags").has("b")).isTrue();
    assertThat(received.at("/Policy/MaxReceiveCount").intValue()).isEqualTo(3);
    assertThat(received.at("/Policy/MaxReceiveQueue").textValue()).isEqualTo(queue + ".dead");
    assertThat(received.at("/Attributes/ExpirationAt").longValue())
        .isEqualTo(result.getExpirationAt())
        .isGreaterThan(result.getSentAt());
  }

  @Test
  void shouldMakeUpMissingIds() {
    // given
    QueueMessage message = message(Names.unique("up"), "", "x");

    // when
    QueuesUpstreamResponse response = stream.send(batch("r", List.of(message, message))).next();

    // then
    assertThat(response.getResultsList())
        .extracting(SendQueueMessageResult::getMessageID)
        .doesNotHaveDuplicates()
        .doesNotContain("");
  }

  @Test
  void shouldRefuseARequestWithoutMessages() {
    // when
    QueuesUpstreamResponse response = stream.send(batch("empty", List.of())).next();

    // then
    assertThat(response)
        .isEqualTo(
            QueuesUpstreamResponse.newBuilder()
                .setRefRequestID("empty")
                .setIsError(true)
                .setError("no messages to send")
                .build());
  }

  @Test
  void shouldTellErrorsOfMessagesInTheirResults() {
    // given
    List<QueueMessage> messages =
        IntStream.range(0, 10).mapToObj(i -> message("", "m" + i, "body")).toList();

    // when
    QueuesUpstreamResponse response = stream.send(batch("bad", messages)).next();

    // then
    assertThat(response.getIsError()).isFalse();
    assertThat(response.getResultsList())
        .hasSize(10)
        .allMatch(SendQueueMessageResult::getIsError)
        .allMatch(result -> result.getError().startsWith("Error 120: "));
  }

  @Test
  void shouldStoreTheGoodMessagesBesideBadOnes() {
    // given
    String queue = Names.unique("up");
    List<QueueMessage> messages =
        List.of(
            message(queue, "good-1", "1"),
            message("a b", "bad-1", "2"),
            message(queue, "bad-2", "3").toBuilder().setClientID("").build(),
            message(queue, "good-2", "4"));

    // when
    QueuesUpstreamResponse response = stream.send(batch("mixed", messages)).next();

    // then
    assertThat(response.getResultsList())
        .extracting(SendQueueMessageResult::getMessageID, SendQueueMessageResult::getIsError)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("good-1", false),
            org.assertj.core.groups.Tuple.tuple("bad-1", true),
            org.assertj.core.groups.Tuple.tuple("bad-2", true),
            org.assertj.core.groups.Tuple.tuple("good-2", false));
    assertThat(KubeMq.bodies(mq.receive(queue, 2, 10))).containsExactly("1", "4");
  }

  @Test
  void shouldAnswerManyRequestsEachOnce() {
    // given
    String queue = Names.unique("up");
    int requests = 1000;

    // when
    for (int i = 0; i < requests; i++) {
      stream.send(batch("r" + i, List.of(message(queue, "m" + i, "b"), message("", "x", "b"))));
    }
    Map<String, QueuesUpstreamResponse> responses = new HashMap<>();
    for (int i = 0; i < requests; i++) {
      QueuesUpstreamResponse response = stream.next();
      responses.put(response.getRefRequestID(), response);
    }

    // then
    assertThat(responses).hasSize(requests);
    for (int i = 0; i < requests; i++) {
      QueuesUpstreamResponse response = responses.get("r" + i);
      assertThat(response.getResults(0).getMessageID()).isEqualTo("m" + i);
      assertThat(response.getResults(0).getIsError()).isFalse();
      assertThat(response.getResults(1).getIsError()).isTrue();
    }
    assertThat(mq.ackAll(queue, 1).get("AffectedMessages").intValue()).isEqualTo(requests);
  }

  @Test
  void shouldKeepOrderOfOneStream() {
    // given
    String queue = Names.unique("up");

    // when
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sent.add("b" + i);
      stream.send(batch("r" + i, List.of(message(queue, "", "b" + i))));
    }
    stream.halfClose();

    // then
    assertThat(stream.end()).isEqualTo(Status.OK);
    assertThat(KubeMq.bodies(mq.receive(queue, 200, 10))).containsExactlyElementsOf(sent);
  }

  @Test
  void shouldAnswerWhatIsUnderWayBeforeItEnds() {
    // when
    stream.send(batch("last", List.of(message(Names.unique("up"), "m", "b"))));
    stream.halfClose();

    // then
    assertThat(stream.next().getRefRequestID()).isEqualTo("last");
    assertThat(stream.end()).isEqualTo(Status.OK);
  }

  @Test
  void shouldStopReadingASenderThatTakesNoAnswers() {
    // given a client that reads nothing, and answers of 100 kB each
    GrpcExchange<QueuesUpstreamRequest, QueuesUpstreamResponse> deaf =
        GrpcExchange.unread(client.streams()::queuesUpstream);
    String id = "i".repeat(100_000);
    QueuesUpstreamRequest request = batch(id, List.of());

    // when it sends until nothing more goes out, which for a server that read on would be never
    int sent = 0;
    while (deaf.isReady() || sent == 0 || becomesReady(deaf)) {
      deaf.send(request);
      sent++;
      assertThat(sent).as("requests of 100 kB that were read").isLessThan(1000);
    }

    // then it gets every answer once it reads
    deaf.request(sent);
    for (int i = 0; i < sent; i++) {
      assertThat(deaf.next().getRefRequestID()).isEqualTo(id);
    }
  }

  private static boolean becomesReady(GrpcExchange<?, ?> exchange) {
    try {
      await().atMost(Duration.ofSeconds(2)).until(exchange::isReady);
      return true;
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
  }

  private static QueuesUpstreamRequest batch(String requestId, List<QueueMessage> messages) {
    return QueuesUpstreamRequest.newBuilder()
        .setRequestID(requestId)
        .addAllMessages(messages)
        .build();
  }

  private static QueueMessage message(String queue, String id, String body) {
    return QueueMessage.newBuilder()
        .setMessageID(id)
        .setClientID("upstream-client")
        .setChannel(queue)
        .setBody(ByteString.copyFromUtf8(body))
        .build();
  }
}
