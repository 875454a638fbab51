// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.awaitility.Awaitility.await;

import io.dragoman.cli.internal.Console;
import io.dragoman.server.Dragoman;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Runs commands as a user with a broker in a context would, inside this JVM. */
final class Cli {

  /** What a command left behind. */
  record Outcome(int exitCode, String out, String err) {}

  private final Path configHome;
  private final Map<String, String> environment = new HashMap<>();
  private InputStream in = InputStream.nullInputStream();
  private String terminals = "";

  private Cli(Path configHome) {
    this.configHome = configHome;
    environment.put("XDG_CONFIG_HOME", configHome.toString());
    environment.put("XDG_STATE_HOME", configHome.resolve("state").toString());
  }

  /** A user without any context. */
  static Cli withoutContext(Path configHome) {
    return new Cli(configHome);
  }

  /** A user whose context is this broker, over the given transport. */
  static Cli of(Dragoman broker, String transport) {
    try {
      Path home = Files.createTempDirectory("cli");
      Path file = home.resolve("dragoman/contexts.json");
      Files.createDirectories(file.getParent());
      Files.writeString(
          file,
          """
          {"current":"test","contexts":{"test":{"server":"localhost:%d","rest":"%d","http":"%d",
          "transport":"%s","clientId":"tester"}}}
          """
              .formatted(
                  broker.port("kubemq-grpc"),
                  broker.port("kubemq-rest"),
                  broker.port("http"),
                  transport));
      return new Cli(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same user with a variable more. */
  Cli with(String variable, String value) {
    Cli copy = copy();
    copy.environment.put(variable, value);
    return copy;
  }

  /** The same user with something on standard input. */
  Cli stdin(String text) {
    return stdin(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  Cli stdin(InputStream stream) {
    Cli copy = copy();
    copy.in = stream;
    return copy;
  }

  /** The same user at a terminal: the digits 0, 1, 2 of the streams. */
  Cli terminals(String digits) {
    Cli copy = copy();
    copy.terminals = digits;
    return copy;
  }

  private Cli copy() {
    Cli copy = new Cli(configHome);
    copy.environment.putAll(environment);
    copy.in = in;
    copy.terminals = terminals;
    return copy;
  }

  Outcome run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode = Main.execute(new Console(in, out, err, environment, terminals), arguments);
    return new Outcome(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a command whose standard output goes somewhere else. */
  Outcome runInto(OutputStream out, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode = Main.execute(new Console(in, out, err, environment, terminals), arguments);
    return new Outcome(exitCode, "", err.toString(StandardCharsets.UTF_8));
  }

  /** A command that goes on while the test does something else. */
  static final class Running {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private Thread thread = Thread.currentThread();

    private Running begin(IntSupplier command) {
      thread = new Thread(() -> exitCode.complete(command.getAsInt()), "cli");
      thread.setDaemon(true);
      thread.start();
      return this;
    }

    /** What it has printed so far. */
    String printed() {
      return out.toString(StandardCharsets.UTF_8);
    }

    /** The same as bytes. */
    byte[] bytes() {
      return out.toByteArray();
    }

    boolean hasEnded() {
      return exitCode.isDone();
    }

    /** Ends a command that would go on until Ctrl-C. */
    void stop() {
      thread.interrupt();
      outcome();
    }

    /** Waits until it has said this on standard error. */
    Running awaitNote(String text) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> err.toString(StandardCharsets.UTF_8).contains(text) || exitCode.isDone());
      return this;
    }

    /** Waits until it has printed this. */
    Running awaitOutput(String text) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> out.toString(StandardCharsets.UTF_8).contains(text) || exitCode.isDone());
      return this;
    }

    /** Waits for its end. */
    Outcome outcome() {
      try {
        int code = exitCode.get(30, TimeUnit.SECONDS);
        return new Outcome(
            code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
      } catch (Exception e) {
        throw new AssertionError("still running; it said " + out + err, e);
      }
    }
  }

  /** Starts a command in a thread of its own. */
  Running start(String... arguments) {
    Running running = new Running();
    Console console = new Console(in, running.out, running.err, environment, terminals);
    return running.begin(() -> Main.execute(console, arguments));
  }

  /** Starts a command of the old tool in a thread of its own. */
  Running startKubetools(Path directory, String... arguments) {
    Running running = new Running();
    Console console = new Console(in, running.out, running.err, environment, terminals);
    return running.begin(() -> Kubetools.execute(console, directory, arguments));
  }

  /** Runs a command of the old tool in a directory. */
  Outcome kubetools(Path directory, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        Kubetools.execute(new Console(in, out, err, environment, terminals), directory, arguments);
    return new Outcome(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a command that must succeed; its output. */
  String ok(String... arguments) {
    Outcome outcome = run(arguments);
    if (outcome.exitCode() != 0) {
      throw new AssertionError(String.join(" ", arguments) + ": " + outcome);
    }
    return outcome.out();
  }

  /** This user's standard streams, with output for a test that looks at bytes. */
  Console console(OutputStream out, OutputStream err) {
    return new Console(in, out, err, environment, terminals);
  }

  Path configHome() {
    return configHome;
  }
}
