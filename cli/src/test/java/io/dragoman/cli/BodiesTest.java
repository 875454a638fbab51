// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.cli.internal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies go into a pipe as the bytes they are, whichever way they came. */
final class BodiesTest extends GoldenSuite {
  /** What is no text, 0xFF 0x00, and a newline within. */
  private static final byte[] BINARY = {(byte) 0xFF, 0, '\n', (byte) 0xFE};

  private static final String BASE64 = "/wAK/g==";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;

  private static byte[] printed(Cli cli, String... arguments) {
    return printed(cli, console -> Main.execute(console, arguments));
  }

  private static byte[] printed(Cli cli, ToIntFunction<Console> command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode = command.applyAsInt(cli.console(out, err));
    assertThat(exitCode).as(err.toString(StandardCharsets.UTF_8)).isZero();
    return out.toByteArray();
  }

  private static byte[] line(byte[] body) {
    byte[] line = new byte[body.length + 1];
    System.arraycopy(body, 0, line, 0, body.length);
    line[body.length] = '\n';
    return line;
  }

  @Test
  void shouldBeQuietlyByteForByteOverTheManagementPort() {
    Cli cli = cli("grpc");
    String queue = channel("quiet");
    cli.ok("queues", "send", queue, BASE64, "--base64");
    cli.ok("queues", "send", queue, BASE64, "--base64", "--delay", "1h");
    assertThat(printed(cli, "queues", "peek", queue, "--quiet")).isEqualTo(line(BINARY));
    assertThat(printed(cli, "queues", "peek", queue, "--all", "--quiet")).isEqualTo(line(BINARY));
    assertThat(printed(cli, "queues", "peek", queue, "--from", "1", "--quiet"))
        .isEqualTo(line(BINARY));
    assertThat(printed(cli, "queues", "delayed", "list", queue, "--quiet")).isEqualTo(line(BINARY));
  }

  @Test
  void shouldNotPutASentenceWhereABodyIsTooLargeToBeShown() {
    // given
    Cli cli = cli("grpc");
    String queue = channel("large");
    cli.ok("queues", "send", queue, "before");
    cli.ok("queues", "send", queue, "x".repeat((1 << 20) + 1));
    cli.ok("queues", "send", queue, "after");

    // when
    Cli.Outcome quiet = cli.run("queues", "peek", queue, "--all", "--quiet");
    Cli.Outcome shown = cli.run("queues", "peek", queue, "--all");

    // then
    assertThat(quiet.out()).isEqualTo("before\nafter\n");
    assertThat(quiet.err())
        .startsWith("left out: message 2 with 1048577 bytes\nerror: ")
        .endsWith("left out: 1\n");
    assertThat(quiet.exitCode()).isEqualTo(1);
    assertThat(shown.out()).contains("before\n", "(1048577 bytes: ", "after\n");
    assertThat(shown.exitCode()).isZero();
  }

  @Test
  void shouldBeQuietlyByteForByteWhenAttached() {
    // given
    Cli cli = cli("grpc");
    String queue = channel("seen");

    // then
    Cli.Running small = quietlyAttached(cli, queue, "//4=", "--base64");
    assertThat(small.bytes()).containsExactly(0xFF, 0xFE, '\n');
    assertThat(small.outcome().exitCode()).isZero();
    Cli.Running large = quietlyAttached(cli, queue, "x".repeat(300_000));
    assertThat(large.bytes()).isEmpty();
    assertThat(large.outcome().err()).contains("with 300000 bytes\n", "error: ");
    assertThat(large.outcome().exitCode()).isEqualTo(1);
  }

  /** Being quiet it does not say that it is there: bodies are sent until it has seen one. */
  private static Cli.Running quietlyAttached(Cli cli, String queue, String... body) {
    Cli.Running watcher = cli.start("queues", "attach", queue, "--count", "1", "--quiet");
    List<String> send = new ArrayList<>(List.of("queues", "send", queue));
    send.addAll(List.of(body));
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              cli.ok(send.toArray(String[]::new));
              return watcher.hasEnded();
            });
    return watcher;
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldComeOutOfTheOldToolAsTheyAre(String transport) {
    Cli cli = cli("grpc");
    String queue = channel("kt");
    cli.ok("queues", "send", queue, BASE64, "--base64");
    for (String way : new String[] {"peak", "receive"}) {
      byte[] out =
          printed(
              cli,
              console ->
                  Kubetools.execute(console, directory, "queue", way, queue, "-t", transport));
      assertThat(out).as(way).isEqualTo(line(BINARY));
    }
  }

  @Test
  void shouldNotReachATerminalAsTheyAreFromTheOldTool() {
    Cli cli = cli("grpc");
    String queue = channel("kt");
    cli.ok("queues", "send", queue, "\033[2Jtext");
    cli.ok("queues", "send", queue, BASE64, "--base64");
    assertThat(cli.terminals("1").kubetools(directory, "queue", "receive", queue, "-i", "2").out())
        .isEqualTo("\\u001b[2Jtext\n" + BASE64 + "\n");
  }

  @Test
  void shouldGoThroughTheStepsOfAStreamAsTheyAre() throws IOException {
    // given
    Cli cli = cli("grpc");
    String queue = channel("held");
    String file = Files.write(directory.resolve("body"), BINARY).toString();
    byte[] noText = {' ', (byte) 0xFF, (byte) 0xA9, ' ', 0, '\t', ' '};
    ByteArrayOutputStream step = new ByteArrayOutputStream();
    step.writeBytes(("send " + queue + " ").getBytes(StandardCharsets.UTF_8));
    step.writeBytes(line(noText));
    cli.ok("queues", "send", queue, BASE64, "--base64");

    // then
    assertThat(
            printed(
                cli.stdin(new ByteArrayInputStream(step.toByteArray())),
                "queues",
                "stream",
                queue,
                "--quiet"))
        .isEqualTo(line(BINARY));
    assertThat(printed(cli, "queues", "stream", queue, "--quiet", "--then", "send @" + file))
        .isEqualTo(line(noText));
    assertThat(
            printed(
                cli, "queues", "stream", queue, "--quiet", "--then", "send " + queue + " @@ two "))
        .isEqualTo(line(BINARY));
    assertThat(cli.ok("queues", "stream", queue, "--quiet", "--then", "send word  "))
        .isEqualTo("@ two \n");
    assertThat(cli.ok("queues", "receive", queue, "--quiet")).isEqualTo("word\n");
    Cli.Outcome missing = cli.run("queues", "stream", queue, "--then", "send @/no/such/file");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).contains("/no/such/file: there is no such file");
  }
}
