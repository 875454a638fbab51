// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The order of what one backend sends and publishes, at the sockets of clients (spec: §4). */
@ConnmixSuite(
    settings =
        "connmix.clients=[{port: 0, events: {open: opened}, subscribe: [room]},"
            + " {port: 0, protocol: tcp, events: {open: opened}, subscribe: [room]}]")
class MeshOrderTest {
  private static final int COUNT = 2_000;

  private final Connmix connmix;

  MeshOrderTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldKeepTheOrderOfSendsAndPublishesAtEverySocket() {
    try (Backend backend = connmix.backend()) {
      backend.pop("opened");
      try (ChatClient one = connmix.chat();
          ChatClient two = connmix.chat();
          PacketClient three = new PacketClient(connmix.clients("connmix-client-2"))) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          ids.add(Json.parse(backend.event()).at("/p/c").textValue());
        }

        // Each is sent to one and then published to all, without waiting for answers.
        Thread sending = new Thread(() -> send(backend, ids));
        sending.start();

        assertInOrder(text -> assertThat(one.hears()).isEqualTo(text));
        assertInOrder(text -> assertThat(two.hears()).isEqualTo(text));
        assertInOrder(text -> assertThat(three.readText(text.length() + 1)).isEqualTo(text + "\n"));
        answers(backend, sending);
      }
    }
  }

  private static void send(Backend backend, List<String> ids) {
    for (int i = 0; i < COUNT; i++) {
      if (i % 4 == 3) {
        backend.send(request("mesh.publish", "room", i));
      } else {
        for (String id : ids) {
          backend.send(request("mesh.send", id, i));
        }
      }
    }
  }

  private static String request(String method, String target, int number) {
    return "{\"m\":\"%s\",\"p\":{\"c\":\"%s\",\"d\":\"%d\"},\"i\":%d}"
        .formatted(method, target, number, number);
  }

  private static void assertInOrder(Consumer<String> next) {
    for (int i = 0; i < COUNT; i++) {
      next.accept(Integer.toString(i));
    }
  }

  /** All of them succeeded. */
  private static void answers(Backend backend, Thread sending) {
    try {
      sending.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (int i = 0; i < COUNT / 4 + COUNT / 4 * 3 * 3; i++) {
      assertThat(backend.answer()).startsWith("{\"E\":null,");
    }
  }
}
