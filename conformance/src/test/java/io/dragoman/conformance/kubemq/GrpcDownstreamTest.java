// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static io.dragoman.conformance.kubemq.PollClient.bodies;
import static io.dragoman.conformance.kubemq.PollClient.get;
import static io.dragoman.conformance.kubemq.PollClient.request;
import static io.dragoman.conformance.kubemq.PollClient.sendNumbers;
import static io.dragoman.conformance.kubemq.PollClient.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessageAttributes;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Polls and their transactions (spec: kubemq §3.4; §8 QueuesClient_Poll, ManualAck, array). */
@KubeMqSuite
class GrpcDownstreamTest {
  private final KubeMq mq;
  private final String queue = Names.unique("down");
  private GrpcClient client;
  private PollClient polls;

  GrpcDownstreamTest(KubeMq mq) {
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

  // --- polls

  @Test
  void shouldGiveMessagesWithEverythingTheyHave() {
    // given
    PollClient.sendAll(
        client,
        List.of(
            PollClient.message(queue, ByteString.copyFromUtf8("Batch Message 0"))
                .setMessageID("the-id")
                .setMetadata("the-metadata")
                .putTags("a", "1")
                .setPolicy(
                    QueueMessagePolicy.newBuilder()
                        .setExpirationSeconds(100)
                        .setMaxReceiveCount(3)
                        .setMaxReceiveQueue(queue + ".dead"))
                .build()));

    // when
    var asked = get(queue, 1, 1000);
    QueuesDownstreamResponse polled = polls.exchange(asked);

    // then
    assertThat(polled.getRefRequestId()).isEqualTo(asked.getRequestID());
    assertThat(polled.getRequestTypeData()).isEqualTo(QueuesDownstreamRequestType.Get);
    assertThat(polled.getTransactionId()).isNotEmpty();
    assertThat(polled.getTransactionComplete()).isFalse();
    assertThat(polled.getIsError()).isFalse();
    QueueMessage message = polled.getMessages(0);
    assertThat(message.getMessageID()).isEqualTo("the-id");
    assertThat(message.getClientID()).isEqualTo("sender");
    assertThat(message.getChannel()).isEqualTo(queue);
    assertThat(message.getMetadata()).isEqualTo("the-metadata");
    assertThat(message.getTagsMap()).containsEntry("a", "1").hasSize(1);
    assertThat(message.getPolicy().getMaxReceiveCount()).isEqualTo(3);
    assertThat(message.getPolicy().getMaxReceiveQueue()).isEqualTo(queue + ".dead");
    QueueMessageAttributes attributes = message.getAttributes();
    assertThat(attributes.getSequence()).isEqualTo(1);
    assertThat(attributes.getReceiveCount()).isEqualTo(1);
    assertThat(attributes.getMD5OfBody()).isEqualTo("bd5fbd8ea1ffc4271391db089e53319b");
    assertThat(attributes.getReRouted()).isFalse();
    assertThat(attributes.getTimestamp()).isPositive();
    assertThat(attributes.getExpirationAt())
        .isEqualTo(attributes.getTimestamp() + TimeUnit.SECONDS.toNanos(100));
  }

  @Test
  void shouldAcknowledgeByItselfWhenAsked() {
    // given
    sendNumbers(client, queue, 1000);

    // when
    QueuesDownstreamResponse polled = polls.exchange(get(queue, 1000, 20_000).setAutoAck(true));

    // then
    assertThat(polled.getMessagesCount()).isEqualTo(1000);
    assertThat(polled.getTransactionComplete()).isTrue();
    assertThat(polls.pollRest(queue).getMessagesList()).isEmpty();
    polls.close();
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  @Test
  void shouldGiveNoMoreThanAsked() {
    // given
    sendNumbers(client, queue, 5);

    // when
    QueuesDownstreamResponse first = polls.exchange(get(queue, 3, 1000).setAutoAck(true));
    QueuesDownstreamResponse second = polls.exchange(get(queue, 3, 1000).setAutoAck(true));

    // then
    assertThat(bodies(first)).containsExactly("1", "2", "3");
    assertThat(bodies(second)).containsExactly("4", "5");
  }

  @Test
  void shouldGiveAllWithoutANumber() {
    // given
    sendNumbers(client, queue, 2500);

    // when
    QueuesDownstreamResponse zero = polls.exchange(get(queue, 0, 1000));

    // then
    assertThat(zero.getMessagesCount()).isEqualTo(2500);
    polls.tell(zero, QueuesDownstreamRequestType.CloseByClient);
    polls.next();
    assertThat(polls.exchange(get(queue, -1, 1000)).getMessagesCount()).isEqualTo(2500);
  }

  @Test
  void shouldEndAPollThatGivesNothing() {
    // when
    long began = System.nanoTime();
    QueuesDownstreamResponse polled = polls.exchange(get(queue, 1, 0));
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);

    // then a wait of less than a second is one of a second
    assertThat(polled.getMessagesList()).isEmpty();
    assertThat(polled.getIsError()).isFalse();
    assertThat(polled.getTransactionComplete()).isTrue();
    assertThat(millis).isGreaterThanOrEqualTo(900);

    // and its transaction is a closed one
    polls.tell(polled, QueuesDownstreamRequestType.AckAll);
    assertThat(polls.next().getError()).isEqualTo("cannot ack messages with closed response ");
  }

  @Test
  void shouldWaitForMessagesThatComeLater() {
    // given
    polls.send(get(queue, 2, 20_000));
    mq.send(queue, "first");

    // when
    mq.send(queue, "second");

    // then
    assertThat(bodies(polls.next())).containsExactly("first", "second");
  }

  @Test
  void shouldDoOtherThingsWhileAPollWaits() {
    // given
    sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);
    polls.send(get(queue, 1, 30_000));

    // when, then
    polls.end(polled, QueuesDownstreamRequestType.AckAll);
  }

