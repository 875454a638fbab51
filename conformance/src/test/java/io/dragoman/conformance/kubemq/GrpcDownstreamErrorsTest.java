// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static io.dragoman.conformance.kubemq.PollClient.get;
import static io.dragoman.conformance.kubemq.PollClient.request;
import static io.dragoman.conformance.kubemq.PollClient.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What cannot be done over QueuesDownstream, with its exact texts (spec: kubemq §3.4, §8 array).
 */
@KubeMqSuite
class GrpcDownstreamErrorsTest {
  private static final String NOT_FOUND = "transaction is completed or transaction id not found";

  private final KubeMq mq;
  private final String queue = Names.unique("down");
  private GrpcClient client;
  private PollClient polls;

  GrpcDownstreamErrorsTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    client = GrpcClient.connect(mq);
    polls = PollClient.open(client);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void shouldRefuseAPollWithoutClient() {
    // when
    QueuesDownstreamRequest.Builder asked = get(queue, 1, 1000).setClientID("");
    QueuesDownstreamResponse refused = polls.exchange(asked);

    // then
    assertRefused(refused, asked, "Error 101: invalid clientID value, cannot be empty");
    assertThat(refused.getMessagesList()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ">", "a.*", "a b", "a."})
  void shouldRefuseAPollOfWhatIsNoQueue(String name) {
    // when
    QueuesDownstreamRequest.Builder asked = get(name, 1, 1000);

    // then
    assertRefused(
        polls.exchange(asked),
        asked,
        "Error 120: invalid queue name value, cannot be empty, contains wildcards ,white spaces"
            + " and end with dot");
  }

