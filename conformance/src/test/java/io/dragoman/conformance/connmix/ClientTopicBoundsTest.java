// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.core.Channels;
import io.dragoman.core.Kind;
import io.dragoman.core.QueuePage;
import io.dragoman.core.Result;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Which messages stay where more come than fit, and which topics there may be (ruling 19). */
@ConnmixSuite(
    settings = {
      "connmix.clients=["
          + "{port: 0, topicSize: 3, events: {message: newest}, full: drop-oldest},"
          + "{port: 0, topicSize: 1, events: {message: 'last-{message.t}'}, full: drop-oldest},"
          + "{port: 0, topicSize: 2, events: {message: 'wait-{message.t}', close: wait-1},"
          + " full: block},"
          + "{port: 0, maxTopics: 1, events: {message: 'room-{message.t}', ping: life}},"
          + "{port: 0, maxTopics: 1, events: {message: 'deleted-{message.t}'}}]"
    })
class ClientTopicBoundsTest {
  private final Connmix connmix;

  ClientTopicBoundsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private ChatClient chat(int listener) {
    String name = "connmix-client" + (listener == 1 ? "" : "-" + listener);
    return new ChatClient(RawWebSocket.connect(connmix.clients(name), "/chat"));
  }

  /** What clients said that waits in a topic. */
  private List<String> waiting(String topic) {
    Result<QueuePage> page =
        connmix
            .broker()
            .core()
            .queues()
            .browse(topic, 0, 100, 1 << 20)
            .toCompletableFuture()
            .join();
    return page.orThrow().messages().stream()
        .map(each -> new String(each.message().body(), StandardCharsets.UTF_8))
        .map(each -> Json.parse(each).at("/frame/data").textValue())
        .toList();
  }

  private void awaitWaiting(String topic, String... texts) {
    Awaitility.await().untilAsserted(() -> assertThat(waiting(topic)).containsExactly(texts));
  }

  private static String to(int topic, int number) {
    return "{\"t\":" + topic + ",\"n\":" + number + "}";
  }

  @Test
  void shouldKeepTheNewestOfMoreThanFits() {
    try (ChatClient client = chat(1)) {
      for (int i = 1; i <= 200; i++) {
        client.say("of many " + i);
      }
      awaitWaiting("newest", "of many 198", "of many 199", "of many 200");
    }
  }

  @Test
  void shouldDropTheOldestOfEveryTopic() {
    try (ChatClient client = chat(2)) {
      int topics = 12;
      for (int n = 1; n <= 3; n++) {
        for (int topic = 0; topic < topics; topic++) {
          client.say(to(topic, n));
        }
      }
      for (int topic = 0; topic < topics; topic++) {
        awaitWaiting("last-" + topic, to(topic, 3));
      }
    }
  }

  @Test
  void shouldBringWhatWaitsToItsTopicsWhenItsClientHasLeft() {
    try (Backend backend = connmix.backend()) {
      List<String> said = IntStream.rangeClosed(1, 20).mapToObj(n -> to(1, n)).toList();
      ChatClient client = chat(3);
      said.forEach(client::say);
      client.leave();
      awaitWaiting("wait-1", to(1, 1), to(1, 2));

      backend.pop("wait-1");
      List<String> told = backend.data(20);
      assertThat(told).isEqualTo(said);
      assertThat(Json.parse(backend.event()).at("/p/d/event").textValue()).isEqualTo("close");
    }
  }

  @Test
  void shouldLeaveNoPlaceToTopicsThatCannotBe() {
    try (ChatClient client = chat(4);
        Backend backend = connmix.backend()) {
      for (int i = 0; i < 3; i++) {
        client.say("{\"t\":\"" + "x".repeat(300) + i + "\"}");
      }
      client.say(to(1, 1)).say(to(2, 1));
      // Topics that the configuration names are not among those that there are too many of.
      assertThat(client.pings()).isEqualTo("pong");
      backend.pop("life");
      assertThat(Json.parse(backend.event()).at("/p/d/event").textValue()).isEqualTo("ping");
      assertThat(waiting("room-1")).containsExactly(to(1, 1));
      assertThat(exists("room-2")).isFalse();
    }
  }

  @Test
  void shouldLeaveAPlaceWhenATopicIsDeleted() {
    try (ChatClient client = chat(5)) {
      client.say(to(1, 1));
      connmix.awaitQueue("deleted-1", 1, 0);
      channels().delete(Kind.QUEUE, "deleted-1").toCompletableFuture().join().orThrow();

      Awaitility.await()
          .until(
              () -> {
                client.say(to(2, 1));
                return exists("deleted-2");
              });
    }
  }

  private Channels channels() {
    return connmix.broker().core().channels();
  }

  private boolean exists(String topic) {
    return !channels().list(Kind.QUEUE, topic).toCompletableFuture().join().orThrow().isEmpty();
  }
}
