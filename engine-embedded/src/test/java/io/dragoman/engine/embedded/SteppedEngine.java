// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Metrics;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.rocksdb.RocksDBException;

/**
 * The parts of an engine without its background work, which a test does step by step. There is one
 * reader, and it and the writer can be held, so that passes cross as a test wants it.
 */
final class SteppedEngine {
  /** How many messages logs keep whose name says so. */
  static final int KEPT = 10;

  /** A store that says how large batches were, and whose syncs can be held. */
  private final class WatchedDisk implements Disk {
    @Override
    public void write(Batch batch) throws RocksDBException {
      largestBatch = Math.max(largestBatch, batch.sizeBytes());
      store.write(batch);
    }

    @Override
    public void sync() throws RocksDBException {
      syncs.acquireUninterruptibly();
      syncs.release();
      store.sync();
    }
  }

  /** Holds the thread that runs it. */
  static final class Hold implements Runnable {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public void run() {
      reached.countDown();
      wait(released);
    }

    void awaitReached() {
      wait(reached);
    }

    void release() {
      released.countDown();
    }

    private static void wait(CountDownLatch latch) {
      try {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  final ManualClock clock = new ManualClock();
  final Metrics metrics = new Metrics();

  /** Syncs are held while its permit is taken. */
  final Semaphore syncs = new Semaphore(1);

  /** Bytes of the largest batch since it was last set to 0. */
  volatile int largestBatch;

  /** Of logs that are made from now on. */
  volatile Durability durability = Durability.ASYNC;

  final Store store;
  final Writer writer;
  final LogExpiry expiry;
  final LogRetention retention;
  final EmbeddedLogStore logs;
  final KeySweep keySweep;
  final EmbeddedKeyValueStore keys;
  private final Syncer syncer;
  private final Readers readers;
  private final List<Hold> holds = new ArrayList<>();

  SteppedEngine(Path directory) throws EngineException {
    EmbeddedOptions options = StoreFixture.options(directory);
    EngineMetrics meters = new EngineMetrics(metrics);
    Condition condition = new Condition();
    store = Store.open(directory.resolve("store"), options);
    Disk disk = new WatchedDisk();
    writer = new Writer(disk, clock, condition, meters, metrics, options);
    syncer = new Syncer(disk, condition, 100, metrics, marks -> {});
    readers = new Readers(1);
    ChannelTable channels = new ChannelTable(store, writer, (kind, name) -> settings(name), 100);
    Logs operations = new Logs(store, writer, readers, channels, clock, meters);
    expiry = operations.expirySweep();
    retention = new LogRetention(store, writer, readers, channels, operations);
    logs = new EmbeddedLogStore(store, writer, readers, channels, operations, meters);
    KeyTable table = new KeyTable(store, writer, readers, meters, metrics, 10_000);
    keySweep = new KeySweep(store, writer, readers, table);
    keys =
        new EmbeddedKeyValueStore(store, writer, readers, table, clock, Durability.ASYNC, metrics);
    syncer.start();
    writer.start(syncer);
  }

  private ChannelSettings settings(String name) {
    return new ChannelSettings(durability, 0, name.equals("kept") ? KEPT : 0, 0, 0, "", 0);
  }

  void close() throws InterruptedException {
    holds.forEach(Hold::release);
    syncs.release();
    readers.stop();
    writer.stop();
    syncer.stop();
    store.closeWithoutFlush();
  }

  /** Holds the reader when it has read what it was asked before. */
  Hold holdReader() {
    Hold hold = new Hold();
    holds.add(hold);
    readers.read(hold::run, failure -> {});
    return hold;
  }

  /** Holds the writer when it has done what it was asked before. */
  Hold holdWriter() {
    Hold hold = new Hold();
    holds.add(hold);
    writer.submit(hold);
    return hold;
  }

  /** Waits until what was asked of the reader before has been read. */
  void awaitReader() {
    CountDownLatch read = new CountDownLatch(1);
    readers.read(read::countDown, failure -> {});
    Hold.wait(read);
  }

  /** Runs something on the writer's thread, and waits for it. */
  void onWriter(Runnable command) {
    ask(
        () -> {
          command.run();
          return true;
        });
  }

  /** The same for what gives something. */
  <T> T ask(Supplier<T> command) {
    CompletableFuture<T> done = new CompletableFuture<>();
    writer.submit(
        () -> {
          try {
            done.complete(command.get());
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
            throw e;
          }
        });
    return StoreFixture.awaitStage(done);
  }

  long counted(String name) {
    return metrics.counter(name, "").value();
  }
}
