// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * What a start and the doctor make of damage at a chosen place. A copy of the files of an engine
 * that runs is what a killed process leaves.
 */
final class DoctorTest {
  private static final long LEASE = 600_000_000_000L;

  @TempDir private Path root;
  private final ManualClock clock = new ManualClock();
  private final Random random = new Random(1);
  private Path data;
  private Path copy;
  private EmbeddedEngine engine;

  @BeforeEach
  void start() throws EngineException {
    data = root.resolve("data");
    copy = root.resolve("copy");
    engine = open(data);
  }

  @AfterEach
  void close() {
    engine.close(Duration.ofSeconds(5));
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
    assertThat(report.losses()).singleElement().matches(loss -> loss.channel().equals("a"));
    assertThat(report.losses().get(0).messages()).isEqualTo(1);
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
    assertThat(report.losses()).singleElement().matches(loss -> loss.channel().equals("a"));
    assertThat(report.losses().get(0).messages()).isEqualTo(1);
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
    assertThat(report.losses()).singleElement().matches(loss -> loss.channel().equals("a"));
    assertThat(report.losses().get(0).messages()).isEqualTo(1);
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
    assertThat(report.losses()).singleElement().matches(loss -> loss.channel().equals("a"));
    assertThat(report.losses().get(0).messages()).isEqualTo(1);
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
  void shouldStartAfterEveryKillWhereverItsLogsAre() throws Exception {
    for (int i = 1; i <= 12; i++) {
      // given
      switch (random.nextInt(7)) {
        case 0 -> send("a", 2);
        case 1 -> receive("a");
        case 2 -> append("l", 2);
        case 3 -> StoreFixture.await(engine.channels().create(Kind.QUEUE, "a"));
        case 4 -> StoreFixture.await(engine.channels().delete(Kind.QUEUE, "a"));
        case 5 -> StoreFixture.await(engine.logs().trim("l", 2));
        default -> StoreFixture.await(engine.channels().create(Kind.EVENTS, "e" + i));
      }
      kill();

      // when
      Path next = root.resolve("copy-" + i);
      Files.move(copy, next);
      engine.close(Duration.ofSeconds(5));
      data = next;
      engine = open(data);

      // then
      if (random.nextBoolean()) {
        restart();
      }
    }
  }

  private long accounted() throws IOException {
    return Tallies.read(data.resolve("tally")).head().sequence();
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

  @Test
  void shouldLookThroughAndStartOnAStoreWithoutAFamilyAddedSince() throws Exception {
    // given
    send("a", 3);
    append("l", 3);
    engine.close(Duration.ofSeconds(5));
    kill();
    withoutFamily("index");

    // when
    StoreDoctor.Report report = StoreDoctor.examine(options(copy), false);

    // then
    assertThat(report.sound()).as(report.toString()).isTrue();
    assertThat(refusal()).isEmpty();
    reopen();
    assertThat(receive("a")).hasSize(3);
    assertThat(read("l")).hasSize(3);
  }

  private void withoutFamily(String family) throws RocksDBException {
    String store = copy.resolve("store").toString();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (Options options = new Options();
        DBOptions dbOptions = new DBOptions()) {
      List<ColumnFamilyDescriptor> descriptors =
          RocksDB.listColumnFamilies(options, store).stream()
              .map(ColumnFamilyDescriptor::new)
              .toList();
      try (RocksDB db = RocksDB.open(dbOptions, store, descriptors, handles)) {
        for (ColumnFamilyHandle each : handles) {
          if (family.equals(new String(each.getName(), StandardCharsets.UTF_8))) {
            db.dropColumnFamily(each);
          }
        }
        handles.forEach(ColumnFamilyHandle::close);
      }
    }
  }

  @Test
  void shouldStartAfterAVersionThatDoesNotCountItsWrites() throws Exception {
    // given
    send("a", 3);
    append("l", 3);
    engine.close(Duration.ofSeconds(5));
    kill();
    change(
        (store, batch) -> {
          withoutWrites(store, batch, 1);
          withoutWrites(store, batch, 2);
        });

    // when
    String refusal = refusal();
    StoreDoctor.Report report = StoreDoctor.examine(options(copy), false);

    // then
    assertThat(refusal).isEmpty();
    assertThat(report.sound()).as(report.toString()).isTrue();
    reopen();
    assertThat(receive("a")).hasSize(3);
    assertThat(read("l")).hasSize(3);
  }

  @Test
  void shouldNotStartWhenAVersionThatDoesNotCountItsWritesLostMessages() throws Exception {
    // given
    send("a", 3);
    append("l", 3);
    engine.close(Duration.ofSeconds(5));
    kill();
    byte[] queue = new QueueState.Figures(1, 2, 1, 1, 100, 0, 0, 0, 0, 0).encoded();
    byte[] log = new LogState.Figures(1, 2, 100, 1, 0, 0, LogState.Extra.NONE).encoded();
    change(
        (store, batch) -> {
          batch.put(store.meta, Keys.state(1), cut(queue));
          batch.put(store.meta, Keys.state(2), cut(log));
        });

    // when
    String refusal = refusal();

    // then
    assertThat(refusal).contains("queue a: 2 messages lost", "log l: 2 messages lost");
  }

  private static void withoutWrites(Store store, Batch batch, int channel) {
    try {
      byte[] state = java.util.Objects.requireNonNull(store.get(store.meta, Keys.state(channel)));
      assertThat(state[state.length - 1]).isBetween((byte) 1, (byte) 127);
      batch.put(store.meta, Keys.state(channel), cut(state));
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] cut(byte[] state) {
    return java.util.Arrays.copyOf(state, state.length - 1);
  }

  private enum Interrupted {
    BEFORE_THE_NEW_STORE_IS_IN_PLACE,
    BEFORE_THE_TALLY_IS_MOVED,
    BEFORE_THE_MANIFEST_IS_MOVED
  }

  @ParameterizedTest
  @EnumSource(Interrupted.class)
  void shouldGoOnWithAnInterruptedRepair(Interrupted interrupted) throws Exception {
    // given
    interruptedRepair(interrupted);

    // when
    StoreDoctor.Report report = repair();

    // then
    assertThat(report.sound()).as(report.toString()).isTrue();
    reopen();
    assertThat(received("a")).containsExactly("a 2", "a 3", "a 4", "a 5");
  }

  @ParameterizedTest
  @EnumSource(Interrupted.class)
  void shouldNotStartAfreshAfterAnInterruptedRepair(Interrupted interrupted) throws Exception {
    // given
    interruptedRepair(interrupted);

    // when
    if (interrupted == Interrupted.BEFORE_THE_NEW_STORE_IS_IN_PLACE) {
      assertThat(refusal()).contains("interrupted", "dragoman doctor --repair");
      repair();
    }
    reopen();

    // then
    assertThat(received("a")).containsExactly("a 2", "a 3", "a 4", "a 5");
    close();
    assertThat(StoreDoctor.examine(options(copy), false).sound()).isTrue();
  }

  private void interruptedRepair(Interrupted interrupted) throws Exception {
    send("a", 5);
    kill();
    flip(log(), 20);
    Path aside = java.util.Objects.requireNonNull(repair().aside());
    Path store = copy.resolve("store");
    Files.writeString(store.resolve("REPAIRED"), aside.getFileName() + "\n");
    Path manifest = aside.resolve("manifest");
    if (Files.exists(manifest)) {
      Files.move(manifest, copy.resolve("manifest"));
    }
    if (interrupted != Interrupted.BEFORE_THE_MANIFEST_IS_MOVED) {
      Files.move(aside.resolve("tally"), copy.resolve("tally"));
    }
    if (interrupted == Interrupted.BEFORE_THE_NEW_STORE_IS_IN_PLACE) {
      Files.move(store, copy.resolve("store.new"));
    }
  }

  @Test
  void shouldNotReplaceAStoreByOneThatCannotBeFlushed() throws Exception {
    // given
    send("a", 5);
    kill();
    flip(log(), 20);
    Path log = log();
    byte[] damaged = Files.readAllBytes(log);

    // when
    StoreDoctor.Opener withoutTables =
        (path, options) -> {
          Store store = Store.open(path, options);
          for (int i = 1; i < 100; i++) {
            // What a table would be called.
            Files.createDirectory(path.resolve(String.format("%06d.sst", i)));
          }
          return store;
        };

    // then
    assertThatThrownBy(() -> StoreDoctor.examine(options(copy), true, withoutTables))
        .isInstanceOf(EngineException.class);
    assertThat(Files.readAllBytes(log)).isEqualTo(damaged);
    assertThat(copy.resolve("tally")).exists();
    try (Stream<Path> files = Files.list(copy)) {
      assertThat(files).noneMatch(file -> file.toString().contains("damaged-"));
    }
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
  void shouldRemoveWhatAKilledDoctorLeftBehind() throws Exception {
    // given
    send("a", 1);
    kill();
    Files.createDirectory(copy.resolve("doctor.work"));
    Files.writeString(copy.resolve("doctor.work").resolve("000001.sst"), "link");

    // when
    reopen();

    // then
    assertThat(copy.resolve("doctor.work")).doesNotExist();
    assertThat(received("a")).containsExactly("a 1");
  }

  @Test
  void shouldHoldNoFileWhenAStartFailed() throws Exception {
    // given
    send("a", 3);
    engine.close(Duration.ofSeconds(5));
    kill();
    byte[] lost = new QueueState.Figures(1, 2, 1, 1, 100, 0, 0, 0, 0, 1).encoded();
    change((store, batch) -> batch.put(store.meta, Keys.state(1), lost));

    // when
    assertThat(refusal()).contains("queue a");

    // then
    try (Stream<Path> held = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(held.map(DoctorTest::target)).noneMatch(file -> file.startsWith(copy.toString()));
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      // It was the listing's own.
      return "";
    }
  }

  /** Changes the copy as no broker does. */
  private void change(BiConsumer<Store, Batch> change) throws Exception {
    Store store = Store.open(copy.resolve("store"), options(copy));
    Batch batch = new Batch();
    change.accept(store, batch);
    store.write(batch);
    store.close();
  }

  private static EmbeddedOptions options(Path directory) {
    return StoreFixture.options(directory).withLimits(0, 1000, 1 << 24);
  }

  private EmbeddedEngine open(Path directory) throws EngineException {
    EmbeddedEngine opened = new EmbeddedEngine(options(directory));
    opened.start(
        new EngineContext("node", clock, new Metrics(), (kind, name) -> ChannelSettings.DEFAULT));
    return opened;
  }

  private void restart() throws EngineException {
    engine.close(Duration.ofSeconds(5));
    engine = open(data);
  }

  private void kill() throws IOException {
    StoreFixture.delete(copy);
    StoreFixture.copy(data, copy);
  }

  /** Goes on with the copy. */
  private void reopen() throws EngineException {
    engine.close(Duration.ofSeconds(5));
    engine = open(copy);
  }

  private String refusal() {
    try {
      open(copy).close(Duration.ofSeconds(5));
    } catch (EngineException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  private StoreDoctor.Report repair() throws EngineException {
    return StoreDoctor.examine(options(copy), true);
  }

  private Path log() throws IOException {
    List<Path> logs = StoreCheck.logs(copy.resolve("store"));
    assertThat(logs).hasSize(1);
    return logs.get(0);
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

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  private void send(String queue, int count) {
    send(queue, count, QueuePolicy.NONE);
  }

  private void send(String queue, int count, QueuePolicy policy) {
    for (int i = 1; i <= count; i++) {
      StoreFixture.awaitStage(
              engine.queues().send(List.of(new QueueSend(message(queue, i), policy))))
          .forEach(Result::orThrow);
    }
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

  private void append(String log, int count) {
    for (int i = 1; i <= count; i++) {
      StoreFixture.await(engine.logs().append(message(log, i)));
    }
  }

  private static Message message(String channel, int number) {
    byte[] body = (channel + " " + number).getBytes(StandardCharsets.UTF_8);
    return Message.builder().channel(channel).id("id").clientId("c").body(body).build();
  }

  private List<Delivery> receive(String queue) {
    return StoreFixture.await(
            engine.queues().receive(queue, new ReceiveOptions(1000, 0, LEASE)).result())
        .deliveries();
  }

  private List<String> received(String queue) {
    return receive(queue).stream()
        .map(delivery -> StoreFixture.body(delivery.message().message()))
        .toList();
  }

  private List<String> read(String log) {
    return StoreFixture.await(engine.logs().read(log, 1, 1000, 1 << 20)).records().stream()
        .map(LogRecord::message)
        .map(StoreFixture::body)
        .toList();
  }
}
