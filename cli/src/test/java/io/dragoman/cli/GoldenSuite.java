// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.server.Dragoman;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.Arguments;

/** A broker, and commands run against it whose output is compared with golden files. */
abstract class GoldenSuite {
  private static final AtomicInteger CHANNELS = new AtomicInteger();
  private static Dragoman broker;

  @BeforeAll
  static void startBroker() {
    broker = Dragoman.inTemporaryDirectory().start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  static Stream<Arguments> formatsAndTransports() {
    return Stream.of("table", "json", "ndjson")
        .flatMap(format -> Stream.of("grpc", "rest").map(kind -> Arguments.of(format, kind)));
  }

  static Stream<String> formats() {
    return Stream.of("table", "json", "ndjson");
  }

  static Dragoman broker() {
    return broker;
  }

  static Cli cli(String transport) {
    return Cli.of(broker, transport);
  }

  /** A name nobody used yet; its number is not shown in golden files. */
  static String channel(String name) {
    return "%s.n%04d".formatted(name, CHANNELS.incrementAndGet());
  }

  /** Runs a command in a format and compares. */
  static void golden(String name, String format, Cli cli, String... arguments) {
    String[] typed = inFormat(format, arguments);
    Golden.check(name + "." + format, cli.run(typed), typed);
  }

  /** Compares what a command printed that ran beside others. */
  static void golden(String name, String format, Cli.Running running, String... arguments) {
    Golden.check(name + "." + format, running.outcome(), inFormat(format, arguments));
  }

  static String[] inFormat(String format, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    if (!format.equals("table")) {
      all.add("--output");
      all.add(format);
    }
    return all.toArray(String[]::new);
  }
}
