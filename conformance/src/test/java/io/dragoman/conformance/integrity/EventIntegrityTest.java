// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static io.dragoman.conformance.crash.Brokers.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Fifty subscribers of topics and patterns that come and go and do not always read, and four
 * publishers: every subscriber is shown everything it has subscribed to, once, and in the order in
 * which each publisher sent it; also when the broker is killed meanwhile, and then everything that
 * was acknowledged.
 *
 * <p>{@code -Ddragoman.full=true} makes it five times as long; {@code -Ddragoman.integrity.seed=N}
 * makes its choices those of an earlier run (the threads' timing remains a matter of chance).
 */
@Isolated("loads the whole machine")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class EventIntegrityTest {

  private static final int EVENTS = Boolean.getBoolean("dragoman.full") ? 100_000 : 20_000;
  private static final int KILLS = 3;

  /** What a subscriber misses while it is away is more than history gives by default. */
  private static final String HISTORY = "eventhub.historyMax=100000";

  @RegisterExtension final Brokers brokers = new Brokers();

  private final long seed = Long.getLong("dragoman.integrity.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Plan plan = new Plan(EVENTS);
  private final Account account = new Account(plan);
  private final AtomicReference<URI> server = new AtomicReference<>();
  private final List<Thread> publishers = new ArrayList<>();

  @Test
  void shouldShowEveryEventOnceAndInOrder() throws InterruptedException {
    // given
    server.set(brokers.start(HISTORY).http());
    Audience audience = audience(false);
    Thread listening = begin(audience, false);

    // when everything has been published, and subscribers have come and gone
    end(listening, audience);

    // then
    assertThat(account.unanswered()).isZero();
    assertThat(audience.broken()).isZero();
  }

  @Test
  void shouldShowEveryAcknowledgedEventThroughKills() throws InterruptedException {
    // given
    BrokerProcess broker = brokers.start(HISTORY);
    server.set(broker.http());
    String port = "http.port=" + broker.http().getPort();
    Audience audience = audience(true);
    Thread listening = begin(audience, true);

    // when the broker is killed in between
    for (int kill = 1; kill <= KILLS; kill++) {
      awaitProgress(EVENTS / (KILLS + 1) * kill);
      broker.kill();
      broker = brokers.start(HISTORY, port);
    }
    end(listening, audience);

    // then
    assertThat(audience.broken()).as("connections that ended").isPositive();
  }

  private Audience audience(boolean mayBreak) {
    return new Audience(
        plan, account, server::get, this::over, mayBreak, new Random(random.nextLong()));
  }

  private Thread begin(Audience audience, boolean mayBreak) throws InterruptedException {
    Thread listening = new Thread(audience, "audience");
    listening.setDaemon(true);
    listening.start();
    audience.awaitBegun();
    for (int i = 0; i < Plan.PUBLISHERS; i++) {
      EventPublisher publisher = new EventPublisher(plan, account, i, server::get, mayBreak);
      Thread thread =
          new Thread(
              () -> {
                try {
                  publisher.run();
                } catch (RuntimeException | AssertionError e) {
                  account.complain("a publisher has ended: %s", e);
                }
              },
              "publisher");
      thread.setDaemon(true);
      publishers.add(thread);
    }
    publishers.forEach(Thread::start);
    return listening;
  }

  private boolean over() {
    return account.progress() == plan.perPublisher() * Plan.PUBLISHERS
        || !account.complaints().isEmpty();
  }

  private void awaitProgress(int events) {
    await()
        .atMost(Duration.ofMinutes(5))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> account.progress() >= events || !account.complaints().isEmpty());
  }

  private void end(Thread listening, Audience audience) throws InterruptedException {
    while (listening.isAlive() && account.complaints().isEmpty()) {
      listening.join(10);
    }
    if (account.complaints().isEmpty()) {
      account.judge(audience.subscriptions());
    }
    say(
        "seed %d: %,d events, %d without an answer; turns of subscribers %s, broken connections %d",
        seed, account.progress(), account.unanswered(), audience.turns(), audience.broken());
    assertThat(account.complaints()).as("seed %d", seed).isEmpty();
    assertThat(audience.turns()).containsOnlyKeys(Audience.Turn.values());
    brokers.assertNoComplaints();
  }
}
