// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Predicate;

/**
 * The samples of one scrape, by family. Samples with the same labels become one, so that whoever
 * adds them may give many channels the label {@code other}. For one thread.
 */
final class Families {
  private static final String TOTAL = "_total";
  private static final String INFO = "_info";

  /** How a family is shown. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM,
    SUMMARY,
    /** A value of 1 whose labels tell something; the name ends in {@code _info}. */
    INFO,
    /** A counter whose name does not end as Prometheus wants it. */
    FOREIGN_COUNTER
  }

  private record Histogram(ClassicHistogramBuckets buckets, double sum) {}

  private record Summary(Quantiles quantiles, long count, double sum) {}

  private static final class Family {
    private final Type type;
    private final String help;
    private final Map<Labels, Double> values = new TreeMap<>();
    private final Map<Labels, Histogram> histograms = new TreeMap<>();
    private final Map<Labels, Summary> summaries = new TreeMap<>();

    Family(Type type, String help) {
      this.type = type;
      this.help = help;
    }
  }

  private final Map<String, Family> families = new TreeMap<>();

  /** Adds to a counter; the name ends in {@code _total}. */
  void counter(String name, String help, double value, String... labels) {
    merge(name, Type.COUNTER, help, value, Double::sum, labels);
  }

  /** As with a double; counts are whole numbers, which a double holds exactly up to 2^53. */
  void counter(String name, String help, long value, String... labels) {
    counter(name, help, (double) value, labels);
  }

  /** As with a double. */
  void gauge(String name, String help, long value, String... labels) {
    gauge(name, help, (double) value, labels);
  }

  /** Adds to a gauge. */
  void gauge(String name, String help, double value, String... labels) {
    merge(name, Type.GAUGE, help, value, Double::sum, labels);
  }

  /** Raises a gauge to at least this value. */
  void gaugeMax(String name, String help, long value, String... labels) {
    merge(name, Type.GAUGE, help, (double) value, Math::max, labels);
  }

  /** Sets what the labels tell; the name ends in {@code _info}. */
  void info(String name, String help, String... labels) {
    merge(name, Type.INFO, help, 1, Math::max, labels);
  }

  /** Adds to a counter that keeps another product's name. */
  void foreignCounter(String name, String help, long value, String... labels) {
    merge(name, Type.FOREIGN_COUNTER, help, (double) value, Double::sum, labels);
  }

  void histogram(
      String name, String help, double[] bounds, long[] counts, double sum, String... labels) {
    double[] upperBounds = Arrays.copyOf(bounds, bounds.length + 1);
    upperBounds[bounds.length] = Double.POSITIVE_INFINITY;
    family(name, Type.HISTOGRAM, help)
        .histograms
        .put(
            Labels.of(labels), new Histogram(ClassicHistogramBuckets.of(upperBounds, counts), sum));
  }

  /**
   * @param quantiles values by how much of all is at most that
   */
  void summary(
      String name,
      String help,
      Map<Double, Double> quantiles,
      long count,
      double sum,
      String... labels) {
    Quantiles.Builder values = Quantiles.builder();
    quantiles.forEach(values::quantile);
    family(name, Type.SUMMARY, help)
        .summaries
        .put(Labels.of(labels), new Summary(values.build(), count, sum));
  }

  private void merge(
      String name,
      Type type,
      String help,
      double value,
      DoubleBinaryOperator merge,
      String... labels) {
    family(name, type, help).values.merge(Labels.of(labels), value, merge::applyAsDouble);
  }

  private Family family(String name, Type type, String help) {
    return families.computeIfAbsent(name, n -> new Family(type, help));
  }

  /** The families of the types that are wanted. */
  MetricSnapshots snapshots(Predicate<Type> wanted) {
    List<MetricSnapshot> snapshots = new ArrayList<>();
    families.forEach(
        (name, family) -> {
          if (wanted.test(family.type)) {
            add(snapshots, name, family);
          }
        });
    return new MetricSnapshots(snapshots);
  }

  /** One bad name must not cost the operator all the others. */
  private static void add(List<MetricSnapshot> snapshots, String name, Family family) {
    try {
      snapshots.add(snapshot(name, family));
    } catch (IllegalArgumentException e) {
      Loggers.METRICS.error("The metric {} cannot be shown.", name, e);
    }
  }

  private static MetricSnapshot snapshot(String name, Family family) {
    return switch (family.type) {
      case COUNTER -> counters(name, family);
      case GAUGE -> gauges(name, family);
      case HISTOGRAM -> histograms(name, family);
      case SUMMARY -> summaries(name, family);
      case INFO -> infos(name, family);
      case FOREIGN_COUNTER -> unknowns(name, family);
    };
  }

  /** The library puts the endings on itself. */
  private static MetricSnapshot counters(String name, Family family) {
    String stem = stem(name, TOTAL);
    List<CounterDataPointSnapshot> points = new ArrayList<>();
    family.values.forEach(
        (labels, value) -> points.add(new CounterDataPointSnapshot(value, labels, null, 0)));
    return new CounterSnapshot(new MetricMetadata(stem, family.help), points);
  }

  private static MetricSnapshot infos(String name, Family family) {
    List<InfoDataPointSnapshot> points = new ArrayList<>();
    family.values.keySet().forEach(labels -> points.add(new InfoDataPointSnapshot(labels)));
    return new InfoSnapshot(new MetricMetadata(stem(name, INFO), family.help), points);
  }

  private static String stem(String name, String ending) {
    return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
  }

  private static MetricSnapshot gauges(String name, Family family) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    family.values.forEach(
        (labels, value) -> points.add(new GaugeDataPointSnapshot(value, labels, null)));
    return new GaugeSnapshot(new MetricMetadata(name, family.help), points);
  }

  private static MetricSnapshot unknowns(String name, Family family) {
    List<UnknownDataPointSnapshot> points = new ArrayList<>();
    family.values.forEach(
        (labels, value) -> points.add(new UnknownDataPointSnapshot(value, labels, null)));
    return new UnknownSnapshot(new MetricMetadata(name, family.help), points);
  }

  private static MetricSnapshot histograms(String name, Family family) {
    List<HistogramDataPointSnapshot> points = new ArrayList<>();
    family.histograms.forEach(
        (labels, h) ->
            points.add(
                new HistogramDataPointSnapshot(h.buckets(), h.sum(), labels, Exemplars.EMPTY, 0)));
    return new HistogramSnapshot(new MetricMetadata(name, family.help), points);
  }

  private static MetricSnapshot summaries(String name, Family family) {
    List<SummaryDataPointSnapshot> points = new ArrayList<>();
    family.summaries.forEach(
        (labels, s) ->
            points.add(
                new SummaryDataPointSnapshot(
                    s.count(), s.sum(), s.quantiles(), labels, Exemplars.EMPTY, 0)));
    return new SummarySnapshot(new MetricMetadata(name, family.help), points);
  }
}
