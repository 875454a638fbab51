// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the commands for channels, queues as a whole and held-back messages print. */
final class ChannelsGoldenTest extends GoldenSuite {

  @ParameterizedTest
  @MethodSource("formats")
  void channels(String format) {
    Cli cli = cli("grpc");
    String name = channel("orders");
    golden("channels-create", format, cli, "channels", "create", "queues", name);
    golden("channels-create-again", format, cli, "channels", "create", "queues", name);
    golden("channels-list", format, cli, "channels", "list", "--filter", name);
    golden("channels-delete-unasked", format, cli, "channels", "delete", "queues", name);
    golden("channels-delete", format, cli, "channels", "delete", "queues", name, "--yes");
    golden("channels-delete-again", format, cli, "channels", "delete", "queues", name, "-y");
    golden("channels-list-none", format, cli, "channels", "list", "-f", name, "-k", "queues");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void queues(String format) {
    Cli cli = cli("grpc");
    String name = channel("browsed");
    cli.ok("queues", "send", name, "a", "--id", "one");
    cli.ok("queues", "send", name, "b", "--id", "two");
    cli.ok("queues", "send", name, "c", "--id", "three", "--delay", "1h");
    golden("queues-list", format, cli, "queues", "list", "--filter", name);
    golden("queues-list-none", format, cli, "queues", "list", "--filter", "no such");
    golden("queues-peek-all", format, cli, "queues", "peek", name, "--all");
    golden("queues-peek-from", format, cli, "queues", "peek", name, "--from", "2", "-m", "5");
    golden("queues-peek-unknown", format, cli, "queues", "peek", "no such", "--all");
    assertThat(cli.ok("queues", "receive", name, "-m", "2", "--quiet")).isEqualTo("a\nb\n");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void delayed(String format) {
    Cli cli = cli("grpc");
    String name = channel("later");
    cli.ok("queues", "send", name, "a", "--id", "one", "--delay", "1h");
    cli.ok("queues", "send", name, "b", "--id", "two", "--delay", "2h");
    golden("queues-delayed-list", format, cli, "queues", "delayed", "list", name);
    String handle =
        cli.ok("queues", "delayed", "list", name, "--output", "ndjson")
            .replaceAll("(?s)^\\{\"handle\":\"([^\"]+)\".*", "$1");
    golden("queues-delayed-deliver", format, cli, "queues", "delayed", "deliver", handle);
    golden("queues-delayed-deliver-again", format, cli, "queues", "delayed", "deliver", handle);
    golden("queues-delayed-cancel", format, cli, "queues", "delayed", "cancel", "--all-of", name);
    golden("queues-delayed-list-none", format, cli, "queues", "delayed", "list", name);
    assertThat(cli.ok("queues", "receive", name, "--quiet")).isEqualTo("a\n");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void redrive(String format) {
    Cli cli = cli("grpc");
    String name = channel("risky");
    String dead = channel("dead");
    for (String id : new String[] {"one", "two"}) {
      cli.ok("queues", "send", name, id, "--id", id, "-r", "1", "-q", dead);
      cli.ok("queues", "stream", name, "--then", "reject");
    }
    golden("queues-redrive-dry", format, cli, "queues", "redrive", dead, "--dry-run");
    golden("queues-redrive", format, cli, "queues", "redrive", dead);
    golden("queues-redrive-nothing", format, cli, "queues", "redrive", dead);
    assertThat(cli.ok("queues", "receive", name, "-m", "2", "--quiet")).isEqualTo("one\ntwo\n");
    golden("queues-redrive-unknown", format, cli, "queues", "redrive", "no such");
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void stream(String format, String transport) {
    Cli cli = cli(transport);
    String name = channel("held");
    cli.ok("queues", "send", name, "hello", "--id", "one");
    golden(
        "queues-stream",
        format,
        cli,
        "queues",
        "stream",
        name,
        "--then",
        "extend 5",
        "--then",
        "reject");
    golden(
        "queues-stream-stdin",
        format,
        cli.stdin("resend " + name + ".other\n"),
        "queues",
        "stream",
        name);
    golden(
        "queues-stream-send",
        format,
        cli,
        "queues",
        "stream",
        name + ".other",
        "--then",
        "send " + name + " changed it");
    golden("queues-stream-ack", format, cli, "queues", "stream", name, "--then", "ack");
    golden("queues-stream-none", format, cli, "queues", "stream", name, "-w", "1", "--then", "ack");
    golden("queues-stream-wrong", format, cli, "queues", "stream", name, "--then", "nack");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void attach(String format) {
    Cli cli = cli("grpc");
    String name = channel("seen");
    String[] arguments = {"queues", "attach", name, "--count", "1"};
    Cli.Running watcher = cli.start(inFormat(format, arguments)).awaitNote("watching");
    cli.ok("queues", "send", name, "hello", "--id", "one");
    golden("queues-attach", format, watcher, arguments);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void attachToBodies(String format) {
    Cli cli = cli("grpc");
    String name = channel("bodies");
    String[] arguments = {"queues", "attach", name, "--exclude", "secret\"", "--count", "4"};
    Cli.Running watcher = cli.start(inFormat(format, arguments)).awaitNote("watching");
    cli.ok("queues", "send", name, "{\"a\": \"secret\"}");
    cli.ok("queues", "send", name, "{\"price\": [1.10,  12345678901234567890.5]}", "--id", "json");
    cli.ok("queues", "send", name, "Zg8=", "--id", "text that could be base64");
    cli.ok("queues", "send", name, "//4=", "--base64", "--id", "bytes");
    cli.ok("queues", "send", name, "x".repeat(300_000), "--id", "large");
    golden("queues-attach-bodies", format, watcher, arguments);
  }
}
