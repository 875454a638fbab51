// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds and figures of the keys, and what damage does to them. */
final class KeysTest {
  private static final int KEYS_MAX = 6000;

  @TempDir private Path root;
  private final ManualClock clock = new ManualClock();
  private final Random random = new Random(1);
  private Metrics metrics = new Metrics();
  private Path data;
  private EmbeddedEngine engine;

  @BeforeEach
  void start() throws EngineException {
    data = root.resolve("data");
    engine = open(data);
  }

  @AfterEach
  void close() {
    engine.close(Duration.ofSeconds(5));
  }

  @Test
  void shouldBoundTheNumberOfKeys() {
    // given more keys than are remembered
    setAll(0, KEYS_MAX, 0);

    // when
    Result<Boolean> over = awaited(engine.keyValues().set("over", bytes("1"), 0));

    // then
    assertThat(over).isInstanceOf(Result.Refused.class);
    assertThat(((Result.Refused<Boolean>) over).error().code()).isEqualTo(ErrorCode.TOO_MANY_KEYS);
    set("key 0", "again", 0);
    assertThat(StoreFixture.await(engine.keyValues().delete("key 1"))).isTrue();
    set("over", "1", 0);
    assertThat(gauge("dragoman_keys")).isEqualTo(KEYS_MAX);
  }

  @Test
  void shouldCountKeysAndTheirBytes() throws EngineException {
    // given
    set("a", "123", 0);
    set("b\u00e4", "1", 5);
    set("a", "1", 0);

    // when / then
    assertThat(gauge("dragoman_keys")).isEqualTo(2);
    assertThat(gauge("dragoman_key_bytes")).isEqualTo(2 + 4);
    restart();
    assertThat(gauge("dragoman_keys")).isEqualTo(2);
    assertThat(gauge("dragoman_key_bytes")).isEqualTo(2 + 4);
    StoreFixture.await(engine.keyValues().delete("a"));
    assertThat(gauge("dragoman_key_bytes")).isEqualTo(4);
  }

  @Test
  void shouldFreeTheRoomOfKeysWhoseTimeIsOver() {
    // given
    setAll(0, 3000, 10);
    setAll(3000, 20, 20);
    setAll(3020, 10, 0);

    // when
    clock.advance(Duration.ofSeconds(10));

    // then
    eventually("dragoman_keys", 30);
    clock.advance(Duration.ofSeconds(10));
    eventually("dragoman_keys", 10);
    assertThat(metrics.counter("dragoman_keys_expired_total", "").value()).isEqualTo(3020);
    eventually("dragoman_key_bytes", 180);
  }

  @Test
  void shouldFreeTheRoomOfKeysWhoseTimeWasOverWhileStopped() throws EngineException {
    // given
    setAll(0, 100, 10);
    engine.close(Duration.ofSeconds(5));

    // when
    clock.advance(Duration.ofSeconds(10));
    engine = open(data);

    // then
    eventually("dragoman_keys", 0);
    eventually("dragoman_key_bytes", 0);
  }

  @Test
  void shouldSweepWhileKeysChange() {
    // given
    setAll(0, 2000, 10);
    clock.advance(Duration.ofSeconds(10));

    // when
    setAll(1000, 500, 100);

    // then
    eventually("dragoman_keys", 500);
    assertThat(StoreFixture.await(engine.keyValues().get("key 1200"))).isPresent();
    assertThat(StoreFixture.await(engine.keyValues().get("key 200"))).isEmpty();
  }

  // More keys than are remembered, changed in bursts, while others of them are swept.
  @Test
  void shouldKeepCountWhateverHappensAtTheSameTime() {
    // given
    List<CompletionStage<Result<Boolean>>> calls = new ArrayList<>();
    Set<String> endless = new TreeSet<>();
    for (int i = 0; i < 60_000; i++) {
      String key = "key " + random.nextInt(5500);
      int what = random.nextInt(10);
      if (what < 2) {
        calls.add(engine.keyValues().delete(key));
        endless.remove(key);
      } else {
        int ttl = what < 3 ? 0 : 1 + random.nextInt(3);
        calls.add(engine.keyValues().set(key, noise(1 + random.nextInt(20)), ttl));
        if (ttl == 0) {
          endless.add(key);
        } else {
          endless.remove(key);
        }
      }
      if (random.nextInt(500) == 0) {
        clock.advance(Duration.ofMillis(300));
      }
      if (calls.size() == 2000) {
        calls.forEach(StoreFixture::await);
        calls.clear();
      }
    }
    calls.forEach(StoreFixture::await);

    // when
    clock.advance(Duration.ofSeconds(3));

    // then
    eventually("dragoman_keys", endless.size());
    long bytes = 0;
    for (String key : endless) {
      byte[] value = StoreFixture.await(engine.keyValues().get(key)).orElseThrow();
      bytes += key.length() + value.length;
    }
    assertThat(gauge("dragoman_key_bytes")).isEqualTo(bytes);
    assertThat(endless).hasSizeGreaterThan(100);
  }

