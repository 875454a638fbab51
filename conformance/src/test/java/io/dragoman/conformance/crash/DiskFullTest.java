// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import static io.dragoman.conformance.crash.Brokers.say;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A disk that is full: nearly, so that the broker refuses in time, and wholly, so that its writes
 * fail. The disk is a small file system in memory, which only root can mount.
 */
@Isolated("mounts a file system")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DiskFullTest {

  private static final int DISK_MIB = 128;
  private static final int MARK_MIB = 64;

  /** What something else has on the disk: little is to be written up to the mark. */
  private static final int BALLAST_MIB = 40;

  private static final int MESSAGE_BYTES = 100_000;
  private static final int ROUNDS_MAX = 100;
  private static final Duration EXIT_DEADLINE = Duration.ofSeconds(20);

  /** Small write buffers, so that files are written and merged all the time. */
  private static final String[] SETTINGS = {
    "data.minFreeBytes=" + MARK_MIB + "MiB", "memory.memtableBytes=1MiB", "drain.grace=5s"
  };

  /** What a broker says that has found the disk nearly full by looking. */
  private static final String NEARLY_FULL = "nearly full";

  private static final int ATTEMPTS = 5;

  @RegisterExtension final Brokers brokers = new Brokers();

  @Test
  @SuppressWarnings("try") // the client is closed before its broker
  void shouldRefuseBeforeTheDiskIsFull() throws IOException {
    // given
    brokers.mountData(DISK_MIB);
    take(brokers.data().resolve("ballast"), BALLAST_MIB << 20);
    BrokerProcess broker = brokers.start(SETTINGS);
    try (StoringClient client = new StoringClient(broker, "", MESSAGE_BYTES)) {
      // when
      Refusal refusal = fill(client);
      say("%d messages and events, then: %s", client.keeps(), refusal.getMessage());

      // then there is still room, and everybody is told
      assertThat(refusal).hasMessageContaining(StoringClient.NOT_STORED);
      assertThat(freeBytes()).as("free").isGreaterThan(MARK_MIB << 19);
      broker.awaitNotReady("nearly full");
      client.assertNothingNewIsTaken();
      client.assertReadable();
      brokers.assertComplaints("nearly full");

      // and consumers can still make room
      client.assertConsumable();

      // and when there is space again, a restart takes messages again
      client.leave();
      broker.terminate();
      assertThat(broker.awaitExit(EXIT_DEADLINE)).isZero();
      brokers.resizeData(4 * DISK_MIB);
      client.reconnect(brokers.start(SETTINGS));
      client.assertKept();
      client.follow();
      assertThat(client.round()).isEmpty();
    }
  }

  @Test
  @SuppressWarnings("try") // the client is closed before its broker
  void shouldLoseNothingWhenAWriteFindsTheDiskFull() throws IOException {
    // given a busy broker on a disk with room
    brokers.mountData(DISK_MIB);
    Path ballast = brokers.data().resolve("ballast");
    BrokerProcess broker = brokers.start(SETTINGS);
    try (StoringClient client = new StoringClient(broker, "", MESSAGE_BYTES)) {
      assertThat(client.round()).isEmpty();

      // when somebody else takes all of it at once
      take(ballast, Long.MAX_VALUE);
      Refusal refusal = fill(client);
      for (int i = 0; i < ATTEMPTS && broker.says(NEARLY_FULL); i++) {
        // The broker has looked, as it does each second, before it wrote: once more.
        client.leave();
        broker.terminate();
        assertThat(broker.awaitExit(EXIT_DEADLINE)).isZero();
        Files.delete(ballast);
        broker = brokers.start(SETTINGS);
        client.reconnect(broker);
        client.assertKept();
        client.follow();
        assertThat(client.round()).isEmpty();
        take(ballast, Long.MAX_VALUE);
        refusal = fill(client);
      }
      say("%d messages and events, then: %s", client.keeps(), refusal.getMessage());

      // then
      broker.awaitNotReady("storage failed: ");
      assertThat(broker.says(NEARLY_FULL)).as("no write has found the disk full").isFalse();
      client.assertReadable();
      client.assertEverythingIsRefused();
      client.leave();
      broker.terminate();
      assertThat(broker.awaitExit(EXIT_DEADLINE)).isZero();

      // and when there is space again, a restart has all and takes messages again
      Files.delete(ballast);
      client.reconnect(brokers.start(SETTINGS));
      client.assertKept();
      client.follow();
      assertThat(client.round()).isEmpty();
    }
  }

  @Test
  void shouldSayWhyItDoesNotStartOnAFullDisk() throws IOException {
    // given
    brokers.mountData(1);
    take(brokers.data().resolve("ballast"), Long.MAX_VALUE);

    // when
    BrokerProcess broker = brokers.broker(SETTINGS).start();

    // then
    assertThat(broker.awaitExit(EXIT_DEADLINE)).isEqualTo(1);
    assertThat(brokers.logText()).contains("data.dir: ").contains("No space left on device");
    assertThat(broker.listenersFile()).doesNotExist();
    brokers.assertNoComplaints();
  }

  private static Refusal fill(StoringClient client) {
    for (int i = 0; i < ROUNDS_MAX; i++) {
      Optional<Refusal> refused = client.round();
      if (refused.isPresent()) {
        return refused.get();
      }
    }
    throw new AssertionError("never refused");
  }

  private long freeBytes() throws IOException {
    return Files.getFileStore(brokers.data()).getUsableSpace();
  }

  /** Writes a file of this size, or of what is left. */
  private static void take(Path ballast, long bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocate(1 << 16);
      while (file.position() < bytes) {
        file.write(block.clear());
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }
}
