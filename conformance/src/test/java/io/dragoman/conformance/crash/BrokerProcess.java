// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** A broker in a process of its own, as a user would have it. */
public final class BrokerProcess {

  /** What {@link Process#exitValue} gives for a process that was killed with signal 9. */
  static final int KILLED = 128 + 9;

  private static final Duration READY_DEADLINE = Duration.ofSeconds(90);
  private static final Duration REASON_DEADLINE = Duration.ofSeconds(10);
  private static final List<String> ANY_PORTS =
      List.of(
          "http.port=0",
          "kubemq.rest.port=0",
          "kubemq.grpc.port=0",
          "connmix.api.port=0",
          "connmix.center.port=0",
          "connmix.client.port=0");

  /** How to start one. */
  public static final class Launch {
    private final Brokers brokers;
    private final List<String> settings = new ArrayList<>(ANY_PORTS);
    private final List<String> before = new ArrayList<>();
    private Optional<Path> config = Optional.empty();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> jvm = new ArrayList<>(List.of("-Xmx512m"));

    Launch(Brokers brokers, List<String> settings) {
      this.brokers = brokers;
      this.settings.addAll(settings);
    }

    /** A file of settings, which those that were given go before. */
    public Launch config(Path file) {
      config = Optional.of(file.toAbsolutePath());
      return this;
    }

    /** Flags for its JVM. */
    public Launch jvm(String... flags) {
      jvm.addAll(List.of(flags));
      return this;
    }

    /** A program that runs java, and whose pid becomes java's. */
    public Launch under(List<String> command) {
      before.addAll(command);
      return this;
    }

    /** Variables of its environment, besides ours. */
    Launch environment(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    public BrokerProcess start() {
      brokers.emptyTemporary();
      ProcessBuilder builder =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(brokers.log().toFile()));
      // What the developer has set for brokers of their own is not for these.
      builder.environment().keySet().removeIf(name -> name.matches("(DRAGOMAN|KUBEMQ)_.*"));
      builder.environment().putAll(environment);
      try {
        BrokerProcess process = new BrokerProcess(builder.start(), brokers);
        brokers.add(process);
        return process;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private List<String> command() {
      List<String> command = new ArrayList<>(before);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvm);
      command.add("-Djava.io.tmpdir=" + brokers.temporary());
      command.addAll(List.of("-cp", classPath(), "io.dragoman.server.Main", "server"));
      command.addAll(List.of("--data", brokers.data().toString()));
      config.ifPresent(file -> command.addAll(List.of("--config", file.toString())));
      settings.forEach(setting -> command.addAll(List.of("--set", setting)));
      return command;
    }

    /** The tests' own class path, which Surefire may have hidden in a jar of its own. */
    private static String classPath() {
      return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
  }

  private final Process process;
  private final Brokers brokers;

  private BrokerProcess(Process process, Brokers brokers) {
    this.process = process;
    this.brokers = brokers;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  Path listenersFile() {
    return brokers.data().resolve("listeners.json");
  }

  public BrokerProcess awaitReady() {
    if (!awaitReadyOrEnd()) {
      throw new AssertionError(
          "the broker ended with " + process.exitValue() + " instead:\n" + brokers.logText());
    }
    return this;
  }

  /** Whether it became ready; if not, it has ended. */
  boolean awaitReadyOrEnd() {
    await("listeners.json of a broker that is ready")
        .atMost(READY_DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Files.exists(listenersFile()) || !process.isAlive());
    return Files.exists(listenersFile());
  }

  /** Whether its account of its readiness contains this. */
  boolean says(String text) {
    return get("/readyz?verbose").text().contains(text);
  }

  /** Waits until it says that it is not ready because of its storage, and why. It lives on. */
  void awaitNotReady(String reason) {
    await("not ready")
        .atMost(REASON_DEADLINE)
        .pollDelay(Duration.ZERO)
        .untilAsserted(
            () -> {
              Answer answer = get("/readyz?verbose");
              assertThat(answer.status()).as(answer.text()).isEqualTo(503);
              assertThat(answer.text()).contains("[-]storage failed: ").contains(reason);
            });
    assertThat(get("/livez").status()).isEqualTo(200);
  }

  /** One of its metrics, which has no labels. */
  double metric(String name) {
    String text = get("/metrics").text();
    OptionalDouble value =
        text.lines()
            .filter(line -> line.startsWith(name + " "))
            .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
            .findFirst();
    return value.orElseThrow(() -> new AssertionError("no metric " + name));
  }

  private Answer get(String path) {
    try (RawHttp connection = RawHttp.open(http())) {
      return connection.write(connection.request("GET", path)).read();
    }
  }

  public URI rest() {
    return listener("kubemq-rest");
  }

  URI grpc() {
    return listener("kubemq-grpc");
  }

  public URI http() {
    return listener("http");
  }

  /** Where it listens, by the name of the listener. */
  public URI listener(String name) {
    try {
      JsonNode listener = Json.parse(Files.readString(listenersFile())).path(name);
      assertThat(listener.isObject()).as("listener %s in %s", name, listener).isTrue();
      return URI.create(
          "http://" + listener.get("host").asText() + ":" + listener.get("port").asInt());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL. Also removes the file of the listeners, as nobody is there to do it. */
  public void kill() {
    destroy();
    assertThat(awaitExit(Duration.ofSeconds(10))).as("exit value after a kill").isEqualTo(KILLED);
    try {
      Files.deleteIfExists(listenersFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL, to whatever is left of it. */
  void destroy() {
    process.destroyForcibly();
  }

  /** SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Waits for the end, and gives the exit value. */
  public int awaitExit(Duration deadline) {
    try {
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("process " + pid() + " still runs after " + deadline);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
