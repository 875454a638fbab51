// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Kind;
import io.dragoman.core.QueueSend;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.Write;
import io.dragoman.testkit.ModelStep.How;
import io.dragoman.testkit.ModelStep.Log;
import io.dragoman.testkit.ModelStep.Queue;
import io.dragoman.testkit.ModelStep.Sent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;
import org.jspecify.annotations.Nullable;

/**
 * Random sequences of operations on queues and logs, with restarts and kills in between, each step
 * compared with {@link QueueModel} and {@link LogModel}. For engines that promise exact counts,
 * atomic moves and to notice stale receipts: without them there is no one right answer to compare
 * with.
 *
 * <p>A failing sequence is shrunk and printed as its steps, with what each came to and with the
 * seed; {@code @Property(seed = "…")} repeats it. The configuration parameter {@code
 * jqwik.tries.default} says how many sequences are tried.
 *
 * <p>A sequence is a list of steps, each of which can be done in any state (see {@link ModelStep}),
 * instead of steps drawn to fit the state: lists shrink by leaving out what is not needed.
 *
 * <p>Sequences share an engine until one fails, each with channels of its own: opening a store for
 * each would take most of the time.
 */
public abstract class EngineModelContract {
  private static final int SEQUENCES_PER_ENGINE = 250;
  private static final int STEPS_MAX = 50;

  private final Supplier<EngineFixture> fixtures;
  private final ManualClock clock = new ManualClock();
  private @Nullable EngineFixture fixture;
  private @Nullable Path directory;
  private int sequences;
  private boolean ended;

  /** How the channels of the running sequence are kept. */
  private volatile Durability queueDurability = Durability.SYNC;

  private volatile Durability deadDurability = Durability.SYNC;
  private volatile Durability logDurability = Durability.SYNC;

  /**
   * @param fixtures gives a fixture for each engine without data
   */
  protected EngineModelContract(Supplier<EngineFixture> fixtures) {
    this.fixtures = fixtures;
  }

  // Shrinking that takes too long goes on for a while, on a thread of its own.
  @AfterProperty
  synchronized void end() {
    ended = true;
    stop();
  }

  private void stop() {
    if (fixture != null) {
      fixture.close();
      fixture = null;
      delete(directory);
    }
  }

  @Property
  synchronized void shouldDoWhatModelDoes(
      @ForAll Durability ofQueues,
      @ForAll Durability ofDeadLetters,
      @ForAll Durability ofLogs,
      @ForAll("sequences") List<ModelStep> steps)
      throws EngineException {
    if (ended) {
      return;
    }
    start();
    queueDurability = ofQueues;
    deadDurability = ofDeadLetters;
    logDurability = ofLogs;
    Run run = new Run("-" + sequences);
    try {
      steps.forEach(run::step);
      run.finish();
    } catch (AssertionError | RuntimeException e) {
      // The engine may be in any state now.
      stop();
      throw new AssertionError(run + "\n" + e.getMessage(), e);
    }
  }

  private void start() throws EngineException {
    if (++sequences % SEQUENCES_PER_ENGINE == 0) {
      stop();
    }
    if (fixture == null) {
      directory = temporary();
      EngineFixture next = fixtures.get();
      next.start(directory, clock, this::settings);
      fixture = next;
    }
  }

  private ChannelSettings settings(Kind kind, String name) {
    if (kind == Kind.LOG) {
      return LogModelRun.settings(name, logDurability);
    }
    boolean dead = name.startsWith(Queue.DEAD.name());
    return new ChannelSettings(dead ? deadDurability : queueDurability, 0, 0, 0, 0, "", 0);
  }

  private Engine engine() {
    if (fixture == null) {
      throw new IllegalStateException("no engine");
    }
    return fixture.engine();
  }

  /** One sequence, in channels of its own. */
  private final class Run {
    private final List<String> did = new ArrayList<>();
    private final QueueModelRun queues;
    private final LogModelRun logs;

