// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import io.dragoman.benchmarks.load.Run;
import java.util.ArrayList;
import java.util.List;

/** The results, and whether all of them are good enough. */
final class Table {

  private final List<String> failures = new ArrayList<>();

  void head() {
    System.out.printf(
        "%-16s %-9s %11s %11s %6s %9s %9s  %s%n",
        "case", "server", "per cpu-s", "per s", "cpu", "p50 ms", "p99 ms", "ratio");
  }

  void row(
      String name,
      String server,
      double perCpu,
      double perSecond,
      double p50,
      double p99,
      String ratio) {
    System.out.printf(
        "%-16s %-9s %,11.0f %,11.0f %6.2f %9s %9s  %s%n",
        name, server, perCpu, perSecond, perSecond / perCpu, millis(p50), millis(p99), ratio);
  }

  /** A server's medians. */
  void row(String name, Pair.Side side, String ratio) {
    row(
        name,
        side.name(),
        side.median(Run::perCpuSecond),
        side.median(Run::perSecond),
        side.median(Run::p50Millis),
        side.median(Run::p99Millis),
        ratio);
  }

  void line(String text) {
    System.out.println(text);
  }

  private static String millis(double value) {
    return Double.isNaN(value) ? "-" : "%.2f".formatted(value);
  }

  /** Notes a figure that must reach a bound, and gives its text for the table. */
  String atLeast(String what, double figure, double bound) {
    return judged(what, figure, bound, figure >= bound, "≥");
  }

  /** Notes a figure that must not be above a bound, and gives its text for the table. */
  String atMost(String what, double figure, double bound) {
    return judged(what, figure, bound, figure <= bound, "≤");
  }

  private String judged(String what, double figure, double bound, boolean ok, String sign) {
    String text = "%,.2f (%s %,.2f)".formatted(figure, sign, bound);
    if (!ok) {
      failures.add(what + ": " + text);
    }
    return text + (ok ? "" : " TOO LOW".replace("LOW", sign.equals("≥") ? "LOW" : "HIGH"));
  }

  List<String> failures() {
    return failures;
  }
}