  @ParameterizedTest
  @EnumSource(
      value = QueuesDownstreamRequestType.class,
      names = {"UNRECOGNIZED", "Get"},
      mode = EnumSource.Mode.EXCLUDE)
  void shouldNotKnowTransactionsThatNobodyPolled(QueuesDownstreamRequestType type) {
    // when
    QueuesDownstreamRequest.Builder asked =
        request(type).addSequenceRange(1).setRefTransactionId(UUID.randomUUID().toString());

    // then
    assertRefused(polls.exchange(asked), asked, NOT_FOUND);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 11, 12, 99})
  void shouldNotKnowOtherRequests(int type) {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);

    // when
    QueuesDownstreamRequest.Builder asked =
        request(QueuesDownstreamRequestType.Get).setRequestTypeDataValue(type);
    polls.tell(polled, asked);

    // then
    assertThat(polls.next())
        .isEqualTo(
            QueuesDownstreamResponse.newBuilder()
                .setTransactionId(polled.getTransactionId())
                .setRefRequestId(asked.getRequestID())
                .setIsError(true)
                .setError("request unknown")
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          AckAll, "cannot ack messages with closed response "
          AckRange, "cannot ack messages with closed response "
          NAckAll, "cannot nack messages with closed response "
          NAckRange, "cannot nack messages with closed response "
          ReQueueAll, "cannot ack messages with closed response "
          ReQueueRange, "cannot requeue messages with closed response "
          ActiveOffsets, "cannot get active offsets with closed response "
          """)
  void shouldRememberClosedTransactions(QueuesDownstreamRequestType type, String error) {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);
    polls.end(polled, QueuesDownstreamRequestType.AckAll);

    // when
    QueuesDownstreamRequest.Builder asked =
        request(type).addSequenceRange(1).setReQueueChannel(queue);
    polls.tell(polled, asked);

    // then
    assertRefused(polls.next(), asked, error);
  }

  @Test
  void shouldForgetTheOldestOfVeryManyClosedTransactions() {
    // given 1000 transactions after the first
    PollClient.sendNumbers(client, queue, 1001);
    QueuesDownstreamResponse first = polls.exchange(get(queue, 1, 1000).setAutoAck(true));
    QueuesDownstreamResponse last = first;
    for (int i = 0; i < 1000; i++) {
      last = polls.exchange(get(queue, 1, 1000).setAutoAck(true));
    }

    // when, then
    polls.tell(first, QueuesDownstreamRequestType.AckAll);
    assertThat(polls.next().getError()).isEqualTo(NOT_FOUND);
    polls.tell(last, QueuesDownstreamRequestType.AckAll);
    assertThat(polls.next().getError()).isEqualTo("cannot ack messages with closed response ");
  }

  @Test
  void shouldSayNothingWhenAClosedTransactionIsClosed() {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);
    polls.end(polled, QueuesDownstreamRequestType.CloseByClient);

    // when
    polls.tell(polled, QueuesDownstreamRequestType.CloseByClient);

    // then the next answer is to the next request
    String next = polls.tell(polled, QueuesDownstreamRequestType.TransactionStatus);
    assertThat(polls.next().getRefRequestId()).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource({
    "AckRange, cannot ack empty list of of offsets",
    "NAckRange, cannot nack empty list of of offsets",
    "ReQueueRange, cannot requeue empty list of of offsets"
  })
  void shouldRefuseAnEmptyRange(QueuesDownstreamRequestType type, String error) {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);

    // when
    QueuesDownstreamRequest.Builder asked = request(type).setReQueueChannel(queue);
    polls.tell(polled, asked);

    // then
    assertRefused(polls.next(), asked, error);
  }

  @ParameterizedTest
  @CsvSource({
    "AckRange, -1, invalid ack sequence id -1",
    "AckRange, 4, invalid ack sequence id 4",
    "NAckRange, 4, invalid nack sequence id 4",
    "ReQueueRange, 0, invalid ack sequence id 0"
  })
  void shouldRefuseARangeWithASequenceThatIsNotHeld(
      QueuesDownstreamRequestType type, long sequence, String error) {
    // given
    PollClient.sendNumbers(client, queue, 3);
    QueuesDownstreamResponse polled = polls.poll(queue, 3);

    // when
    QueuesDownstreamRequest.Builder asked = request(type).setReQueueChannel(queue);
    polls.tell(polled, asked, 1, sequence, 2);

    // then nothing of it is done
    assertRefused(polls.next(), asked, error);
    polls.tell(polled, QueuesDownstreamRequestType.ActiveOffsets);
    assertThat(polls.next().getActiveOffsetsList()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void shouldRefuseASequenceThatWasSettledBefore() {
    // given
    PollClient.sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);
    polls.tell(polled, QueuesDownstreamRequestType.AckRange, 1);

    // when
    polls.tell(polled, QueuesDownstreamRequestType.NAckRange, 1);

    // then
    assertThat(polls.next().getError()).isEqualTo("invalid nack sequence id 1");
  }

  @ParameterizedTest
  @EnumSource(names = {"ReQueueAll", "ReQueueRange"})
  void shouldRefuseToPutMessagesNowhere(QueuesDownstreamRequestType type) {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);

    // when
    QueuesDownstreamRequest.Builder asked = request(type);
    polls.tell(polled, asked, 1);

    // then
    assertRefused(polls.next(), asked, "cannot requeue messages with empty channel destination ");
  }

  @ParameterizedTest
  @EnumSource(names = {"ReQueueAll", "ReQueueRange"})
  void shouldRefuseToPutMessagesIntoWhatIsNoQueue(QueuesDownstreamRequestType type) {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);

    // when
    QueuesDownstreamRequest.Builder asked = request(type).setReQueueChannel("a.>");
    polls.tell(polled, asked, 1);

    // then
    QueuesDownstreamResponse refused = polls.next();
    assertThat(refused.getError()).startsWith("re-queue message with seq 1 failed, Error 120: ");
    polls.end(polled, QueuesDownstreamRequestType.CloseByClient);
    assertThat(sequences(polls.pollRest(queue))).containsExactly(1L);
  }

  @Test
  void shouldRefuseMorePollsThanMayWait() {
    // given as many as may wait
    for (int i = 0; i < 1000; i++) {
      polls.send(get(queue, 1, 30_000));
    }

    // when
    QueuesDownstreamRequest.Builder asked = get(queue, 1, 30_000);
    QueuesDownstreamResponse refused = polls.exchange(asked);

    // then
    assertRefused(refused, asked, "too many polls are waiting on this stream");
  }

  private static void assertRefused(
      QueuesDownstreamResponse refused, QueuesDownstreamRequest.Builder asked, String error) {
    assertThat(refused.getError()).isEqualTo(error);
    assertThat(refused.getIsError()).isTrue();
    assertThat(refused.getRefRequestId()).isEqualTo(asked.getRequestID());
    assertThat(refused.getRequestTypeData()).isEqualTo(asked.getRequestTypeData());
    if (!asked.getRefTransactionId().isEmpty()) {
      assertThat(refused.getTransactionId()).isEqualTo(asked.getRefTransactionId());
    }
  }
}