    Run(String suffix) {
      Supplier<Engine> engine = EngineModelContract.this::engine;
      queues = new QueueModelRun(engine, clock, suffix, did);
      logs = new LogModelRun(engine, clock, suffix);
    }

    void step(ModelStep step) {
      did.add(step.toString());
      if (step instanceof ModelStep.Advance advance) {
        queues.advance(advance.seconds(), logs::assertFigures);
      } else if (step instanceof ModelStep.Restart) {
        restart(false);
      } else if (step instanceof ModelStep.Crash) {
        restart(true);
      } else if (step instanceof ModelStep.Commit commit) {
        commit(commit.sent(), commit.log());
      } else if (!queueStep(step) && !logStep(step)) {
        throw new AssertionError("no such step: " + step);
      }
    }

    private boolean queueStep(ModelStep step) {
      if (step instanceof ModelStep.Send send) {
        queues.send(send.batch());
      } else if (step instanceof ModelStep.Receive receive) {
        queues.receive(receive.queue(), receive.max(), receive.leaseSeconds());
      } else if (step instanceof ModelStep.Settle settle) {
        queues.settle(settle.which(), settle.how(), settle.target(), settle.leaseSeconds());
      } else if (step instanceof ModelStep.SettleStale settle) {
        queues.settleStale(settle.which(), settle.how());
      } else if (step instanceof ModelStep.Peek peek) {
        queues.peek(peek.queue(), peek.max());
      } else if (step instanceof ModelStep.AckAll ackAll) {
        queues.ackAll(ackAll.queue());
      } else if (step instanceof ModelStep.CancelDelayed cancel) {
        queues.cancelDelayed(cancel.queue(), cancel.which());
      } else if (step instanceof ModelStep.DeliverNow deliver) {
        queues.deliverNow(deliver.queue(), deliver.which());
      } else if (step instanceof ModelStep.Redrive redrive) {
        queues.redrive(redrive.max());
      } else if (step instanceof ModelStep.DeleteQueue delete) {
        queues.delete(delete.queue());
      } else {
        return false;
      }
      return true;
    }

    private boolean logStep(ModelStep step) {
      if (step instanceof ModelStep.Append append) {
        logs.append(append.log(), append.count());
      } else if (step instanceof ModelStep.Read read) {
        logs.read(read.log(), read.back(), read.max());
      } else if (step instanceof ModelStep.Resolve resolve) {
        logs.resolve(resolve.log(), resolve.back());
      } else if (step instanceof ModelStep.Trim trim) {
        logs.trim(trim.log(), trim.back());
      } else if (step instanceof ModelStep.StorePosition store) {
        logs.storePosition(store.log(), store.name(), store.sequence());
      } else if (step instanceof ModelStep.DeleteLog delete) {
        logs.delete(delete.log());
      } else {
        return false;
      }
      return true;
    }

    private void commit(Sent sent, Log log) {
      QueueSend send = queues.message(sent);
      String body = logs.nextBody();
      List<Write> writes =
          List.of(new Write.ToQueue(send), new Write.ToLog(Samples.message(logs.name(log), body)));
      List<SendReceipt> receipts = Outcomes.ok(engine().commit(writes));
      assertThat(receipts).hasSize(2);
      queues.sent(send);
      logs.appended(log, body, receipts.get(1).sentAtNanos());
    }

    private void restart(boolean crash) {
      try {
        if (crash) {
          // What a receive or peek reports as expired is written down behind the answer, and a kill
          // in between repeats the report. A write that was acknowledged is behind all of them.
          Outcomes.ok(engine().logs().append(Samples.message("barrier", "")));
          fixture.crash();
        } else {
          fixture.restart();
        }
      } catch (EngineException e) {
        throw new AssertionError("the engine does not start on its own data", e);
      }
      queues.restarted();
      logs.assertPositions();
    }

    void finish() {
      did.add("finish");
      queues.finish();
      logs.finish();
    }

    @Override
    public String toString() {
      return "what was done:\n  " + String.join("\n  ", did);
    }
  }

