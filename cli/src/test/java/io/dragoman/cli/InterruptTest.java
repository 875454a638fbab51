// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.cli.Cli.Outcome;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.server.Dragoman;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a signal does to commands that are under way. */
final class InterruptTest {

  @TempDir private Path directory;

  /** Answers two steps of counting, and gives a signal during the second. */
  private static ManagementStub.Answer countedAndSignalled(AtomicInteger steps) {
    if (steps.incrementAndGet() == 2) {
      CtrlC.press();
    }
    return new ManagementStub.Answer(
        200,
        """
        {"queue":"dead","moved":1000,"origins":{"orders":1000},"through":"9","next":"n%d"}
        """
            .formatted(steps.get()));
  }

  @Test
  void shouldMoveNothingWhenCountingWasCancelled() {
    AtomicInteger steps = new AtomicInteger();
    try (ManagementStub stub = new ManagementStub(asked -> countedAndSignalled(steps))) {
      // when
      Outcome outcome =
          Cli.withoutContext(directory)
              .terminals("2")
              .run("queues", "redrive", "dead", "--http", stub.address());

      // then
      assertThat(stub.requests())
          .isNotEmpty()
          .allSatisfy(asked -> assertThat(asked).contains("dryRun=true"));
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err()).contains("interrupted; nothing was moved");
    }
  }

  @Test
  void shouldSayThatACancelledDryRunIsAPart() {
    AtomicInteger steps = new AtomicInteger();
    try (ManagementStub stub = new ManagementStub(asked -> countedAndSignalled(steps))) {
      Outcome outcome =
          Cli.withoutContext(directory)
              .run(
                  "queues",
                  "redrive",
                  "dead",
                  "--dry-run",
                  "--output",
                  "ndjson",
                  "--http",
                  stub.address());
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.out()).contains("\"partial\":true", "\"dryRun\":true");
      assertThat(outcome.err()).contains("interrupted");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldEndWithZeroWhileWaitingForAnAnswerToType(String transport) throws IOException {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start();
        PipedOutputStream typist = new PipedOutputStream();
        PipedInputStream nothing = new PipedInputStream(typist)) {
      // given
      Cli cli = Cli.of(broker, transport);
      Cli.Running receiver =
          cli.stdin(nothing).start("commands", "receive", "work").awaitNote("waiting");
      Cli.Running asker = cli.start("commands", "send", "work", "do it", "-o", "3");
      receiver.awaitOutput("do it");

      // when
      CtrlC.press();

      // then
      assertThat(receiver.outcome().exitCode()).isZero();
      assertThat(receiver.outcome().err()).doesNotContain("error");
      assertThat(asker.outcome().exitCode()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "rest"})
  void shouldEndWithZeroWhileNothingComes(String transport) {
    try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
      Cli.Running receiver =
          Cli.of(broker, transport).start("queries", "receive", "work").awaitNote("waiting");
      CtrlC.press();
      assertThat(receiver.outcome().exitCode()).isZero();
      assertThat(receiver.outcome().err()).doesNotContain("error");
    }
  }

  @Test
  void shouldInterruptOnlyAfterWhatIsBetterFinished() throws Exception {
    // given
    CompletableFuture<Interrupt> begun = new CompletableFuture<>();
    CountDownLatch goOn = new CountDownLatch(1);
    CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
    Thread command =
        new Thread(
            () -> {
              Interrupt interrupt = Interrupt.ofThisThread();
              interrupt.finish(
                  () -> {
                    begun.complete(interrupt);
                    try {
                      goOn.await();
                    } catch (InterruptedException e) {
                      interruptedAfterwards.completeExceptionally(e);
                    }
                  });
              interruptedAfterwards.complete(Thread.interrupted());
            });
    command.start();
    Interrupt interrupt = begun.get(20, TimeUnit.SECONDS);

    // when
    CtrlC.press();
    await().until(interrupt::happened);
    goOn.countDown();

    // then
    assertThat(interruptedAfterwards.get(20, TimeUnit.SECONDS)).isTrue();
  }
}
