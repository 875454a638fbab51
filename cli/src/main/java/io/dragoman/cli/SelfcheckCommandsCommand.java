// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts a broker as a process of its own, sends it a message and gets it back by the commands that
 * a user would type. Shows that this installation works, and loads the classes that those commands
 * need: the start script makes its class archive of them.
 */
@Command(
    name = "selfcheck-commands",
    description = "Start a broker, use it by commands, stop it.",
    hidden = true)
final class SelfcheckCommandsCommand implements Callable<Integer> {
  private static final String BROKER = "io.dragoman.server.Main";
  private static final long START_MILLIS = 40_000;
  private static final long POLL_MILLIS = 50;
  private static final long STOP_SECONDS = 10;

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Where.")
  private Path data = Path.of("data");

  private final Console console;

  SelfcheckCommandsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Process broker = start();
    try {
      Fields listeners = awaitListeners(broker);
      String grpc = port(listeners, "kubemq-grpc");
      String http = port(listeners, "http");
      for (String format : List.of("table", "ndjson")) {
        run(grpc, http, "queues", "send", "selfcheck", "ok", "--output", format);
        run(grpc, http, "queues", "peek", "selfcheck", "--output", format);
        run(grpc, http, "queues", "receive", "selfcheck", "--output", format);
        run(grpc, http, "queues", "list", "--output", format);
      }
      console.println("ok");
      return 0;
    } finally {
      broker.destroy();
      if (!broker.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        broker.destroyForcibly();
      }
    }
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.library.path=" + System.getProperty("java.library.path", ""));
    command.add("-cp");
    command.add(System.getProperty("java.class.path", ""));
    command.add(BROKER);
    command.addAll(List.of("server", "--data", data.toString()));
    for (String listener :
        List.of(
            "http",
            "kubemq.rest",
            "kubemq.grpc",
            "connmix.api",
            "connmix.center",
            "connmix.client")) {
      command.addAll(List.of("--set", listener + ".port=0"));
    }
    return new ProcessBuilder(command)
        .redirectOutput(data.resolve("selfcheck.out").toFile())
        .redirectErrorStream(true)
        .start();
  }

  private Fields awaitListeners(Process broker) throws IOException, InterruptedException {
    Path file = data.resolve("listeners.json");
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
    while (!Files.exists(file) || Files.size(file) == 0) {
      if (!broker.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "the broker did not start: " + Files.readString(data.resolve("selfcheck.out")));
      }
      broker.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
    }
    return Json.parseObject(Files.readString(file));
  }

  private static String port(Fields listeners, String name) {
    Object listener = listeners.get(name);
    return listener instanceof Map<?, ?> map ? String.valueOf(map.get("port")) : "";
  }

  private static void run(String grpc, String http, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--server", "localhost:" + grpc, "--http", http));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(InputStream.nullInputStream(), out, out, Map.of(), "");
    if (Main.execute(console, all.toArray(String[]::new)) != 0) {
      throw new IOException(String.join(" ", all) + ": " + out.toString(StandardCharsets.UTF_8));
    }
  }
}
