// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What calls with one request refuse over gRPC, in the order in which it is checked, and where they
 * say so: queue calls in their answer, all others as the call's failure.
 */
@KubeMqSuite
class GrpcValidationTest {

  private final KubeMq mq;
  private GrpcClient client;

  GrpcValidationTest(KubeMq mq) {
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
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          101 | Channel:'foo' Body:'a'
          102 | ClientID:'c' Body:'a'
          119 | ClientID:'c' Channel:'foo.' Body:'a'
          108 | ClientID:'c' Channel:'f oo' Body:'a'
          107 | ClientID:'c' Channel:'foo.*' Body:'a'
          107 | ClientID:'c' Channel:'foo.>' Body:'a'
          110 | ClientID:'c' Channel:'foo'
          110 | ClientID:'c' Channel:'foo' Tags:{key:'a' value:'b'}
          101 | Channel:'foo.'
          102 | ClientID:'c'
          119 | ClientID:'c' Channel:'f oo.*.'
          108 | ClientID:'c' Channel:'* >'
          107 | ClientID:'c' Channel:'*'
          """)
  void shouldRefuseTheEvent(int error, String event) {
    for (boolean store : new boolean[] {false, true}) {
      Event asked =
          GrpcText.message(Event.getDefaultInstance(), event).toBuilder().setStore(store).build();
      GrpcRefusal.assertRefused(error, () -> client.calls().sendEvent(asked));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          206 | ClientID:'c' Channel:'foo' Body:'a' Timeout:1
          206 | RequestTypeData:RequestTypeUnknown
          206 | RequestTypeData:7 ClientID:'c' Channel:'foo' Body:'a' Timeout:1
          101 | RequestTypeData:Query Channel:'foo' Body:'a' Timeout:1
          102 | RequestTypeData:Query ClientID:'c' Body:'a' Timeout:1
          119 | RequestTypeData:Command ClientID:'c' Channel:'foo.' Body:'a' Timeout:1
          108 | RequestTypeData:Command ClientID:'c' Channel:'f oo' Body:'a' Timeout:1
          107 | RequestTypeData:Command ClientID:'c' Channel:'foo.*' Body:'a' Timeout:1
          107 | RequestTypeData:Command ClientID:'c' Channel:'foo>' Body:'a' Timeout:1
          109 | RequestTypeData:Command ClientID:'c' Channel:'foo' Body:'a'
          109 | RequestTypeData:Command ClientID:'c' Channel:'foo' Body:'a' Timeout:-100
          115 | RequestTypeData:Command ClientID:'c' Channel:'foo' Timeout:1
          116 | RequestTypeData:Query ClientID:'c' Channel:'foo' Body:'a' Timeout:1 CacheKey:'k'
          116 | RequestTypeData:Command ClientID:'c' Channel:'foo' Body:'a' Timeout:1 CacheKey:'k' CacheTTL:-1
          101 | RequestTypeData:Query
          109 | RequestTypeData:Query ClientID:'c' Channel:'foo' CacheKey:'k'
          115 | RequestTypeData:Query ClientID:'c' Channel:'foo' Timeout:1 CacheKey:'k'
          301 | RequestTypeData:Query ClientID:'c' Channel:'nobody-serves-this' Metadata:'m' Timeout:1
          """)
  void shouldRefuseTheRequest(int error, String request) {
    Request asked = GrpcText.message(Request.getDefaultInstance(), request);
    GrpcRefusal.assertRefused(error, () -> client.calls().sendRequest(asked));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          101 | RequestID:'id' ReplyChannel:'_INBOX.a.b'
          102 | ClientID:'c' RequestID:'id'
          119 | ClientID:'c' RequestID:'id' ReplyChannel:'_INBOX.'
          108 | ClientID:'c' RequestID:'id' ReplyChannel:'_INBOX. a'
          107 | ClientID:'c' RequestID:'id' ReplyChannel:'_INBOX.*'
          117 | ClientID:'c' ReplyChannel:'_INBOX.a.b'
          101 | ReplyChannel:''
          102 | ClientID:'c'
          107 | ClientID:'c' ReplyChannel:'>'
          """)
  void shouldRefuseTheResponse(int error, String response) {
    Response asked = GrpcText.message(Response.getDefaultInstance(), response);
    GrpcRefusal.assertRefused(error, () -> client.calls().sendResponse(asked));
  }

  @Test
  void shouldTakeAResponseNobodyWaitsFor() {
    Response late =
        GrpcText.message(
            Response.getDefaultInstance(), "ClientID:'c' RequestID:'id' ReplyChannel:'_INBOX.a.b'");
    assertThat(client.calls().sendResponse(late).getSerializedSize()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          101 | Channel:'foo' Body:'a'
          120 | ClientID:'c' Body:'a'
          120 | ClientID:'c' Channel:'foo.' Body:'a'
          120 | ClientID:'c' Channel:'f oo' Body:'a'
          120 | ClientID:'c' Channel:'foo.*' Body:'a'
          120 | ClientID:'c' Channel:'foo.>' Body:'a'
          110 | ClientID:'c' Channel:'foo'
          133 | ClientID:'c' Channel:'foo' Body:'a' Policy:{ExpirationSeconds:-1}
          133 | ClientID:'c' Channel:'foo' Body:'a' Policy:{ExpirationSeconds:43201}
          134 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveCount:-1}
          134 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveCount:1025}
          135 | ClientID:'c' Channel:'foo' Body:'a' Policy:{DelaySeconds:-1}
          135 | ClientID:'c' Channel:'foo' Body:'a' Policy:{DelaySeconds:43201}
          120 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveQueue:'dead.'}
          120 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveQueue:'de ad'}
          120 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveQueue:'dead.*'}
          120 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveQueue:'>'}
          133 | ClientID:'c' Channel:'foo' Body:'a' Policy:{ExpirationSeconds:-1 MaxReceiveCount:-1 DelaySeconds:-1}
          134 | ClientID:'c' Channel:'foo' Body:'a' Policy:{MaxReceiveCount:-1 DelaySeconds:-1}
          135 | ClientID:'c' Channel:'foo' Body:'a' Policy:{DelaySeconds:-1 MaxReceiveQueue:'*'}
          """)
  void shouldRefuseTheQueueMessageInTheAnswer(int error, String message) {
    // given
    String queue = Names.unique("grpc-batch");
    QueueMessage asked =
        GrpcText.message(QueueMessage.getDefaultInstance(), message).toBuilder()
            .setMessageID("my-id")
            .build();
    QueueMessage good =
        GrpcText.message(
            QueueMessage.getDefaultInstance(), "ClientID:'c' Body:'a' Channel:'" + queue + "'");

    // when
    SendQueueMessageResult alone = client.calls().sendQueueMessage(asked);
    QueueMessagesBatchResponse batch =
        client
            .calls()
            .sendQueueMessagesBatch(
                QueueMessagesBatchRequest.newBuilder()
                    .setBatchID("the-batch")
                    .addMessages(good)
                    .addMessages(asked)
                    .addMessages(good)
                    .build());

    // then
    for (SendQueueMessageResult result :
        new SendQueueMessageResult[] {alone, batch.getResults(1)}) {
      assertThat(result.getIsError()).isTrue();
      assertThat(result.getError()).isEqualTo(ErrorText.of(error));
      assertThat(result.getMessageID()).isEqualTo("my-id");
      assertThat(result.getSentAt()).isZero();
    }
    assertThat(batch.getBatchID()).isEqualTo("the-batch");
    assertThat(batch.getHaveErrors()).isTrue();
    assertThat(batch.getResultsCount()).isEqualTo(3);
    assertThat(batch.getResults(0).getIsError()).isFalse();
    assertThat(batch.getResults(2).getIsError()).isFalse();
    assertThat(KubeMq.messages(mq.receive(queue, 2, 10))).hasSize(2);
  }

