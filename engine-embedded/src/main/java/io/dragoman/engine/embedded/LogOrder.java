// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The records of all logs in the one order of storing, whatever their durability. Who follows many
 * logs is shown a record only when everything stored before it is safe too, so that one time says
 * how far it has seen: with the id of any event it can go on. Who follows one log, all of whose
 * records are of one durability, is not kept waiting.
 *
 * <p>What is written together becomes visible together. Behind a write that waits for the disk
 * those wait that do not: for one sync, or two when one is under way. They are kept for that long,
 * and until they can be shown, up to a bound; what is beyond it is read from the logs.
 *
 * <p>One thread shows at a time, also what others have made visible meanwhile; they go on. When it
 * has shown so much, the next of them waits for it, and takes over: so none is kept from its work
 * for longer, and who makes records visible faster than they are shown is slowed down.
 */
final class LogOrder {
  private static final long KEPT_BYTES_MAX = 4 << 20;

  /** What one thread shows, of what was written together, before another takes over. */
  private static final int SHOWN_MAX = 16;

  /** What was written together. */
  static final class Written {
    private final List<LogBatch> batches = new ArrayList<>(2);
    private int unsafe;
    private int untold;
    private long last;
    private long bytes;

    /** Records are not kept here that must be shown. */
    private boolean missing;
  }

  private final Logs logs;

  /** What the writer is about to write. Writer thread only. */
  private @Nullable Written current;

  private volatile long safe;

  /** Held by the thread that shows; given back under the lock. */
  private final Semaphore showing = new Semaphore(1);

  // Guarded by this.
  private final Deque<Written> waiting = new ArrayDeque<>();
  private final Deque<Written> visible = new ArrayDeque<>();

  /** Of what is kept in both. */
  private long keptBytes;

  /** How much the thread that shows has shown, and whether another waits to take over. */
  private int shown;

  private boolean relieved;

  LogOrder(Logs logs) {
    this.logs = logs;
  }

  /** Everything that is there has been stored up to here; before the writer starts. */
  void begin(long stamp) {
    safe = stamp;
  }

  /** Everything stored up to here is safe. From any thread; it can be read already. */
  long safe() {
    return safe;
  }

  /** A batch is to be written. Writer thread only. */
  synchronized Written add(LogBatch batch) {
    Written written = current;
    if (written == null) {
      written = new Written();
      current = written;
      waiting.add(written);
    }
    written.batches.add(batch);
    written.unsafe++;
    written.untold++;
    return written;
  }

  /** Nothing is added any more to what is written now. Writer thread only. */
  void seal() {
    current = null;
  }

  /**
   * A batch is safe, and can be read.
   *
   * @param last when its last record was stored
   */
  synchronized void safe(Written written, LogBatch batch, long last) {
    written.unsafe--;
    written.last = Math.max(written.last, last);
    proceed();
    boolean atOnce = visible.peek() == written && showing.availablePermits() > 0;
    if (!atOnce) {
      keep(written, batch);
    }
  }

  /** A batch will never be safe. */
  void failed(Written written, LogBatch batch) {
    synchronized (this) {
      written.unsafe--;
      written.batches.remove(batch);
      proceed();
    }
    show(written);
  }

  /** Those who waited for a batch have been told: it may be shown. */
  void show(Written told) {
    if (!begin(told)) {
      return;
    }
    try {
      for (Written next = next(); next != null; next = next()) {
        show(next.batches, next.missing, next.last);
      }
    } catch (RuntimeException | Error e) {
      showing.release();
      throw e;
    }
  }

  /** Gives whether the caller has to show, now that it holds what says so. */
  private boolean begin(Written told) {
    synchronized (this) {
      told.untold--;
      if (showing.tryAcquire()) {
        shown = 0;
        return true;
      }
      if (shown < SHOWN_MAX) {
        return false;
      }
      relieved = true;
    }
    // For as long as it takes to show once.
    showing.acquireUninterruptibly();
    synchronized (this) {
      shown = 0;
      relieved = false;
    }
    return true;
  }

  private void proceed() {
    for (Written first = waiting.peek();
        first != null && first.unsafe == 0;
        first = waiting.peek()) {
      waiting.remove();
      visible.add(first);
      safe = Math.max(safe, first.last);
    }
  }

  // When nobody wants them now somebody may by then.
  private void keep(Written written, LogBatch batch) {
    boolean kept = !written.missing && logs.wanted();
    long bytes = kept ? batch.weight() : 0;
    if (!kept || keptBytes + bytes > KEPT_BYTES_MAX) {
      written.missing = true;
      written.batches.remove(batch);
    } else {
      written.bytes += bytes;
      keptBytes += bytes;
    }
  }

  private synchronized @Nullable Written next() {
    Written first = visible.peek();
    if (first == null || first.untold > 0 || relieved) {
      showing.release();
      return null;
    }
    shown++;
    keptBytes -= first.bytes;
    return visible.remove();
  }

  private void show(List<LogBatch> batches, boolean missing, long last) {
    if (!logs.wanted()) {
      return;
    }
    if (missing) {
      logs.missed(last);
      return;
    }
    List<LogRecord> records = batches.size() == 1 ? batches.get(0).inOrder() : inOrder(batches);
    if (!records.isEmpty()) {
      logs.publish(records);
    }
  }

  private static List<LogRecord> inOrder(List<LogBatch> batches) {
    List<LogRecord> all = new ArrayList<>();
    batches.forEach(batch -> all.addAll(batch.inOrder()));
    all.sort(Comparator.comparingLong(LogRecord::timestampNanos));
    return Collections.unmodifiableList(all);
  }
}
