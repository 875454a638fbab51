// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static io.dragoman.engine.embedded.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore.History;
import io.dragoman.core.spi.LogStore.Piece;
import io.dragoman.core.spi.LogStore.Stretch;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/** What reads of logs cost others, and what one log that cannot be read costs the others. */
final class LogReadsTest {
  private static final ChannelFilter ALL = ChannelFilter.slashed("#");
  private static final long PLENTY = 8 << 20;
  private static final int EXPIRED = 25_000;

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private final Random random = new Random(1);
  private Metrics metrics = new Metrics();
  private EmbeddedEngine engine;

  @BeforeEach
  void open() throws EngineException {
    ChannelSettings settings = new ChannelSettings(Durability.ASYNC, 0, 0, 0, 0, "", 0);
    metrics = new Metrics();
    engine = new EmbeddedEngine(StoreFixture.options(directory));
    engine.start(new EngineContext("node", clock, metrics, (kind, name) -> settings));
  }

  @AfterEach
  void close() {
    engine.close(Duration.ofSeconds(5));
  }

  @Test
  void shouldPassOverABoundedNumberOfExpiredRecordsInOneRead() {
    // given
    appendMortal("log", EXPIRED);

    // when
    List<Long> found = new ArrayList<>();
    int reads = 0;
    long next = 2;
    Piece piece = await(engine.logs().read("log", next, 10, 1 << 20));
    while (!piece.isEnd(next)) {
      // then
      assertThat(piece.nextSequence()).isBetween(next + 1, next + Turn.RECORDS_MAX + 1);
      piece.records().forEach(each -> found.add(each.sequence()));
      next = piece.nextSequence();
      reads++;
      piece = await(engine.logs().read("log", next, 10, 1 << 20));
    }
    assertThat(found).containsExactly(EXPIRED + 2L);
    assertThat(reads).isEqualTo(3);
    assertThat(next).isEqualTo(EXPIRED + 3L);
  }

  @Test
  void shouldPassOverABoundedNumberOfExpiredRecordsReadingOnAfterAPattern() {
    // given
    appendMortal("log", EXPIRED);

    // when
    List<Long> found = new ArrayList<>();
    long place = 0;
    long end = await(engine.logs().history(ALL, new HistoryStart.Unknown(), 0, 1)).placeNanos();
    int reads = 0;
    while (place < end) {
      Stretch stretch = await(engine.logs().readAfter(ALL, place, 10, 1 << 20));
      stretch.records().forEach(each -> found.add(each.sequence()));
      place = stretch.placeNanos();
      reads++;
    }

    // then
    assertThat(found).containsExactly(1L, EXPIRED + 2L);
    assertThat(reads).isEqualTo(3);
  }

  @Test
  void shouldFindTheLastRecordInTurns() {
    // given
    appendMortal("log", EXPIRED);
    append("after", 1);
    appendMany("after", EXPIRED, 1);
    clock.advance(Duration.ofSeconds(2));

    // when / then
    assertThat(await(engine.logs().resolve("log", new LogStart.Last()))).isEqualTo(EXPIRED + 2L);
    assertThat(turns()).isZero();
    assertThat(await(engine.logs().resolve("after", new LogStart.Last()))).isEqualTo(1);
    assertThat(turns()).isEqualTo(EXPIRED / Turn.RECORDS_MAX);
  }

  @Test
  void shouldRemoveAllStubsBehindWhatIsTrimmed() {
    // given
    appendMortal("log", EXPIRED);
    Awaitility.await().until(() -> await(engine.logs().info("log")).messages() == 2);

    // when
    long removed = await(engine.logs().trim("log", 2));

    // then
    assertThat(removed).isEqualTo(1);
    assertThat(await(engine.logs().info("log")).firstSequence()).isEqualTo(EXPIRED + 2L);
    assertThat(await(engine.logs().info("log")).messages()).isEqualTo(1);
  }

  @Test
  void shouldGiveWhatIsOlderThanAnyNumberOfExpiredRecords() {
    // given
    append("a/config", 1);
    appendMortal("a/noise", 100_001);

    // when
    History byTime = history(new HistoryStart.AtTime(0), 10);
    History byOrder = history(new HistoryStart.Unknown(), 10);

    // then
    assertThat(names(byTime)).containsExactly("a/config", "a/noise", "a/noise");
    assertThat(names(byOrder)).containsExactly("a/config", "a/noise", "a/noise");
    assertThat(turns()).isEqualTo(2 * (100_001 / Turn.RECORDS_MAX));
  }

  @Test
  void shouldNotReadLogsByTimeWhoseTurnDoesNotCome() throws Exception {
    // given
    for (int i = 0; i < 30; i++) {
      for (int j = 0; j < 2; j++) {
        appendAt("old/" + i, 1_000 + i);
      }
    }
    reopen();
    damageTheLargestTable();
    for (int i = 0; i < 12; i++) {
      appendAt("new/" + i, 2_000 + i);
    }

    // when
    History history = history(new HistoryStart.AtTime(0), 10);

    // then
    assertThat(history.records())
        .extracting(LogRecord::eventTimeMillis)
        .containsExactly(
            2_002L, 2_003L, 2_004L, 2_005L, 2_006L, 2_007L, 2_008L, 2_009L, 2_010L, 2_011L);
    assertThat(unreadable()).isZero();
  }

