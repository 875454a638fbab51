// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Metrics;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.nio.file.Path;
import org.awaitility.Awaitility;

/**
 * A store whose syncs are held, with what writes to it and reads from it. What a test looks at is
 * made on top of it before it is started.
 */
final class HeldStore {
  final ManualClock clock = new ManualClock();
  final Metrics metrics = new Metrics();
  final EngineMetrics meters = new EngineMetrics(metrics);
  final Store store;
  final HeldDisk disk;
  final Writer writer;
  final Readers readers = new Readers(2);
  private final Syncer syncer;

  HeldStore(Path directory) throws EngineException {
    EmbeddedOptions options = StoreFixture.options(directory);
    Condition condition = new Condition();
    store = Store.open(directory.resolve("store"), options);
    disk = new HeldDisk(store);
    writer = new Writer(disk, clock, condition, meters, metrics, options);
    syncer = new Syncer(disk, condition, 100, metrics, marks -> {});
  }

  void start() {
    syncer.start();
    writer.start(syncer);
  }

  void close() throws InterruptedException {
    disk.syncs.release(1000);
    readers.stop();
    writer.stop();
    syncer.stop();
    store.closeWithoutFlush();
  }

  /** Waits until a sync is held. */
  void awaitSync() {
    Awaitility.await().until(() -> disk.syncing);
  }
}