  // Weights as in a broker's day, with enough settling that what is received does not pile up.
  @Provide
  Arbitrary<List<ModelStep>> sequences() {
    Arbitrary<ModelStep> step =
        Arbitraries.frequencyOf(
            Tuple.of(20, sends()),
            Tuple.of(20, receives()),
            Tuple.of(20, settles()),
            Tuple.of(3, stale()),
            Tuple.of(14, lookingAndRemoving()),
            Tuple.of(14, logSteps()),
            Tuple.of(2, Combinators.combine(sent(), logs()).as(ModelStep.Commit::new)),
            Tuple.of(6, number(1, 8).map(ModelStep.Advance::new)),
            Tuple.of(1, Arbitraries.of(new ModelStep.Restart(), new ModelStep.Crash())));
    return step.list().ofMinSize(1).ofMaxSize(STEPS_MAX);
  }

  private static Arbitrary<ModelStep> sends() {
    return sent().list().ofMinSize(1).ofMaxSize(3).map(ModelStep.Send::new);
  }

  private static Arbitrary<ModelStep> receives() {
    return Combinators.combine(queues(), number(1, 4), number(0, 10)).as(ModelStep.Receive::new);
  }

  private static Arbitrary<ModelStep> settles() {
    return Combinators.combine(number(0, 9), Arbitraries.of(How.class), sent(), number(0, 9))
        .as(ModelStep.Settle::new);
  }

  private static Arbitrary<ModelStep> stale() {
    return Combinators.combine(number(0, 9), Arbitraries.of(How.class))
        .as(ModelStep.SettleStale::new);
  }

  private static Arbitrary<ModelStep> lookingAndRemoving() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Combinators.combine(queues(), number(1, 10)).as(ModelStep.Peek::new)),
        Tuple.of(2, queues().map(ModelStep.AckAll::new)),
        Tuple.of(2, Combinators.combine(queues(), number(0, 9)).as(ModelStep.CancelDelayed::new)),
        Tuple.of(2, Combinators.combine(queues(), number(0, 9)).as(ModelStep.DeliverNow::new)),
        Tuple.of(3, number(1, 3).map(ModelStep.Redrive::new)),
        Tuple.of(1, queues().map(ModelStep.DeleteQueue::new)));
  }

  private static Arbitrary<ModelStep> logSteps() {
    Arbitrary<Integer> back = number(-2, 12);
    return Arbitraries.frequencyOf(
        Tuple.of(6, Combinators.combine(logs(), number(1, 6)).as(ModelStep.Append::new)),
        Tuple.of(3, Combinators.combine(logs(), back, number(1, 9)).as(ModelStep.Read::new)),
        Tuple.of(2, Combinators.combine(logs(), back).as(ModelStep.Resolve::new)),
        Tuple.of(1, Combinators.combine(logs(), back).as(ModelStep.Trim::new)),
        Tuple.of(
            2,
            Combinators.combine(logs(), Arbitraries.of("p", "q"), number(0, 20))
                .as(ModelStep.StorePosition::new)),
        Tuple.of(1, logs().map(ModelStep.DeleteLog::new)));
  }

  private static Arbitrary<Sent> sent() {
    return Combinators.combine(
            queues(),
            Arbitraries.frequencyOf(Tuple.of(2, number(0, 0)), Tuple.of(1, number(1, 12))),
            Arbitraries.frequencyOf(Tuple.of(3, number(0, 0)), Tuple.of(1, number(1, 12))),
            number(0, 2),
            Arbitraries.of(false, true))
        .as(Sent::new);
  }

  private static Arbitrary<Queue> queues() {
    return Arbitraries.frequency(
        Tuple.of(5, Queue.A), Tuple.of(3, Queue.B), Tuple.of(2, Queue.DEAD));
  }

  private static Arbitrary<Log> logs() {
    return Arbitraries.of(Log.class);
  }

  private static Arbitrary<Integer> number(int least, int most) {
    return Arbitraries.integers().between(least, most);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("model");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(@Nullable Path directory) {
    if (directory == null) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
