// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Metrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts what scripts ask of one kind of server. Safe from any thread. */
final class ScriptCalls {
  private final Map<Outcome, Metrics.Counter> counters = new EnumMap<>(Outcome.class);

  /**
   * @param to what is asked, as metrics call it
   */
  ScriptCalls(Metrics metrics, String to) {
    for (Outcome each : Outcome.values()) {
      counters.put(
          each,
          metrics.counter(
              "dragoman_connmix_script_calls_total",
              "What scripts asked of other servers",
              "to",
              to,
              "outcome",
              each.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** What came of it. */
  enum Outcome {
    /** It was answered, whatever the answer says. */
    ANSWERED,
    /** There was no answer, or not in time. */
    FAILED,
    /** There were too many already. */
    REFUSED
  }

  @SuppressWarnings("NullAway") // there is a counter for each outcome
  void count(Outcome outcome) {
    counters.get(outcome).increment();
  }
}
