// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the commands print that measure, and those that need no broker. */
final class FiguresGoldenTest extends GoldenSuite {

  private static void figures(String name, String format, Cli cli, String... arguments) {
    String[] typed = inFormat(format, arguments);
    Golden.checkFigures(name + "." + format, cli.run(typed), typed);
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void ping(String format, String transport) {
    Cli.Outcome outcome = cli(transport).run(inFormat(format, "ping"));
    String masked =
        outcome
            .out()
            .replaceAll("(?m)^[^\\s{]+ at ", "<node> at ")
            .replaceAll("(up [\\d.,]+) (?:ms|min|h|d)\\b", "$1 s")
            .replaceAll("(\"host\": ?\")[^\"]+", "$1<node>")
            .replaceAll("(version(?:\": ?\"| ))[^\",]+", "$1<version>");
    Golden.checkFigures(
        "ping." + format,
        new Cli.Outcome(outcome.exitCode(), masked, outcome.err()),
        inFormat(format, "ping"));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void benchQueues(String format) {
    figures(
        "bench-queues", format, cli("grpc"), "bench", "-n", "200", "--warm-up", "10", "-c", "8");
  }

  @Test
  void benchAsCommaSeparatedValues() {
    Cli cli = cli("grpc");
    figures("bench-csv", "table", cli, "bench", "-n", "100", "--warm-up", "0", "--csv");
    assertThat(cli.ok("channels", "list", "--filter", "bench.", "--kind", "queues", "--quiet"))
        .as("the channel of the measurement is deleted")
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void benchOfOtherPatterns(String format) {
    for (String pattern : new String[] {"events", "events-store", "queries"}) {
      figures(
          "bench-" + pattern,
          format,
          cli("grpc"),
          "bench",
          pattern,
          "-n",
          "200",
          "--warm-up",
          "10",
          "-c",
          "8");
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void top(String format) {
    Cli cli = cli("grpc");
    String name = channel("busy");
    cli.ok("queues", "send", name, "x");
    figures("top", format, cli, "top", "--once", "--interval", "100ms", "--filter", name);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void contexts(String format, @TempDir Path directory) {
    Cli cli = Cli.withoutContext(directory);
    golden("context-list-none", format, cli, "context", "list");
    golden("context-add", format, cli, "context", "add", "prod", "--server", "b.example.org");
    cli.ok("context", "add", "old", "--server", "10.0.0.5", "--transport", "rest", "--token", "t");
    golden("context-list", format, cli, "context", "list");
    golden("context-use", format, cli, "context", "use", "old");
    golden("context-remove", format, cli, "context", "remove", "old");
  }
}
