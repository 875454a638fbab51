// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.PingResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.QueuesInfoRequest;
import io.dragoman.kubemq.protocol.QueuesInfoResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.stub.ClientCalls;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queue calls over gRPC, seen from gRPC and from REST: both are the same queues. */
@KubeMqSuite
class GrpcQueueTest {

  private final KubeMq mq;
  private GrpcClient client;

  GrpcQueueTest(KubeMq mq) {
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

  @Test
  void shouldAnswerPing() {
    // when
    PingResult answer = client.calls().ping(Empty.getDefaultInstance());

    // then
    JsonNode rest = mq.get("/ping").data();
    assertThat(answer.getHost()).isEqualTo(rest.get("Host").textValue());
    assertThat(answer.getVersion()).isEqualTo(rest.get("Version").textValue());
    assertThat(answer.getServerStartTime()).isEqualTo(rest.get("ServerStartTime").longValue());
  }

  @Test
  void shouldSendWhatRestReceives() {
    // given
    String queue = Names.unique("grpc-queue");

    // when
    SendQueueMessageResult sent =
        client
            .calls()
            .sendQueueMessage(
                QueueMessage.newBuilder()
                    .setMessageID("the-id")
                    .setClientID("grpc-sender")
                    .setChannel(queue)
                    .setMetadata("the-metadata")
                    .setBody(ByteString.copyFromUtf8("the-body"))
                    .putTags("a", "1")
                    .build());

    // then
    assertThat(sent.getIsError()).as(sent.getError()).isFalse();
    assertThat(sent.getMessageID()).isEqualTo("the-id");
    assertThat(sent.getSentAt()).isPositive();
    JsonNode received = mq.receiveOne(queue);
    assertThat(received.get("MessageID").textValue()).isEqualTo("the-id");
    assertThat(received.get("ClientID").textValue()).isEqualTo("grpc-sender");
    assertThat(received.get("Metadata").textValue()).isEqualTo("the-metadata");
    assertThat(Json.decoded(received.get("Body"))).isEqualTo("the-body");
    assertThat(received.at("/Tags/a").textValue()).isEqualTo("1");
  }

  @Test
  void shouldReceiveWhatRestSent() {
    // given
    String queue = Names.unique("grpc-queue");
    ObjectNode asked =
        KubeMq.queueMessage(queue, "the-body", "ExpirationSeconds", 600, "MaxReceiveCount", 3);
    asked.put("MessageID", "the-id").put("Metadata", "the-metadata");
    asked.putObject("Tags").put("a", "1").put("b", "");
    JsonNode sent = mq.send(asked);

    // when
    ReceiveQueueMessagesResponse received = client.calls().receiveQueueMessages(receive(queue, 1));

    // then
    assertThat(received.getIsError()).as(received.getError()).isFalse();
    assertThat(received.getMessagesReceived()).isEqualTo(1);
    assertThat(received.getRequestID()).isNotEmpty();
    QueueMessage message = received.getMessages(0);
    assertThat(message.getMessageID()).isEqualTo("the-id");
    assertThat(message.getClientID()).isEqualTo("sender-client");
    assertThat(message.getChannel()).isEqualTo(queue);
    assertThat(message.getMetadata()).isEqualTo("the-metadata");
    assertThat(message.getBody().toStringUtf8()).isEqualTo("the-body");
    assertThat(message.getTagsMap()).isEqualTo(Map.of("a", "1", "b", ""));
    assertThat(message.getAttributes().getSequence()).isEqualTo(1);
    assertThat(message.getAttributes().getReceiveCount()).isEqualTo(1);
    assertThat(message.getAttributes().getTimestamp()).isPositive();
    assertThat(message.getAttributes().getExpirationAt())
        .isEqualTo(sent.get("ExpirationAt").longValue());
    assertThat(message.getAttributes().getMD5OfBody())
        .isEqualTo("52e7e5293407adc8491cfdd200667306");
    assertThat(message.getPolicy().getExpirationSeconds()).isEqualTo(600);
    assertThat(message.getPolicy().getMaxReceiveCount()).isEqualTo(3);
  }

  @Test
  void shouldSendABatchAndReceiveIt() {
    // given
    String queue = Names.unique("grpc-batch");
    QueueMessagesBatchRequest.Builder batch = QueueMessagesBatchRequest.newBuilder();
    for (int i = 1; i <= 10; i++) {
      batch.addMessages(message(queue, "message-" + i));
    }

    // when
    QueueMessagesBatchResponse sent = client.calls().sendQueueMessagesBatch(batch.build());
    ReceiveQueueMessagesResponse received = client.calls().receiveQueueMessages(receive(queue, 10));

    // then
    assertThat(sent.getHaveErrors()).isFalse();
    assertThat(sent.getBatchID()).isNotEmpty();
    assertThat(sent.getResultsList()).hasSize(10).noneMatch(SendQueueMessageResult::getIsError);
    assertThat(received.getMessagesList())
        .extracting(message -> message.getBody().toStringUtf8())
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 10).mapToObj(i -> "message-" + i).toList());
    assertThat(received.getMessagesList())
        .extracting(QueueMessage::getMessageID)
        .containsExactlyElementsOf(
            sent.getResultsList().stream().map(SendQueueMessageResult::getMessageID).toList());
    assertThat(mq.peek(queue, 1, 1).has("Messages")).isFalse();
  }

  @Test
  void shouldPeekReceiveAndAcknowledgeAll() {
    // given
    String queue = Names.unique("grpc-peek");
    for (int i = 1; i <= 10; i++) {
      client.calls().sendQueueMessage(message(queue, "message-" + i));
    }

    // when
    ReceiveQueueMessagesResponse peeked =
        client.calls().receiveQueueMessages(receive(queue, 5).toBuilder().setIsPeak(true).build());
    ReceiveQueueMessagesResponse received = client.calls().receiveQueueMessages(receive(queue, 5));
    AckAllQueueMessagesResponse acked =
        client
            .calls()
            .ackAllQueueMessages(
                AckAllQueueMessagesRequest.newBuilder()
                    .setRequestID("the-request")
                    .setClientID("grpc-receiver")
                    .setChannel(queue)
                    .setWaitTimeSeconds(1)
                    .build());

    // then
    assertThat(peeked.getIsPeak()).isTrue();
    assertThat(peeked.getMessagesReceived()).isEqualTo(5);
    assertThat(received.getMessagesList())
        .extracting(QueueMessage::getMessageID)
        .containsExactlyElementsOf(
            peeked.getMessagesList().stream().map(QueueMessage::getMessageID).toList());
    assertThat(acked.getIsError()).as(acked.getError()).isFalse();
    assertThat(acked.getRequestID()).isEqualTo("the-request");
    assertThat(acked.getAffectedMessages()).isEqualTo(5);
  }

  @Test
  void shouldTellWhatExpired() {
    // given
    String queue = Names.unique("grpc-expired");
    SendQueueMessageResult sent =
        client
            .calls()
            .sendQueueMessage(
                message(queue, "gone").toBuilder()
                    .setPolicy(QueueMessagePolicy.newBuilder().setExpirationSeconds(1))
                    .build());
    Time.awaitPast(sent.getExpirationAt());

    // when
    ReceiveQueueMessagesResponse received = client.calls().receiveQueueMessages(receive(queue, 1));

    // then
    assertThat(received.getMessagesReceived()).isZero();
    assertThat(received.getMessagesExpired()).isEqualTo(1);
  }

  @Test
  void shouldDelay() {
    // given
    String queue = Names.unique("grpc-delay");
    SendQueueMessageResult sent =
        client
            .calls()
            .sendQueueMessage(
                message(queue, "later").toBuilder()
                    .setPolicy(
                        QueueMessagePolicy.newBuilder()
                            .setDelaySeconds(1)
                            .setExpirationSeconds(600))
                    .build());

    // when
    QueueMessage message =
        client.calls().receiveQueueMessages(receive(queue, 1, 20)).getMessages(0);

    // then
    assertThat(sent.getDelayedTo()).isEqualTo(sent.getSentAt() + 1_000_000_000L);
    assertThat(sent.getExpirationAt()).isEqualTo(sent.getSentAt() + 601_000_000_000L);
    assertThat(message.getAttributes().getTimestamp()).isGreaterThanOrEqualTo(sent.getDelayedTo());
    assertThat(message.getAttributes().getDelayedTo()).isZero();
    assertThat(message.getPolicy().getDelaySeconds()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldConsumeNothingForAClientThatLeft(boolean disconnects) {
    // given a receive that waits for a second message
    String queue = Names.unique("grpc-gone");
    GrpcClient leaving = GrpcClient.connect(mq);
    Context.CancellableContext context = Context.current().withCancellation();
    client.calls().sendQueueMessage(message(queue, "one"));
    context.run(
        () ->
            kubemqGrpc
                .newStub(leaving.channel())
                .receiveQueueMessages(receive(queue, 2, 30), new Nobody<>()));
    await().until(() -> receivers(queue) == 1);

    // when
    if (disconnects) {
      leaving.close();
    } else {
      context.cancel(null);
    }

    // then
    await().until(() -> receivers(queue) == 0);
    assertThat(KubeMq.bodies(mq.receive(queue, 1, 10))).containsExactly("one");
    context.close();
    leaving.close();
  }

  private long receivers(String queue) {
    QueuesInfoRequest question = QueuesInfoRequest.newBuilder().setQueueName(queue).build();
    return client.calls().queuesInfo(question).getInfo().getQueues(0).getSubscribers();
  }

  @Test
  void shouldTellAboutQueues() {
    // given
    String queue = Names.unique("grpc-info");
    for (int i = 0; i < 10; i++) {
      client.calls().sendQueueMessage(message(queue, "m"));
    }
    client.calls().receiveQueueMessages(receive(queue, 10));

    // when, then
    await()
        .untilAsserted(
            () -> {
              QueuesInfoResponse told =
                  client
                      .calls()
                      .queuesInfo(
                          QueuesInfoRequest.newBuilder()
                              .setRequestID("the-request")
                              .setQueueName(queue)
                              .build());
              assertThat(told.getRefRequestID()).isEqualTo("the-request");
              assertThat(told.getInfo().getTotalQueue()).isEqualTo(1);
              assertThat(told.getInfo().getSent()).isEqualTo(10);
              assertThat(told.getInfo().getDelivered()).isEqualTo(10);
              assertThat(told.getInfo().getWaiting()).isZero();
              assertThat(told.getInfo().getQueues(0).getName()).isEqualTo(queue);
              assertThat(told.getInfo().getQueues(0).getLastSequence()).isEqualTo(10);
            });
  }

  @Test
  void shouldCarryLargeBodies() {
    // given 10 MB in 100 messages, as the reference's test has it
    String queue = Names.unique("grpc-large");
    ByteString body = ByteString.copyFrom(new byte[100_000]);
    QueueMessagesBatchRequest.Builder batch = QueueMessagesBatchRequest.newBuilder();
    for (int i = 0; i < 100; i++) {
      batch.addMessages(message(queue, "").toBuilder().setBody(body));
    }

    // when
    client.calls().sendQueueMessagesBatch(batch.build());
    ReceiveQueueMessagesResponse received =
        client.calls().receiveQueueMessages(receive(queue, 100));

    // then
    assertThat(received.getMessagesList()).hasSize(100).allMatch(m -> m.getBody().equals(body));
  }

  @Test
  void shouldGiveInPartsWhatIsMoreThanClientsCanTake() {
    // given 120 MiB, of which a client takes 110 at once, but the server gives 64
    String queue = Names.unique("grpc-parts");
    ByteString body = ByteString.copyFrom(new byte[4 << 20]);
    for (int i = 0; i < 30; i++) {
      client.calls().sendQueueMessage(message(queue, "").toBuilder().setBody(body).build());
    }

    // when
    ReceiveQueueMessagesResponse first =
        client.calls().receiveQueueMessages(receive(queue, 30, 30));
    ReceiveQueueMessagesResponse rest = client.calls().receiveQueueMessages(receive(queue, 15, 30));

    // then the first does not wait for the number it cannot have, and the rest is there at once
    assertThat(sequences(first)).isEqualTo(LongStream.rangeClosed(1, 15).boxed().toList());
    assertThat(sequences(rest)).isEqualTo(LongStream.rangeClosed(16, 30).boxed().toList());
  }

  private static List<Long> sequences(ReceiveQueueMessagesResponse received) {
    return received.getMessagesList().stream()
        .map(message -> message.getAttributes().getSequence())
        .toList();
  }

  @Test
  void shouldServeTheNameThatTheOldestClientsUse() {
    // when
    PingResult answer =
        ClientCalls.blockingUnaryCall(
            client.channel(),
            kubemqGrpc.getPingMethod().toBuilder().setFullMethodName("kubemq.Kubemq/Ping").build(),
            CallOptions.DEFAULT,
            Empty.getDefaultInstance());

    // then
    assertThat(answer.getHost()).isNotEmpty();
  }

  private static QueueMessage message(String queue, String body) {
    return QueueMessage.newBuilder()
        .setClientID("grpc-sender")
        .setChannel(queue)
        .setMetadata("the-metadata")
        .setBody(ByteString.copyFromUtf8(body))
        .build();
  }

  private static ReceiveQueueMessagesRequest receive(String queue, int max) {
    return receive(queue, max, 2);
  }

  private static ReceiveQueueMessagesRequest receive(String queue, int max, int waitSeconds) {
    return ReceiveQueueMessagesRequest.newBuilder()
        .setClientID("grpc-receiver")
        .setChannel(queue)
        .setMaxNumberOfMessages(max)
        .setWaitTimeSeconds(waitSeconds)
        .build();
  }
}
