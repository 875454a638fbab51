// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the commands for commands and queries print. */
final class RequestsGoldenTest extends GoldenSuite {

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void commands(String format, String transport) {
    Cli cli = cli(transport);
    String channel = channel("doors");
    String[] receive = {"commands", "receive", channel, "--auto-response", "--count", "1"};
    Cli.Running receiver = cli.start(inFormat(format, receive)).awaitNote("waiting");
    golden(
        "commands-send",
        format,
        cli,
        "commands",
        "send",
        channel,
        "open",
        "--id",
        "one",
        "-m",
        "x");
    golden("commands-receive", format, receiver, receive);

    Cli.Running refuser =
        cli.start("commands", "receive", channel, "--reject", "nobody is here", "-n", "1")
            .awaitNote("waiting");
    golden("commands-send-rejected", format, cli, "commands", "send", channel, "open");
    assertThat(refuser.outcome().exitCode()).isZero();
    golden("commands-send-timeout", format, cli, "commands", "send", channel, "open", "-o", "1");
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void queries(String format, String transport) {
    Cli cli = cli(transport);
    String channel = channel("prices");
    String[] receive = {"queries", "receive", channel, "--reply", "12 EUR", "--count", "1"};
    Cli.Running receiver = cli.start(inFormat(format, receive)).awaitNote("waiting");
    String[] send = {
      "queries", "send", channel, "apples", "--id", "one", "-c", channel, "-d", "1m"
    };
    golden("queries-send", format, cli, send);
    golden("queries-receive", format, receiver, receive);
    golden("queries-send-cached", format, cli, send);
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void attachToQueries(String format, String transport) {
    Cli cli = cli(transport);
    String channel = channel("seen");
    String[] arguments = {"queries", "attach", channel, "--count", "2"};
    Cli.Running watcher = cli.start(inFormat(format, arguments)).awaitNote("watching");
    Cli.Running answerer =
        cli.stdin("yes\n").start("queries", "receive", channel, "-n", "1").awaitNote("waiting");
    assertThat(cli.ok("queries", "send", channel, "is it?", "--id", "one", "--quiet"))
        .isEqualTo("yes\n");
    assertThat(answerer.outcome().exitCode()).isZero();
    golden("queries-attach", format, watcher, arguments);
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void attachToCommands(String format, String transport) {
    Cli cli = cli(transport);
    String channel = channel("watched");
    String[] arguments = {"commands", "attach", channel, "--count", "4"};
    Cli.Running watcher = cli.start(inFormat(format, arguments)).awaitNote("watching");
    Cli.Running answerer =
        cli.start("commands", "receive", channel, "--reject", "locked", "-n", "1")
            .awaitNote("waiting");
    assertThat(cli.run("commands", "send", channel, "open", "--id", "one").exitCode()).isEqualTo(1);
    assertThat(answerer.outcome().exitCode()).isZero();
    // Then there is nobody: what is seen of the answer is that there was none.
    assertThat(cli.run("commands", "send", channel, "open", "--id", "two", "-o", "1").exitCode())
        .isEqualTo(1);
    golden("commands-attach", format, watcher, arguments);
  }
}
