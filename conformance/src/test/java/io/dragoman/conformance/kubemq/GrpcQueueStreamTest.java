// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.StreamRequestType;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queue transactions over {@code StreamQueueMessage}. */
@KubeMqSuite
class GrpcQueueStreamTest {

  /** A stream and what it is asked. */
  private record Transaction(
      GrpcExchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> stream)
      implements AutoCloseable {

    StreamQueueMessagesResponse ask(String request) {
      StreamQueueMessagesRequest asked =
          GrpcText.message(StreamQueueMessagesRequest.getDefaultInstance(), request);
      stream.send(asked.toBuilder().setClientID("c").setRequestID("r").build());
      StreamQueueMessagesResponse answer = stream.next();
      assertThat(answer.getRequestID()).isEqualTo("r");
      assertThat(answer.getStreamRequestTypeData()).isEqualTo(asked.getStreamRequestTypeData());
      return answer;
    }

    QueueMessage receive(String queue, int visibilitySeconds) {
      StreamQueueMessagesResponse answer =
          ask(
              "StreamRequestTypeData:ReceiveMessage Channel:'%s' VisibilitySeconds:%d WaitTimeSeconds:20"
                  .formatted(queue, visibilitySeconds));
      assertThat(answer.getIsError()).as(answer.getError()).isFalse();
      return answer.getMessage();
    }

    void done(String request) {
      StreamQueueMessagesResponse answer = ask(request);
      assertThat(answer.getIsError()).as(answer.getError()).isFalse();
      assertThat(answer.hasMessage()).isFalse();
    }

    void refused(int error, String request) {
      assertRefused(error, ask(request));
    }

    void ended() {
      assertThat(stream.end()).isEqualTo(Status.OK);
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  private final KubeMq mq;
  private GrpcClient client;

  GrpcQueueStreamTest(KubeMq mq) {
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

  private Transaction open() {
    return new Transaction(GrpcExchange.open(client.streams()::streamQueueMessage));
  }

  private static void assertRefused(int error, StreamQueueMessagesResponse answer) {
    assertThat(answer.getIsError()).isTrue();
    assertThat(answer.getError()).isEqualTo(ErrorText.of(error));
  }

  private String queueOf(String... bodies) {
    String queue = Names.unique("grpc-stream");
    List.of(bodies).forEach(body -> mq.send(queue, body));
    return queue;
  }

  private static String acknowledge(QueueMessage message) {
    return "StreamRequestTypeData:AckMessage RefSequence:" + message.getAttributes().getSequence();
  }

  private static String reject(QueueMessage message) {
    return "StreamRequestTypeData:RejectMessage RefSequence:"
        + message.getAttributes().getSequence();
  }

  @Test
  void shouldReceiveAndAcknowledge() {
    // given
    String queue = queueOf("one");
    try (Transaction transaction = open()) {
      // when
      QueueMessage message = transaction.receive(queue, 0);
      transaction.done(acknowledge(message));

      // then
      transaction.ended();
      assertThat(message.getBody().toStringUtf8()).isEqualTo("one");
      assertThat(message.getAttributes().getReceiveCount()).isEqualTo(1);
      assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
    }
  }

  @Test
  void shouldWaitForAMessage() {
    // given
    String queue = Names.unique("grpc-stream");
    try (Transaction transaction = open()) {
      transaction.stream.send(
          GrpcText.message(
              StreamQueueMessagesRequest.getDefaultInstance(),
              "ClientID:'c' StreamRequestTypeData:ReceiveMessage WaitTimeSeconds:20 Channel:'%s'"
                  .formatted(queue)));

      // when
      mq.send(queue, "late");

      // then
      assertThat(transaction.stream.next().getMessage().getBody().toStringUtf8()).isEqualTo("late");
    }
  }

  @Test
  void shouldMoveARejectedMessageToTheTailAndThenToTheDeadLetters() {
    // given
    String queue = Names.unique("grpc-stream");
    String dead = Names.unique("grpc-dead");
    mq.send(KubeMq.queueMessage(queue, "bad", "MaxReceiveCount", 2, "MaxReceiveQueue", dead));

    // when
    for (int count = 1; count <= 2; count++) {
      try (Transaction transaction = open()) {
        QueueMessage message = transaction.receive(queue, 30);
        assertThat(message.getAttributes().getReceiveCount()).isEqualTo(count);
        transaction.done(reject(message));
        transaction.ended();
      }
    }

    // then
    try (Transaction transaction = open()) {
      QueueMessage message = transaction.receive(dead, 30);
      assertThat(message.getAttributes().getReRouted()).isTrue();
      assertThat(message.getAttributes().getReRoutedFromQueue()).isEqualTo(queue);
      assertThat(message.getPolicy().getMaxReceiveCount()).isZero();
    }
  }

  @Test
  void shouldCountDisconnectedConsumersUntilTheDeadLetters() {
    // given
    String queue = Names.unique("grpc-stream");
    String dead = Names.unique("grpc-dead");
    mq.send(KubeMq.queueMessage(queue, "bad", "MaxReceiveCount", 3, "MaxReceiveQueue", dead));

    // when three consumers disconnect
    for (int i = 0; i < 3; i++) {
      try (GrpcClient leaving = GrpcClient.connect(mq)) {
        new Transaction(GrpcExchange.open(leaving.streams()::streamQueueMessage))
            .receive(queue, 30);
      }
    }

    // then
    JsonNode message = mq.receiveOne(dead);
    assertThat(message.at("/Attributes/ReRoutedFromQueue").textValue()).isEqualTo(queue);
  }

  @Test
  void shouldProlongTheVisibility() {
    // given
    String queue = queueOf("one");
    try (Transaction transaction = open()) {
      QueueMessage message = transaction.receive(queue, 2);
      Time time = Time.start();

      // when
      transaction.done("StreamRequestTypeData:ModifyVisibility VisibilitySeconds:30");

      // then nobody gets it after the first time, and it can still be acknowledged
      assertThat(KubeMq.messages(mq.receive(queue, 1, 3))).isEmpty();
      assertThat(time.elapsed()).isGreaterThan(Duration.ofSeconds(2));
      transaction.done(acknowledge(message));
      transaction.ended();
    }
  }

  @Test
  void shouldTellWhenTheVisibilityIsOver() {
    // given
    String queue = queueOf("one");
    try (Transaction transaction = open()) {
      transaction.receive(queue, 1);

      // when, then
      assertRefused(129, transaction.stream.next());
      transaction.ended();
      assertThat(mq.receiveOne(queue).at("/Attributes/ReceiveCount").intValue()).isEqualTo(2);
    }
  }

  @Test
  void shouldResendToAnotherQueue() {
    // given
    String queue = queueOf("one");
    String other = Names.unique("grpc-other");
    try (Transaction transaction = open()) {
      transaction.receive(queue, 30);

      // when
      transaction.done("StreamRequestTypeData:ResendMessage Channel:'" + other + "'");

      // then
      transaction.ended();
      assertThat(KubeMq.bodies(mq.receive(other, 1, 10))).containsExactly("one");
      assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
    }
  }

  @Test
  void shouldSendAModifiedMessageInstead() {
    // given
    String queue = queueOf("one");
    String other = Names.unique("grpc-other");
    try (Transaction transaction = open()) {
      QueueMessage message = transaction.receive(queue, 30);

      // when
      transaction.stream.send(
          StreamQueueMessagesRequest.newBuilder()
              .setClientID("c")
              .setStreamRequestTypeData(StreamRequestType.SendModifiedMessage)
              .setModifiedMessage(
                  message.toBuilder()
                      .setChannel(other)
                      .setBody(ByteString.copyFromUtf8("modified")))
              .build());

      // then
      assertThat(transaction.stream.next().getIsError()).isFalse();
      transaction.ended();
      assertThat(KubeMq.bodies(mq.receive(other, 1, 10))).containsExactly("modified");
      assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          120 | StreamRequestTypeData:ReceiveMessage
          127 | StreamRequestTypeData:ReceiveMessage Channel:'foo' VisibilitySeconds:-1
          127 | StreamRequestTypeData:ReceiveMessage Channel:'foo' VisibilitySeconds:43201
          136 | StreamRequestTypeData:ReceiveMessage Channel:'foo' WaitTimeSeconds:-1
          136 | StreamRequestTypeData:ReceiveMessage Channel:'foo' WaitTimeSeconds:3601
          125 | StreamRequestTypeData:AckMessage
          124 | StreamRequestTypeData:AckMessage RefSequence:1
          125 | StreamRequestTypeData:RejectMessage
          137 | StreamRequestTypeData:RejectMessage RefSequence:1
          127 | StreamRequestTypeData:ModifyVisibility VisibilitySeconds:-1
          124 | StreamRequestTypeData:ModifyVisibility VisibilitySeconds:1
          120 | StreamRequestTypeData:ResendMessage Channel:'*'
          126 | StreamRequestTypeData:ResendMessage Channel:'foo'
          131 | StreamRequestTypeData:SendModifiedMessage
          110 | StreamRequestTypeData:SendModifiedMessage ModifiedMessage:{ClientID:'c' Channel:'foo'}
          124 | StreamRequestTypeData:SendModifiedMessage ModifiedMessage:{ClientID:'c' Channel:'foo' Body:'b'}
          132 | StreamRequestTypeData:StreamRequestTypeUnknown
          132 | StreamRequestTypeData:9
          """)
  void shouldRefuseAndGoOn(int error, String request) {
    // given
    String queue = queueOf("one");
    try (Transaction transaction = open()) {
      // when
      transaction.refused(error, request);

      // then
      transaction.done(acknowledge(transaction.receive(queue, 30)));
      transaction.ended();
    }
  }

  @Test
  void shouldRefuseWithoutAClientId() {
    try (Transaction transaction = open()) {
      transaction.stream.send(StreamQueueMessagesRequest.getDefaultInstance());
      assertRefused(101, transaction.stream.next());
    }
  }

  @Test
  void shouldRefuseASecondReceiveAndAWrongSequence() {
    // given
    String queue = queueOf("one", "two");
    try (Transaction transaction = open()) {
      QueueMessage message = transaction.receive(queue, 30);

      // when, then
      transaction.refused(128, "StreamRequestTypeData:ReceiveMessage Channel:'" + queue + "'");
      transaction.refused(125, "StreamRequestTypeData:AckMessage RefSequence:77");
      transaction.done(acknowledge(message));
      transaction.ended();
      assertThat(KubeMq.bodies(mq.receive(queue, 1, 10))).containsExactly("two");
    }
  }

  @Test
  void shouldEndWhenNothingCame() {
    try (Transaction transaction = open()) {
      transaction.refused(
          138,
          "StreamRequestTypeData:ReceiveMessage WaitTimeSeconds:1 Channel:'%s'"
              .formatted(Names.unique("grpc-empty")));
      transaction.ended();
    }
  }

  @Test
  void shouldGiveTheMessageBackWhenTheClientHasNoMoreToSay() {
    // given
    String queue = queueOf("one");
    try (Transaction transaction = open()) {
      transaction.receive(queue, 30);

      // when
      transaction.stream.halfClose();

      // then
      transaction.ended();
      assertThat(mq.receiveOne(queue).at("/Attributes/ReceiveCount").intValue()).isEqualTo(2);
    }
  }

  @Test
  void shouldAnswerBeforeItEndsForAClientThatHasNoMoreToSay() {
    // given
    String queue = queueOf("one");
    try (Transaction transaction = open()) {
      QueueMessage message = transaction.receive(queue, 30);

      // when
      transaction.stream.send(
          GrpcText.message(
              StreamQueueMessagesRequest.getDefaultInstance(),
              "ClientID:'c' " + acknowledge(message)));
      transaction.stream.halfClose();

      // then
      assertThat(transaction.stream.next().getIsError()).isFalse();
      transaction.ended();
      assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
    }
  }
}
