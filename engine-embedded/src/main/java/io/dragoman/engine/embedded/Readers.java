// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDBException;

/** The threads that read the disk, so that neither the writer nor an event loop has to. */
final class Readers {

  /** Work that reads; a damaged store shows as an exception. */
  interface Work {
    void run() throws RocksDBException;
  }

  private final ExecutorService threads;
  private final Runnable onUnreadable;

  Readers(int count) {
    this(count, () -> {});
  }

  /**
   * @param onUnreadable told when a part of the store could not be read
   */
  Readers(int count, Runnable onUnreadable) {
    this.onUnreadable = onUnreadable;
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "dragoman-reader-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Runs work on a reader thread. Each caller keeps its own work bounded (one read under way per
   * queue, sweep or call).
   *
   * @param failed told instead when the store cannot be read or is being closed
   */
  void read(Work work, java.util.function.Consumer<Exception> failed) {
    try {
      threads.execute(() -> perform(work, failed));
    } catch (RejectedExecutionException e) {
      failed.accept(e);
    }
  }

  /** What a caller is told whose read failed. */
  static io.dragoman.core.BrokerError error(Exception failure, String what) {
    return failure instanceof RejectedExecutionException
        ? new io.dragoman.core.BrokerError(
            io.dragoman.core.ErrorCode.SHUTTING_DOWN, "the broker is stopping")
        : new io.dragoman.core.BrokerError(
            io.dragoman.core.ErrorCode.CORRUPT, what + " cannot be read");
  }

  /** Work that goes on without it has met a part of the store that cannot be read. */
  void unreadable(RocksDBException failure) {
    Loggers.STORAGE.error("reading the store failed: {}", failure.toString());
    onUnreadable.run();
  }

  boolean stopped() {
    return threads.isTerminated();
  }

  void stop() throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
      Loggers.STORAGE.warn("reads are still under way after 30 s");
    }
  }

  private void perform(Work work, java.util.function.Consumer<Exception> failed) {
    try {
      work.run();
    } catch (RocksDBException e) {
      unreadable(e);
      failed.accept(e);
    } catch (RuntimeException e) {
      Loggers.STORAGE.error("reading the store failed: {}", e.toString());
      failed.accept(e);
    } catch (Error e) {
      // Whoever waits for this read must hear of it, whatever went wrong.
      Loggers.STORAGE.error("reading the store failed: {}", e.toString());
      failed.accept(new IllegalStateException(e));
    }
  }
}
