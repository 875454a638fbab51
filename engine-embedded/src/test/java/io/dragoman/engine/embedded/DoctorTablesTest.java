// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start and the doctor make of damage to the store's tables and lists, or of their loss. */
final class DoctorTablesTest extends DoctorSuite {
  @Test
  void shouldNotServeAQueueThatWasDeletedAndIsThereAgain() throws Exception {
    // given
    send("a", 3);
    send("b", 1);
    restart();
    StoreFixture.await(engine.channels().delete(Kind.QUEUE, "a"));
    engine.close(Duration.ofSeconds(5));
    kill();
    Bytes entry = new Bytes(12);
    entry.putInt(1);
    entry.putLong(0);
    change((store, batch) -> batch.put(store.meta, Keys.channel(Kind.QUEUE, "a"), entry.toArray()));

    // when
    String refusal = refusal();
    StoreDoctor.Report report = repair();

    // then
    assertThat(refusal).contains("queue a", "deleted");
    assertThat(report.damage()).singleElement().asString().contains("queue a was deleted");
    reopen();
    assertThat(StoreFixture.await(engine.channels().list(Kind.QUEUE, "")))
        .extracting(info -> info.name())
        .containsExactly("b");
  }

  @Test
  void shouldDeliverAllOfAQueueWhoseFiguresAreLost() throws Exception {
    // given
    send("a", 5);
    restart();
    assertThat(received("a")).hasSize(5);
    kill();
    Files.delete(copy.resolve("tally"));
    change((store, batch) -> batch.delete(store.meta, Keys.state(1)));

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.aside()).isNotNull();
    assertThat(report.losses()).singleElement().asString().contains("queue a", "figures");
    reopen();
    send("a", 1);
    assertThat(receive("a"))
        .extracting(delivery -> delivery.message().sequence())
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void shouldReadOnBehindABlockThatCannotBeReadWhenNothingSaysHowFar() throws Exception {
    // given
    for (int i = 0; i < 3; i++) {
      sendLarge("a", 300);
      restart();
    }
    engine.close(Duration.ofSeconds(5));
    kill();
    Files.delete(copy.resolve("tally"));
    change((store, batch) -> batch.delete(store.meta, Keys.state(1)));
    List<Path> tables = StoreCheck.withSuffix(copy.resolve("store"), ".sst");
    for (Path table : tables) {
      if (Files.size(table) > 100_000) {
        flip(table, 50_000);
      }
    }

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.losses()).singleElement().asString().contains("queue a", "figures");
    assertThat(report.messages()).isBetween(600L, 899L);
    reopen();
    List<Delivery> all = receive("a");
    assertThat(all).hasSize((int) report.messages());
    assertThat(all.get(all.size() - 1).message().sequence()).isEqualTo(900);
  }

  @Test
  void shouldReadDelayedMessagesBehindABlockThatCannotBeRead() throws Exception {
    // given
    for (int i = 0; i < 300; i++) {
      sendLarge("a", 1, new QueuePolicy(0, 3600 + i, 0, ""));
    }
    engine.close(Duration.ofSeconds(5));
    kill();
    List<Path> large = new ArrayList<>();
    for (Path table : StoreCheck.withSuffix(copy.resolve("store"), ".sst")) {
      if (Files.size(table) > 100_000) {
        large.add(table);
      }
    }
    assertThat(large).hasSize(2);
    flip(large.get(0), 50_000);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.messages()).isBetween(250L, 299L);
    assertThat(report.losses())
        .singleElement()
        .matches(loss -> loss.messages() == 300 - report.messages());
    reopen();
    assertThat(StoreFixture.await(engine.queues().delayed("a", null, 1000, 1 << 30)).messages())
        .hasSize((int) report.messages());
  }

  @Test
  void shouldTellOfChannelsWhoseNamesAreLost() throws Exception {
    // given
    for (int i = 0; i < 300; i++) {
      send("queue-" + noise(), 1);
    }
    for (int i = 0; i < 100; i++) {
      append("log-" + noise(), 2);
    }
    send("held", 1, new QueuePolicy(0, 3600, 0, ""));
    engine.close(Duration.ofSeconds(5));
    kill();
    Files.delete(copy.resolve("tally"));
    flip(tableWith("Cllog-"), 8000);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.losses())
        .anyMatch(
            loss ->
                loss.kind() == Kind.LOG
                    && loss.messages() == 2
                    && loss.channel().matches("number \\d+"))
        .anyMatch(
            loss ->
                loss.kind() == Kind.QUEUE
                    && loss.messages() == 1
                    && loss.channel().matches("number \\d+"));
    long lost = report.losses().stream().mapToLong(Loss::messages).sum();
    assertThat(lost + report.messages()).isEqualTo(501);
    reopen();
    assertThat(engine.state().writable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldMendALostIndexInPlace(boolean manifest) throws Exception {
    // given
    send("a", 3);
    restart();
    send("a", 3);
    kill();
    Path store = copy.resolve("store");
    Path lost = manifest ? StoreCheck.manifest(store) : store.resolve("CURRENT");
    Files.delete(java.util.Objects.requireNonNull(lost));

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.damage())
        .singleElement()
        .asString()
        .contains(String.valueOf(lost.getFileName()), "is missing");
    assertThat(report.losses()).isEmpty();
    assertThat(java.util.Objects.requireNonNull(report.aside()).resolve("store")).doesNotExist();
    reopen();
    assertThat(receive("a")).hasSize(6);
  }

  @Test
  void shouldSayWhatIsLostWhenTheStoreIsMissing() throws Exception {
    // given
    send("a", 3);
    restart();
    kill();
    StoreFixture.delete(copy.resolve("store"));

    // when
    String refusal = refusal();
    StoreDoctor.Report report = repair();

    // then
    assertThat(refusal).contains("store/CURRENT", "doctor");
    assertThat(report.losses()).singleElement().asString().contains("queue a: 3 messages lost");
    reopen();
    assertThat(receive("a")).isEmpty();
  }

  private Path tableWith(String text) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path table : StoreCheck.withSuffix(copy.resolve("store"), ".sst")) {
      if (new String(Files.readAllBytes(table), StandardCharsets.ISO_8859_1).contains(text)) {
        found.add(table);
      }
    }
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private String noise() {
    StringBuilder noise = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      noise.append(Long.toHexString(random.nextLong()));
    }
    return noise.toString();
  }

  private void sendLarge(String queue, int count) {
    sendLarge(queue, count, QueuePolicy.NONE);
  }

  private void sendLarge(String queue, int count, QueuePolicy policy) {
    for (int i = 0; i < count; i++) {
      byte[] body = new byte[1000];
      random.nextBytes(body);
      Message message = Message.builder().channel(queue).id("id").clientId("c").body(body).build();
      StoreFixture.awaitStage(engine.queues().send(List.of(new QueueSend(message, policy))))
          .forEach(Result::orThrow);
    }
  }
}
