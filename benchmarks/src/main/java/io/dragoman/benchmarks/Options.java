// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is asked for on the command line.
 *
 * @param root of the checkout
 * @param cases to run, by name; empty for all
 * @param warmUpSeconds each server is under load before anything counts
 * @param seconds of each counted run
 * @param rounds of which the median counts
 */
record Options(Path root, List<String> cases, int warmUpSeconds, int seconds, int rounds) {

  private static final List<String> CASES =
      List.of(
          "send",
          "receive",
          "send-sync-64",
          "send-sync-512",
          "event",
          "fan-out",
          "grpc-send",
          "grpc-upstream",
          "grpc-events",
          "eventhub-fan-out",
          "eventhub-patterns",
          "eventhub-history",
          "connmix-publish",
          "connmix-send",
          "connmix-relay",
          "start");

  static final String USAGE =
      """
      usage: bin/bench [case…] [--rounds N] [--seconds N] [--warm-up N]
      Compares the broker with bare servers under the same load and prints a table; ends with status 1
      when a figure is below its bound.
      cases: %s
      """
          .formatted(String.join(" ", CASES));

  static Options parse(Path root, String[] args) {
    List<String> cases = new ArrayList<>();
    int warmUp = 20;
    int seconds = 4;
    int rounds = 5;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--warm-up" -> warmUp = number(args, ++i);
        case "--seconds" -> seconds = number(args, ++i);
        case "--rounds" -> rounds = number(args, ++i);
        default -> {
          if (!CASES.contains(args[i])) {
            throw new IllegalArgumentException(USAGE);
          }
          cases.add(args[i]);
        }
      }
    }
    return new Options(root, cases, warmUp, seconds, rounds);
  }

  private static int number(String[] args, int at) {
    if (at < args.length && args[at].matches("[1-9][0-9]{0,4}")) {
      return Integer.parseInt(args[at]);
    }
    throw new IllegalArgumentException(USAGE);
  }

  boolean wants(String name) {
    return cases.isEmpty() || cases.contains(name);
  }
}
