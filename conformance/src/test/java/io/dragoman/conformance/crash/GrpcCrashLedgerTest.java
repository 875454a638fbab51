// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import static io.dragoman.conformance.crash.Brokers.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.testkit.ledger.LedgerChecker;
import io.dragoman.testkit.ledger.LedgerEntry;
import io.dragoman.testkit.ledger.LedgerRules;
import io.dragoman.testkit.ledger.LedgerRules.DeadLetters;
import io.dragoman.testkit.ledger.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The same over the queue streams of gRPC: a broker is killed again and again while batches come
 * over {@code QueuesUpstream} and go out over {@code QueuesDownstream}. Nothing that was
 * acknowledged may be missing, and what a consumer held that vanished must come again.
 *
 * <p>{@code -Ddragoman.full=true} makes it 20 kills instead of 3; {@code -Ddragoman.crash.seed=N}
 * makes its choices those of an earlier run.
 */
@Isolated("loads the whole machine")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class GrpcCrashLedgerTest {
  private static final int KILLS = Boolean.getBoolean("dragoman.full") ? 20 : 3;
  private static final Duration SETTLING = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final DeadLetters LETTERS = new DeadLetters("dead", 2);
  private static final List<String> QUEUES = List.of("work", "ordered", "risky", "dead", "moved");

  @RegisterExtension final Brokers brokers = new Brokers();

  private final long seed = Long.getLong("dragoman.crash.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void shouldKeepEveryPromiseOfItsStreams() throws IOException {
    say("seed %d, %d kills", seed, KILLS);
    try (Load load = new Load(random.nextLong());
        KillCycles cycles = new KillCycles(load, brokers, random)) {
      // given clients
      Incarnation broker = cycles.begin();
      List<Future<?>> consuming = load.run(consumers(load));
      List<Future<?>> sending = load.run(senders(load));

      // when the broker is killed while they work
      for (int kill = 1; kill <= KILLS; kill++) {
        broker = cycles.next(broker, kill);
      }

      // then what they were told is true
      load.stopSending();
      load.join(sending, DEADLINE);
      load.stopConsuming();
      load.join(consuming, DEADLINE);
      Aftermath aftermath = new Aftermath(load.ledger(), broker.rest());
      aftermath.emptyQueues(QUEUES);
      aftermath.assertQueuesEmpty(QUEUES);
      load.ending(broker);
      broker.process().terminate();
      assertThat(broker.process().awaitExit(DEADLINE)).as("exit value at last").isZero();
      judge(load);
    }
    brokers.assertNoComplaints();
  }

  private static List<Client> senders(Load load) {
    return List.of(
        new UpstreamSender(load, "work-1", "work", Optional.empty()),
        new UpstreamSender(load, "work-2", "work", Optional.empty()),
        new UpstreamSender(load, "ordered-1", "ordered", Optional.empty()),
        new UpstreamSender(load, "risky-1", "risky", Optional.of(LETTERS)));
  }

  private static List<Client> consumers(Load load) {
    Habits all = new Habits(15, 8, 15, "moved", 12, 8, 12);
    Habits careless = new Habits(0, 50, 0, "", 5, 8, 12);
    return List.of(
        new PollConsumer(load, "work-all-1", "work", all),
        new PollConsumer(load, "work-all-2", "work", all),
        new PollConsumer(load, "ordered-one", "ordered", Habits.acknowledging(40)),
        new PollConsumer(load, "risky-1", "risky", careless),
        new PollConsumer(load, "risky-2", "risky", careless),
        new PollConsumer(load, "dead-1", "dead", Habits.acknowledging(0)),
        new PollConsumer(load, "moved-1", "moved", Habits.acknowledging(60)));
  }

  private void judge(Load load) throws IOException {
    LedgerRules rules =
        new LedgerRules(Set.of(), Set.of("ordered"), Map.of("risky", LETTERS), SETTLING);
    List<LedgerEntry> history = load.ledger().history();
    Verdict verdict = new LedgerChecker(rules).check(history);
    say("%,d lines: %s", history.size(), verdict.figures());
    if (!verdict.violations().isEmpty()) {
      Path file = brokers.directory().resolve("ledger.txt");
      Files.write(file, history.stream().map(LedgerEntry::toString).toList());
      throw new AssertionError(
          "seed " + seed + ", ledger in " + file + "\n" + verdict.report(history));
    }
    assertThat(load.problems()).as("seed %d", seed).isEmpty();
    assertThat(verdict.figure("kills")).isEqualTo(KILLS);
    for (String figure :
        List.of(
            "sends OK",
            "sends UNKNOWN",
            "deliveries",
            "taken",
            "dead letters",
            "ACK OK",
            "REJECT OK",
            "MOVE OK")) {
      assertThat(verdict.figure(figure)).as(figure).isPositive();
    }
  }
}
