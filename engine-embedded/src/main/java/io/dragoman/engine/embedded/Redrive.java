// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.QueueMessage;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.rocksdb.RocksDBException;

/**
 * Returns dead letters to the queues they came from, a slice at a time: read, then, in one batch
 * per slice, put back there and removed here. Stopping between slices loses nothing. A dry run goes
 * the same way and only counts.
 */
final class Redrive {
  private static final int SLICE = 500;
  private static final byte[] NO_RECORD = {};
  private static final long SLICE_BYTES = 4L << 20;

  /** Messages that one call looks at, so that none of them takes long. */
  private static final int LOOKED_AT_MAX = 10_000;

  /**
   * @param record empty in a dry run
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Dead(Ready ready, byte[] record) {}

  private final Writer writer;
  private final Queues queues;

  Redrive(Writer writer, Queues queues) {
    this.writer = writer;
    this.queues = queues;
  }

  /** Starts on the writer thread. */
  void start(QueueState queue, RedriveStep step, CompletableFuture<Result<Redriven>> future) {
    new Run(queue, step, future).next(Math.max(step.fromSequence(), queue.head()));
  }

  private final class Run {
    private final QueueState queue;
    private final int max;
    private final boolean dryRun;
    private final long through;
    private final CompletableFuture<Result<Redriven>> future;
    private final Map<String, Integer> origins = new LinkedHashMap<>();
    private int moved;
    private int lookedAt;

    /** The most durable queue that had a part in it. */
    private Durability reached;

    Run(QueueState queue, RedriveStep step, CompletableFuture<Result<Redriven>> future) {
      this.queue = queue;
      this.max = step.max();
      this.dryRun = step.dryRun();
      // What comes back as a dead letter while this goes on gets a higher sequence.
      this.through = step.throughSequence() == 0 ? queue.safeSequence : step.throughSequence();
      this.future = future;
      this.reached = queue.durability();
    }

    void next(long from) {
      long to = Math.min(queue.safeSequence, through) + 1;
      if (from >= to || queue.deleted) {
        finish(0);
      } else if (moved >= max || lookedAt >= LOOKED_AT_MAX || isStopped()) {
        finish(from);
      } else {
        read(from, to);
      }
    }

    private boolean isStopped() {
      return !dryRun && writer.refusesNew() != null;
    }

    private void finish(long next) {
      Redriven done = new Redriven(moved, Collections.unmodifiableMap(origins), through, next);
      if (dryRun) {
        future.complete(Result.ok(done));
      } else {
        writer.onSafe(reached, Outcome.completing(future, done));
      }
    }

    private void read(long from, long to) {
      queues.settleDisk();
      long removals = queue.removals;
      queues
          .reader()
          .read(
              () -> {
                QueueReader.Scan scan = queues.reader().scan(queue, from, to, SLICE, SLICE_BYTES);
                List<Dead> dead = deadOf(scan);
                writer.submit(() -> apply(from, scan, dead, removals));
              },
              failure -> writer.submit(() -> unreadable(from, failure)));
    }

    // What was moved was moved: its caller must hear of it. The next step is told what is wrong.
    private void unreadable(long from, Exception failure) {
      if (moved > 0) {
        finish(from);
      } else {
        future.complete(Result.refused(Readers.error(failure, "queue " + queue.name)));
      }
    }

    private List<Dead> deadOf(QueueReader.Scan scan) throws RocksDBException {
      List<Dead> dead = new ArrayList<>();
      for (Ready ready : scan.found()) {
        if (!Objects.requireNonNull(ready.message).reRoutedFrom().isEmpty()) {
          byte[] record = dryRun ? NO_RECORD : queues.reader().record(queue, ready.sequence);
          if (record != null) {
            dead.add(new Dead(ready, record));
          }
        }
      }
      return dead;
    }

    private void apply(long from, QueueReader.Scan scan, List<Dead> dead, long removals) {
      // What was read of a queue that is gone by now must not come back elsewhere.
      if (queue.deleted || queue.removals != removals) {
        next(from);
        return;
      }
      lookedAt += scan.found().size() + scan.damaged().size();
      next(dryRun ? count(dead, scan.next()) : move(dead, scan.next()));
    }

    /** Gives where to go on. */
    private long count(List<Dead> dead, long next) {
      Map<Long, Ready> window = window(dead);
      for (Dead each : dead) {
        if (moved == max) {
          return each.ready.sequence;
        }
        if (!each.ready.expired(writer.now()) && isThere(each.ready, window)) {
          counted(each);
        }
      }
      return next;
    }

    private boolean isThere(Ready ready, Map<Long, Ready> window) {
      long sequence = ready.sequence;
      return !queue.held.containsKey(sequence)
          && (queue.returned.containsKey(sequence)
              || sequence >= queue.readSequence
              || window.containsKey(sequence));
    }

    /** What of a slice has been read ahead; found in one go, as both may be long. */
    private Map<Long, Ready> window(List<Dead> dead) {
      Map<Long, Ready> window = new HashMap<>();
      if (!dead.isEmpty()) {
        long first = dead.get(0).ready.sequence;
        long last = dead.get(dead.size() - 1).ready.sequence;
        for (Ready each : queue.window) {
          if (each.sequence >= first && each.sequence <= last) {
            window.put(each.sequence, each);
          }
        }
      }
      return window;
    }

    /** Gives where to go on. */
    private long move(List<Dead> dead, long next) {
      Map<Long, Ready> window = window(dead);
      Map<Long, Ready> taken = new HashMap<>();
      long goOn = next;
      for (Dead each : dead) {
        if (moved == max) {
          goOn = each.ready.sequence;
          break;
        }
        if (take(each.ready, window, taken)) {
          putBack(each);
        }
      }
      leaveWindow(taken);
      if (!dead.isEmpty()) {
        queues.removedFromDisk(queue);
      }
      return goOn;
    }

    private void counted(Dead dead) {
      moved++;
      origins.merge(Objects.requireNonNull(dead.ready.message).reRoutedFrom(), 1, Integer::sum);
    }

    // What is held or gone stays; what is only on disk is taken as read.
    private boolean take(Ready ready, Map<Long, Ready> window, Map<Long, Ready> taken) {
      if (queue.held.containsKey(ready.sequence)) {
        return false;
      }
      Ready returned = queue.returned.remove(ready.sequence);
      if (returned != null) {
        queues.forget(queue, returned);
        return true;
      }
      if (ready.sequence >= queue.readSequence) {
        return true;
      }
      Ready inWindow = window.get(ready.sequence);
      if (inWindow == null) {
        return false;
      }
      taken.put(ready.sequence, inWindow);
      return true;
    }

    private void putBack(Dead dead) {
      QueueMessage message = Objects.requireNonNull(dead.ready.message);
      queues.removeStored(queue, dead.ready);
      if (dead.ready.expired(writer.now())) {
        queue.expired++;
        queue.expiredUnreported++;
      } else {
        counted(dead);
        Durability origin = queues.returns().redrive(message, dead.record);
        reached = origin == Durability.SYNC ? origin : reached;
      }
    }

    private void leaveWindow(Map<Long, Ready> taken) {
      if (taken.isEmpty()) {
        return;
      }
      for (Iterator<Ready> each = queue.window.iterator(); each.hasNext(); ) {
        Ready ready = each.next();
        if (taken.containsKey(ready.sequence)) {
          each.remove();
          queues.forget(queue, ready);
        }
      }
    }
  }
}
