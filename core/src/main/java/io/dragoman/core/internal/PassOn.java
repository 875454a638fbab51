// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Message;
import io.dragoman.core.Result;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Passes on to live subscribers of events what logs were given, where that is wanted (ruling 14).
 * Safe from any thread.
 *
 * <p>It comes after the message is safe in its log, so that nobody hears of what was not kept, and
 * before its sender is answered: where receivers' lanes have no room the sender waits, as one who
 * publishes events does, and what waits stays bounded. What one sender appends to a log one after
 * the other is passed on in that order; of two senders at the same moment the later in the log may
 * come first. It costs a look-up of the channel's receivers, a copy of the message without its
 * body, and a queue entry for each lane that has receivers.
 */
final class PassOn {
  private final boolean wanted;
  private final Function<Message, CompletionStage<Result<Boolean>>> toEvents;
  private final Throttle faults = new Throttle();

  PassOn(boolean wanted, Function<Message, CompletionStage<Result<Boolean>>> toEvents) {
    this.wanted = wanted;
    this.toEvents = toEvents;
  }

  boolean wanted() {
    return wanted;
  }

  /**
   * Passes on what is safe in its log by now. Gives what its sender is told whatever becomes of the
   * events, which may be lost by their nature: that it is stored.
   */
  <T> CompletionStage<Result<T>> appended(Message message, T stored) {
    CompletionStage<Result<Boolean>> passed;
    try {
      passed = toEvents.apply(message);
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
      Loggers.DELIVERY.error("what a log was given could not be passed on to events", failure);
    }
  }
}