  @Test
  void shouldServePollsOfOtherQueuesWhileOneWaits() {
    // given
    String other = Names.unique("down");
    polls.send(get(queue, 1, 30_000));
    sendNumbers(client, other, 1);

    // when, then
    assertThat(bodies(polls.exchange(get(other, 1, 20_000)))).containsExactly("1");
  }

  @Test
  void shouldNotGiveExpiredMessages() {
    // given
    var sent = mq.send(KubeMq.queueMessage(queue, "ends", "ExpirationSeconds", 1));
    mq.send(queue, "lasts");
    Time.awaitPast(sent.get("ExpirationAt").longValue());

    // when, then
    assertThat(bodies(polls.exchange(get(queue, 10, 1000)))).containsExactly("lasts");
  }

  // --- settling

  @Test
  void shouldAcknowledgeAll() {
    // given
    sendNumbers(client, queue, 10);
    QueuesDownstreamResponse polled = polls.poll(queue, 10);

    // when
    String request = polls.tell(polled, QueuesDownstreamRequestType.AckAll);

    // then the transaction ends, which is told in the name of the request that ended it
    assertThat(polls.next())
        .isEqualTo(
            QueuesDownstreamResponse.newBuilder()
                .setTransactionId(polled.getTransactionId())
                .setRefRequestId(request)
                .setRequestTypeData(QueuesDownstreamRequestType.TransactionStatus)
                .setTransactionComplete(true)
                .build());
    polls.close();
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  @Test
  void shouldAcknowledgeSome() {
    // given
    sendNumbers(client, queue, 10);
    QueuesDownstreamResponse polled = polls.poll(queue, 10);

    // when
    polls.tell(polled, QueuesDownstreamRequestType.AckRange, 1, 3, 5);
    polls.end(polled, QueuesDownstreamRequestType.CloseByClient);

    // then the rest comes again in its places
    QueuesDownstreamResponse again = polls.poll(queue, 7);
    assertThat(sequences(again)).containsExactly(2L, 4L, 6L, 7L, 8L, 9L, 10L);
    assertThat(again.getMessagesList())
        .allMatch(message -> message.getAttributes().getReceiveCount() == 1);

    // and when
    polls.tell(again, QueuesDownstreamRequestType.AckRange, 2, 4, 6);
    polls.tell(again, QueuesDownstreamRequestType.AckRange, 7, 8, 9);
    polls.end(again, QueuesDownstreamRequestType.CloseByClient);

    // then
    assertThat(sequences(polls.pollRest(queue))).containsExactly(10L);
  }

  @Test
  void shouldEndWhenTheLastMessageIsAcknowledged() {
    // given
    sendNumbers(client, queue, 3);
    QueuesDownstreamResponse polled = polls.poll(queue, 3);
    polls.tell(polled, QueuesDownstreamRequestType.AckRange, 2);
    polls.tell(polled, QueuesDownstreamRequestType.AckRange, 3);

    // when, then
    polls.end(polled, QueuesDownstreamRequestType.AckRange, 1);
  }

  @Test
  void shouldTakeASequenceNamedTwiceAsNamedOnce() {
    // given
    sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);

    // when, then
    polls.end(polled, QueuesDownstreamRequestType.AckRange, 1, 2, 1);
  }

