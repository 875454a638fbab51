// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Backends that leave at any moment leave nothing behind, and take nothing with them. */
@ConnmixSuite(ownServer = true)
class BackendsLeavingTest {
  private static final int TIMES = 50;

  private final Connmix connmix;

  BackendsLeavingTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private void awaitFigures(int backends, int consumptions) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(connmix.figure("dragoman_connmix_backends")).isEqualTo(backends);
              assertThat(connmix.figure("dragoman_connmix_consumptions")).isEqualTo(consumptions);
            });
  }

  @Test
  void shouldForgetBackendsThatAreGoneInTheMiddleOfEverything() {
    String topic = Names.unique("leave");
    awaitFigures(0, 0);
    try (Backend staying = connmix.backend();
        PushedClient client = connmix.client()) {
      staying.pop(topic, topic + "2", topic + "3");
      awaitFigures(1, 3);
      staying.done("queue.unpop", "{}");
      awaitFigures(1, 0);
      for (int i = 0; i < TIMES; i++) {
        connmix.enqueue(topic, "1", "m");
        RawWebSocket leaving = RawWebSocket.connect(connmix.api(), Connmix.SOCKET);
        leaving.sendText(
            "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"" + topic + "\"],\"ack\":true},\"i\":1}");
        leaving.sendText("{\"m\":\"mesh.send\",\"p\":{\"c\":" + client.id() + ",\"d\":\"x\"}}");
        leaving.sendText("{\"m\":\"mesh.publish\",\"p\":{\"c\":\"r\",\"d\":\"x\"}}");
        leaving.sendText("{\"m\":\"queue.ack\",\"p\":{\"a\":[\"no handle\"]}}");
        if (i % 2 == 0) {
          leaving.readText();
        }
        leaving.reset();
      }
      awaitFigures(1, 0);
      connmix.awaitQueue(topic, TIMES, 0);
      // All of it is still to be had.
      staying.pop(topic);
      assertThat(staying.data(TIMES)).containsOnly("m");
      connmix.awaitQueue(topic, 0, 0);
    }
  }

  /** What it asked for last is begun when the rest of what it sent closes it. */
  @Test
  void shouldForgetABackendThatIsClosedByWhatFollows() {
    String topic = Names.unique("wrong");
    byte[] pop =
        RawWebSocket.frame(
            true,
            0,
            RawWebSocket.TEXT,
            true,
            ("{\"m\":\"queue.pop\",\"p\":{\"t\":[\"" + topic + "\"],\"ack\":true}}")
                .getBytes(UTF_8));
    byte[] unmasked = RawWebSocket.frame(true, 0, RawWebSocket.TEXT, false, "{}".getBytes(UTF_8));
    byte[] both = Arrays.copyOf(pop, pop.length + unmasked.length);
    System.arraycopy(unmasked, 0, both, pop.length, unmasked.length);
    connmix.enqueue(topic, "1", "m");
    for (int i = 0; i < TIMES; i++) {
      try (RawWebSocket closed = RawWebSocket.connect(connmix.api(), Connmix.SOCKET)) {
        closed.sendBytes(both);
        assertThat(closed.readText()).contains("\"r\":{\"s\":true}");
        RawWebSocket.Frame frame = closed.readFrame();
        while (frame.opcode() == RawWebSocket.TEXT) {
          frame = closed.readFrame();
        }
        assertThat(frame.closeCode()).isEqualTo(1002);
      }
    }
    connmix.awaitQueue(topic, 1, 0);
    try (Backend other = connmix.backend()) {
      other.pop(topic);
      assertThat(other.data(1)).containsExactly("m");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> connmix.figure("dragoman_connmix_consumptions") == 0);
  }

  /** It costs the server what may be under way, and not all that is asked. */
  @Test
  void shouldNotReadABackendThatDoesNotReadItsAnswers() throws Exception {
    String id = "\"" + "i".repeat(1_000) + "\"";
    byte[] frame =
        RawWebSocket.frame(
            true,
            0,
            RawWebSocket.TEXT,
            true,
            ("{\"m\":\"server.ping\",\"p\":{},\"i\":" + id + "}").getBytes(UTF_8));
    try (RawWebSocket socket = RawWebSocket.connectSlow(connmix.api(), Connmix.SOCKET)) {
      int count = 20_000;
      Thread sender =
          new Thread(
              () -> {
                for (int i = 0; i < count; i++) {
                  socket.sendBytes(frame);
                }
              });
      sender.start();
      List<String> answers = new ArrayList<>();
      // It waits for a server that reads no more, until its answers are read.
      Awaitility.await()
          .during(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(20))
          .until(sender::isAlive);
      while (answers.size() < count) {
        answers.add(socket.readText());
      }
      sender.join(20_000);
      assertThat(answers)
          .containsOnly("{\"E\":null,\"r\":{\"m\":\"server.pong\"},\"i\":" + id + "}");
    }
  }
}
