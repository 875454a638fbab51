// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Queues;
import io.dragoman.core.Result;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that are not acknowledged by backends that said they would (spec: connmix §2.3). */
@ConnmixSuite(
    settings =
        "channels=[{kind: queue, name: poison, maxReceiveCount: 2, deadLetterQueue: poison-dead},"
            + " {kind: queue, name: taken, maxReceiveCount: 2, deadLetterQueue: taken-dead}]")
class DeadLettersTest {
  private final Connmix connmix;

  DeadLettersTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private Backend acknowledging(String topic) {
    Backend backend = connmix.backend();
    backend.done("queue.pop", "{\"t\":[\"" + topic + "\"],\"ack\":true}");
    return backend;
  }

  /** Gives it to a backend that dies of it. */
  private void kill(String topic, String text) {
    try (Backend backend = acknowledging(topic)) {
      assertThat(backend.data(1)).containsExactly(text);
      backend.socket().reset();
    }
  }

  @Test
  void shouldEndAMessageThatKillsItsBackends() {
    connmix.enqueue("poison", "1", "deadly");

    kill("poison", "deadly");
    connmix.awaitQueue("poison", 1, 0);
    kill("poison", "deadly");

    connmix.awaitQueue("poison", 0, 0);
    connmix.awaitQueue("poison-dead", 1, 0);
    try (Backend backend = connmix.backend()) {
      backend.pop("poison-dead");
      assertThat(backend.data(1)).containsExactly("deadly");
    }
  }

  @Test
  void shouldKeepWhatIsAcknowledgedAtTheLastDelivery() {
    connmix.enqueue("taken", "1", "a");

    kill("taken", "a");
    connmix.awaitQueue("taken", 1, 0);
    try (Backend backend = acknowledging("taken")) {
      assertThat(backend.data(1)).containsExactly("a");
      backend.done("queue.ack", "{\"a\":[\"1\"]}");
    }

    connmix.awaitQueue("taken", 0, 0);
    // It would be there, had anything ever been moved to it.
    Queues queues = connmix.broker().core().queues();
    assertThat(queues.info("taken-dead").toCompletableFuture().join())
        .isInstanceOf(Result.Refused.class);
  }

  /** The sender's limit counts what consumers reject, and a backend cannot. */
  @Test
  void shouldNotCountLostBackendsByTheSendersLimit() {
    String topic = "sender";
    Message message =
        Message.builder()
            .channel(topic)
            .clientId("1")
            .body("a".getBytes(StandardCharsets.UTF_8))
            .build();
    connmix
        .broker()
        .core()
        .queues()
        .send(List.of(new QueueSend(message, new QueuePolicy(0, 0, 1, "sender-dead"))))
        .toCompletableFuture()
        .join()
        .forEach(receipt -> receipt.orThrow());

    for (int i = 0; i < 3; i++) {
      kill(topic, "a");
      connmix.awaitQueue(topic, 1, 0);
    }
  }
}