  @Test
  void shouldPutRejectedMessagesAtTheTail() {
    // given
    sendNumbers(client, queue, 3);
    QueuesDownstreamResponse polled = polls.poll(queue, 2);

    // when
    polls.end(polled, QueuesDownstreamRequestType.NAckAll);

    // then
    QueuesDownstreamResponse again = polls.poll(queue, 3);
    assertThat(bodies(again)).containsExactly("3", "1", "2");
    assertThat(sequences(again)).containsExactly(3L, 4L, 5L);
    assertThat(again.getMessagesList())
        .extracting(message -> message.getAttributes().getReceiveCount())
        .containsExactly(1, 2, 2);
  }

  @Test
  void shouldRejectOneByOne() {
    // given
    sendNumbers(client, queue, 5);
    QueuesDownstreamResponse polled = polls.poll(queue, 5);

    // when
    for (long sequence : new long[] {5, 4, 3, 2}) {
      polls.tell(polled, QueuesDownstreamRequestType.NAckRange, sequence);
    }
    polls.end(polled, QueuesDownstreamRequestType.NAckRange, 1);

    // then
    assertThat(bodies(polls.poll(queue, 5))).containsExactly("5", "4", "3", "2", "1");
  }

  @Test
  void shouldDiscardWhatWasRejectedTooOften() {
    // given
    sendNumbers(client, queue, 3, QueueMessagePolicy.newBuilder().setMaxReceiveCount(2).build());

    // when
    polls.end(polls.poll(queue, 3), QueuesDownstreamRequestType.NAckAll);
    polls.end(polls.poll(queue, 3), QueuesDownstreamRequestType.NAckAll);

    // then
    assertThat(polls.pollRest(queue).getMessagesList()).isEmpty();
  }

  @Test
  void shouldDeadLetterWhatWasRejectedTooOften() {
    // given
    String dead = queue + ".dead";
    sendNumbers(
        client,
        queue,
        3,
        QueueMessagePolicy.newBuilder().setMaxReceiveCount(1).setMaxReceiveQueue(dead).build());
    QueuesDownstreamResponse polled = polls.poll(queue, 3);

    // when
    polls.tell(polled, QueuesDownstreamRequestType.NAckRange, 1, 2);
    polls.end(polled, QueuesDownstreamRequestType.AckRange, 3);

    // then
    QueuesDownstreamResponse letters = polls.poll(dead, 2);
    assertThat(bodies(letters)).containsExactly("1", "2");
    assertThat(letters.getMessagesList())
        .allSatisfy(
            letter -> {
              assertThat(letter.getAttributes().getReRouted()).isTrue();
              assertThat(letter.getAttributes().getReRoutedFromQueue()).isEqualTo(queue);
              assertThat(letter.getAttributes().getReceiveCount()).isEqualTo(1);
              assertThat(letter.getPolicy()).isEqualTo(QueueMessagePolicy.getDefaultInstance());
            });
    assertThat(polls.pollRest(queue).getMessagesList()).isEmpty();
  }

