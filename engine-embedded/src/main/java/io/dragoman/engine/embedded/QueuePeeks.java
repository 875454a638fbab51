// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.QueueMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks at the waiting messages of a queue without taking them. A peek reads the disk as it is at
 * that moment; what is held then is left out. Expired messages it meets are removed and counted
 * like any other. Writer thread only.
 */
final class QueuePeeks {
  private static final long BYTES_MAX = 64L << 20;
  private static final int RECORDS_PER_SCAN = 1024;

  private final Writer writer;
  private final QueueReader reader;
  private final Queues queues;

  QueuePeeks(Writer writer, QueueReader reader, Queues queues) {
    this.writer = writer;
    this.reader = reader;
    this.queues = queues;
  }

  /** Starts those peeks that have enough to see or whose time is over. */
  void serve(QueueState queue) {
    if (queue.peeks.isEmpty()) {
      return;
    }
    for (PeekWait peek : List.copyOf(queue.peeks)) {
      if (!peek.reading && (peek.overdue || queue.available() >= peek.max)) {
        look(peek);
      }
    }
  }

  private void look(PeekWait peek) {
    peek.reading = true;
    queues.settleDisk();
    QueueState queue = peek.queue;
    Set<Long> held = new HashSet<>(queue.held.keySet());
    long from = queue.head();
    long to = queue.safeSequence + 1;
    long removals = queues.removals();
    long now = writer.now();
    reader.read(
        () -> {
          List<Ready> expired = new ArrayList<>();
          Seen seen = collect(peek, held, from, to, now, expired);
          writer.submit(() -> seen(peek, to, seen, expired, removals));
        },
        failure -> writer.submit(() -> peek.refuse(Readers.error(failure, "queue " + queue.name))));
  }

  /**
   * What a peek has found.
   *
   * @param full whether the next message was too much, so that there is nothing to wait for
   */
  private record Seen(List<QueueMessage> messages, boolean full) {}

  private Seen collect(
      PeekWait peek, Set<Long> held, long from, long to, long now, List<Ready> expired)
      throws org.rocksdb.RocksDBException {
    List<QueueMessage> seen = new ArrayList<>();
    long next = from;
    long bytes = 0;
    boolean full = false;
    while (next < to && seen.size() < peek.max && !full) {
      int wanted = Math.min(RECORDS_PER_SCAN, peek.max - seen.size() + held.size());
      QueueReader.Scan scan;
      try {
        scan = reader.scan(peek.queue, next, to, wanted, Math.max(1, BYTES_MAX - bytes));
      } catch (org.rocksdb.RocksDBException e) {
        if (seen.isEmpty()) {
          throw e;
        }
        break;
      }
      for (Ready ready : scan.found()) {
        if (held.contains(ready.sequence)) {
          continue;
        }
        if (ready.expired(now)) {
          expired.add(ready);
        } else if (!seen.isEmpty() && bytes + ready.recordBytes > BYTES_MAX) {
          full = true;
          break;
        } else if (seen.size() < peek.max) {
          bytes += ready.recordBytes;
          seen.add(java.util.Objects.requireNonNull(ready.message));
        }
      }
      next = scan.next();
    }
    return new Seen(seen, full);
  }

  private void seen(PeekWait peek, long to, Seen seen, List<Ready> expired, long removals) {
    peek.reading = false;
    if (peek.done()) {
      return;
    }
    QueueState queue = peek.queue;
    if (!expired.isEmpty() && writer.refusesAll() == null) {
      queues.expirySweep().expireFound(queue, expired, removals);
    }
    if (seen.messages.size() < peek.max && !seen.full && !peek.overdue) {
      if (queue.safeSequence >= to) {
        // More has come while it was looking.
        serve(queue);
      }
      return;
    }
    peek.complete(seen.messages, queues.takeExpired(queue));
  }
}
