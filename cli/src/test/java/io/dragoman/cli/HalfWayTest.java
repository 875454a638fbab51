// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.Cli.Outcome;
import io.dragoman.server.Dragoman;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work of many parts that fails after some of them: what was done is told. */
final class HalfWayTest {

  @TempDir private Path directory;

  /** A thousand lines; then the broker stops; then some more. */
  private static InputStream linesUntilTheBrokerStops(Dragoman broker) {
    InputStream more =
        new ByteArrayInputStream("more\n".repeat(3).getBytes(StandardCharsets.UTF_8)) {
          private boolean stopped;

          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            if (!stopped) {
              broker.close();
              stopped = true;
            }
            return super.read(target, offset, length);
          }
        };
    return new SequenceInputStream(
        new ByteArrayInputStream("line\n".repeat(1000).getBytes(StandardCharsets.UTF_8)), more);
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldSayHowManyMessagesWereSentBeforeTheBrokerWent(String transport) {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      Outcome outcome =
          Cli.of(broker, transport)
              .stdin(linesUntilTheBrokerStops(broker))
              .run("queues", "send", "orders", "--lines", "--timeout", "2");
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err())
          .startsWith("error: ")
          .containsPattern("1000 were sent before; the next \\d may have been sent");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldSayHowManyEventsWereStoredBeforeTheBrokerWent(String transport) {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      Outcome outcome =
          Cli.of(broker, transport)
              .stdin(linesUntilTheBrokerStops(broker))
              .run("events-store", "send", "news", "--lines", "--timeout", "2");
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err()).containsPattern("error: .*\n(.*\n)*\\d+ were sent before");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 500, 401})
  void shouldStopAtTheFirstFailureThatIsNotAboutTheMessage(int status) {
    AtomicInteger asked = new AtomicInteger();
    ManagementStub.Answer failure =
        new ManagementStub.Answer(
            status, "{\"status\":" + status + ",\"detail\":\"the disk is broken\"}");
    try (ManagementStub stub =
        new ManagementStub(
            path ->
                asked.incrementAndGet() == 1 ? new ManagementStub.Answer(200, "{}") : failure)) {
      Outcome outcome =
          Cli.withoutContext(directory)
              .run("queues", "delayed", "cancel", "a", "b", "c", "--http", stub.address());
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err())
          .contains("the disk is broken", "cancelled 1 of 3 before")
          .doesNotContain("held back");
      assertThat(stub.requests()).hasSize(2);
    }
  }

  @Test
  void shouldGoOnAfterAMessageThatIsNotHeldBackAnyMore() {
    try (ManagementStub stub =
        new ManagementStub(
            path ->
                path.contains("handle=b")
                    ? new ManagementStub.Answer(404, "{\"detail\":\"it has come due\"}")
                    : new ManagementStub.Answer(200, "{}"))) {
      Outcome outcome =
          Cli.withoutContext(directory)
              .run("queues", "delayed", "cancel", "a", "b", "c", "--http", stub.address());
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.err()).contains("1 of 3 are not held back");
      assertThat(stub.requests()).hasSize(3);
    }
  }
}
