// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.Settlement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a start and the doctor make of damage to the log that the store writes first. */
final class DoctorLogTest extends DoctorSuite {
  /** Nothing is lost but one message of this channel. */
  private static void assertOneLostOf(String channel, StoreDoctor.Report report) {
    assertThat(report.losses()).singleElement().matches(loss -> loss.channel().equals(channel));
    assertThat(report.losses().get(0).messages()).isEqualTo(1);
  }

  @Test
  void shouldKeepAQueueCreatedInADamagedStretchOfTheLog() throws Exception {
    // given
    send("a", 5);
    send("b", 1);
    kill();
    flip(log(), 20);

    // when
    assertThat(refusal()).contains("doctor");
    StoreDoctor.Report report = repair();

    // then
    assertOneLostOf("a", report);
    assertThat(report.losses().get(0).what()).contains("sequence 1");
    reopen();
    assertThat(received("a")).containsExactly("a 2", "a 3", "a 4", "a 5");
    assertThat(received("b")).containsExactly("b 1");
  }

  @Test
  void shouldKeepALogCreatedInADamagedStretchOfTheLog() throws Exception {
    // given
    append("a", 5);
    append("b", 1);
    kill();
    flip(log(), 20);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertOneLostOf("a", report);
    reopen();
    assertThat(read("a")).containsExactly("a 2", "a 3", "a 4", "a 5");
    assertThat(read("b")).containsExactly("b 1");
  }

  @Test
  void shouldNameAQueueOfWhichADamagedStretchOfTheLogHeldAll() throws Exception {
    // given
    send("a", 1);
    send("b", 1);
    kill();
    flip(log(), 20);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertOneLostOf("a", report);
    reopen();
    assertThat(StoreFixture.await(engine.channels().list(Kind.QUEUE, "")))
        .extracting(info -> info.name())
        .containsExactly("a", "b");
    send("a", 1);
    assertThat(received("a")).containsExactly("a 1");
    assertThat(StoreFixture.await(engine.queues().info("a")).lastSequence()).isEqualTo(2);
  }

  @Test
  void shouldKnowAnEmptyQueueCreatedInADamagedStretchOfTheLog() throws Exception {
    // given
    StoreFixture.await(engine.channels().create(Kind.QUEUE, "a"));
    send("b", 1);
    kill();
    flip(log(), 20);

    // when
    repair();

    // then
    reopen();
    assertThat(StoreFixture.await(engine.channels().list(Kind.QUEUE, "")))
        .extracting(info -> info.name())
        .containsExactly("a", "b");
  }

  @Test
  void shouldNotBringBackAQueueDeletedInADamagedStretchOfTheLog() throws Exception {
    // given
    send("a", 3);
    restart();
    StoreFixture.await(engine.channels().delete(Kind.QUEUE, "a"));
    send("b", 2);
    kill();
    flip(log(), 20);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.losses()).isEmpty();
    assertThat(report.damage())
        .anyMatch(line -> line.contains("queue a") && line.contains("delet"));
    reopen();
    assertThat(received("a")).isEmpty();
    assertThat(received("b")).containsExactly("b 1", "b 2");
  }

  @Test
  void shouldKeepOnlyTheSecondQueueOfANameWhenItsDeletionAndCreationAreDamaged() throws Exception {
    // given
    send("a", 3);
    restart();
    StoreFixture.await(engine.channels().delete(Kind.QUEUE, "a"));
    int deletion = (int) Files.size(StoreCheck.logs(data.resolve("store")).get(0));
    send("a", 3);
    send("b", 1);
    kill();
    flip(log(), 20);
    flip(log(), deletion + 20);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertOneLostOf("a", report);
    reopen();
    assertThat(received("a")).containsExactly("a 2", "a 3");
  }

  @Test
  void shouldNotTakeAQueueForLostThatWasDeletedBehindADamagedStretch() throws Exception {
    // given
    send("b", 1);
    send("a", 3);
    restart();
    send("b", 2);
    int before = (int) Files.size(StoreCheck.logs(data.resolve("store")).get(0));
    kill();
    Path tally = root.resolve("tally");
    Files.copy(copy.resolve("tally"), tally);
    StoreFixture.await(engine.channels().delete(Kind.QUEUE, "a"));
    kill();
    // As if the process had ended between the write and the answer.
    Files.copy(tally, copy.resolve("tally"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(Files.size(log())).isGreaterThan(before);
    flip(log(), 20);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.losses()).singleElement().matches(loss -> loss.channel().equals("b"));
    reopen();
    assertThat(received("a")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"position,false", "position,true", "deletion,false", "deletion,true"})
  void shouldNotStartWithoutAPartOfTheLogThatHeldNoMessages(String held, boolean missing)
      throws Exception {
    // given
    send("a", 3);
    append("l", 3);
    restart();
    if (held.equals("position")) {
      long before = accounted();
      StoreFixture.await(engine.logs().storePosition("l", "reader", 2));
      Awaitility.await().until(() -> accounted() > before);
    } else {
      StoreFixture.await(engine.channels().delete(Kind.QUEUE, "a"));
    }
    kill();
    assertThat(refusal()).isEmpty();
    kill();
    if (missing) {
      Files.delete(log());
    } else {
      Files.write(log(), new byte[0]);
    }

    // when
    String refusal = refusal();
    StoreDoctor.Report report = repair();

    // then
    assertThat(refusal).contains(".log", "ends too early");
    assertThat(report.aside()).isNotNull();
    assertThat(refusal()).isEmpty();
    if (held.equals("position")) {
      assertThat(report.notes()).anyMatch(note -> note.contains("positions"));
    } else {
      assertThat(report.damage()).anyMatch(line -> line.contains("queue a was deleted"));
    }
  }

  @Test
  void shouldTellOfRepeatsAlsoWhenAsManyMessagesAreLost() throws Exception {
    // given
    send("a", 6);
    restart();
    List<Delivery> held = receive("a");
    send("a", 2);
    for (Delivery delivery : held.subList(1, 3)) {
      StoreFixture.awaitStage(engine.queues().settle(List.of(delivery.receipt()), Settlement.ACK));
    }
    kill();
    int damaged = (int) writtenOf(log());
    send("a", 1);
    kill();
    byte[] bytes = Files.readAllBytes(log());
    java.util.Arrays.fill(bytes, 0, damaged, (byte) 0xff);
    Files.write(log(), bytes);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.losses())
        .singleElement()
        .asString()
        .contains("queue a: 2 messages lost", "sequences 7 to 8", "2 that were consumed", "again");
    reopen();
    assertThat(receive("a"))
        .extracting(delivery -> delivery.message().sequence())
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 9L);
  }

  private long accounted() throws IOException {
    return Tallies.read(data.resolve("tally")).head().sequence();
  }

  /** Without room set aside. */
  private static long writtenOf(Path log) throws IOException {
    long[] end = {0};
    RecordLog.read(
        log,
        new RecordLog.Visitor() {
          @Override
          public void entry(RecordLog.Entry entry) {
            end[0] = entry.to();
          }

          @Override
          public void hole(long from, long to) {
            throw new AssertionError("a hole at " + from);
          }
        });
    return end[0];
  }
}
