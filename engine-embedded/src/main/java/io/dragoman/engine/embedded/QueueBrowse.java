// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePage;
import io.dragoman.core.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.rocksdb.RocksDBException;

/**
 * Looks at a part of a queue as it is on disk at that moment. Unlike a peek it waits for nothing,
 * removes nothing, and can begin anywhere. Bounded in what it looks at, so that a page of a queue
 * of which nearly everything is held or has expired costs no more than another.
 */
final class QueueBrowse {
  private static final int RECORDS_PER_SCAN = 1024;
  private static final int LOOKED_AT_MAX = 10_000;

  private final Writer writer;
  private final Queues queues;

  QueueBrowse(Writer writer, Queues queues) {
    this.writer = writer;
    this.queues = queues;
  }

  /** Starts on the writer thread. */
  void start(
      QueueState queue,
      long fromSequence,
      int max,
      long bytesMax,
      CompletableFuture<Result<QueuePage>> future) {
    queues.settleDisk();
    long from = Math.max(fromSequence, queue.head());
    long to = queue.safeSequence + 1;
    if (from >= to) {
      future.complete(Result.ok(new QueuePage(List.of(), 0)));
      return;
    }
    Look look =
        new Look(
            queue,
            new HashSet<>(queue.held.subMap(from, to).keySet()),
            to,
            writer.now(),
            max,
            bytesMax);
    queues
        .reader()
        .read(
            () -> future.complete(Result.ok(page(look, from))),
            failure ->
                future.complete(Result.refused(Readers.error(failure, "queue " + queue.name))));
  }

  /** What is to be found; held and now as the writer saw them. */
  private record Look(
      QueueState queue, Set<Long> held, long to, long now, int max, long bytesMax) {}

  private QueuePage page(Look look, long from) throws RocksDBException {
    List<QueueMessage> seen = new ArrayList<>();
    long next = from;
    long bytes = 0;
    int lookedAt = 0;
    while (next < look.to
        && seen.size() < look.max
        && bytes < look.bytesMax
        && lookedAt < LOOKED_AT_MAX) {
      int wanted = Math.min(RECORDS_PER_SCAN, look.max - seen.size());
      QueueReader.Scan scan =
          queues.reader().scan(look.queue, next, look.to, wanted, look.bytesMax - bytes);
      for (Ready ready : scan.found()) {
        if (!look.held.contains(ready.sequence) && !ready.expired(look.now)) {
          bytes += ready.recordBytes;
          seen.add(untaken(Objects.requireNonNull(ready.message)));
        }
      }
      lookedAt += scan.found().size() + scan.damaged().size();
      next = scan.next();
    }
    return new QueuePage(seen, next < look.to ? next : 0);
  }

  /** A record's content counts the delivery for which it is read; here there is none. */
  private static QueueMessage untaken(QueueMessage message) {
    return new QueueMessage(
        message.message(),
        message.policy(),
        message.sequence(),
        message.timestampNanos(),
        message.receiveCount() - 1,
        message.reRoutedFrom(),
        message.expiresAtNanos(),
        0);
  }
}
