// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import io.dragoman.core.QueueInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Many queues whose first message is large, all consumed by one socket. */
@ConnmixSuite(ownServer = true)
class LargeHeadsTest {
  private static final int TOPICS = 100;

  /** All of them are far more than may wait for a socket before it is cut off. */
  private static final int BYTES = 400 << 10;

  /**
   * What may be written and not sent: a message is handed out while no more than 1 MiB of others is
   * waiting, of which the first may be sent in part.
   */
  private static final int UNSENT_MAX = 4;

  private final Connmix connmix;
  private final String name = Names.unique("large");

  LargeHeadsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldHandOutAllOfThemAsTheSocketTakesThem() {
    List<String> topics = IntStream.range(0, TOPICS).mapToObj(i -> name + "-" + i).toList();
    String padding = "x".repeat(BYTES);
    topics.forEach(each -> connmix.enqueue(each, "1", each + padding));
    try (Backend backend = connmix.backend()) {
      backend.pop(topics.toArray(String[]::new));
      // It reads nothing now; all that was asked for has come.
      Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertBounded(topics));

      List<String> got = new ArrayList<>();
      for (String each : backend.data(TOPICS)) {
        assertThat(each.endsWith(padding)).isTrue();
        got.add(each.substring(0, each.length() - BYTES));
      }
      assertThat(got).containsExactlyInAnyOrderElementsOf(topics);
      assertThat(backend.exchange("ping")).isEqualTo("pong");
    }
    topics.forEach(each -> connmix.awaitQueue(each, 0, 0));
  }

  private void assertBounded(List<String> topics) {
    int written = (int) connmix.figure(Connmix.EVENTS_WRITTEN);
    int waiting = 0;
    int leased = 0;
    for (String each : topics) {
      QueueInfo info =
          connmix.broker().core().queues().info(each).toCompletableFuture().join().orThrow();
      waiting += (int) info.waiting();
      leased += (int) info.inFlight();
    }
    assertThat(waiting).isZero();
    assertThat(written).isLessThan(TOPICS);
    // What is sent is done.
    int sent = TOPICS - leased;
    assertThat(written - sent).isBetween(1, UNSENT_MAX);
  }
}
