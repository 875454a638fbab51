// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.concurrent.Semaphore;
import org.rocksdb.RocksDBException;

/** A store whose syncs wait until they are let go, or fail. */
final class HeldDisk implements Disk {
  private final Store store;
  final Semaphore syncs = new Semaphore(0);
  volatile boolean fails;
  volatile boolean syncing;

  HeldDisk(Store store) {
    this.store = store;
  }

  @Override
  public void write(Batch batch) throws RocksDBException {
    store.write(batch);
  }

  @Override
  public void sync() throws RocksDBException {
    syncing = true;
    syncs.acquireUninterruptibly();
    syncing = false;
    if (fails) {
      throw new RocksDBException("synced no more");
    }
    store.sync();
  }
}
