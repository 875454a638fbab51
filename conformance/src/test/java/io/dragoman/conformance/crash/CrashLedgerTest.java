// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import static io.dragoman.conformance.crash.Brokers.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.testkit.ledger.LedgerChecker;
import io.dragoman.testkit.ledger.LedgerEntry;
import io.dragoman.testkit.ledger.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Kills a busy broker again and again, and then holds what its clients were told against what they
 * got: nothing that was acknowledged may be missing, nothing that was settled may come again, and
 * everything must be in its order.
 *
 * <p>{@code -Ddragoman.full=true} makes it ten times as long; {@code -Ddragoman.crash.seed=N} makes
 * its choices those of an earlier run (the threads' timing remains a matter of chance).
 */
@Isolated("loads the whole machine")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class CrashLedgerTest {

  private static final int KILLS_PER_ROUND = 30;
  private static final int ROUNDS = Boolean.getBoolean("dragoman.full") ? 10 : 1;

  @RegisterExtension final Brokers brokers = new Brokers();

  private final long seed = Long.getLong("dragoman.crash.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void shouldKeepEveryPromiseThroughKills() throws IOException {
    say("seed %d, %d kills", seed, ROUNDS * KILLS_PER_ROUND);
    for (int round = 1; round <= ROUNDS; round++) {
      shouldKeepEveryPromise(round);
    }
    brokers.assertNoComplaints();
  }

  private void shouldKeepEveryPromise(int round) throws IOException {
    try (Load load = new Load(random.nextLong());
        KillCycles cycles = new KillCycles(load, brokers, random)) {
      // given clients of all kinds
      Cast cast = new Cast(load, "-" + round);
      Incarnation broker = cycles.begin();
      Cast.Running running = cast.begin();

      // when the broker is killed while they work
      for (int kill = 1; kill <= KILLS_PER_ROUND; kill++) {
        broker = cycles.next(broker, kill);
      }

      // then what they were told is true
      cast.finish(running, broker);
      judge(load, cast);
    }
  }

  private void judge(Load load, Cast cast) throws IOException {
    List<LedgerEntry> history = load.ledger().history();
    Verdict verdict = new LedgerChecker(cast.rules()).check(history);
    say("%,d lines: %s", history.size(), verdict.figures());
    if (!verdict.violations().isEmpty()) {
      Path file = brokers.directory().resolve("ledger.txt");
      Files.write(file, history.stream().map(LedgerEntry::toString).toList());
      throw new AssertionError(
          "seed " + seed + ", ledger in " + file + "\n" + verdict.report(history));
    }
    assertThat(load.problems()).as("seed %d", seed).isEmpty();
    assertThatAllKindsOfThingsHappened(verdict);
  }

  /** A test in which nothing happens would find nothing. */
  private static void assertThatAllKindsOfThingsHappened(Verdict verdict) {
    assertThat(verdict.figure("kills")).isEqualTo(KILLS_PER_ROUND);
    for (String figure :
        List.of(
            "sends OK",
            "sends UNKNOWN",
            "appends OK",
            "appends UNKNOWN",
            "deliveries",
            "taken",
            "lapsed",
            "delayed",
            "dead letters",
            "ACK OK",
            "REJECT OK",
            "MOVE OK",
            "events seen")) {
      assertThat(verdict.figure(figure)).as(figure).isPositive();
    }
  }
}
