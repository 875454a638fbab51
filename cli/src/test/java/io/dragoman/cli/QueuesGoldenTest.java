// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the commands for queues print, in every format, over both transports alike. */
final class QueuesGoldenTest extends GoldenSuite {

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void send(String format, String transport) {
    Cli cli = cli(transport);
    golden("queues-send", format, cli, "queues", "send", "send", "hello");
    golden(
        "queues-send-delayed",
        format,
        cli,
        "queues",
        "send",
        "send-delayed",
        "later",
        "--delay",
        "1h",
        "--expiration",
        "6h");
    golden("queues-send-many", format, cli, "queues", "send", "send", "again", "-i", "3");
    golden(
        "queues-send-lines", format, cli.stdin("one\ntwo\n"), "queues", "send", "send", "--lines");
    golden("queues-send-refused", format, cli, "queues", "send", "a*b", "hello");
    golden("queues-send-many-refused", format, cli, "queues", "send", "a*b", "hello", "-i", "2");
  }

  @Test
  void shouldSendLinesAsTheBytesTheyAre() {
    Cli cli = cli("grpc");
    String queue = channel("lines");
    byte[] input = {(byte) 0xF6, '\n', 'a', '\r', 'b', '\r', '\n', '\n', 'c'};
    cli.stdin(new ByteArrayInputStream(input))
        .ok("queues", "send", queue, "-", "--lines", "-m", "x");
    cli.stdin("gP+A\n").ok("queues", "send", queue, "--lines", "--base64");
    assertThat(cli.ok("queues", "receive", queue, "-m", "5", "--output", "ndjson").lines())
        .extracting(line -> line.replaceAll(".*(\"body(Base64)?\":\"[^\"]*\").*", "$1"))
        .containsExactly(
            "\"bodyBase64\":\"9g==\"",
            "\"body\":\"a\\rb\"",
            "\"body\":\"\"",
            "\"body\":\"c\"",
            "\"bodyBase64\":\"gP+A\"");
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void receive(String format, String transport) {
    Cli cli = cli(transport);
    String queue = channel("receive");
    cli.ok("queues", "send", queue, "first", "-m", "about", "--tag", "shop=berlin", "--id", "one");
    cli.ok("queues", "send", queue, "gP+A", "--base64", "--id", "two");
    golden("queues-receive", format, cli, "queues", "receive", queue, "-m", "2");
    golden("queues-receive-none", format, cli, "queues", "receive", queue, "-t", "1");
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void peek(String format, String transport) {
    Cli cli = cli(transport);
    String queue = channel("peek");
    cli.ok("queues", "send", queue, "first", "--id", "one");
    golden("queues-peek", format, cli, "queues", "peek", queue);
    assertThat(cli.ok("queues", "receive", queue, "--quiet")).isEqualTo("first\n");
    golden("queues-peek-none", format, cli, "queues", "peek", queue, "-w", "1");
  }

  @ParameterizedTest
  @MethodSource("formatsAndTransports")
  void ack(String format, String transport) {
    Cli cli = cli(transport);
    String queue = channel("ack");
    cli.ok("queues", "send", queue, "x", "-i", "3");
    golden("queues-ack", format, cli, "queues", "ack", queue, "-w", "1");
    golden("queues-ack-none", format, cli, "queues", "ack", queue, "-w", "1");
  }
}
