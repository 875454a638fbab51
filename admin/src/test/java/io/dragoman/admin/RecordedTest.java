// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Metrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecordedTest {
  private static final double[] BOUNDS = {1, 2, 4};

  private final Metrics metrics = new Metrics();
  private final Recorded recorded = new Recorded(metrics);

  @Test
  void shouldAddUpTheInstrumentsWithTheLabelsThatAreAskedFor() {
    metrics.counter("a_total", "A.", "x", "1", "y", "1").add(1);
    metrics.counter("a_total", "A.", "x", "1", "y", "2").add(2);
    metrics.counter("a_total", "A.", "x", "2", "y", "2").add(4);
    metrics.gauge("b", "B.", () -> 8);

    assertThat(recorded.sum("a_total")).isEqualTo(7);
    assertThat(recorded.sum("a_total", "x", "1")).isEqualTo(3);
    assertThat(recorded.sum("a_total", "y", "2", "x", "1")).isEqualTo(2);
    assertThat(recorded.sum("a_total", "z", "1")).isZero();
    assertThat(recorded.sum("b")).isEqualTo(8);
    assertThat(recorded.sum("c")).isZero();
    assertThat(recorded.histogram("b")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    // counts per bucket, share, value
    "2, 0, 0, 0, 0, 0",
    "2, 0, 0, 0, 0.5, 0.5",
    "2, 0, 0, 0, 1, 1",
    "0, 2, 0, 0, 0, 1",
    "1, 1, 2, 0, 0.25, 1",
    "1, 1, 2, 0, 0.5, 2",
    "1, 1, 2, 0, 0.75, 3",
    "1, 0, 0, 1, 0.75, 4",
    "0, 0, 0, 0, 0.5, NaN"
  })
  void shouldReadQuantilesFromBuckets(
      long first, long second, long third, long over, double share, double value) {
    assertThat(Recorded.quantile(BOUNDS, new long[] {first, second, third, over}, share))
        .isEqualTo(Double.valueOf(value));
  }
}
