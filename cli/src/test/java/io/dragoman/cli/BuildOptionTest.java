// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.Cli.Outcome;
import io.dragoman.server.Dragoman;
import org.junit.jupiter.api.Test;

/** Messages whose parts are asked for one by one. */
final class BuildOptionTest {

  @Test
  void shouldAskForTheParts() {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      // given
      Cli cli = Cli.of(broker, "grpc").stdin("text/plain\na=b\nc=d=e\n\nit rains\n");

      // when
      Outcome queue = cli.terminals("02").run("queues", "send", "built", "-b");
      cli.stdin("\n\nstored\n").ok("events-store", "send", "built", "--build");

      // then
      assertThat(queue.exitCode()).isZero();
      assertThat(queue.err()).contains("Metadata: ", "Tag NAME=VALUE", "Body: ");
      assertThat(cli.ok("queues", "receive", "built", "--output", "ndjson"))
          .contains(
              "\"metadata\":\"text/plain\"",
              "\"tags\":{\"a\":\"b\",\"c\":\"d=e\"}",
              "\"body\":\"it rains\"");
      assertThat(cli.ok("es", "receive", "built", "--start-first", "-n", "1", "--output", "ndjson"))
          .contains("\"body\":\"stored\"");
    }
  }

  @Test
  void shouldRefuseWhatCannotBeAMessage() {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      Cli cli = Cli.of(broker, "grpc");
      assertThat(cli.run("queues", "send", "q", "x", "--build").exitCode()).isEqualTo(2);
      assertThat(cli.run("events", "send", "q", "--lines", "--build").exitCode()).isEqualTo(2);
      Outcome noTag = cli.stdin("\nnonsense\n").run("queues", "send", "q", "--build");
      assertThat(noTag.exitCode()).isEqualTo(2);
      assertThat(noTag.err()).contains("'nonsense' is no tag");
      Outcome ended = cli.stdin("\n\n").run("queues", "send", "q", "--build");
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.err()).contains("ended before");
    }
  }
}
