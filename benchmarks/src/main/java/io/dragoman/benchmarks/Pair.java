// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import io.dragoman.benchmarks.load.Load;
import io.dragoman.benchmarks.load.Run;
import io.dragoman.benchmarks.load.ServerProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * Two servers under the same load by turns. Both are up all the time; a server's CPU time counts
 * until it is idle again, so that work it puts off is in its figure.
 */
final class Pair {

  private static final long IDLE_LOOK_MILLIS = 500;
  private static final double IDLE_CPU_SECONDS = 0.015;
  private static final int IDLE_LOOKS_MAX = 60;

  /** Warming up goes on while compilers take more than this part of a server's CPU time. */
  private static final double COMPILERS_SHARE = 0.02;

  private static final int WARM_UPS_MAX = 5;

  private final Side broker;
  private final Side floor;
  private final Options options;

  /** Tells from a server's own counters what it has done, which its answers alone do not. */
  @FunctionalInterface
  interface Work {
    /**
     * Looks before a run.
     *
     * @return to be called behind it with what the load has counted: gives the units of work done,
     *     or throws when work that was answered was not done
     */
    DoubleUnaryOperator begin();
  }

  /** One server with its load. */
  static final class Side {
    private final ServerProcess server;
    private final Load load;
    private final Work work;
    private final List<Run> runs = new ArrayList<>();

    /** A server whose answers are its work. */
    Side(ServerProcess server, Load load) {
      this(server, load, () -> claimed -> claimed);
    }

    /**
     * @param work tells what was really done
     */
    Side(ServerProcess server, Load load, Work work) {
      this.server = server;
      this.load = load;
      this.work = work;
    }

    /** Drops the runs so far, which were for warming up. */
    void forget() {
      runs.clear();
    }

    /** Load until its code is compiled: what is compared is a server that has run for a while. */
    void warmUp(int seconds) {
      for (int i = 0; i < WARM_UPS_MAX; i++) {
        double cpu = server.cpuSeconds();
        double compilers = server.compilerCpuSeconds();
        load.run(seconds);
        double spent = server.cpuSeconds() - cpu;
        if (server.compilerCpuSeconds() - compilers <= spent * COMPILERS_SHARE) {
          return;
        }
      }
    }

    void run(int seconds) {
      DoubleUnaryOperator done = work.begin();
      double cpu = server.cpuSeconds();
      Run run = load.run(seconds);
      awaitIdle();
      double cost = server.cpuSeconds() - cpu;
      double units = done.applyAsDouble(run.work());
      runs.add(new Run(units, run.seconds(), cost, run.p50Millis(), run.p99Millis()));
    }

    void awaitIdle() {
      double before = server.cpuSeconds();
      for (int i = 0; i < IDLE_LOOKS_MAX; i++) {
        try {
          Thread.sleep(IDLE_LOOK_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        double now = server.cpuSeconds();
        if (now - before <= IDLE_CPU_SECONDS) {
          return;
        }
        before = now;
      }
      throw new IllegalStateException(server.name() + " does not come to rest");
    }

    double median(ToDoubleFunction<Run> figure) {
      return Pair.median(runs.stream().mapToDouble(figure).toArray());
    }

    String name() {
      return server.name();
    }
  }

  Pair(Options options, Side broker, Side floor) {
    this.options = options;
    this.broker = broker;
    this.floor = floor;
  }

  Pair run() {
    floor.warmUp(options.warmUpSeconds());
    broker.warmUp(options.warmUpSeconds());
    broker.awaitIdle();
    for (int i = 0; i < options.rounds(); i++) {
      floor.run(options.seconds());
      broker.run(options.seconds());
    }
    return this;
  }

  /** The median of the rounds' ratios. */
  double ratio(ToDoubleFunction<Run> figure) {
    double[] ratios = new double[options.rounds()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] =
          figure.applyAsDouble(broker.runs.get(i)) / figure.applyAsDouble(floor.runs.get(i));
    }
    return median(ratios);
  }

  Side broker() {
    return broker;
  }

  Side floor() {
    return floor;
  }

  /** That work was done which the load has counted. */
  static void require(String what, double value, double least, double most) {
    if (value < least || value > most) {
      throw new IllegalStateException(
          "%s: %,.0f, and not %,.0f to %,.0f".formatted(what, value, least, most));
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
