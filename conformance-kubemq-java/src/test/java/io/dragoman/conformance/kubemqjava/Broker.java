// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker in a process of its own, with the libraries it is shipped with. */
final class Broker implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Pattern GRPC_PORT =
      Pattern.compile("\"kubemq-grpc\"\\s*:\\s*\\{[^}]*\"port\"\\s*:\\s*(\\d+)");

  private final Path directory;
  private Process process;
  private int port;

  Broker() {
    try {
      directory = Files.createTempDirectory("broker");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process = start();
    port = awaitPort();
  }

  /** What clients are told. */
  String address() {
    return "127.0.0.1:" + port;
  }

  /** Stops it as an operator does, and starts it again on the same port. */
  void restart() {
    stop();
    process = start();
    port = awaitPort();
  }

  private Process start() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Djava.io.tmpdir=" + directory));
    command.addAll(List.of("-cp", Path.of(System.getProperty("dragoman.dist"), "lib") + "/*"));
    command.addAll(List.of("io.dragoman.server.Main", "server"));
    command.addAll(List.of("--data", directory.resolve("data").toString()));
    for (String other :
        List.of("http", "kubemq.rest", "connmix.api", "connmix.center", "connmix.client")) {
      command.addAll(List.of("--set", other + ".port=0"));
    }
    command.addAll(List.of("--set", "kubemq.grpc.port=" + port));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(directory.resolve("log").toFile()));
    builder.environment().keySet().removeIf(name -> name.matches("(DRAGOMAN|KUBEMQ)_.*"));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int awaitPort() {
    Path listeners = directory.resolve("data").resolve("listeners.json");
    await("a broker that is ready")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> Files.exists(listeners) || !process.isAlive());
    try {
      if (!process.isAlive()) {
        throw new AssertionError(Files.readString(directory.resolve("log")));
      }
      Matcher found = GRPC_PORT.matcher(Files.readString(listeners));
      if (!found.find()) {
        throw new AssertionError("no gRPC port in " + Files.readString(listeners));
      }
      return Integer.parseInt(found.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stop() {
    process.destroy();
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the broker did not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
