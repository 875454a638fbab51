// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ExpositionTest {
  private final Families families = new Families();

  private String text() {
    return new String(Exposition.write(families), StandardCharsets.UTF_8);
  }

  @Test
  void shouldWriteEachTypeAsPrometheusReadsIt() {
    // given
    families.counter("a_total", "A.", 2, "k", "v");
    families.gauge("b", "B.", 1.5);
    families.info("c_info", "C.", "version", "1");
    families.histogram("d", "D.", new double[] {1, 2}, new long[] {1, 0, 3}, 9.5);
    families.summary("e", "E.", Map.of(0.5, 2.5), 4, 9.5, "k", "v");

    // when
    String text = text();

    // then
    assertThat(text)
        .contains("# HELP a_total A.\n# TYPE a_total counter\na_total{k=\"v\"} 2.0\n")
        .contains("# TYPE b gauge\nb 1.5\n")
        .contains("# TYPE c_info gauge\nc_info{version=\"1\"} 1\n")
        .contains("d_bucket{le=\"1.0\"} 1\nd_bucket{le=\"2.0\"} 1\nd_bucket{le=\"+Inf\"} 4\n")
        .contains("d_count 4\nd_sum 9.5\n")
        .contains("# TYPE e summary\ne{k=\"v\",quantile=\"0.5\"} 2.5\n")
        .contains("e_count{k=\"v\"} 4\ne_sum{k=\"v\"} 9.5\n");
  }

  @Test
  void shouldKeepTheNamesOfOtherProductsCounters() {
    // given
    families.foreignCounter("kubemq_messages_count", "Messages.", 3, "side", "send");

    // when
    String text = text();

    // then
    assertThat(text)
        .contains(
            "# TYPE kubemq_messages_count counter\nkubemq_messages_count{side=\"send\"} 3.0\n");
  }

  @Test
  void shouldShowAGaugeAndACounterOfOneStem() {
    // given
    families.gauge("connections", "Open.", 1);
    families.counter("connections_total", "Ever.", 5);

    // when
    String text = text();

    // then
    assertThat(text).contains("\nconnections 1.0\n", "\nconnections_total 5.0\n");
  }

  @Test
  void shouldEscapeWhateverIsInALabel() {
    // given
    families.gauge("g", "G.", 1, "channel", "a\"b\\c\nd");

    // when
    String text = text();

    // then
    assertThat(text).contains("g{channel=\"a\\\"b\\\\c\\nd\"} 1.0\n");
  }

  @Test
  void shouldAddUpSamplesWithTheSameLabels() {
    // given
    families.gauge("g", "G.", 1, "channel", "other");
    families.gauge("g", "G.", 2, "channel", "other");
    families.gaugeMax("m", "M.", 7, "channel", "other");
    families.gaugeMax("m", "M.", 3, "channel", "other");

    // when
    String text = text();

    // then
    assertThat(text).contains("g{channel=\"other\"} 3.0\n", "m{channel=\"other\"} 7.0\n");
  }

  @Test
  void shouldLeaveOutANameThatCannotBeShown() {
    // given
    families.gauge("bad_total", "A gauge by a counter's name.", 1);
    families.gauge("good", "Good.", 1);

    // when
    String text = text();

    // then
    assertThat(text).contains("good 1.0").doesNotContain("bad");
  }
}
