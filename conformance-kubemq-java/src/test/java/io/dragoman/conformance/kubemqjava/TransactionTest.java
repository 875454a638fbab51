// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kubemq.sdk.queue.Message;
import io.kubemq.sdk.queue.Queue;
import io.kubemq.sdk.queue.ReceiveMessagesResponse;
import io.kubemq.sdk.queue.Transaction;
import io.kubemq.sdk.queue.TransactionMessagesResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code io.kubemq.sdk.queue.Transaction}. */
@ExtendWith(WithBroker.class)
class TransactionTest {
  private final Broker broker;
  private final String name = Names.unique("queue");
  private Queue queue;

  TransactionTest(Broker broker) {
    this.broker = broker;
  }

  @BeforeEach
  void open() throws Exception {
    queue = open(name);
  }

  @Test
  void shouldAcknowledge() throws Exception {
    // given
    queue.SendQueueMessage(message("one"));
    Transaction transaction = queue.CreateTransaction();

    // when
    TransactionMessagesResponse received = transaction.Receive(30, 10);
    TransactionMessagesResponse done = transaction.AckMessage();

    // then
    assertThat(received.getIsError()).as(received.getError()).isFalse();
    assertThat(text(received.getMessage())).isEqualTo("one");
    assertThat(done.getIsError()).as(done.getError()).isFalse();
    assertThat(left(queue)).isEmpty();
  }

  @Test
  void shouldUseOneTransactionAfterAnother() throws Exception {
    // given
    queue.SendQueueMessagesBatch(List.of(message("1"), message("2"), message("3")));

    // when, then
    Transaction transaction = queue.CreateTransaction();
    for (String expected : List.of("1", "2", "3")) {
      assertThat(text(receiveWhenOver(transaction).getMessage())).isEqualTo(expected);
      assertThat(transaction.AckMessage().getIsError()).isFalse();
    }
    assertThat(left(queue)).isEmpty();
  }

  @Test
  void shouldTellThatNothingCame() throws Exception {
    // when
    TransactionMessagesResponse received = queue.CreateTransaction().Receive(5, 1);

    // then
    assertThat(received.getIsError()).isTrue();
    assertThat(received.getError())
        .isEqualTo("Error 138: no new message in queue, wait time expired");
  }

  @Test
  void shouldReject() throws Exception {
    // given
    queue.SendQueueMessage(message("one"));
    Transaction transaction = queue.CreateTransaction();
    transaction.Receive(30, 10);

    // when
    assertThat(transaction.RejectMessage().getIsError()).isFalse();

    // then
    List<Message> again = left(queue);
    assertThat(again).hasSize(1);
    assertThat(again.get(0).getQueueMessageAttributes().getReceiveCount()).isEqualTo(2);
  }

  @Test
  void shouldDeadLetterWhatWasRejectedTooOften() throws Exception {
    // given
    String dead = Names.unique("dead");
    queue.SendQueueMessage(message("one").setMaxReciveCount(2).setMaxReciveQueue(dead));

    // when
    Transaction transaction = queue.CreateTransaction();
    for (int i = 0; i < 2; i++) {
      assertThat(receiveWhenOver(transaction).getIsError()).isFalse();
      assertThat(transaction.RejectMessage().getIsError()).isFalse();
    }

    // then
    assertThat(left(queue)).isEmpty();
    List<Message> letters = left(open(dead));
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).getQueueMessageAttributes().getReRouted()).isTrue();
    assertThat(letters.get(0).getQueueMessageAttributes().getReRoutedFromQueue()).isEqualTo(name);
  }

  @Test
  void shouldDeliverAgainWhenTheVisibilityIsOver() throws Exception {
    // given
    queue.SendQueueMessage(message("one"));
    Transaction transaction = queue.CreateTransaction();

    // when
    transaction.Receive(1, 10);

    // then the client is told, and the message comes again
    await().atMost(Duration.ofSeconds(20)).until(transaction::getExpirationStatus);
    List<Message> again = left(queue);
    assertThat(again).hasSize(1);
    assertThat(again.get(0).getQueueMessageAttributes().getReceiveCount()).isEqualTo(2);
  }

  @Test
  void shouldExtendTheVisibility() throws Exception {
    // given
    queue.SendQueueMessage(message("one"));
    Transaction transaction = queue.CreateTransaction();
    long received = System.nanoTime();
    transaction.Receive(3, 10);

    // when
    assertThat(transaction.ExtendVisibility(30).getIsError()).isFalse();

    // then it can be acknowledged when the first visibility would have been over
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> System.nanoTime() - received > Duration.ofMillis(3500).toNanos());
    TransactionMessagesResponse done = transaction.AckMessage();
    assertThat(done.getIsError()).as(done.getError()).isFalse();
    assertThat(left(queue)).isEmpty();
  }

  @Test
  void shouldResendToAnotherQueue() throws Exception {
    // given
    String other = Names.unique("other");
    queue.SendQueueMessage(message("one"));
    Transaction transaction = queue.CreateTransaction();
    transaction.Receive(30, 10);

    // when
    assertThat(transaction.ReSend(other).getIsError()).isFalse();

    // then
    assertThat(left(queue)).isEmpty();
    assertThat(left(open(other))).extracting(TransactionTest::text).containsExactly("one");
  }

  @Test
  void shouldSendAnotherMessageInstead() throws Exception {
    // given
    String other = Names.unique("other");
    queue.SendQueueMessage(message("one"));
    Transaction transaction = queue.CreateTransaction();
    transaction.Receive(30, 10);

    // when
    TransactionMessagesResponse done =
        transaction.Modify(message("two").setQueue(other).setClientID("java-client"));

    // then
    assertThat(done.getIsError()).as(done.getError()).isFalse();
    assertThat(left(queue)).isEmpty();
    assertThat(left(open(other))).extracting(TransactionTest::text).containsExactly("two");
  }

  /** The SDK refuses to receive until the stream of the transaction before has ended. */
  private static TransactionMessagesResponse receiveWhenOver(Transaction transaction) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> transaction.Receive(30, 10),
            response -> !response.getError().startsWith("No Active queue message"));
  }

  private Queue open(String queueName) throws Exception {
    return new Queue(queueName, "java-client", 10, 1, broker.address());
  }

  private static List<Message> left(Queue from) throws Exception {
    ReceiveMessagesResponse received = from.ReceiveQueueMessages(10, 1);
    List<Message> messages = new ArrayList<>();
    received.getMessages().forEach(messages::add);
    return messages;
  }

  private static Message message(String body) {
    return new Message().setBody(body.getBytes(UTF_8)).setMetadata("metadata");
  }

  private static String text(Message message) {
    return new String(message.getBody(), UTF_8);
  }
}
