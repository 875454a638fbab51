// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.cli.Cli.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The old tool's commands and words, kubemq.md §6.1. bin/smoke runs the seed's lines themselves.
 */
final class KubetoolsCommandsTest extends GoldenSuite {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;

  private Outcome run(String... arguments) {
    return cli("grpc").kubetools(directory, arguments);
  }

  @Test
  void shouldRefuseWrongArgumentsInTheOldWords() {
    for (String[] line :
        new String[][] {
          {"rpc", "send", "command", "x"},
          {"r", "s", "q"},
          {"ps", "s", "e", "a", "b", "c"},
          {"queue", "send", "x"}
        }) {
      Outcome outcome = run(line);
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err()).contains("invalid args, should be a channel name and message body");
    }
    for (String[] line :
        new String[][] {
          {"rpc", "rec", "command"}, {"p", "r", "es", "a", "b"}, {"q", "a"}, {"mon", "queue"}
        }) {
      Outcome outcome = run(line);
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err())
          .contains("invalid args, should be a channel name")
          .doesNotContain("message body");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldSendReceivePeekAndAcknowledgeQueueMessages(String transport) {
    String queue = channel("kt.queue");
    assertThat(run("queue", "send", queue, "first", "-t", transport).out())
        .startsWith("message sent: ");
    run("q", "s", queue, "second", "-e", "60", "-t", transport);
    assertThat(run("q", "-t", transport, "peak", queue, "-i", "2", "-w", "1").out())
        .isEqualTo("first\nsecond\n");
    assertThat(run("queue", "receive", queue, "-t", transport).out()).isEqualTo("first\n");
    assertThat(run("queue", "ack", queue, "-w", "1", "-t", transport).out())
        .isEqualTo("acked 1 messages\n");
    assertThat(run("queue", "r", queue, "-w", "1", "-t", transport).out())
        .isEqualTo("no messages\n");
  }

  @ParameterizedTest
  @CsvSource({"events, grpc", "events, rest", "events_store, grpc", "events_store, rest"})
  void shouldReceiveUntilStopped(String pattern, String transport) {
    // given
    String channel = channel("kt.news");
    Cli.Running receiver =
        cli("grpc")
            .startKubetools(directory, "pubsub", "receive", pattern, channel, "-t", transport);

    // when it says nothing before the first message, so there is one until it is there
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              Outcome sent = run("pubsub", "send", pattern, channel, "it rains", "-t", transport);
              assertThat(sent.exitCode()).as(sent.toString()).isZero();
              assertThat(sent.out()).startsWith("message sent: ");
              return receiver.printed().contains("Message: it rains");
            });

    // then
    receiver.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldAskAndAnswerQueries(String transport) {
    // given
    String channel = channel("kt.query");
    Cli.Running responder =
        cli("grpc").startKubetools(directory, "rpc", "rec", "query", channel, "-t", transport);

    // when
    await()
        .atMost(PATIENCE)
        .until(
            () -> run("rpc", "send", "query", channel, "why", "-o", "500", "-t", transport),
            answer -> answer.out().contains("response body: query received and handled"));

    // then
    assertThat(responder.printed()).contains("Query Received: why").contains("Sending Response");
    responder.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"events", "events_store", "queue"})
  void shouldShowWhatPasses(String kind) {
    // given
    String channel = channel("kt.watched");
    Cli.Running monitor =
        cli("grpc")
            .startKubetools(directory, "mon", kind, channel)
            .awaitOutput("Broker connected.");

    // when
    if (kind.equals("queue")) {
      run("queue", "send", channel, "it rains");
    } else {
      run("pubsub", "send", kind, channel, "it rains");
    }

    // then
    monitor.awaitOutput("it rains");
    assertThat(monitor.printed()).contains("\"body\": \"it rains\"");
    monitor.stop();
  }

  @Test
  void shouldListAndShowHealthMetricsAndVersion() {
    String queue = channel("kt.listed");
    run("queue", "send", queue, "first");
    assertThat(run("get", "queues").out())
        .contains("NAME", "CLIENTS", "FIRST_SEQUENCE", queue, "TOTAL CHANNELS: ");
    assertThat(run("g", "es").out()).contains("LAST_SEQUENCE", "TOTAL CHANNELS: ");
    assertThat(run("health").out()).contains("\n    \"grpc\": {\n", "events_stream_senders");
    assertThat(run("metrics").out()).contains("# TYPE", "dragoman_build_info");
    assertThat(run("version").out()).startsWith("kubetools of dragoman ");
  }

  @Test
  void shouldTestEveryPatternOverEveryConnection() {
    Outcome outcome = run("test");
    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    assertThat(outcome.out().lines()).hasSize(8).allMatch(line -> line.contains(": passed, "));
  }

  @Test
  void shouldReadTheOldToolsFile() throws IOException {
    // given
    Files.writeString(
        directory.resolve(".config.yaml"),
        """
        statsAddress: http://localhost:%d/v1/stats
        healthAddress: http://localhost:8080/health
        connections:
        - kind: 1
          host: "localhost"
          port: %d
          isSecured: false
          certFile: ""
        - kind: 2
          host: localhost
          port: %d
        """
            .formatted(
                broker().port("http"), broker().port("kubemq-grpc"), broker().port("kubemq-rest")));
    Cli stranger = Cli.withoutContext(directory);
    String queue = channel("kt.file");

    // then
    assertThat(stranger.kubetools(directory, "queue", "send", queue, "first").exitCode()).isZero();
    assertThat(stranger.kubetools(directory, "queue", "receive", queue, "-t", "rest").out())
        .isEqualTo("first\n");
    assertThat(stranger.kubetools(directory, "get", "queues").out()).contains(queue);
  }
}
