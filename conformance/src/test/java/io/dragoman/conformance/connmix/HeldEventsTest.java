// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Many queues with large messages, of which more come at once than may stay in memory. */
@ConnmixSuite(ownServer = true)
class HeldEventsTest {
  private static final int MIB = 1 << 20;
  private static final int TOPICS = 100;
  private static final int HELD_MAX = 64;

  private final Connmix connmix;
  private final List<String> topics =
      IntStream.range(0, TOPICS).mapToObj(i -> Names.unique("held") + "-" + i).toList();

  HeldEventsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldLeaveInTheQueuesWhatIsTooMuchToHold() {
    String padding = "x".repeat(MIB);
    try (Backend slow = connmix.backend()) {
      slow.pop(topics.toArray(String[]::new));
      topics.forEach(each -> connmix.enqueue(each, "1", each + padding));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                double held = connmix.figure("dragoman_connmix_held_bytes");
                // The one with which the bound is passed does not count itself.
                assertThat(held).isBetween(HELD_MAX / 2.0 * MIB, (HELD_MAX + 1.0) * MIB);
                int written = (int) connmix.figure(Connmix.EVENTS_WRITTEN);
                assertThat(waiting()).isEqualTo(TOPICS - written - (int) (held / MIB));
              });

      List<String> got = new ArrayList<>();
      for (int i = 0; i < TOPICS; i++) {
        String data = slow.data(1).get(0);
        assertThat(data.endsWith(padding)).isTrue();
        got.add(data.substring(0, data.length() - MIB));
      }
      assertThat(got).containsExactlyInAnyOrderElementsOf(topics);
    }
    topics.forEach(each -> connmix.awaitQueue(each, 0, 0));
    assertThat(connmix.figure("dragoman_connmix_held_bytes")).isZero();
  }

  private int waiting() {
    return topics.stream()
        .mapToInt(
            each ->
                (int)
                    connmix
                        .broker()
                        .core()
                        .queues()
                        .info(each)
                        .toCompletableFuture()
                        .join()
                        .orThrow()
                        .waiting())
        .sum();
  }
}