  @Test
  void shouldTellAndRepairKeysThatCannotBeRead() throws Exception {
    // given
    setAll(0, 2000, 0);
    engine.close(Duration.ofSeconds(5));
    Path copy = copy();
    Path table = largestTable(copy);
    flip(table, (int) (Files.size(table) / 3));

    // when
    StoreDoctor.Report report = StoreDoctor.examine(options(copy), true);

    // then
    assertThat(report.losses()).hasSize(1);
    Loss loss = report.losses().get(0);
    assertThat(loss.kind()).isNull();
    assertThat(loss.messages()).isBetween(1L, 800L);
    assertThat(loss.toString()).startsWith("keys: ").contains("between key ");
    engine = open(copy);
    assertThat(gauge("dragoman_keys")).isEqualTo(2000 - loss.messages());
    long found = 0;
    for (int i = 0; i < 2000; i++) {
      found += StoreFixture.await(engine.keyValues().get("key " + i)).isPresent() ? 1 : 0;
    }
    assertThat(found).isEqualTo(2000 - loss.messages());
    engine.close(Duration.ofSeconds(5));
    assertThat(StoreDoctor.examine(options(copy), false).sound()).isTrue();
  }

  @Test
  void shouldRefuseOnlyTheKeysThatCannotBeRead() throws Exception {
    // given
    setAll(0, 2000, 0);
    engine.close(Duration.ofSeconds(5));
    Path table = largestTable(data);
    flip(table, (int) (Files.size(table) / 3));

    // when
    engine = open(data);

    // then
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      Result<?> got = awaited(engine.keyValues().get("key " + i));
      Result<?> set = awaited(engine.keyValues().set("key " + i, bytes("new"), 0));
      assertThat(set.isOk()).isEqualTo(got.isOk());
      refused += got.isOk() ? 0 : 1;
    }
    assertThat(refused).isBetween(1, 800);
    assertThat(engine.state().detail()).contains("dragoman doctor");
  }

  @Test
  void shouldTellOfChangesInADamagedStretchOfTheLog() throws Exception {
    // given
    set("a", "1", 0);
    set("b", "1", 0);
    set("c", "1", 0);
    Path copy = copy();
    flip(log(copy), 20);

    // when
    StoreDoctor.Report report = StoreDoctor.examine(options(copy), true);

    // then
    assertThat(report.losses()).singleElement().matches(loss -> loss.kind() == null);
    assertThat(report.losses().get(0).messages()).isEqualTo(1);
    assertThat(report.losses().get(0).what()).contains("1 changes");
    engine.close(Duration.ofSeconds(5));
    engine = open(copy);
    assertThat(StoreFixture.await(engine.keyValues().get("a"))).isEmpty();
    assertThat(StoreFixture.await(engine.keyValues().get("b"))).isPresent();
    assertThat(StoreFixture.await(engine.keyValues().get("c"))).isPresent();
    assertThat(gauge("dragoman_keys")).isEqualTo(2);
  }

  @Test
  void shouldRefuseToStartWhenTheLatestChangesAreLost() throws Exception {
    // given a store that has only the first of three changes
    set("a", "1", 0);
    set("b", "1", 0);
    set("a", "2", 0);
    engine.close(Duration.ofSeconds(5));
    Path copy = copy();
    Store store = Store.open(copy.resolve("store"), options(copy));
    Batch batch = new Batch();
    batch.put(store.keys, KeyRecords.key("a"), KeyRecords.record(bytes("1")));
    batch.delete(store.keys, KeyRecords.key("b"));
    batch.put(store.meta, KeyRecords.FIGURES, new KeyRecords.Figures(1, 2, 1).encoded());
    store.write(batch);
    store.close();

    // when
    String refusal = refusal(copy);

    // then
    assertThat(refusal).contains("keys: 2 keys lost").contains("the last 2 changes");
    StoreDoctor.Report report = StoreDoctor.examine(options(copy), true);
    assertThat(report.losses()).hasSize(1);
    assertThat(report.losses().get(0).toString()).contains("the last 2 changes");
    engine = open(copy);
    assertThat(StoreFixture.await(engine.keyValues().get("a"))).hasValue(bytes("1"));
    assertThat(gauge("dragoman_keys")).isEqualTo(1);
  }

  private String refusal(Path directory) {
    try {
      open(directory).close(Duration.ofSeconds(5));
      return "";
    } catch (EngineException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void shouldReadAStoreThatHasNoKeysYet() throws Exception {
    // given a store as an earlier version made it
    engine.close(Duration.ofSeconds(5));
    dropKeys(data.resolve("store"));

    // when
    StoreDoctor.Report report = StoreDoctor.examine(options(data), false);

    // then
    assertThat(report.sound()).isTrue();
    engine = open(data);
    set("a", "1", 0);
    assertThat(StoreFixture.await(engine.keyValues().get("a"))).isPresent();
  }

  private static void dropKeys(Path store) throws org.rocksdb.RocksDBException {
    List<org.rocksdb.ColumnFamilyDescriptor> families = new ArrayList<>();
    List<org.rocksdb.ColumnFamilyHandle> handles = new ArrayList<>();
    try (org.rocksdb.Options options = new org.rocksdb.Options()) {
      org.rocksdb.RocksDB.listColumnFamilies(options, store.toString())
          .forEach(name -> families.add(new org.rocksdb.ColumnFamilyDescriptor(name)));
    }
    try (org.rocksdb.DBOptions options = new org.rocksdb.DBOptions();
        org.rocksdb.RocksDB db =
            org.rocksdb.RocksDB.open(options, store.toString(), families, handles)) {
      for (org.rocksdb.ColumnFamilyHandle handle : handles) {
        if (new String(handle.getName(), StandardCharsets.UTF_8).equals("kv")) {
          db.dropColumnFamily(handle);
        }
        handle.close();
      }
    }
  }

  private void setAll(int from, int count, long ttlSeconds) {
    List<CompletionStage<Result<Boolean>>> calls = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      calls.add(engine.keyValues().set("key " + i, noise(10), ttlSeconds));
    }
    calls.forEach(StoreFixture::await);
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  private void set(String key, String value, long ttlSeconds) {
    StoreFixture.await(engine.keyValues().set(key, bytes(value), ttlSeconds));
  }

  private static <T> T awaited(CompletionStage<T> stage) {
    return StoreFixture.awaitStage(stage);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void eventually(String gauge, long value) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(gauge(gauge)).isEqualTo(value));
  }

  private long gauge(String name) {
    return metrics.families().stream()
        .filter(family -> family.name().equals(name))
        .flatMap(family -> family.instruments().values().stream())
        .mapToLong(gauge -> (long) ((Metrics.Gauge) gauge).value())
        .sum();
  }

  private static EmbeddedOptions options(Path directory) {
    return StoreFixture.options(directory).withKeys(KEYS_MAX, Durability.SYNC);
  }

  private EmbeddedEngine open(Path directory) throws EngineException {
    metrics = new Metrics();
    EmbeddedEngine opened = new EmbeddedEngine(options(directory));
    opened.start(
        new EngineContext("node", clock, metrics, (kind, name) -> ChannelSettings.DEFAULT));
    return opened;
  }

  private void restart() throws EngineException {
    engine.close(Duration.ofSeconds(5));
    engine = open(data);
  }

  private Path copy() throws IOException {
    Path copy = Files.createTempDirectory(root, "copy").resolve("data");
    StoreFixture.copy(data, copy);
    return copy;
  }

  private static Path log(Path directory) throws IOException {
    return StoreCheck.logs(directory.resolve("store")).get(0);
  }

  private static Path largestTable(Path directory) throws IOException {
    Path largest = null;
    for (Path table : StoreCheck.withSuffix(directory.resolve("store"), ".sst")) {
      if (largest == null || Files.size(table) > Files.size(largest)) {
        largest = table;
      }
    }
    return java.util.Objects.requireNonNull(largest);
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }
}
