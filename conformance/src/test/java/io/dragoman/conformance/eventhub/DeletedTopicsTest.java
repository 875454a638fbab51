// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Topics that are deleted and made again beside their subscribers. Histories of one event, so that
 * what follows a deletion is no history.
 */
@EventhubSuite(settings = "eventhub.historyMax=1")
class DeletedTopicsTest {
  private final Eventhub eventhub;

  DeletedTopicsTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private void delete(String topic) {
    Answer answer = eventhub.exchange("DELETE", "/v1/channels?kind=log&name=" + topic, "");
    // Not there when it has just been deleted.
    assertThat(answer.status()).as(answer.text()).isIn(200, 404);
  }

  /** Whatever its successor has been given is heard, however soon it was published. */
  @Test
  void shouldMissNothingOfTheSuccessorOfADeletedTopic() {
    for (int round = 0; round < 20; round++) {
      deleteWhilePublishing(Names.unique("remade"), 500);
    }
  }

  private void deleteWhilePublishing(String topic, int count) {
    List<String> expected = new ArrayList<>();
    try (RpcClient exact = eventhub.connect();
        RpcClient pattern = eventhub.connect();
        RpcClient publisher = eventhub.connect()) {
      exact.subscribe(topic);
      pattern.subscribe(topic + "/#");
      publisher.publish(topic, "before");
      assertThat(exact.messages(1)).containsExactly("before");
      assertThat(pattern.messages(1)).containsExactly("before");

      CompletableFuture<Void> deleted = CompletableFuture.runAsync(() -> delete(topic));
      for (int i = 0; i < count; i++) {
        publisher.begin("publish", Json.object("topic", topic, "message", "m" + i));
        expected.add("m" + i);
      }
      for (int i = 0; i < count; i++) {
        publisher.nextText();
      }
      deleted.join();
      // The deletion may have come after all of them: then this is the successor's only one.
      publisher.publish(topic, "last");
      expected.add("last");

      // What its predecessor had not shown yet has been deleted.
      int missed =
          publisher.result("subscribe", "topic", topic, "since", 1).path("missed").intValue();
      List<String> kept = expected.subList(count - missed, count + 1);
      for (RpcClient each : List.of(exact, pattern)) {
        List<String> heard = new ArrayList<>();
        while (heard.isEmpty() || !heard.get(heard.size() - 1).equals("last")) {
          heard.addAll(each.messages(1));
        }
        assertThat(heard).endsWith(kept.toArray(new String[0]));
        assertThat(expected).containsSubsequence(heard);
        assertThat(heard).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void shouldKeepTheConnectionHoweverOftenATopicIsDeleted() {
    String topic = Names.unique("flicker");
    int rounds = 200;
    try (RpcClient exact = eventhub.connect();
        RpcClient pattern = eventhub.connect();
        RpcClient publisher = eventhub.connect()) {
      exact.subscribe(topic);
      pattern.subscribe(topic + "/#");
      CompletableFuture<Void> deleting =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < rounds; i++) {
                  delete(topic);
                }
              });
      while (!deleting.isDone()) {
        publisher.publish(topic, "meanwhile");
      }
      deleting.join();
      publisher.publish(topic, "last");

      for (RpcClient each : List.of(exact, pattern)) {
        String message = each.messages(1).get(0);
        while (message.equals("meanwhile")) {
          message = each.messages(1).get(0);
        }
        assertThat(message).isEqualTo("last");
      }
    }
  }

  /** A deletion while history is being read is no error of the subscriber. */
  @Test
  void shouldSubscribeWhileATopicIsBeingDeleted() {
    String topic = Names.unique("flicker");
    try (RpcClient client = eventhub.connect();
        RpcClient publisher = eventhub.connect()) {
      CompletableFuture<Void> deleting =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 200; i++) {
                  publisher.publish(topic, "m");
                  delete(topic);
                }
              });
      while (!deleting.isDone()) {
        assertThat(client.result("subscribe", "topic", topic, "since", 1).path("status").asText())
            .isEqualTo("ok");
        client.result("unsubscribeall");
        client.kept();
      }
      deleting.join();
    }
  }
}
