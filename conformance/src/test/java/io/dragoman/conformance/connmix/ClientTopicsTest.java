// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.RawWebSocket;
import io.dragoman.core.Metrics;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What happens when topics are full, or too many (ruling 19). */
@ConnmixSuite(
    settings = {
      "connmix.clients=["
          + "{port: 0, topicSize: 3, events: {message: error}},"
          + "{port: 0, topicSize: 3, events: {message: closing}, full: close},"
          + "{port: 0, topicSize: 3, events: {message: blocking}, full: block},"
          + "{port: 0, topicSize: 3, events: {message: newest}, full: drop-oldest},"
          + "{port: 0, maxTopics: 2, events: {message: 'many-{query.n}'}}]"
    })
class ClientTopicsTest {
  private final Connmix connmix;

  ClientTopicsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private ChatClient chat(int listener, String path) {
    String name = "connmix-client" + (listener == 1 ? "" : "-" + listener);
    return new ChatClient(RawWebSocket.connect(connmix.clients(name), path));
  }

  private double lost(String reason) {
    return connmix.broker().core().metrics().families().stream()
        .filter(each -> each.name().equals("dragoman_connmix_events_lost_total"))
        .flatMap(each -> each.instruments().entrySet().stream())
        .filter(each -> each.getKey().equals(List.of("reason", reason)))
        .mapToDouble(each -> ((Metrics.Counter) each.getValue()).value())
        .sum();
  }

  @Test
  void shouldDropWhatDoesNotFit() {
    try (ChatClient client = chat(1, "/chat");
        Backend backend = connmix.backend()) {
      client.say("1").say("2").say("3").say("4");
      Awaitility.await().until(() -> lost("full") >= 1);
      assertThat(client.pings()).isEqualTo("pong");
      backend.pop("error");
      assertThat(backend.data(3)).containsExactly("1", "2", "3");
      connmix.awaitQueue("error", 0, 0);
      client.say("5");
      assertThat(backend.data(1)).containsExactly("5");
    }
  }

  @Test
  void shouldCloseWhoSaysMoreThanFits() {
    try (ChatClient client = chat(2, "/chat")) {
      client.say("1").say("2").say("3").say("4");
      assertThat(client.socket().readCloseCode()).isEqualTo(1013);
    }
  }

  @Test
  void shouldMakeClientsWait() {
    try (ChatClient client = chat(3, "/chat");
        Backend backend = connmix.backend()) {
      List<String> said = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        said.add("message " + i);
        client.say("message " + i);
      }
      connmix.awaitQueue("blocking", 3, 0);
      backend.pop("blocking");
      assertThat(backend.data(1000)).isEqualTo(said);
    }
  }

  @Test
  void shouldDropTheOldest() {
    try (ChatClient client = chat(4, "/chat");
        Backend backend = connmix.backend()) {
      for (int i = 1; i <= 5; i++) {
        client.say("message " + i);
      }
      Awaitility.await().until(() -> lost("oldest") >= 2);
      connmix.awaitQueue("newest", 3, 0);
      backend.pop("newest");
      assertThat(backend.data(3)).containsExactly("message 3", "message 4", "message 5");
    }
  }

  @Test
  void shouldBoundTheNumberOfTopics() {
    try (ChatClient one = chat(5, "/chat?n=1");
        ChatClient two = chat(5, "/chat?n=2");
        ChatClient three = chat(5, "/chat?n=3");
        ChatClient none = chat(5, "/chat");
        Backend backend = connmix.backend()) {
      backend.pop("many-1", "many-2", "many-3");
      one.say("1");
      assertThat(backend.data(1)).containsExactly("1");
      two.say("2");
      assertThat(backend.data(1)).containsExactly("2");
      three.say("3");
      Awaitility.await().until(() -> lost("topics") == 1);
      none.say("4");
      Awaitility.await().until(() -> lost("name") == 1);
      one.say("5");
      assertThat(backend.data(1)).containsExactly("5");
    }
  }
}
