// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Output;
import java.time.Duration;

/**
 * Keeps a command that goes on until Ctrl-C going when the broker is away for a while, once it has
 * worked. For one thread.
 */
final class Retries {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LAST = Duration.ofSeconds(5);

  private final Output output;
  private boolean worked;
  private Duration pause = Duration.ZERO;

  Retries(Output output) {
    this.output = output;
  }

  void succeeded() {
    if (!pause.isZero()) {
      output.note("connected again");
    }
    worked = true;
    pause = Duration.ZERO;
  }

  /** Waits a moment, longer each time; what will not be better later is thrown. */
  void failed(CliException failure) throws InterruptedException {
    if (!worked || !failure.retryable()) {
      throw failure;
    }
    if (pause.isZero()) {
      output.note("lost the broker, trying again until Ctrl-C: " + firstLine(failure.text()));
      pause = FIRST;
    }
    Thread.sleep(pause.toMillis());
    pause = pause.multipliedBy(2).compareTo(LAST) > 0 ? LAST : pause.multipliedBy(2);
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
