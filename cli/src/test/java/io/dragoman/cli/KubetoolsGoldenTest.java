// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.server.Dragoman;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the old tool's commands print, over both transports alike. */
final class KubetoolsGoldenTest extends GoldenSuite {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;

  /** Runs a command over a transport, which the golden file does not show. */
  private void golden(String name, String transport, String... arguments) {
    Golden.check(name, cli("grpc").kubetools(directory, over(transport, arguments)), arguments);
  }

  private static String[] over(String transport, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.add("-t");
    all.add(transport);
    return all.toArray(String[]::new);
  }

  /** Starts a command that says nothing until something comes, and waits until it can come. */
  private Cli.Running receiving(String transport, String... arguments) {
    Cli.Running receiver = cli("grpc").startKubetools(directory, over(transport, arguments));
    String channel = arguments[arguments.length - 1];
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                cli("grpc")
                    .ok("channels", "list", "--filter", channel, "--output", "ndjson")
                    .contains("\"receivers\":1"));
    return receiver;
  }

  /**
   * Ends a command with Ctrl-C once it has printed something, and compares. It must be the one that
   * was started last: that one has the signal.
   */
  private static void goldenUntil(
      String last, String name, Cli.Running running, String... arguments) {
    running.awaitOutput(last);
    CtrlC.press();
    Golden.check(name, running.outcome(), arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void queue(String transport) {
    String queue = channel("kt.queue");
    golden("kubetools-queue-send", transport, "queue", "send", queue, "first");
    cli("grpc").ok("queues", "send", queue, "second");
    cli("grpc").ok("queues", "send", queue, "third");
    golden("kubetools-queue-peak", transport, "queue", "peak", queue, "-i", "2");
    golden("kubetools-queue-receive", transport, "queue", "receive", queue);
    golden("kubetools-queue-ack", transport, "queue", "ack", queue, "-w", "1");
    golden("kubetools-queue-receive-none", transport, "queue", "receive", queue, "-w", "1");
    golden("kubetools-queue-send-refused", transport, "queue", "send", "a*b", "first");
    golden("kubetools-queue-send-wrong", transport, "queue", "send", queue);
  }

  @ParameterizedTest
  @CsvSource({"events, grpc", "events, rest", "events_store, grpc", "events_store, rest"})
  void pubsub(String pattern, String transport) {
    String channel = channel("kt.news");
    String[] receive = {"pubsub", "receive", pattern, channel};
    Cli.Running receiver = receiving(transport, receive);
    golden(
        "kubetools-pubsub-send-" + pattern, transport, "pubsub", "send", pattern, channel, "hello");
    goldenUntil("hello", "kubetools-pubsub-receive-" + pattern, receiver, receive);
  }

  @ParameterizedTest
  @CsvSource({"command, grpc", "command, rest", "query, grpc", "query, rest"})
  void rpc(String kind, String transport) {
    String channel = channel("kt.rpc");
    String[] receive = {"rpc", "receive", kind, channel};
    Cli.Running receiver = receiving(transport, receive);
    golden("kubetools-rpc-send-" + kind, transport, "rpc", "send", kind, channel, "hello");
    goldenUntil("Sending Response", "kubetools-rpc-receive-" + kind, receiver, receive);
    golden(
        "kubetools-rpc-send-" + kind + "-timeout",
        transport,
        "rpc",
        "send",
        kind,
        channel,
        "hello",
        "-o",
        "500");
  }

  @ParameterizedTest
  @CsvSource({"events, events", "events_store, events-store", "queue, queues"})
  void monitor(String kind, String group) {
    Cli cli = cli("grpc");
    String channel = channel("kt.seen");
    String[] arguments = {"mon", kind, channel};
    Cli.Running monitor = cli.startKubetools(directory, arguments).awaitOutput("Broker connected.");
    cli.ok(group, "send", channel, "hello", "--id", "one");
    goldenUntil("\n}", "kubetools-mon-" + kind, monitor, arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"commands", "queries"})
  void monitorOfRequests(String kind) {
    Cli cli = cli("grpc");
    String channel = channel("kt.asked");
    Cli.Running answerer =
        cli.start(kind, "receive", channel, "-n", "1", "--reply", "yes").awaitNote("waiting");
    String[] arguments = {"mon", kind, channel};
    Cli.Running monitor = cli.startKubetools(directory, arguments).awaitOutput("Broker connected.");
    cli.ok(kind, "send", channel, "hello", "--id", "one");
    assertThat(answerer.outcome().exitCode()).isZero();
    goldenUntil("\"executed\": true\n}", "kubetools-mon-" + kind, monitor, arguments);
  }

  @Test
  void listsAndHealth() {
    // given a broker of its own: what is shown is all there is
    try (Dragoman alone = Dragoman.inTemporaryDirectory().start()) {
      Cli cli = Cli.of(alone, "grpc");
      cli.ok("queues", "send", "orders", "one", "-i", "2");
      cli.ok("queues", "send", "letters", "one");
      cli.ok("events-store", "send", "news", "one");

      // then
      String[] queues = {"get", "queues"};
      Golden.check("kubetools-get-queues", cli.kubetools(directory, queues), queues);
      String[] stores = {"get", "events_stores"};
      Golden.check("kubetools-get-events_stores", cli.kubetools(directory, stores), stores);
      Cli.Outcome health = cli.kubetools(directory, "health");
      String masked = health.out().replaceAll("(\"host\": \")[^\"]+", "$1<node>");
      Golden.checkFigures(
          "kubetools-health", new Cli.Outcome(health.exitCode(), masked, health.err()), "health");
    }
  }

  @Test
  void testAndVersion() {
    Golden.check("kubetools-test", cli("grpc").kubetools(directory, "test"), "test");
    Cli.Outcome version = cli("grpc").kubetools(directory, "version");
    String masked = version.out().replaceAll("(of dragoman ).*", "$1<version>");
    Golden.check(
        "kubetools-version", new Cli.Outcome(version.exitCode(), masked, version.err()), "version");
  }
}
