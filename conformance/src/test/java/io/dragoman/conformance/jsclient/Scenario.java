// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.jsclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.crash.BrokerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One function of a file in {@code src/test/js}, in a process of its own. */
final class Scenario {

  /** Tests run in the directory of their module. */
  static final Path CHAT = Path.of("..", "docs", "chat");

  private static final Duration DEADLINE = Duration.ofMinutes(4);

  private final List<String> arguments;
  private final Map<String, String> environment;

  private Scenario(List<String> arguments, Map<String, String> environment) {
    this.arguments = arguments;
    this.environment = environment;
  }

  /**
   * @param secret signs the client's tokens; empty: it sends none
   */
  static Scenario of(String file, String name, BrokerProcess broker, String secret) {
    URI http = broker.http();
    return new Scenario(
        List.of(file, name),
        Map.of(
            "EVENTHUB_URL",
            "ws://" + http.getHost() + ":" + http.getPort(),
            "EVENTHUB_SECRET",
            secret));
  }

  /** One that uses connmix, and the chat of {@code docs/chat}. */
  static Scenario ofChat(String name, BrokerProcess broker) {
    return new Scenario(
        List.of("chat", name),
        Map.of(
            "CHAT_DIRECTORY",
            CHAT.toAbsolutePath().toString(),
            "CONNMIX_API",
            "ws://" + broker.listener("connmix-api").getAuthority() + "/ws/v1",
            "CONNMIX_CLIENT",
            "ws://" + broker.listener("connmix-client").getAuthority() + "/chat"));
  }

  /** The names of what is in a file, in their order. */
  static List<String> names(String file) {
    List<String> names = new ArrayList<>();
    new Scenario(List.of("list", file), Map.of()).run(names::add);
    assertThat(names).as("scenarios in %s", file).isNotEmpty();
    return names;
  }

  /** Runs it; fails with all that it has said when it does not hold. */
  void run() {
    run(line -> {});
  }

  /**
   * @param lines is given what it writes to its standard output, while it waits for the next line
   *     to be read
   */
  void run(Consumer<String> lines) {
    try {
      Path errors = Files.createTempFile("scenario", ".log");
      List<String> command = new ArrayList<>(List.of("node", "run.js"));
      command.addAll(arguments);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(NodeModules.SOURCES.toFile())
              .redirectError(Redirect.to(errors.toFile()));
      builder.environment().put("NODE_PATH", NodeModules.installed().toString());
      builder.environment().putAll(environment);
      Process node = builder.start();
      CompletableFuture<Process> ended =
          node.onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      var unused =
          ended.whenComplete(
              (process, late) -> {
                // Destroying one that has ended would close what it said before it is read.
                if (late != null) {
                  node.destroyForcibly();
                }
              });
      try {
        List<String> said = read(node, lines);
        awaitEnd(node, DEADLINE);
        said.add(Files.readString(errors, UTF_8));
        assertThat(node.exitValue()).as("node %s: %s", arguments, String.join("\n", said)).isZero();
      } finally {
        node.destroyForcibly();
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> read(Process node, Consumer<String> lines) throws IOException {
    List<String> said = new ArrayList<>();
    try (BufferedReader reader = node.inputReader(UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        said.add(line);
        lines.accept(line);
      }
    }
    return said;
  }

  static void awaitEnd(Process process, Duration deadline) {
    try {
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(process.info().command() + " still runs after " + deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