  @Test
  void shouldRefuseAnEmptyBatch() {
    // when
    Status refusal =
        GrpcRefusal.of(
            () ->
                client
                    .calls()
                    .sendQueueMessagesBatch(
                        QueueMessagesBatchRequest.newBuilder().setBatchID("b").build()));

    // then
    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(refusal.getDescription()).isEqualTo("empty messages batch");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          101 | Channel:'foo' MaxNumberOfMessages:1
          120 | ClientID:'c' MaxNumberOfMessages:1
          120 | ClientID:'c' Channel:'foo.' MaxNumberOfMessages:1
          120 | ClientID:'c' Channel:'foo.>' MaxNumberOfMessages:1
          122 | ClientID:'c' Channel:'foo'
          122 | ClientID:'c' Channel:'foo' MaxNumberOfMessages:-1
          122 | ClientID:'c' Channel:'foo' MaxNumberOfMessages:1025
          136 | ClientID:'c' Channel:'foo' MaxNumberOfMessages:1 WaitTimeSeconds:-1
          136 | ClientID:'c' Channel:'foo' MaxNumberOfMessages:1 WaitTimeSeconds:3601
          101 | WaitTimeSeconds:-1
          120 | ClientID:'c' Channel:'*' WaitTimeSeconds:-1
          122 | ClientID:'c' Channel:'foo' WaitTimeSeconds:-1
          """)
  void shouldRefuseToReceiveOrPeek(int error, String request) {
    for (boolean peek : new boolean[] {false, true}) {
      // when
      ReceiveQueueMessagesResponse answer =
          client
              .calls()
              .receiveQueueMessages(
                  GrpcText.message(ReceiveQueueMessagesRequest.getDefaultInstance(), request)
                      .toBuilder()
                      .setIsPeak(peek)
                      .setRequestID("the-request")
                      .build());

      // then
      assertThat(answer.getIsError()).isTrue();
      assertThat(answer.getError()).isEqualTo(ErrorText.of(error));
      assertThat(answer.getIsPeak()).isEqualTo(peek);
      assertThat(answer.getRequestID()).isEqualTo("the-request");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          101 | Channel:'foo'
          120 | ClientID:'c'
          120 | ClientID:'c' Channel:'f oo'
          120 | ClientID:'c' Channel:'foo.'
          120 | ClientID:'c' Channel:'*'
          136 | ClientID:'c' Channel:'foo' WaitTimeSeconds:-1
          136 | ClientID:'c' Channel:'foo' WaitTimeSeconds:3601
          """)
  void shouldRefuseToAckAll(int error, String request) {
    // when
    AckAllQueueMessagesResponse answer =
        client
            .calls()
            .ackAllQueueMessages(
                GrpcText.message(AckAllQueueMessagesRequest.getDefaultInstance(), request));

    // then
    assertThat(answer.getIsError()).isTrue();
    assertThat(answer.getError()).isEqualTo(ErrorText.of(error));
    assertThat(answer.getAffectedMessages()).isZero();
  }
}
