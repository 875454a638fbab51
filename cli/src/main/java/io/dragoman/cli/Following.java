// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.Output;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Takes what a subscription brings until there was enough, and subscribes again when it is lost.
 */
final class Following {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Brokers that confirm a subscription do so at once; others with their first message. */
  private static final Duration READY_WAIT = Duration.ofSeconds(1);

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      description = "End after so many.")
  private long count = Long.MAX_VALUE;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "End after this time.")
  private @Nullable Duration duration;

  private @Nullable Interrupt signals;

  /**
   * Goes on until Ctrl-C or as the options say.
   *
   * @param subscribe opens the subscription; called again when it was lost
   * @param what said once when the subscription is there
   */
  <R> void run(
      Supplier<? extends Exchange<?, R>> subscribe,
      String what,
      Output output,
      Consumer<R> consumer) {
    Interrupt interrupt = Interrupt.ofThisThread();
    signals = interrupt;
    Retries retries = new Retries(output);
    long deadline =
        duration == null ? Long.MAX_VALUE : System.nanoTime() / 1_000_000 + duration.toMillis();
    boolean said = false;
    long left = count;
    try {
      while (left > 0 && !interrupt.happened() && millis() < deadline) {
        try (Exchange<?, R> exchange = subscribe.get()) {
          exchange.awaitReady(READY_WAIT);
          if (!said) {
            output.note(what);
            said = true;
          }
          retries.succeeded();
          while (left > 0 && millis() < deadline && !exchange.ended()) {
            R item = exchange.next(POLL);
            if (item != null) {
              consumer.accept(item);
              left--;
            }
          }
          if (exchange.ended()) {
            throw CliException.unreachable("the broker ended the subscription");
          }
        } catch (CliException e) {
          // A call that a signal cut short has not failed.
          if (!interrupt.happened()) {
            retries.failed(e);
          }
        }
      }
    } catch (InterruptedException e) {
      if (!interrupt.happened()) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Does something for an item that a signal must not cut short. */
  void finish(Runnable work) {
    if (signals == null) {
      work.run();
    } else {
      signals.finish(work);
    }
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }
}
