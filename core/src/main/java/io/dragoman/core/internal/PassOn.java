// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Message;
import io.dragoman.core.Result;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Passes on what logs were given to connections that are members of a channel of the log's name
 * (ruling 15), and to live subscribers of events where that is wanted (ruling 14). Safe from any
 * thread.
 *
 * <p>It comes after the message is safe in its log, so that nobody hears of what was not kept, and
 * before its sender is answered: where receivers' lanes have no room the sender waits, as one who
 * publishes events does, and what waits stays bounded. What one sender appends to a log one after
 * the other is passed on in that order; of two senders at the same moment the later in the log may
 * come first. It costs a look-up of the channel's receivers, a copy of the message without its
 * body, and a queue entry for each lane that has receivers.
 */
final class PassOn {
  private final BooleanSupplier wanted;
  private final Function<Message, CompletionStage<Result<Boolean>>> live;
  private final Throttle faults = new Throttle();

  /**
   * @param wanted whether there may be somebody to pass something on to
   * @param live passes on
   */
  PassOn(BooleanSupplier wanted, Function<Message, CompletionStage<Result<Boolean>>> live) {
    this.wanted = wanted;
    this.live = live;
  }

  boolean wanted() {
    return wanted.getAsBoolean();
  }

  /**
   * Passes on what is safe in its log by now. Gives what its sender is told whatever becomes of the
   * events, which may be lost by their nature: that it is stored.
   */
  <T> CompletionStage<Result<T>> appended(Message message, T stored) {
    CompletionStage<Result<Boolean>> passed;
    try {
      passed = live.apply(message);
    } catch (RuntimeException e) {
      fault(e);
      return Calls.okStage(stored);
    }
    return passed.handle(
        (outcome, failure) -> {
          if (failure != null) {
            fault(failure);
          }
          return Result.ok(stored);
        });
  }

  private void fault(Throwable failure) {
    if (faults.pass()) {
      Loggers.DELIVERY.error("what a log was given could not be passed on", failure);
    }
  }
}
