// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.Cli.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told to somebody who typed something wrong, or whose broker is not there. */
final class UsageTest {

  @TempDir private Path directory;

  private Outcome run(String... arguments) {
    return Cli.withoutContext(directory).run(arguments);
  }

  private static void isUsageError(Outcome outcome, String... parts) {
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains(parts).doesNotContain("\tat ", "Exception");
  }

  @Test
  void shouldEndWithTwoAndSayWhatIsWrong() {
    isUsageError(run(), "a command is missing", "dragoman --help");
    isUsageError(run("queues"), "a command is missing", "dragoman queues --help");
    isUsageError(run("queues", "sen"), "sen", "queues send");
    isUsageError(run("queues", "send"), "CHANNEL");
    isUsageError(run("queues", "send", "q"), "missing body");
    isUsageError(run("queues", "send", "q", "x", "--metadta", "y"), "--metadta", "--metadata");
    isUsageError(run("queues", "send", "q", "x", "--delay", "soon"), "'soon' is no time");
    isUsageError(run("queues", "send", "q", "@/no/such/file"), "there is no such file");
    isUsageError(run("queues", "send", "q", "x", "-i", "0"), "1 or more");
    isUsageError(run("queues", "send", "q", "%%%", "--base64", "--server", "a:b"), "'a:b'");
    isUsageError(run("queues", "list", "--output", "xml"), "xml");
    isUsageError(run("queues", "list", "--context", "prod"), "there is no context 'prod'");
    isUsageError(run("channels", "create", "topics", "x"), "'topics' is no kind", "queues");
    isUsageError(run("events-store", "receive", "x", "--start-time", "now"), "'now' is no time");
    isUsageError(
        run("events-store", "receive", "x", "--start-first", "--start-last"), "--start-last");
    isUsageError(run("completion", "fish"), "fish");
    isUsageError(run("bench", "storms"), "'storms' is no pattern");
    isUsageError(run("bench", "--transport", "rest"), "gRPC");
  }

  @Test
  void shouldNameTheAddressAndWhatToDoWhenThereIsNoBroker() throws IOException {
    // given
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }

    // when
    Outcome grpc = run("queues", "receive", "q", "--server", "localhost:" + port);
    Outcome rest = run("queues", "receive", "q", "--transport", "rest", "--rest", "" + port);
    Outcome socket = run("events", "receive", "e", "--transport", "rest", "--rest", "" + port);
    Outcome http = run("queues", "list", "--http", "" + port, "--output", "json");
    Outcome host = run("ping", "--server", "no-such-host.invalid");

    // then
    for (Outcome outcome : new Outcome[] {grpc, rest, socket, http}) {
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err())
          .contains("cannot reach the broker at localhost:" + port, "refused", "dragoman server")
          .doesNotContain("\tat ", "Exception");
    }
    assertThat(host.exitCode()).isEqualTo(1);
    assertThat(host.err()).contains("no-such-host.invalid", "no such host");
  }

  @Test
  void shouldKeepContextsInAFileThatOnlyTheUserCanRead() throws IOException {
    // given
    Cli cli = Cli.withoutContext(directory);

    // when
    cli.ok("context", "add", "prod", "--server", "broker.example.org", "--token", "secret");
    cli.ok("context", "add", "test", "--server", "[::1]:50001", "--transport", "rest");

    // then
    Path file = directory.resolve("dragoman/contexts.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(cli.ok("context", "list", "--output", "ndjson"))
        .isEqualTo(
            """
            {"name":"prod","current":true,"server":"broker.example.org:50000","token":true}
            {"name":"test","current":false,"server":"[::1]:50001","transport":"rest","token":false}
            """)
        .doesNotContain("secret");
    cli.ok("context", "use", "test");
    assertThat(cli.ok("context", "list")).contains("*  test").doesNotContain("*  prod");
    cli.ok("context", "remove", "test");
    assertThat(cli.ok("context", "list")).contains("prod").doesNotContain("test", "*");
    isUsageError(cli.run("context", "remove", "test"), "there is no context 'test'", "prod");
    isUsageError(cli.run("context", "use"), "--none");
  }

  @Test
  void shouldSayWhichFileOfContextsIsBroken() throws IOException {
    // given
    Files.createDirectories(directory.resolve("dragoman"));
    Files.writeString(directory.resolve("dragoman/contexts.json"), "{nonsense");

    // when
    Outcome outcome = run("context", "list");

    // then
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err()).contains("contexts.json").doesNotContain("\tat ");
  }

  @Test
  void shouldRefuseAFileThatIsTooLargeWithoutReadingIt() throws IOException {
    // given
    Path huge = directory.resolve("huge");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(3L << 30);
    }

    // when, then
    isUsageError(run("queues", "send", "q", "@" + huge), "at most 100 MiB", huge.toString());
    isUsageError(run("queues", "send", "q", "--file", huge.toString()), "at most 100 MiB");
    isUsageError(run("events", "send", "q", "-f", huge.toString()), "at most 100 MiB");
    isUsageError(run("queues", "send", "q", "@a\0b"), "no name of a file");
  }

  @Test
  void shouldPrintOneScriptForCompletion() {
    String script = run("completion", "bash").out();
    assertThat(script).contains("#!/usr/bin/env bash", "events-store", "--dead-letter-queue");
    assertThat(run("completion", "zsh").out()).hasSameSizeAs(script);
  }

  @Test
  void shouldColourOnATerminalOnlyAndNeverWithNoColor() {
    Cli cli = Cli.withoutContext(directory);
    cli.ok("context", "add", "prod", "--server", "broker.example.org");
    assertThat(cli.terminals("1").ok("context", "list")).contains("\033[1m");
    assertThat(cli.ok("context", "list")).doesNotContain("\033[");
    assertThat(cli.terminals("1").with("NO_COLOR", "1").ok("context", "list"))
        .doesNotContain("\033[");
  }
}
