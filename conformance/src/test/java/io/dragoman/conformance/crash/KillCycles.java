// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import io.dragoman.testkit.ledger.LedgerEvent.BrokerEnded;
import io.dragoman.testkit.ledger.LedgerEvent.BrokerStarted;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts a broker again and again, and kills it at moments of its own choice. */
final class KillCycles implements AutoCloseable {

  private static final int UP_MILLIS_MIN = 300;
  private static final int UP_MILLIS_MAX = 2500;

  /** Of so many starts, one is killed before the broker is ready. */
  private static final int EARLY_KILL_ONE_IN = 6;

  /** Of so many starts, one is with asynchronous acknowledgements. */
  private static final int ASYNC_ONE_IN = 4;

  private static final int EARLY_MILLIS_MAX = 900;
  private static final Duration END_DEADLINE = Duration.ofSeconds(30);

  private final Load load;
  private final Brokers brokers;
  private final Random random;
  private final ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();

  KillCycles(Load load, Brokers brokers, Random random) {
    this.load = load;
    this.brokers = brokers;
    this.random = random;
  }

  /** Starts the first broker. */
  Incarnation begin() {
    return up(0);
  }

  /** Kills a broker while its clients work, and starts the next one. */
  Incarnation next(Incarnation broker, int number) {
    int upMillis = UP_MILLIS_MIN + random.nextInt(UP_MILLIS_MAX - UP_MILLIS_MIN);
    awaitKill(killer.schedule(() -> end(broker), upMillis, TimeUnit.MILLISECONDS));
    if (random.nextInt(EARLY_KILL_ONE_IN) == 0) {
      killWhileItStarts();
    }
    return up(number);
  }

  private Incarnation up(int number) {
    BrokerProcess process = launch().start().awaitReady();
    load.ledger().record(new BrokerStarted());
    Incarnation broker = new Incarnation(number, process);
    load.up(broker);
    return broker;
  }

  /** An asynchronous acknowledgement may be undone by a power failure, and not by a kill. */
  private BrokerProcess.Launch launch() {
    boolean async = random.nextInt(ASYNC_ONE_IN) == 0;
    return brokers
        .broker("durability=" + (async ? "async" : "sync"))
        .jvm("-XX:TieredStopAtLevel=1");
  }

  private void awaitKill(Future<?> kill) {
    try {
      kill.get(END_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the kill failed " + load.problems(), e);
    }
  }

  private void end(Incarnation broker) {
    load.ending(broker);
    long since = load.ledger().now();
    broker.process().kill();
    load.ledger().record(new BrokerEnded(since));
  }

  /** Recovery, too, may be cut off anywhere. */
  private void killWhileItStarts() {
    BrokerProcess process = launch().start();
    int upMillis = 1 + random.nextInt(EARLY_MILLIS_MAX);
    awaitKill(killer.schedule(process::kill, upMillis, TimeUnit.MILLISECONDS));
  }

  @Override
  public void close() {
    killer.shutdownNow();
  }
}
