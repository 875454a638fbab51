// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the commands for events and the events store print. */
final class EventsGoldenTest extends GoldenSuite {

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void events(String format, String transport) {
    Cli cli = cli(transport);
    String channel = channel("news");
    String[] receive = {"events", "receive", channel, "--count", "2"};
    Cli.Running receiver = cli.start(inFormat(format, receive)).awaitNote("listening");
    golden("events-send", format, cli, "events", "send", channel, "it rains", "--metadata", "m");
    golden("events-send-many", format, cli, "events", "send", channel, "more", "-m", "2");
    golden("events-receive", format, receiver, receive);
    golden("events-send-refused", format, cli, "events", "send", "a b", "x");
    golden("events-send-many-refused", format, cli, "events", "send", "a b", "x", "-m", "3");
    golden("events-receive-refused", format, cli, "events", "receive", "a b");
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void eventsStore(String format, String transport) {
    Cli cli = cli(transport);
    String channel = channel("log");
    golden(
        "events-store-send",
        format,
        cli,
        "events-store",
        "send",
        channel,
        "it rains",
        "--id",
        "one",
        "--tag",
        "a=b");
    golden(
        "events-store-send-lines",
        format,
        cli.stdin("two\nthree\n"),
        "events-store",
        "send",
        channel,
        "-",
        "--lines");
    golden(
        "events-store-receive",
        format,
        cli,
        "events-store",
        "receive",
        channel,
        "--start-first",
        "--count",
        "1");
    golden(
        "events-store-receive-sequence",
        format,
        cli,
        "events-store",
        "receive",
        channel,
        "--start-sequence",
        "3",
        "--count",
        "1",
        "--client-id",
        "other");
    golden(
        "events-store-receive-nothing",
        format,
        cli,
        "es",
        "rec",
        channel,
        "--start-new",
        "--duration",
        "300ms",
        "--client-id",
        "third");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void list(String format) {
    Cli cli = cli("grpc");
    String channel = channel("listed");
    cli.ok("events-store", "send", channel, "x");
    golden("events-store-list", format, cli, "events-store", "list", "--filter", channel);
    golden("events-store-list-none", format, cli, "events-store", "list", "-f", "no such");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void attach(String format) {
    Cli cli = cli("grpc");
    String channel = channel("watched");
    String[] arguments = {"events", "attach", channel, "--exclude", "secret", "--count", "2"};
    Cli.Running watcher = cli.start(inFormat(format, arguments)).awaitNote("watching");
    cli.ok("events", "send", channel, "secret", "--id", "none");
    cli.ok("events", "send", channel, "it rains", "--id", "one", "--tag", "a=b");
    cli.ok("events", "send", channel, "{\"a\": [1]}", "--id", "two", "--metadata", "m");
    golden("events-attach", format, watcher, arguments);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void attachToTheStore(String format) {
    Cli cli = cli("grpc");
    String channel = channel("kept");
    cli.ok("events-store", "send", channel, "before");
    String[] arguments = {"events-store", "attach", channel, "--count", "2"};
    Cli.Running watcher = cli.start(inFormat(format, arguments)).awaitNote("watching");
    cli.ok("events-store", "send", channel, "it rains", "--id", "one", "--tag", "a=b");
    cli.ok("events-store", "send", channel, "it pours", "--id", "two", "--metadata", "m");
    golden("events-store-attach", format, watcher, arguments);
  }
}
