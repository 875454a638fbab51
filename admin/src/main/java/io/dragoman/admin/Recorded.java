// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Metrics;
import java.util.List;

/** What the broker's own instruments say, added up, for families under names of other products. */
final class Recorded {
  private final Metrics metrics;

  Recorded(Metrics metrics) {
    this.metrics = metrics;
  }

  /** As {@link #value}, of what is counted in whole numbers. */
  long sum(String family, String... labels) {
    return Math.round(value(family, labels));
  }

  /**
   * The sum of a family's instruments, 0 if there are none.
   *
   * @param labels names and values that each must have, in turn
   */
  double value(String family, String... labels) {
    return metrics.families().stream()
        .filter(each -> each.name().equals(family))
        .flatMap(each -> each.instruments().entrySet().stream())
        .filter(each -> has(each.getKey(), labels))
        .mapToDouble(each -> value(each.getValue()))
        .sum();
  }

  private static boolean has(List<String> own, String... labels) {
    for (int i = 0; i < labels.length; i += 2) {
      int at = own.indexOf(labels[i]);
      if (at < 0 || !own.get(at + 1).equals(labels[i + 1])) {
        return false;
      }
    }
    return true;
  }

  private static double value(Metrics.Instrument instrument) {
    if (instrument instanceof Metrics.Counter counter) {
      return counter.value();
    }
    return instrument instanceof Metrics.Gauge gauge ? gauge.value() : 0;
  }
}
