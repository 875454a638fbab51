// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Starts on what a kill or an earlier version left, and a start that fails. */
final class DoctorStartTest extends DoctorSuite {
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
      assertThat(held.map(DoctorStartTest::target))
          .noneMatch(file -> file.startsWith(copy.toString()));
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
}
