// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The account beside the store: what it holds, also after the end of its process at any moment. */
@Timeout(60)
final class TalliesTest {
  private static final int PAGE = 4096;
  private static final int HALF = 128;
  private static final long LEASE = TimeUnit.MINUTES.toNanos(1);

  /** The longest that may be configured: 1024 bytes of two-byte letters. */
  private static final String LONG_NAME = "\u00e4".repeat(512);

  @TempDir private Path directory;

  @Test
  void shouldKeepChannelsWithTheLongestNames() throws Exception {
    // given
    EmbeddedEngine engine = start();
    send(engine, LONG_NAME);
    StoreFixture.await(engine.logs().append(message(LONG_NAME)));
    Path killed = directory.resolve("killed");
    StoreFixture.copy(data(), killed);
    engine.close(Duration.ofSeconds(5));

    for (Path each : List.of(data(), killed)) {
      // when
      StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(each), false);
      EmbeddedEngine again = start(each);
      Received received =
          StoreFixture.await(
              again.queues().receive(LONG_NAME, new ReceiveOptions(5, 0, LEASE)).result());
      List<LogRecord> read =
          StoreFixture.await(again.logs().read(LONG_NAME, 1, 10, 1000)).records();
      again.close(Duration.ofSeconds(5));

      // then
      assertThat(report.sound()).as("%s", report).isTrue();
      assertThat(received.deliveries()).hasSize(1);
      assertThat(read).hasSize(1);
      assertThat(Tallies.read(each.resolve("tally")).channels().values())
          .extracting(Tallies.Channel::name)
          .containsExactly(LONG_NAME, LONG_NAME);
    }
  }

  @Test
  void shouldBeSoundWithOneHalfOfAStateDamaged() throws Exception {
    // given
    EmbeddedEngine engine = start();
    send(engine, "q");
    send(engine, "q");
    engine.close(Duration.ofSeconds(5));
    byte[] whole = Files.readAllBytes(data().resolve("tally"));

    for (int half = 0; half < 2; half++) {
      // when
      byte[] bytes = whole.clone();
      bytes[PAGE + half * HALF] ^= 1;
      Files.write(data().resolve("tally"), bytes);

      // then
      assertThat(StoreDoctor.examine(StoreFixture.options(data()), false).sound()).isTrue();
      assertThat(Tallies.read(data().resolve("tally")).channels().get(1).name()).isEqualTo("q");
    }
    EmbeddedEngine again = start();
    assertThat(
            StoreFixture.await(
                    again.queues().receive("q", new ReceiveOptions(5, 0, LEASE)).result())
                .deliveries())
        .hasSize(2);
    again.close(Duration.ofSeconds(5));
  }

  @Test
  void shouldBeSoundWhereverThePutOfAStateWasTorn() throws IOException {
    Tallies.Channel before = queue(7, "orders", 20);
    Tallies.Channel after = queue(7, "orders", 30);
    Tallies.Channel gone = new Tallies.Channel(7, Kind.QUEUE, "", new byte[0]);
    for (Tallies.Channel next : List.of(after, gone)) {
      // given
      Path file = directory.resolve("torn");
      byte[] from;
      byte[] to;
      try (Tallies tallies = fresh(file)) {
        tallies.safe(5);
        tallies.put(before);
        from = Files.readAllBytes(file);
        tallies.put(next);
        to = Files.readAllBytes(file);
      }
      assertThat(to).isNotEqualTo(from);
      Random random = new Random(1);
      for (int i = 0; i < 200; i++) {
        // when
        Files.write(file, mixed(from, to, random));
        Tallies.Account account = Tallies.read(file);

        // then
        assertThat(account.damage()).isEmpty();
        if (account.deleted().contains(7)) {
          assertThat(next).isSameAs(gone);
        } else {
          assertThat(account.channels().get(7).name()).isEqualTo("orders");
          assertThat(account.channels().get(7).state()).isIn(before.state(), next.state());
        }
      }
    }
  }

  @Test
  void shouldBeSoundWhereverTheFirstPutOfAChannelWasTorn() throws IOException {
    // given
    Path file = directory.resolve("torn");
    byte[] from;
    byte[] to;
    try (Tallies tallies = fresh(file)) {
      tallies.safe(5);
      tallies.put(queue(6, "old", 20));
      from = Files.readAllBytes(file);
      tallies.put(queue(7, "new", 20));
      to = Files.readAllBytes(file);
    }
    int place = PAGE + 2 * HALF;
    // In the order of writing: the name, one half, the other.
    int[][] steps = {
      {PAGE + 128 * 2 * HALF, to.length}, {place + HALF, place + 2 * HALF}, {place, place + HALF}
    };
    Random random = new Random(1);
    byte[] now = from.clone();
    for (int[] step : steps) {
      byte[] then = now.clone();
      System.arraycopy(to, step[0], then, step[0], step[1] - step[0]);
      for (int i = 0; i < 100; i++) {
        // when
        Files.write(file, mixed(now, then, random));
        Tallies.Account account = Tallies.read(file);

        // then
        assertThat(account.damage()).isEmpty();
        assertThat(account.channels().get(6).name()).isEqualTo("old");
      }
      now = then;
    }
    assertThat(now).isEqualTo(to);
    assertThat(Tallies.read(file).channels()).containsOnlyKeys(6, 7);
  }

  @Test
  void shouldClearAtTheStartWhatBelongsToNoChannel() throws IOException {
    // given
    Path file = directory.resolve("tally");
    try (Tallies tallies = fresh(file)) {
      tallies.safe(5);
      tallies.put(queue(1, "a", 20));
      tallies.put(queue(2, "b", 20));
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int at : new int[] {0, 1, 6, 7}) {
      bytes[PAGE + at * HALF] ^= 1;
    }
    // A place that nobody has.
    bytes[PAGE + 6 * HALF + 20] ^= 1;
    bytes[PAGE + 7 * HALF + 20] ^= 1;
    Files.write(file, bytes);
    Tallies.Account account = Tallies.read(file);
    assertThat(account.damage()).hasSize(2);
    assertThat(account.channels()).containsOnlyKeys(2);

    // when
    try (Tallies tallies = Tallies.open(file, account)) {
      tallies.begin(List.of(queue(1, "a", 30), queue(2, "b", 30)));
    }

    // then
    Tallies.Account again = Tallies.read(file);
    assertThat(again.damage()).isEmpty();
    assertThat(again.head().sequence()).isEqualTo(5);
    assertThat(again.channels().get(1).state()).hasSize(30);
    assertThat(again.channels().get(2).state()).hasSize(30);
  }

  @Test
  void shouldTakeAnotherFormatForAbsent() throws Exception {
    // given
    EmbeddedEngine engine = start();
    send(engine, "q");
    engine.close(Duration.ofSeconds(5));
    Path file = data().resolve("tally");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    for (int at : new int[] {0, HALF}) {
      bytes.putInt(at + 4, 1);
      CRC32C crc = new CRC32C();
      crc.update(bytes.slice(at + 4, 44));
      bytes.putInt(at, (int) crc.getValue());
    }
    Files.write(file, bytes.array());

    // when
    Tallies.Account account = Tallies.read(file);
    StoreDoctor.Report report = StoreDoctor.examine(StoreFixture.options(data()), false);
    start().close(Duration.ofSeconds(5));

    // then
    assertThat(account.exists()).isFalse();
    assertThat(report.sound()).as("%s", report).isTrue();
    assertThat(Tallies.read(file).channels().get(1).name()).isEqualTo("q");
  }

  @Test
  void shouldTakeAStateDownWhileTheDiskIsSlow() throws Exception {
    // given
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    Path file = directory.resolve("tally");
    Tallies.Sync slow =
        channel -> {
          reached.countDown();
          try {
            assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        };
    try (Tallies tallies = Tallies.open(file, Tallies.NOTHING, slow)) {
      tallies.begin(List.of(queue(1, "a", 20)));
      CompletableFuture<Void> forced =
          CompletableFuture.runAsync(
              () -> {
                try {
                  tallies.force();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

      // when
      CompletableFuture.runAsync(
              () -> {
                tallies.put(queue(1, "a", 40));
                tallies.safe(9);
              })
          .get(10, TimeUnit.SECONDS);

      // then
      assertThat(forced).isNotDone();
      assertThat(Tallies.read(file).head().sequence()).isEqualTo(9);
      assertThat(Tallies.read(file).channels().get(1).state()).hasSize(40);
      held.countDown();
      forced.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void shouldNotGrowWithChannelsThatCameAndWent() throws IOException {
    // given
    Path file = directory.resolve("tally");
    try (Tallies tallies = fresh(file)) {
      tallies.safe(1);
      tallies.put(queue(1, "stays", 20));

      // when
      for (int number = 2; number <= 10_000; number++) {
        tallies.put(queue(number, "reply-" + number, 20));
        tallies.put(new Tallies.Channel(number, Kind.QUEUE, "", new byte[0]));
      }
      tallies.put(queue(10_001, "last", 20));

      // then
      assertThat(Files.size(file)).isLessThan(2 << 20);
      Tallies.Account account = Tallies.read(file);
      assertThat(account.damage()).isEmpty();
      assertThat(account.channels()).containsOnlyKeys(1, 10_001);
      assertThat(account.deleted()).hasSizeGreaterThanOrEqualTo(1000).contains(9_001, 10_000);
    }

    // and it is given back
    try (Tallies tallies = Tallies.open(file, Tallies.read(file))) {
      tallies.begin(List.of(queue(1, "stays", 20)));
    }
    assertThat(Files.size(file)).isLessThan(256 << 10);
    assertThat(Tallies.read(file).channels()).containsOnlyKeys(1);
  }

  @Test
  void shouldGoOnWithoutWhatItCannotHold() throws IOException {
    // given
    Path file = directory.resolve("tally");
    try (Tallies tallies = fresh(file)) {
      // when
      tallies.put(queue(1, "n".repeat(5000), 20));
      tallies.put(queue(2, "q", 4000));
      tallies.put(queue(3, "r", 20));
      tallies.safe(8);

      // then
      assertThat(Tallies.read(file).channels()).containsOnlyKeys(3);
      assertThat(Tallies.read(file).head().sequence()).isEqualTo(8);
    }
  }

  // Of what differs, some bytes are new and some still old.
  private static byte[] mixed(byte[] from, byte[] to, Random random) {
    byte[] mixed = from.clone();
    for (int i = 0; i < mixed.length; i++) {
      if (from[i] != to[i] && random.nextBoolean()) {
        mixed[i] = to[i];
      }
    }
    return mixed;
  }

  private static Tallies fresh(Path file) throws IOException {
    Tallies tallies = Tallies.open(file, Tallies.NOTHING);
    tallies.begin(List.of());
    return tallies;
  }

  private static Tallies.Channel queue(int number, String name, int bytes) {
    byte[] state = new byte[bytes];
    new Random(number * 1000L + bytes).nextBytes(state);
    return new Tallies.Channel(number, Kind.QUEUE, name, state);
  }

  private Path data() {
    return directory.resolve("data");
  }

  private EmbeddedEngine start() throws EngineException {
    return start(data());
  }

  private static EmbeddedEngine start(Path data) throws EngineException {
    EmbeddedEngine engine = new EmbeddedEngine(StoreFixture.options(data));
    engine.start(
        new EngineContext(
            "node", new ManualClock(), new Metrics(), (kind, name) -> ChannelSettings.DEFAULT));
    return engine;
  }

  private static void send(EmbeddedEngine engine, String queue) {
    StoreFixture.awaitStage(
            engine.queues().send(List.of(new QueueSend(message(queue), QueuePolicy.NONE))))
        .forEach(Result::orThrow);
  }

  private static Message message(String channel) {
    return Message.builder()
        .channel(channel)
        .id("id")
        .clientId("c")
        .body("body".getBytes(StandardCharsets.UTF_8))
        .build();
  }
}
