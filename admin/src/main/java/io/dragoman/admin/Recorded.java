// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Metrics;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** A family's only histogram; null if there is none. */
  Metrics.@Nullable Histogram histogram(String family) {
    return metrics.families().stream()
        .filter(each -> each.name().equals(family))
        .flatMap(each -> each.instruments().values().stream())
        .filter(Metrics.Histogram.class::isInstance)
        .map(Metrics.Histogram.class::cast)
        .findFirst()
        .orElse(null);
  }

  /**
   * The value that this share of all is at most, taken to be spread evenly within a bucket; not a
   * number if there are none.
   */
  static double quantile(double[] bounds, long[] counts, double share) {
    long all = Arrays.stream(counts).sum();
    if (all == 0) {
      return Double.NaN;
    }
    double wanted = share * all;
    double before = 0;
    for (int i = 0; i < bounds.length; i++) {
      double lower = i == 0 ? 0 : bounds[i - 1];
      if (counts[i] > 0 && before + counts[i] >= wanted) {
        return lower + (bounds[i] - lower) * Math.max(0, wanted - before) / counts[i];
      }
      before += counts[i];
    }
    return bounds[bounds.length - 1];
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
