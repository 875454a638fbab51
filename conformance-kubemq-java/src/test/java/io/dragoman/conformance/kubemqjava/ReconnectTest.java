// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.kubemq.sdk.event.Channel;
import io.kubemq.sdk.event.Event;
import io.kubemq.sdk.event.EventReceive;
import io.kubemq.sdk.event.Subscriber;
import io.kubemq.sdk.queue.Message;
import io.kubemq.sdk.queue.Queue;
import io.kubemq.sdk.queue.ReceiveMessagesResponse;
import io.kubemq.sdk.subscription.EventsStoreType;
import io.kubemq.sdk.subscription.SubscribeRequest;
import io.kubemq.sdk.subscription.SubscribeType;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The same clients before and after a restart of their broker. */
class ReconnectTest {

  @Test
  void shouldGoOnAfterARestart() throws Exception {
    try (Broker broker = new Broker()) {
      // given clients that have used the broker
      String name = Names.unique("restart");
      Queue queue = new Queue(name, "java-client", 10, 1, broker.address());
      queue.SendQueueMessage(message("before"));
      Channel log = new Channel(name, "java-client", true, broker.address());
      log.SendEvent(new Event("before", "m", "b".getBytes(UTF_8)));
      Subscriber subscriber = new Subscriber(broker.address());
      Inbox<EventReceive> inbox = new Inbox<>();
      subscriber.SubscribeToEvents(subscription(name), inbox);
      assertThat(inbox.next().getEventId()).isEqualTo("before");

      // when
      broker.restart();

      // then the subscription has ended visibly, and a new one goes on where it was
      inbox.end();
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(() -> !queue.Ping().getHost().isEmpty());
      Inbox<EventReceive> again = new Inbox<>();
      subscriber.SubscribeToEvents(subscription(name), again);
      assertThat(log.SendEvent(new Event("after", "m", "b".getBytes(UTF_8))).isSent()).isTrue();
      assertThat(again.next().getEventId()).isEqualTo("after");

      // and the queue has what it had
      queue.SendQueueMessage(message("after"));
      ReceiveMessagesResponse received = queue.ReceiveQueueMessages(2, 10);
      assertThat(received.getMessages())
          .extracting(each -> new String(each.getBody(), UTF_8))
          .containsExactly("before", "after");
    }
  }

  private static SubscribeRequest subscription(String name) {
    return new SubscribeRequest(
        SubscribeType.EventsStore, "durable", name, "", EventsStoreType.StartFromFirst, 0);
  }

  private static Message message(String body) {
    return new Message().setBody(body.getBytes(UTF_8)).setMetadata("metadata");
  }
}
