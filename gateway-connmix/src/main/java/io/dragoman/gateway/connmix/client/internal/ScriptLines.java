// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.lua.LogLevel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What scripts log. It is written beside the lanes: wherever a log goes, nobody may be reading
 * there. What there is no room for is counted and left out. Safe from any thread; never blocks.
 */
final class ScriptLines implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptLines.class);
  private static final int WAITING_MAX = 1_000;
  private static final long CLOSE_MILLIS_MAX = 500;

  private final ThreadPoolExecutor writer;

  ScriptLines(ClientTraffic traffic) {
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            task -> {
              Thread made = new Thread(task, "dragoman-connmix-log");
              made.setDaemon(true);
              return made;
            },
            (task, full) -> traffic.lineLost());
  }

  void add(LogLevel level, String line) {
    writer.execute(() -> write(level, line));
  }

  private static void write(LogLevel level, String line) {
    switch (level) {
      case DEBUG -> LOG.debug("{}", line);
      case INFO -> LOG.info("{}", line);
      case WARN -> LOG.warn("{}", line);
      case ERROR -> LOG.error("{}", line);
    }
  }

  /** Waits a moment for what is to be written still. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      writer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
