// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.dragoman.core.DelayedMessage;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged message costs nobody but itself. */
final class DamagedRecordTest {
  private static final long LEASE = 60_000_000_000L;
  private static final byte[] GARBAGE = {77, 1, 2};

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private final Random random = new Random(1);
  private ChannelSettings settings = ChannelSettings.DEFAULT;
  private Metrics metrics = new Metrics();
  private EmbeddedEngine engine;

  @BeforeEach
  void open() throws EngineException {
    metrics = new Metrics();
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    engine.start(new EngineContext("node", clock, metrics, (kind, name) -> settings));
  }

  @AfterEach
  void close() {
    engine.close(Duration.ofSeconds(5));
  }

  @Test
  void shouldNotCountADamagedMessageAsWaiting() throws Exception {
    // given
    send(5, 10);
    damage("queue", 3);

    // when
    List<Long> received = sequences(receive(10));

    // then
    assertThat(received).containsExactly(1L, 2L, 4L, 5L);
    assertThat(StoreFixture.await(engine.queues().info("q")).waiting()).isZero();
    assertThat(StoreFixture.await(engine.queues().info("q")).inFlight()).isEqualTo(4);
  }

  /** Gone is what a list meets that comes due between the read of its key and that of itself. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldListWhatLiesBehindAHeldBackMessageThatIsGoneOrDamaged(boolean gone) throws Exception {
    // given
    sendDelayed(3);
    List<DelayedMessage> all = delayed(null, 10).messages();
    changeDelayed(all.get(0).handle(), gone);

    // when
    DelayedPage first = delayed(null, 1);
    DelayedPage second = delayed(first.next(), 1);
    DelayedPage third = delayed(second.next(), 1);

    // then
    assertThat(first.messages()).isEmpty();
    assertThat(second.messages())
        .extracting(DelayedMessage::handle)
        .containsExactly(handle(all, 1));
    assertThat(third.messages()).extracting(DelayedMessage::handle).containsExactly(handle(all, 2));
    assertThat(third.next()).isNull();
  }

  @Test
  void shouldRefuseToDeliverADamagedHeldBackMessageAndLetItBeCancelled() throws Exception {
    // given
    sendDelayed(1);
    Receipt handle = handle(delayed(null, 1).messages(), 0);
    changeDelayed(handle, false);

    // when
    Result<Settled> delivered = StoreFixture.awaitStage(engine.queues().deliverNow(handle));

    // then
    assertThat(((Result.Refused<Settled>) delivered).error().code()).isEqualTo(ErrorCode.CORRUPT);
    assertThat(StoreFixture.await(engine.queues().info("q")).delayed()).isEqualTo(1);
    assertThat(StoreFixture.await(engine.queues().cancelDelayed(handle))).isEqualTo(Settled.DONE);
    assertThat(StoreFixture.await(engine.queues().info("q")).delayed()).isZero();
  }

  @Test
  void shouldNotHoldMessagesForAReceiverThatWaitsForADamagedOne() throws Exception {
    // given
    send(5, 10);
    damage("queue", 3);
    var waiting = engine.queues().receive("q", new ReceiveOptions(5, LEASE, LEASE));
    Awaitility.await().until(() -> StoreFixture.await(engine.queues().info("q")).waiting() == 4);

    // when
    Result<Received> other = receive(4);

    // then
    assertThat(sequences(other)).containsExactly(1L, 2L, 4L, 5L);
    waiting.cancel();
  }

  @Test
  void shouldDeliverWhatLiesBeforeAnUnreadableBlock() throws Exception {
    // given
    send(400, 500);
    flipInTheMiddleOfTheLargestTable();

    // when
    List<Long> received = new ArrayList<>();
    Result<Received> result = receive(1000);
    while (result instanceof Result.Ok<Received> ok && !ok.value().deliveries().isEmpty()) {
      received.addAll(sequences(result));
      result = receive(1000);
    }

    // then
    assertThat(result).isInstanceOf(Result.Refused.class);
    assertThat(((Result.Refused<Received>) result).error().code()).isEqualTo(ErrorCode.CORRUPT);
    assertThat(received).hasSizeBetween(50, 350).startsWith(1L, 2L, 3L);
    assertThat(received.get(received.size() - 1)).isEqualTo(received.size());
    assertThat(engine.state().writable()).isTrue();
    assertThat(engine.state().detail()).contains("dragoman doctor");
  }

  @Test
  void shouldPeekAtWhatLiesBeforeAnUnreadableBlock() throws Exception {
    // given
    send(400, 500);
    flipInTheMiddleOfTheLargestTable();

    // when
    var peeked = StoreFixture.await(engine.queues().peek("q", 400, 0).result());

    // then
    assertThat(peeked.messages()).hasSizeBetween(50, 350);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTellWhatARedriveReturnedBeforeAnUnreadableBlock(boolean dryRun) throws Exception {
    // given so few that what is returned is not flushed, and nothing compacted
    deadLetter(60, 1000);
    flipInTheMiddleOfTheLargestTable();

    // when
    Redriven step =
        StoreFixture.await(engine.queues().redrive("dead", new RedriveStep(0, 0, 1000, dryRun)));
    Result<Redriven> next =
        StoreFixture.awaitStage(
            engine
                .queues()
                .redrive("dead", new RedriveStep(step.next(), step.through(), 1000, dryRun)));

    // then
    assertThat(step.moved()).isBetween(1, 59);
    assertThat(step.origins()).containsExactly(entry("q", step.moved()));
    assertThat(step.next()).isEqualTo(step.moved() + 1);
    assertThat(StoreFixture.await(engine.queues().info("q")).waiting())
        .isEqualTo(dryRun ? 0 : step.moved());
    assertThat(((Result.Refused<Redriven>) next).error().code()).isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void shouldReadOfALogWhatLiesBeforeAnUnreadableBlock() throws Exception {
    // given
    append(400, 500);
    flipInTheMiddleOfTheLargestTable();

    // when
    List<LogRecord> read = StoreFixture.await(engine.logs().read("l", 1, 1000, 1 << 20)).records();
    Result<LogStore.Piece> behind =
        StoreFixture.awaitStage(engine.logs().read("l", read.size() + 1, 1000, 1 << 20));

    // then
    assertThat(read).hasSizeBetween(50, 350);
    assertThat(((Result.Refused<LogStore.Piece>) behind).error().code())
        .isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void shouldTrimALogPastADamagedRecord() throws Exception {
    // given
    append(10, 10);
    damage("log", 3);

    // when
    engine.close(Duration.ofSeconds(5));
    settings = new ChannelSettings(Durability.SYNC, 0, 2, 0, 0, "", 0);
    open();

    // then
    Awaitility.await()
        .untilAsserted(
            () -> {
              clock.advance(Duration.ofSeconds(1));
              assertThat(StoreFixture.await(engine.logs().info("l")).messages()).isEqualTo(2);
            });
  }

  @Test
  void shouldTrimALogUpToAnUnreadableBlock() throws Exception {
    // given
    append(400, 500);
    flipInTheMiddleOfTheLargestTable();
    int readable = StoreFixture.await(engine.logs().read("l", 1, 1000, 1 << 20)).records().size();
    assertThat(readable).isBetween(50, 350);

    // when
    engine.close(Duration.ofSeconds(5));
    settings = new ChannelSettings(Durability.SYNC, 0, 0, 1000, 0, "", 0);
    open();

    // then
    Awaitility.await()
        .untilAsserted(
            () -> {
              clock.advance(Duration.ofSeconds(1));
              assertThat(StoreFixture.await(engine.logs().info("l")).firstSequence())
                  .isEqualTo(readable + 1);
            });
    Awaitility.await().until(() -> unreadable() > 0);
    assertThat(engine.state().detail()).contains("dragoman doctor");

    // and it is not tried again all the time
    for (int i = 0; i < 50; i++) {
      clock.advance(Duration.ofSeconds(1));
      // Twice, so that the writer has looked at the clock in between.
      StoreFixture.await(engine.logs().info("l"));
      StoreFixture.await(engine.logs().append(message("l", 10)));
      StoreFixture.await(engine.logs().append(message("l", 10)));
    }
    assertThat(unreadable()).isEqualTo(1);
    Awaitility.await()
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(10));
              return unreadable() == 2;
            });
  }

  @Test
  void shouldFreeWhatHasExpiredInOtherLogsThanOneThatCannotBeRead() throws Exception {
    // given
    append("sound", 10, 20);
    for (int i = 0; i < 400; i++) {
      append("l", 500, 10);
    }
    append("sound", 10, 20);
    flipInTheMiddleOfTheLargestTable();
    int readable = StoreFixture.await(engine.logs().read("l", 1, 1000, 1 << 20)).records().size();
    assertThat(readable).isBetween(50, 350);

    // when
    clock.advance(Duration.ofSeconds(30));

    // then
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(StoreFixture.await(engine.logs().info("sound")).messages()).isZero());
    LogInfo damaged = StoreFixture.await(engine.logs().info("l"));
    assertThat(damaged.firstSequence()).isEqualTo(readable + 1);
    assertThat(damaged.messages()).isLessThan(200);
    assertThat(unreadable()).isPositive();
  }

  private void append(String log, int bytes, long ttlSeconds) {
    StoreFixture.await(engine.logs().append(new LogAppend(message(log, bytes), 0, ttlSeconds)));
  }

  private long unreadable() {
    return metrics
        .counter(
            "dragoman_storage_unreadable_total",
            "Reads that met a part of the store that cannot be read; see dragoman doctor.")
        .value();
  }

  private Result<Received> receive(int max) {
    return StoreFixture.awaitStage(
        engine.queues().receive("q", new ReceiveOptions(max, 0, LEASE)).result());
  }

  private static List<Long> sequences(Result<Received> received) {
    return received.orThrow().deliveries().stream()
        .map(Delivery::message)
        .map(message -> message.sequence())
        .toList();
  }

  private void send(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      StoreFixture.awaitStage(
              engine.queues().send(List.of(new QueueSend(message("q", bytes), QueuePolicy.NONE))))
          .forEach(Result::orThrow);
    }
  }

  private void deadLetter(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      QueuePolicy once = new QueuePolicy(0, 0, 1, "dead");
      StoreFixture.awaitStage(
              engine.queues().send(List.of(new QueueSend(message("q", bytes), once))))
          .forEach(Result::orThrow);
      List<Receipt> receipts =
          receive(1).orThrow().deliveries().stream().map(Delivery::receipt).toList();
      StoreFixture.await(engine.queues().settle(receipts, Settlement.NACK));
    }
  }

  private void sendDelayed(int count) {
    for (int i = 0; i < count; i++) {
      StoreFixture.awaitStage(
              engine
                  .queues()
                  .send(List.of(new QueueSend(message("q", 10), new QueuePolicy(0, 100, 0, "")))))
          .forEach(Result::orThrow);
    }
  }

  private DelayedPage delayed(@Nullable Receipt after, int max) {
    return StoreFixture.await(engine.queues().delayed("q", after, max, 1 << 20));
  }

  private static Receipt handle(List<DelayedMessage> list, int index) {
    return list.get(index).handle();
  }

  private void changeDelayed(Receipt handle, boolean remove) throws Exception {
    byte[] token = handle.token();
    byte[] key =
        Keys.delayedByDue((long) Keys.LONG.get(token, 4), 1, (long) Keys.LONG.get(token, 12));
    change(
        (store, batch) -> {
          if (remove) {
            batch.delete(store.delayed, key);
          } else {
            batch.put(store.delayed, key, GARBAGE);
          }
        });
  }

  private void append(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      StoreFixture.await(engine.logs().append(message("l", bytes)));
    }
  }

  private Message message(String channel, int bytes) {
    byte[] body = new byte[bytes];
    random.nextBytes(body);
    return Message.builder().channel(channel).id("id").clientId("c").body(body).build();
  }

  // As no disk could do it, since its checksum is right; but a fault of ours could.
  private void damage(String family, long sequence) throws Exception {
    change(
        (store, batch) -> {
          Family of = family.equals("queue") ? store.queue : store.log;
          batch.put(of, Keys.message(1, sequence), GARBAGE);
        });
  }

  private void change(BiConsumer<Store, Batch> changes) throws Exception {
    engine.close(Duration.ofSeconds(5));
    Store store = Store.open(directory.resolve("store"), StoreFixture.options(directory));
    Batch batch = new Batch();
    changes.accept(store, batch);
    store.write(batch);
    store.close();
    open();
  }

  private void flipInTheMiddleOfTheLargestTable() throws Exception {
    engine.close(Duration.ofSeconds(5));
    Path largest =
        StoreCheck.withSuffix(directory.resolve("store"), ".sst").stream()
            .max(Comparator.comparingLong(file -> file.toFile().length()))
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(largest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(largest, bytes);
    open();
  }
}
