// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.server.Dragoman;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A stored log that is received in several runs of the command: nothing is missing between them.
 */
final class ContinuedLogTest {
  private static Dragoman broker;

  @BeforeAll
  static void start() {
    broker = Dragoman.inTemporaryDirectory().start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
  }

  private static void send(Cli cli, String channel, int from, int to) {
    cli.stdin(String.join("\n", numbers(from, to)) + "\n")
        .ok("events-store", "send", channel, "--lines");
  }

  private static Cli.Running start(Cli cli, String channel, String... more) {
    String[] arguments = {
      "events-store", "receive", channel, "--client-id", "me", "--start-first", "--quiet"
    };
    return cli.start(Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new));
  }

  private static List<String> receive(Cli cli, String channel, String... more) {
    Cli.Outcome outcome = start(cli, channel, more).outcome();
    assertThat(outcome.exitCode()).isZero();
    return outcome.out().lines().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldGoOnRightAfterWhatWasShown(String transport) {
    // given
    Cli cli = Cli.of(broker, transport);
    String channel = "runs." + transport;
    send(cli, channel, 1, 200);

    // when, then
    assertThat(receive(cli, channel, "-n", "10")).isEqualTo(numbers(1, 10));
    assertThat(receive(cli, channel, "-n", "10")).isEqualTo(numbers(11, 20));
    send(cli, channel, 201, 300);
    assertThat(receive(cli, channel, "-n", "280")).isEqualTo(numbers(21, 300));
    assertThat(receive(cli, channel, "--duration", "1500ms")).isEmpty();
    send(cli, channel, 301, 302);
    assertThat(receive(cli, channel, "-n", "2")).isEqualTo(numbers(301, 302));
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldGoOnWithNewOnesOnceItHasCaughtUp(String transport) {
    // given
    Cli cli = Cli.of(broker, transport);
    String channel = "live." + transport;
    send(cli, channel, 1, 50);
    assertThat(receive(cli, channel, "-n", "3")).isEqualTo(numbers(1, 3));

    // when
    Cli.Running receiver = start(cli, channel, "-n", "77").awaitOutput("50\n");
    send(cli, channel, 51, 60);
    receiver.awaitOutput("60\n");
    send(cli, channel, 61, 80);

    // then
    assertThat(receiver.outcome().out().lines().toList()).isEqualTo(numbers(4, 80));
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldBeginAnewWithAnotherLogOfTheSameName(String transport) {
    // given
    Cli cli = Cli.of(broker, transport);
    for (int length : new int[] {2, 30}) {
      String channel = "again.%s.%d".formatted(transport, length);
      send(cli, channel, 1, 20);
      assertThat(receive(cli, channel, "-n", "10")).isEqualTo(numbers(1, 10));

      // when
      cli.ok("channels", "delete", "events-store", channel, "--yes");
      send(cli, channel, 1001, 1000 + length);

      // then
      assertThat(receive(cli, channel, "-n", "2")).isEqualTo(numbers(1001, 1002));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldShowWhatTheReaderOfThePipeDidNotTake(String transport) {
    // given
    Cli cli = Cli.of(broker, transport);
    String channel = "pipe." + transport;
    send(cli, channel, 1, 100);
    String[] command = {
      "events-store", "receive", channel, "--client-id", "me", "--start-first", "--quiet"
    };

    // when
    Cli.Outcome outcome = cli.runInto(new LostOutputTest.Failing("Broken pipe", 4), command);

    // then
    assertThat(outcome.exitCode()).isZero();
    assertThat(receive(cli, channel, "-n", "98")).isEqualTo(numbers(3, 100));
  }
}
