// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.spi.ChannelSettings;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;

/**
 * Keeps logs within their configured age, count and bytes. Looks once a second; a reader finds how
 * far to trim, so that the byte count stays exact. Writer thread only, but for the reading.
 */
final class LogRetention implements Writer.Duty {
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);
  private static final int PASS_MAX = 20_000;
  private static final int UNDER_WAY_MAX = 4;
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);
  private static final long PAUSE_MAX = TimeUnit.HOURS.toNanos(1);

  /** What one pass has found, and the time of the first record that stays. */
  private record Pass(Front front, long oldestKept, boolean more) {}

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final ChannelTable channels;
  private final Logs logs;
  private final ArrayDeque<LogState> waiting = new ArrayDeque<>();
  private long nextDue;
  private int underWay;

  LogRetention(Store store, Writer writer, Readers readers, ChannelTable channels, Logs logs) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.channels = channels;
    this.logs = logs;
  }

  @Override
  public long nextDue() {
    return nextDue;
  }

  @Override
  public void perform(long now) {
    nextDue = now + INTERVAL;
    if (writer.refusesAll() != null) {
      return;
    }
    if (waiting.isEmpty()) {
      for (LogState log : channels.logs()) {
        if (!log.trimming && log.count() > 0 && exceeds(log, now)) {
          waiting.add(log);
        }
      }
    }
    startWaiting(now);
  }

  // All that exceed get their turn before any is looked at again.
  private void startWaiting(long now) {
    while (underWay < UNDER_WAY_MAX && !waiting.isEmpty() && writer.refusesAll() == null) {
      LogState log = waiting.remove();
      if (!log.deleted && !log.trimming && log.count() > 0 && exceeds(log, now)) {
        pass(log, now);
      }
    }
  }

  private static boolean exceeds(LogState log, long now) {
    ChannelSettings limits = log.settings;
    boolean over =
        limits.retentionCount() > 0 && log.messages() > limits.retentionCount()
            || limits.retentionBytes() > 0 && log.storedBytes > limits.retentionBytes()
            || limits.retentionAgeNanos() > 0
                && log.oldestTimestamp < now - limits.retentionAgeNanos();
    return over && now >= log.trimNotBefore;
  }

  private void pass(LogState log, long now) {
    log.trimming = true;
    underWay++;
    long count = log.messages();
    long bytes = log.storedBytes;
    Front front = new Front(log, now);
    readers.read(
        () -> {
          Pass pass = find(log, front, count, bytes, now);
          writer.submit(() -> apply(log, pass));
        },
        failure ->
            writer.submit(
                () -> {
                  // Waits a while instead of asking an unreadable disk again and again.
                  log.trimPause = Math.min(Math.max(PAUSE, 2 * log.trimPause), PAUSE_MAX);
                  log.trimNotBefore = writer.now() + log.trimPause;
                  done(log);
                  startWaiting(writer.now());
                }));
  }

  /**
   * Finds how far to trim; at most up to what cannot be read.
   *
   * @throws RocksDBException when the very first cannot be read
   */
  private Pass find(LogState log, Front front, long count, long bytes, long now)
      throws RocksDBException {
    ChannelSettings limits = log.settings;
    // the oldest kept, whether there is more to remove, the last time seen
    long[] state = {Long.MAX_VALUE, 0, Long.MIN_VALUE};
    try {
      store.scan(
          store.log,
          Keys.message(log.number, front.first()),
          Keys.message(log.number, front.end()),
          (key, value) -> {
            long timestamp = Front.timestamp(value, state[2]);
            state[2] = timestamp;
            long removed = front.before() - front.first();
            boolean over =
                limits.retentionCount() > 0
                        && count - removed + front.stubs() > limits.retentionCount()
                    || limits.retentionBytes() > 0
                        && bytes - front.bytes() > limits.retentionBytes()
                    || limits.retentionAgeNanos() > 0
                        && timestamp < now - limits.retentionAgeNanos()
                    || Records.isOver(value, now);
            if (!over || removed >= PASS_MAX) {
              state[0] = timestamp;
              state[1] = over ? 1 : 0;
              return false;
            }
            front.add(Keys.sequenceOf(key), value);
            return true;
          });
    } catch (RocksDBException e) {
      if (front.before() == front.first()) {
        throw e;
      }
      // What lies before it goes; the next pass begins with what cannot be read.
      state[0] = state[2];
      state[1] = 1;
    }
    return new Pass(front, state[0], state[1] == 1);
  }

  private void apply(LogState log, Pass pass) {
    done(log);
    log.trimPause = 0;
    if (!pass.front.holds()) {
      startWaiting(writer.now());
      return;
    }
    logs.trim(log, pass.front);
    log.oldestTimestamp = pass.oldestKept == Long.MAX_VALUE ? writer.now() : pass.oldestKept;
    if (pass.more) {
      waiting.addFirst(log);
    }
    startWaiting(writer.now());
  }

  private void done(LogState log) {
    log.trimming = false;
    underWay--;
  }
}
