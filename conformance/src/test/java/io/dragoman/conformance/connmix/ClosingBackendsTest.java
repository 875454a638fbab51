// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.Tokens;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Backends that have been told to go, and do not yet. */
@ConnmixSuite(
    settings = {
      "auth.enabled=true",
      "auth.jwt.secret=" + ClosingBackendsTest.SECRET,
      "connmix.access.users=[{username: worker, password: pw}]"
    })
class ClosingBackendsTest {
  static final String SECRET = "a secret that nobody will guess!";

  private static final String ACCOUNT = "Basic " + Json.base64("worker:pw");
  private static final int POLICY_VIOLATION = 1008;
  private static final int TOKEN_SECONDS = 6;
  private static final int COUNT = 500;

  private final Connmix connmix;
  private final String topic = Names.unique("topic");

  ClosingBackendsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private Backend with(String credentials) {
    return connmix.backend(Connmix.SOCKET, "Authorization: " + credentials);
  }

  private static void awaitClose(Backend backend) {
    backend.socket().deadline(Duration.ofSeconds(30));
    assertThat(backend.socket().readCloseCode()).isEqualTo(POLICY_VIOLATION);
  }

  private double written() {
    return connmix.figure(Connmix.EVENTS_WRITTEN, "Authorization", ACCOUNT);
  }

  /** The broker waits two seconds for their close frames, which do not come. */
  @Test
  void shouldTakeNothingMoreFromQueues() {
    List<String> all = IntStream.range(0, COUNT).mapToObj(String::valueOf).toList();
    long end = System.currentTimeMillis() / 1000 + TOKEN_SECONDS;
    String token = "Bearer " + Tokens.hs256(SECRET, "{\"sub\":\"svc\",\"exp\":" + end + "}");
    try (Backend closing = with(token);
        Backend acknowledging = with(token);
        Backend staying = with(ACCOUNT)) {
      closing.pop(topic);
      acknowledging.done("queue.pop", "{\"t\":[\"" + topic + "\"],\"ack\":true}");
      staying.pop(topic);
      awaitClose(closing);
      awaitClose(acknowledging);
      // Each of them has asked for one before, which it gives back.
      for (int i = 0; i < 4; i++) {
        connmix.enqueue(topic, "1", "before");
        assertThat(staying.data(1)).containsExactly("before");
      }

      connmix.enqueue(topic, "1", all);

      assertThat(staying.data(COUNT)).containsExactlyElementsOf(all);
      assertThat(written()).isEqualTo(4 + COUNT);
    }
    connmix.awaitQueue(topic, 0, 0);
  }
}
