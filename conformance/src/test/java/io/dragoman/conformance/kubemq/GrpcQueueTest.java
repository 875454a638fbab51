// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.PingResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
  void shouldTellErrorsInTheAnswer() {
    // when
    SendQueueMessageResult sent =
        client
            .calls()
            .sendQueueMessage(
                QueueMessage.newBuilder().setClientID("grpc-sender").setMetadata("m").build());

    // then
    assertThat(sent.getIsError()).isTrue();
    assertThat(sent.getError()).startsWith("Error 120: ");
  }
}