  @Test
  void shouldGiveTheRecordsOfLogsBesideOneThatCannotBeRead() throws Exception {
    // given
    LogPosition first = append("a/sound", 500);
    append("a/sound", 500);
    reopen();
    for (int i = 0; i < 200; i++) {
      append("b/damaged", 500);
    }
    reopen();
    append("c/sound", 500);
    append("c/sound", 500);
    damageTheLargestTable();
    List<String> sound = List.of("a/sound", "a/sound", "c/sound", "c/sound");
    HistoryStart after = new HistoryStart.After(first.timestampNanos(), 0);

    // when
    History byTime = history(new HistoryStart.AtTime(0), 1_000);
    History byOrder = history(new HistoryStart.Unknown(), 1_000);
    History behind = history(after, 1_000);
    History cut = history(after, 1);
    List<String> followed = new ArrayList<>();
    long place = 0;
    while (place < byTime.placeNanos()) {
      Stretch stretch = await(engine.logs().readAfter(ALL, place, 10, 1 << 20));
      stretch.records().forEach(each -> followed.add(each.message().channel()));
      place = stretch.placeNanos();
    }

    // then
    assertThat(names(byTime)).isEqualTo(sound);
    assertThat(names(byOrder)).isEqualTo(sound);
    assertThat(names(behind)).isEqualTo(sound.subList(1, 4));
    assertThat(names(cut)).isEqualTo(sound.subList(3, 4));
    assertThat(List.of(byTime, byOrder, behind, cut)).noneMatch(History::complete);
    assertThat(followed).isEqualTo(sound);
    assertThat(unreadable()).isPositive();
  }

  @Test
  void shouldFindATimeBesideDamagedRecords() throws Exception {
    // given
    List<LogPosition> positions = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      positions.add(append("log", 10));
    }
    engine.close(Duration.ofSeconds(5));
    Store store = Store.open(directory.resolve("store"), StoreFixture.options(directory));
    Batch batch = new Batch();
    batch.put(store.log, Keys.message(1, 10), new byte[] {77, 1, 2});
    batch.put(store.log, Keys.message(1, 6), new byte[] {77, 1, 2});
    store.write(batch);
    store.close();
    open();

    for (int i : new int[] {0, 4, 6, 8}) {
      // when
      long found =
          await(
              engine.logs().resolve("log", new LogStart.AtTime(positions.get(i).timestampNanos())));

      // then
      assertThat(found).as("%s", i).isBetween(i == 6 ? 6L : i + 1, i + 1L);
    }
  }

  @Test
  void shouldReclaimWhatExpiresBehindEntriesThatCannotBeRead() throws Exception {
    // given: so few that no compaction meets the damage, which would end all writing
    appendMany("damaged", 1_000, 100);
    reopen();
    damageTheLargestTable(LogReadsTest::isOfExpiries);
    clock.advance(Duration.ofSeconds(101));
    Awaitility.await().until(() -> unreadable() > 0);

    // when
    appendMany("sound", 10, 1);
    clock.advance(Duration.ofMinutes(2));

    // then
    Awaitility.await().until(() -> counted("dragoman_log_expired_total") >= 10);
    assertThat(await(engine.logs().info("sound")).messages()).isZero();
  }

  private static boolean isOfExpiries(Path table) {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(table.toString());
      try (ReadOptions read = new ReadOptions();
          SstFileReaderIterator iterator = reader.newIterator(read)) {
        iterator.seek(Keys.logExpiry(0, 0, 0));
        return iterator.isValid() && iterator.key()[0] == Keys.logExpiry(0, 0, 0)[0];
      }
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
  }

  private History history(HistoryStart start, int limit) {
    return await(engine.logs().history(ALL, start, limit, PLENTY));
  }

  private static List<String> names(History history) {
    return history.records().stream().map(each -> each.message().channel()).toList();
  }

  /** One record, then many that are over, then one. */
  private void appendMortal(String log, int count) {
    append(log, 1);
    appendMany(log, count, 1);
    append(log, 1);
    clock.advance(Duration.ofSeconds(2));
  }

  private void appendMany(String log, int count, int ttlSeconds) {
    List<CompletionStage<Result<LogPosition>>> appended = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      appended.add(engine.logs().append(new LogAppend(message(log, 1), 0, ttlSeconds)));
      if (appended.size() == 1_000 || i == count - 1) {
        appended.forEach(StoreFixture::await);
        appended.clear();
      }
    }
  }

  private LogPosition append(String log, int bytes) {
    return await(engine.logs().append(message(log, bytes)));
  }

  private void appendAt(String log, long eventTimeMillis) {
    await(engine.logs().append(new LogAppend(message(log, 1_000), eventTimeMillis, 0)));
  }

  private Message message(String log, int bytes) {
    byte[] body = new byte[bytes];
    random.nextBytes(body);
    return Message.builder().channel(log).id("id").clientId("c").body(body).build();
  }

  private void reopen() throws EngineException {
    close();
    open();
  }

  /** So that no record in it can be read. */
  private void damageTheLargestTable() throws Exception {
    damageTheLargestTable(file -> true);
  }

  private void damageTheLargestTable(Predicate<Path> among) throws Exception {
    close();
    Path largest =
        StoreCheck.withSuffix(directory.resolve("store"), ".sst").stream()
            .filter(among)
            .max(Comparator.comparingLong(file -> file.toFile().length()))
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(largest);
    for (int i = 100; i < bytes.length * 9 / 10; i += 1_000) {
      bytes[i] ^= 1;
    }
    Files.write(largest, bytes);
    open();
  }

  private long turns() {
    return counted("dragoman_log_read_turns_total");
  }

  private long unreadable() {
    return counted("dragoman_storage_unreadable_total");
  }

  private long counted(String name) {
    return metrics.families().stream()
        .filter(family -> family.name().equals(name))
        .flatMap(family -> family.instruments().values().stream())
        .mapToLong(each -> ((Metrics.Counter) each).value())
        .sum();
  }
}
