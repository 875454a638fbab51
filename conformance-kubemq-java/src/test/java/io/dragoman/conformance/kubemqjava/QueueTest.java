// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kubemq.sdk.grpc.Kubemq.PingResult;
import io.kubemq.sdk.queue.AckAllMessagesResponse;
import io.kubemq.sdk.queue.Message;
import io.kubemq.sdk.queue.Queue;
import io.kubemq.sdk.queue.ReceiveMessagesResponse;
import io.kubemq.sdk.queue.SendBatchMessageResult;
import io.kubemq.sdk.queue.SendMessageResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code io.kubemq.sdk.queue.Queue}. */
@ExtendWith(WithBroker.class)
class QueueTest {
  private final Broker broker;
  private final String name = Names.unique("queue");
  private Queue queue;

  QueueTest(Broker broker) {
    this.broker = broker;
  }

  @BeforeEach
  void open() throws Exception {
    queue = new Queue(name, "java-client", 10, 1, broker.address());
  }

  @Test
  void shouldPing() throws Exception {
    PingResult ping = queue.Ping();

    assertThat(ping.getHost()).isNotEmpty();
    assertThat(ping.getVersion()).isNotEmpty();
    assertThat(ping.getServerStartTime()).isPositive();
  }

  @Test
  void shouldSendAndReceive() throws Exception {
    // when
    SendMessageResult sent =
        queue.SendQueueMessage(
            new Message("the-body".getBytes(UTF_8), "the-metadata", "the-id", Map.of("a", "1")));
    ReceiveMessagesResponse received = queue.ReceiveQueueMessages(10, 1);

    // then
    assertThat(sent.getIsError()).as(sent.getError()).isFalse();
    assertThat(sent.getSentAt()).isPositive();
    assertThat(received.getIsError()).isFalse();
    assertThat(received.getMessagesReceived()).isEqualTo(1);
    Message message = messages(received).get(0);
    assertThat(message.getMessageID()).isEqualTo(sent.getMessageID()).isEqualTo("the-id");
    assertThat(message.getClientID()).isEqualTo("java-client");
    assertThat(message.getQueue()).isEqualTo(name);
    assertThat(message.getMetadata()).isEqualTo("the-metadata");
    assertThat(text(message)).isEqualTo("the-body");
    // This version of the SDK takes tags and does not send them.
    assertThat(message.getTags()).isEmpty();
    assertThat(message.getQueueMessageAttributes().getSequence()).isEqualTo(1);
    assertThat(message.getQueueMessageAttributes().getReceiveCount()).isEqualTo(1);
  }

  @Test
  void shouldSendBatches() throws Exception {
    // when
    SendBatchMessageResult sent =
        queue.SendQueueMessagesBatch(List.of(message("1"), message("2"), message("3")));

    // then
    assertThat(sent.getHaveErrors()).isFalse();
    assertThat(sent.getResults()).hasSize(3).allMatch(each -> !each.getIsError());
    assertThat(texts(queue.ReceiveQueueMessages(3, 5))).containsExactly("1", "2", "3");
  }

  @Test
  void shouldPeekWithoutTaking() throws Exception {
    // given
    queue.SendQueueMessagesBatch(List.of(message("1"), message("2"), message("3")));

    // when
    ReceiveMessagesResponse peeked = queue.PeekQueueMessage(2, 5);

    // then
    assertThat(peeked.getIsPeek()).isTrue();
    assertThat(texts(peeked)).containsExactly("1", "2");
    assertThat(texts(queue.ReceiveQueueMessages(3, 5))).containsExactly("1", "2", "3");
  }

  @Test
  void shouldAcknowledgeAll() throws Exception {
    // given
    queue.SendQueueMessagesBatch(List.of(message("1"), message("2"), message("3")));

    // when
    AckAllMessagesResponse done = queue.AckAllQueueMessages();

    // then
    assertThat(done.getIsError()).as(done.getError()).isFalse();
    assertThat(done.getAffectedMessages()).isEqualTo(3);
    assertThat(queue.ReceiveQueueMessages(1, 1).getMessagesReceived()).isZero();
  }

  @Test
  void shouldHoldDelayedMessagesBack() throws Exception {
    // when
    SendMessageResult sent = queue.SendQueueMessage(message("later").setDelay(2));

    // then
    assertThat(sent.getDelayedTo() - sent.getSentAt()).isEqualTo(TimeUnit.SECONDS.toNanos(2));
    assertThat(queue.PeekQueueMessage(1, 1).getMessagesReceived()).isZero();
    assertThat(texts(queue.ReceiveQueueMessages(1, 20))).containsExactly("later");
  }

  @Test
  void shouldExpireMessages() throws Exception {
    // when
    SendMessageResult sent = queue.SendQueueMessage(message("ends").setExpiration(1));

    // then
    assertThat(sent.getExpirationAt() - sent.getSentAt()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> System.currentTimeMillis() > sent.getExpirationAt() / 1_000_000 + 50);
    ReceiveMessagesResponse received = queue.ReceiveQueueMessages(1, 1);
    assertThat(received.getMessagesReceived()).isZero();
    assertThat(received.getMessagesExpired()).isEqualTo(1);
  }

  @Test
  void shouldTellErrors() throws Exception {
    // when
    SendMessageResult sent = queue.SendQueueMessage(message("x").setQueue("a.*"));
    ReceiveMessagesResponse received = queue.ReceiveQueueMessages(2000, 1);

    // then
    assertThat(sent.getIsError()).isTrue();
    assertThat(sent.getError()).startsWith("Error 120: ");
    assertThat(received.getIsError()).isTrue();
    assertThat(received.getError()).startsWith("Error 122: ");
  }

  private static Message message(String body) {
    return new Message().setBody(body.getBytes(UTF_8)).setMetadata("metadata");
  }

  private static List<Message> messages(ReceiveMessagesResponse received) {
    List<Message> messages = new ArrayList<>();
    received.getMessages().forEach(messages::add);
    return messages;
  }

  private static List<String> texts(ReceiveMessagesResponse received) {
    return messages(received).stream().map(QueueTest::text).toList();
  }

  private static String text(Message message) {
    return new String(message.getBody(), UTF_8);
  }
}
