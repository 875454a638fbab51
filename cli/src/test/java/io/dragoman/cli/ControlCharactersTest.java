// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.Cli.Outcome;
import io.dragoman.server.Dragoman;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What senders put into texts must not reach a terminal as commands, nor pass for our lines. */
final class ControlCharactersTest {
  private static final String CLEAR = "\u001b[2J";

  private static Dragoman broker;

  @BeforeAll
  static void start() {
    broker = Dragoman.inTemporaryDirectory().start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static void isHarmless(String printed) {
    assertThat(printed.chars())
        .isNotEmpty()
        .allMatch(c -> !Character.isISOControl(c) || c == '\n' || c == '\t');
  }

  @ParameterizedTest
  @CsvSource({"012,table", "'',table", "012,json", "012,ndjson"})
  void shouldEscapeWhatASenderGaveAMessage(String terminals, String format) {
    // given
    Cli cli = Cli.of(broker, "grpc").terminals(terminals).with("NO_COLOR", "1");
    String queue = "hostile.n" + terminals.length() + format;
    cli.ok(
        "queues",
        "send",
        queue,
        "harmless",
        "--metadata",
        CLEAR + "\u009b2J",
        "--tag",
        CLEAR + "=" + CLEAR,
        "--id",
        "one" + CLEAR + "\n#9  forged",
        "--client-id",
        "me" + CLEAR);

    // when
    String received = cli.ok("queues", "receive", queue, "--output", format);

    // then
    isHarmless(received);
    assertThat(received)
        .contains("harmless")
        .containsIgnoringCase("\\u001b[2J")
        .containsIgnoringCase("\\u009b2J");
    assertThat(received.lines()).noneMatch(line -> line.startsWith("#9"));
  }

  @Test
  void shouldEscapeNamesInTables() {
    Cli cli = Cli.of(broker, "grpc");
    cli.ok("events", "send", "bad" + CLEAR, "x");
    String listed = cli.ok("channels", "list");
    isHarmless(listed);
    assertThat(listed).contains("bad\\u001b[2J");
  }

  @Test
  void shouldEscapeWhatAnAnswererCallsAnError() {
    // given
    Cli cli = Cli.of(broker, "grpc");
    Cli.Running answerer =
        cli.start("commands", "receive", "work", "--reject", "no" + CLEAR, "-n", "1")
            .awaitNote("waiting");

    // when
    Outcome outcome = cli.run("commands", "send", "work", "x");

    // then
    assertThat(outcome.exitCode()).isEqualTo(1);
    isHarmless(outcome.err());
    assertThat(outcome.err()).contains("no\\u001b[2J");
    assertThat(answerer.outcome().exitCode()).isZero();
  }
}
