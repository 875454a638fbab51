// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.Cli.Outcome;
import io.dragoman.server.Dragoman;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Standard output that nobody reads any more, or that has no room. */
final class LostOutputTest {
  private static Dragoman broker;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    broker = Dragoman.inTemporaryDirectory().start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  /** Takes so many bytes and then fails as the system's call would. */
  static final class Failing extends OutputStream {
    private final String reason;
    private int left;

    Failing(String reason, int bytes) {
      this.reason = reason;
      this.left = bytes;
    }

    @Override
    public void write(int value) throws IOException {
      if (left-- <= 0) {
        throw new IOException(reason);
      }
    }
  }

  private static Outcome closed(Cli cli, String... arguments) {
    return cli.runInto(new Failing("Broken pipe", 0), arguments);
  }

  private static void isQuietEnd(Outcome outcome) {
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEmpty();
  }

  private static void isNoSpace(Outcome outcome) {
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err()).isEqualTo("error: standard output: No space left on device\n");
  }

  @Test
  void shouldEndInSilenceWhenNobodyReadsAnyMore() {
    Cli cli = Cli.of(broker, "grpc");
    cli.ok("queues", "send", "pipe", "x", "-i", "3");
    isQuietEnd(closed(cli, "completion", "bash"));
    isQuietEnd(closed(cli, "--help"));
    isQuietEnd(closed(cli, "queues", "send", "--help"));
    isQuietEnd(closed(cli, "queues", "list"));
    isQuietEnd(closed(cli, "queues", "list", "--output", "json"));
    isQuietEnd(closed(cli, "queues", "receive", "pipe", "--follow"));
    isQuietEnd(closed(cli, "top", "--once", "--interval", "10ms"));
  }

  @Test
  void shouldFailWhenOutputCannotBeWritten() {
    Cli cli = Cli.of(broker, "grpc");
    cli.ok("queues", "send", "disk", "x", "-i", "1000");
    for (int room : new int[] {0, 40_000}) {
      isNoSpace(full(room, cli, "queues", "receive", "disk", "-m", "400"));
    }
    isNoSpace(full(0, cli, "completion", "bash"));
    isNoSpace(full(0, cli, "--help"));
    isNoSpace(full(0, cli, "queues", "list", "--output", "ndjson"));
    isNoSpace(full(0, cli, "queues", "receive", "disk", "--follow", "--quiet"));
    isNoSpace(full(0, Cli.withoutContext(directory), "context", "list", "--output", "json"));
  }

  private static Outcome full(int room, Cli cli, String... arguments) {
    return cli.runInto(new Failing("No space left on device", room), arguments);
  }

  /** What was not sent must not pass for sent, also when it is only the report that is lost. */
  @Test
  void shouldFailWhenSendingStopsSinceNobodyReadsTheReport() {
    Cli cli =
        Cli.of(broker, "grpc").stdin(String.join("\n", Collections.nCopies(2000, "line")) + "\n");
    Outcome outcome = closed(cli, "queues", "send", "report", "--lines", "--output", "ndjson");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err()).contains("sent before");
    assertThat(Cli.of(broker, "grpc").ok("queues", "peek", "report", "--all", "--quiet"))
        .hasLineCount(500);
  }
}