  @Test
  void shouldPutAllIntoAnotherQueue() {
    // given
    String other = Names.unique("down");
    sendNumbers(
        client, queue, 10, QueueMessagePolicy.newBuilder().setExpirationSeconds(100).build());
    QueuesDownstreamResponse polled = polls.poll(queue, 10);

    // when
    polls.tell(polled, request(QueuesDownstreamRequestType.ReQueueAll).setReQueueChannel(other));

    // then
    assertThat(polls.next().getTransactionComplete()).isTrue();
    QueuesDownstreamResponse moved = polls.poll(other, 10);
    assertThat(bodies(moved)).containsExactlyElementsOf(bodies(polled));
    assertThat(moved.getMessagesList())
        .allSatisfy(
            message -> {
              assertThat(message.getChannel()).isEqualTo(other);
              assertThat(message.getPolicy().getExpirationSeconds()).isEqualTo(100);
              assertThat(message.getAttributes().getReceiveCount()).isEqualTo(1);
              assertThat(message.getAttributes().getExpirationAt())
                  .isGreaterThan(polled.getMessages(9).getAttributes().getExpirationAt());
            });
    assertThat(polls.pollRest(queue).getMessagesList()).isEmpty();
  }

  @Test
  void shouldPutSomeIntoAnotherQueue() {
    // given
    String other = Names.unique("down");
    sendNumbers(client, queue, 4);
    QueuesDownstreamResponse polled = polls.poll(queue, 4);

    // when
    polls.tell(
        polled, request(QueuesDownstreamRequestType.ReQueueRange).setReQueueChannel(other), 2, 3);
    polls.end(polled, QueuesDownstreamRequestType.CloseByClient);

    // then
    assertThat(bodies(polls.pollRest(queue))).containsExactly("1", "4");
    assertThat(bodies(polls.pollRest(other))).containsExactly("2", "3");
  }

  @Test
  void shouldPutMessagesIntoTheirOwnQueueAgain() {
    // given
    sendNumbers(client, queue, 2);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);

    // when
    polls.tell(polled, request(QueuesDownstreamRequestType.ReQueueAll).setReQueueChannel(queue));

