// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ExpirationsTest {
  private final AtomicLong now = new AtomicLong(1_000);
  private final List<String> ended = new CopyOnWriteArrayList<>();
  private final Lane lane =
      new Lane() {
        @Override
        public void execute(Runnable task) {
          task.run();
        }

        @Override
        public boolean inLane() {
          return true;
        }
      };

  @Test
  void shouldEndWhatIsDueOnceAndLeaveTheRest() {
    Expirations expirations = new Expirations(now::get);
    expirations.add(1_010, lane, () -> ended.add("ten"));
    Watch cancelled = expirations.add(1_010, lane, () -> ended.add("cancelled"));
    expirations.add(1_020, lane, () -> ended.add("twenty"));
    cancelled.cancel();

    now.set(1_009);
    expirations.tick();
    assertThat(ended).isEmpty();
    now.set(1_010);
    expirations.tick();
    expirations.tick();
    assertThat(ended).containsExactly("ten");
    now.set(5_000);
    expirations.tick();
    cancelled.cancel();
    assertThat(ended).containsExactly("ten", "twenty");
  }

  /** Connections come and go on many event loops while the clock ticks. */
  @Test
  void shouldLoseNothingAndKeepNothingWhenAllHappensAtOnce() throws InterruptedException {
    Expirations expirations = new Expirations(now::get);
    AtomicInteger due = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    Thread ticking =
        new Thread(
            () -> {
              while (!over.get()) {
                now.incrementAndGet();
                expirations.tick();
              }
            });
    ticking.start();
    List<Thread> loops = new ArrayList<>();
    for (int loop = 0; loop < 2; loop++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  expirations.add(now.get() + 2, lane, due::incrementAndGet);
                  expirations.add(Long.MAX_VALUE - 1, lane, due::incrementAndGet).cancel();
                }
              });
      thread.start();
      loops.add(thread);
    }
    for (Thread each : loops) {
      each.join();
    }
    await().until(() -> due.get() == 40_000);
    over.set(true);
    ticking.join();

    assertThat(expirations.size()).isZero();
  }

  @Test
  void shouldEndWhatCameTooLateForItsSecond() {
    Expirations expirations = new Expirations(now::get);
    expirations.add(500, lane, () -> ended.add("late"));

    expirations.tick();

    assertThat(ended).containsExactly("late");
  }

  @Test
  void shouldWatchOverConnectionsOfTokensThatExpire() throws IOException {
    Metrics metrics = new Metrics();
    try (Authenticator authenticator =
        Authenticator.requiring(AuthOptions.secret(Tokens.SECRET), metrics, now::get)) {
      Principal shortly = principal(authenticator, "{\"exp\":1010}");
      Principal ever = principal(authenticator, "{}");

      assertThat(authenticator.watch(ever, lane, () -> ended.add("ever"))).isSameAs(Watch.NONE);
      authenticator.watch(shortly, lane, () -> ended.add("shortly"));
      now.set(1_010);

      await().untilAsserted(() -> assertThat(ended).containsExactly("shortly"));
      assertThat(metrics.counter("dragoman_tokens_expired_total", "").value()).isEqualTo(1);
    }
  }

  private static Principal principal(Authenticator authenticator, String claims) {
    Authentication outcome = authenticator.authenticate(Tokens.of(claims));
    return ((Authentication.Accepted) outcome).principal();
  }
}
