// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static io.dragoman.conformance.kubemq.PollClient.bodies;
import static io.dragoman.conformance.kubemq.PollClient.get;
import static io.dragoman.conformance.kubemq.PollClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests about transactions that another stream polled, as KubeMQ's newer asynchronous clients
 * send them: on a stream of their own, which says nothing else.
 */
@KubeMqSuite
class GrpcDownstreamOthersTest {
  private static final String NOT_FOUND = "transaction is completed or transaction id not found";

  private final KubeMq mq;
  private final String queue = Names.unique("down");
  private final String other = Names.unique("down");
  private GrpcClient client;
  private GrpcClient secondClient;
  private PollClient polls;
  private PollClient asker;

  GrpcDownstreamOthersTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    client = GrpcClient.connect(mq);
    secondClient = GrpcClient.connect(mq);
    polls = PollClient.open(client);
    asker = PollClient.open(secondClient);
  }

  @AfterEach
  void disconnect() {
    client.close();
    secondClient.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldAcknowledgeAll(boolean sameConnection) {
    // given
    PollClient.sendNumbers(client, queue, 3);
    QueuesDownstreamResponse polled = polls.poll(queue, 3);
    if (sameConnection) {
      asker = PollClient.open(client);
    }

    // when
    asker.tell(polled, QueuesDownstreamRequestType.AckAll);

    // then the one who asked hears no more than the end, and the one who polled that it is over
    assertEndsInSilence(asker);
    assertThat(polls.next())
        .isEqualTo(
            QueuesDownstreamResponse.newBuilder()
                .setTransactionId(polled.getTransactionId())
                .setRequestTypeData(QueuesDownstreamRequestType.TransactionStatus)
                .setTransactionComplete(true)
                .build());
    polls.close();
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "AckAll, '', ''",
    "AckRange, 2, ''",
    "NAckAll, 1 2, ''",
    "NAckRange, 2 1, ''",
    "ReQueueAll, '', 1 2",
    "ReQueueRange, 2, 1",
    "CloseByClient, 1 2, ''"
  })
  void shouldSettle(QueuesDownstreamRequestType type, String there, String moved) {
    // given
    PollClient.sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);

    // when
    asker.tell(polled, request(type).setReQueueChannel(other), 1);
    assertEndsInSilence(asker);

    // then the rest is still its own stream's, and goes back with it
    polls.stream().halfClose();
    assertThat(polls.stream().end()).isEqualTo(Status.OK);
    PollClient third = PollClient.open(client);
    assertThat(String.join(" ", bodies(third.pollRest(queue)))).isEqualTo(there);
    assertThat(String.join(" ", bodies(third.pollRest(other)))).isEqualTo(moved);
  }

  @Test
  void shouldKeepWhatWasNotSettledWhenTheStreamThatAskedEnds() {
    // given
    PollClient.sendNumbers(client, queue, 3);
    QueuesDownstreamResponse polled = polls.poll(queue, 3);

    // when
    asker.tell(polled, QueuesDownstreamRequestType.AckRange, 2);
    assertEndsInSilence(asker);

    // then
    polls.tell(polled, QueuesDownstreamRequestType.ActiveOffsets);
    assertThat(polls.next().getActiveOffsetsList()).containsExactly(1L, 3L);
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  @Test
  void shouldAnswerWhereItWasAsked() {
    // given
    PollClient.sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);

    // when
    String offsets = asker.tell(polled, QueuesDownstreamRequestType.ActiveOffsets);
    String status = asker.tell(polled, QueuesDownstreamRequestType.TransactionStatus);
    asker.stream().halfClose();

    // then
    assertThat(asker.next())
        .isEqualTo(
            QueuesDownstreamResponse.newBuilder()
                .setTransactionId(polled.getTransactionId())
                .setRefRequestId(offsets)
                .setRequestTypeData(QueuesDownstreamRequestType.ActiveOffsets)
                .addActiveOffsets(1)
                .addActiveOffsets(2)
                .build());
    assertThat(asker.next())
        .isEqualTo(
            QueuesDownstreamResponse.newBuilder()
                .setTransactionId(polled.getTransactionId())
                .setRefRequestId(status)
                .setRequestTypeData(QueuesDownstreamRequestType.TransactionStatus)
                .build());
    assertThat(asker.stream().end()).isEqualTo(Status.OK);
    String own = polls.tell(polled, QueuesDownstreamRequestType.TransactionStatus);
    assertThat(polls.next().getRefRequestId()).isEqualTo(own);
  }

  @Test
  void shouldRefuseWhereItWasAsked() {
    // given
    PollClient.sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);

    // when
    QueuesDownstreamRequest.Builder asked = request(QueuesDownstreamRequestType.AckRange);
    asker.tell(polled, asked, 1, 3);
    asker.stream().halfClose();

    // then nothing of it is done
    assertRefused(asker.next(), asked, "invalid ack sequence id 3");
    assertThat(asker.stream().end()).isEqualTo(Status.OK);
    String own = polls.tell(polled, QueuesDownstreamRequestType.ActiveOffsets);
    QueuesDownstreamResponse offsets = polls.next();
    assertThat(offsets.getRefRequestId()).isEqualTo(own);
    assertThat(offsets.getActiveOffsetsList()).containsExactly(1L, 2L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"acknowledged", "acknowledged by itself", "its stream ended"})
  void shouldNotKnowWhatIsOver(String how) {
    // given
    PollClient.sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled =
        polls.exchange(get(queue, 1, 1000).setAutoAck(how.equals("acknowledged by itself")));
    if (how.equals("acknowledged")) {
      polls.end(polled, QueuesDownstreamRequestType.AckAll);
    } else if (how.equals("its stream ended")) {
      polls.stream().halfClose();
      assertThat(polls.stream().end()).isEqualTo(Status.OK);
    }

    // when
    QueuesDownstreamRequest.Builder asked = request(QueuesDownstreamRequestType.AckAll);
    asker.tell(polled, asked);

    // then
    assertRefused(asker.next(), asked, NOT_FOUND);
  }

  @Test
  void shouldSettleEachMessageOnAStreamOfItsOwn() {
    // given a stream that goes on polling
    PollClient.sendNumbers(client, queue, 200);
    QueuesDownstreamResponse polled = polls.poll(queue, 200);
    polls.send(get(other, 1, 30_000));

    // when
    List<PollClient> askers = new ArrayList<>();
    for (long sequence : PollClient.sequences(polled)) {
      PollClient each = PollClient.open(sequence % 2 == 0 ? client : secondClient);
      each.tell(polled, QueuesDownstreamRequestType.AckRange, sequence);
      askers.add(each);
    }

    // then
    askers.forEach(GrpcDownstreamOthersTest::assertEndsInSilence);
    assertThat(polls.next().getTransactionComplete()).isTrue();
    polls.close();
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  private static void assertEndsInSilence(PollClient asker) {
    asker.stream().halfClose();
    assertThat(asker.stream().end()).isEqualTo(Status.OK);
    assertThat(asker.stream().arrived()).isZero();
  }

  private static void assertRefused(
      QueuesDownstreamResponse refused, QueuesDownstreamRequest.Builder asked, String error) {
    assertThat(refused.getError()).isEqualTo(error);
    assertThat(refused.getIsError()).isTrue();
    assertThat(refused.getRefRequestId()).isEqualTo(asked.getRequestID());
    assertThat(refused.getTransactionId()).isEqualTo(asked.getRefTransactionId());
    assertThat(refused.getRequestTypeData()).isEqualTo(asked.getRequestTypeData());
  }
}