    // then
    assertThat(polls.next().getTransactionComplete()).isTrue();
    assertThat(bodies(polls.poll(queue, 2))).containsExactly("2", "1");
  }

  // --- what is known of transactions

  @Test
  void shouldListWhatIsNotSettled() {
    // given
    sendNumbers(client, queue, 5);
    QueuesDownstreamResponse polled = polls.poll(queue, 5);
    polls.tell(polled, QueuesDownstreamRequestType.AckRange, 2, 4);

    // when
    String request = polls.tell(polled, QueuesDownstreamRequestType.ActiveOffsets);

    // then
    assertThat(polls.next())
        .isEqualTo(
            QueuesDownstreamResponse.newBuilder()
                .setTransactionId(polled.getTransactionId())
                .setRefRequestId(request)
                .setRequestTypeData(QueuesDownstreamRequestType.ActiveOffsets)
                .addActiveOffsets(1)
                .addActiveOffsets(3)
                .addActiveOffsets(5)
                .build());
  }

  @Test
  void shouldTellTheStatusOfTransactions() {
    // given
    sendNumbers(client, queue, 1);
    QueuesDownstreamResponse polled = polls.poll(queue, 1);

    // when, then
    String request = polls.tell(polled, QueuesDownstreamRequestType.TransactionStatus);
    QueuesDownstreamResponse open = polls.next();
    assertThat(open.getRefRequestId()).isEqualTo(request);
    assertThat(open.getTransactionId()).isEqualTo(polled.getTransactionId());
    assertThat(open.getRequestTypeData()).isEqualTo(QueuesDownstreamRequestType.TransactionStatus);
    assertThat(open.getIsError()).isFalse();
    assertThat(open.getTransactionComplete()).isFalse();

    polls.end(polled, QueuesDownstreamRequestType.AckAll);
    polls.end(polled, QueuesDownstreamRequestType.TransactionStatus);
  }

  @Test
  void shouldHoldMessagesOfSeveralTransactions() {
    // given
    sendNumbers(client, queue, 6);
    QueuesDownstreamResponse first = polls.poll(queue, 2);
    QueuesDownstreamResponse second = polls.poll(queue, 2);
    QueuesDownstreamResponse third = polls.poll(queue, 2);
    assertThat(sequences(second)).containsExactly(3L, 4L);

    // when
    polls.end(second, QueuesDownstreamRequestType.NAckAll);
    polls.end(first, QueuesDownstreamRequestType.AckAll);
    polls.end(third, QueuesDownstreamRequestType.CloseByClient);

    // then
    assertThat(bodies(polls.pollRest(queue))).containsExactly("5", "6", "3", "4");
  }

  // --- the end of the stream

  @Test
  void shouldReturnMessagesWhenTheClientEndsTheStream() {
    // given
    sendNumbers(client, queue, 3);
    polls.poll(queue, 3);

    // when
    polls.stream().halfClose();

    // then
    assertThat(polls.stream().end()).isEqualTo(Status.OK);
    assertAllThereAgain(3);
  }

  @Test
  void shouldReturnMessagesWhenTheStreamIsCancelled() {
    // given
    sendNumbers(client, queue, 3);
    polls.poll(queue, 3);

    // when
    polls.close();

    // then
    assertAllThereAgain(3);
  }

  @Test
  void shouldReturnMessagesWhenTheConnectionIsLost() {
    // given
    GrpcClient lost = GrpcClient.connect(mq);
    sendNumbers(client, queue, 3);
    PollClient.open(lost).poll(queue, 3);

    // when
    lost.close();

    // then
    assertAllThereAgain(3);
  }

  @Test
  void shouldDoWhatWasAskedBeforeTheEnd() {
    // given
    sendNumbers(client, queue, 3);
    QueuesDownstreamResponse polled = polls.poll(queue, 3);

    // when
    polls.tell(polled, QueuesDownstreamRequestType.AckRange, 1, 2);
    polls.stream().halfClose();

    // then
    assertThat(polls.stream().end()).isEqualTo(Status.OK);
    assertThat(KubeMq.bodies(mq.receive(queue, 3, 1))).containsExactly("3");
  }

  @Test
  void shouldServeAnAutomaticPollThatIsTheLastWord() {
    // given
    polls.send(get(queue, 1, 20_000).setAutoAck(true));
    polls.stream().halfClose();

    // when
    mq.send(queue, "late");

    // then
    assertThat(bodies(polls.next())).containsExactly("late");
    assertThat(polls.stream().end()).isEqualTo(Status.OK);
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  @Test
  void shouldTakeNothingForAStreamThatEndedWhileItsPollWaited() {
    // given
    polls.send(get(queue, 2, 30_000));
    polls.send(get(queue, 2, 30_000).setAutoAck(true));
    mq.send(queue, "one");

    // when
    polls.close();

    // then
    assertThat(KubeMq.bodies(mq.receive(queue, 1, 10))).containsExactly("one");
  }

  @Test
  void shouldGiveEachMessageToOneOfManyPolls() {
    // given
    List<PollClient> all = IntStream.range(0, 10).mapToObj(i -> PollClient.open(client)).toList();
    for (PollClient each : all) {
      each.send(get(queue, 50, 20_000).setAutoAck(true));
      each.send(get(queue, 50, 20_000).setAutoAck(true));
    }

    // when
    sendNumbers(client, queue, 1000);

    // then
    assertThat(
            all.stream()
                .flatMap(each -> IntStream.range(0, 2).mapToObj(i -> each.next()))
                .flatMap(polled -> sequences(polled).stream()))
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 1000).boxed().toList());
  }

  private void assertAllThereAgain(int count) {
    try (PollClient another = PollClient.open(client)) {
      QueuesDownstreamResponse again = another.poll(queue, count);
      assertThat(sequences(again))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
      assertThat(again.getMessagesList())
          .allMatch(message -> message.getAttributes().getReceiveCount() == 1);
    }
  }
}
