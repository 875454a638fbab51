// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.spi.ChannelSettings;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;

/**
 * Keeps logs within their configured age, count and bytes. Looks once a second; a reader finds how
 * far to trim, so that the byte count stays exact. Writer thread only, but for the reading.
 */
final class LogRetention implements Writer.Duty {
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);
  private static final int PASS_MAX = 20_000;

  /** With an entry in the index to be removed for each. */
  private static final int PASS_INDEXED_MAX = 5_000;

  private static final long PASS_BYTES_MAX = 64 << 20;
  private static final int UNDER_WAY_MAX = 4;
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);
  private static final long PAUSE_MAX = TimeUnit.HOURS.toNanos(1);

  /** What one pass has found, and the time of the first record that stays. */
  private record Pass(Front front, long oldestKept, boolean more) {}

  /** What a log keeps when its first records go one by one, against its limits. */
  private static final class Kept {
    private final ChannelSettings limits;
    private final long oldest;
    private final long first;
    private long messages;
    private long bytes;

    Kept(LogState log, long now) {
      limits = log.settings;
      oldest = now - limits.retentionAgeNanos();
      first = log.firstSequence;
      messages = log.messages();
      bytes = log.storedBytes;
    }

    /** Whether the next one goes too. */
    boolean exceedsWith(Front.Entry next) {
      return limits.retentionCount() > 0
              && messages - (next.sequence() - first) > limits.retentionCount()
          || limits.retentionBytes() > 0 && bytes > limits.retentionBytes()
          || limits.retentionAgeNanos() > 0 && next.timestamp() < oldest
          || next.stub()
          || next.over();
    }

    void without(Front.Entry gone) {
      messages += gone.stub() ? 1 : 0;
      bytes -= gone.bytes();
    }
  }

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
    Kept kept = new Kept(log, now);
    int most = log.indexedFrom == 0 ? PASS_MAX : PASS_INDEXED_MAX;
    Front front = logs.front(log);
    readers.read(
        () -> {
          Pass pass = find(front, kept, most);
          writer.submit(() -> apply(log, pass));
        },
        failure ->
            writer.submit(
                () -> {
                  // Waits a while instead of asking an unreadable disk again and again.
                  log.trimPause = Math.min(Math.max(PAUSE, 2 * log.trimPause), PAUSE_MAX);
                  log.trimNotBefore = writer.now() + log.trimPause;
                  done(log, front);
                  startWaiting(writer.now());
                }));
  }

  /**
   * Finds how far to trim; at most up to what cannot be read.
   *
   * @throws RocksDBException when the very first cannot be read
   */
  private Pass find(Front front, Kept kept, int most) throws RocksDBException {
    // the oldest kept, whether there is more to remove, the last time seen
    long[] state = {Long.MAX_VALUE, 0, Long.MIN_VALUE};
    try {
      store.scan(
          store.log,
          front.firstKey(),
          front.endKey(),
          (key, value) -> {
            Front.Entry next = front.entry(Keys.sequenceOf(key), value);
            state[2] = next.timestamp();
            boolean over = kept.exceedsWith(next);
            if (!over || front.count() >= most || front.bytes() >= PASS_BYTES_MAX) {
              state[0] = next.timestamp();
              state[1] = over ? 1 : 0;
              return false;
            }
            front.add(next);
            kept.without(next);
            return true;
          });
    } catch (RocksDBException e) {
      if (front.count() == 0) {
        throw e;
      }
      // What lies before it goes; the next pass begins with what cannot be read.
      state[0] = state[2];
      state[1] = 1;
    }
    return new Pass(front, state[0], state[1] == 1);
  }

  // Less goes than was found when others have removed something meanwhile.
  private void apply(LogState log, Pass pass) {
    done(log, pass.front);
    log.trimPause = 0;
    if (log.deleted) {
      startWaiting(writer.now());
      return;
    }
    List<Front.Entry> there = pass.front.there();
    Kept kept = new Kept(log, writer.now());
    int goes = 0;
    while (goes < there.size() && kept.exceedsWith(there.get(goes))) {
      kept.without(there.get(goes));
      goes++;
    }
    boolean all = goes == there.size();
    logs.trim(log, there.subList(0, goes), all ? pass.front.before() : there.get(goes).sequence());
    long oldestKept = all ? pass.oldestKept : there.get(goes).timestamp();
    log.oldestTimestamp = oldestKept == Long.MAX_VALUE ? writer.now() : oldestKept;
    // Also when it exceeds nothing any more: what is left of expired records goes too.
    if (pass.more && log.count() > 0 && writer.refusesAll() == null) {
      pass(log, writer.now());
    }
    startWaiting(writer.now());
  }

  private void done(LogState log, Front front) {
    logs.done(front);
    log.trimming = false;
    underWay--;
  }
}
