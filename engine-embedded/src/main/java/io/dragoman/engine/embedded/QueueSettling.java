// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Receipt;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out what consumers decide about the messages they hold. Writer thread only. */
final class QueueSettling {
  private final Writer writer;
  private final ChannelTable channels;
  private final Queues queues;
  private final QueueWrites writes;

  QueueSettling(Writer writer, ChannelTable channels, Queues queues, QueueWrites writes) {
    this.writer = writer;
    this.channels = channels;
    this.queues = queues;
    this.writes = writes;
  }

  void settle(
      List<Receipt> receipts,
      Settlement settlement,
      CompletableFuture<Result<List<Settled>>> future) {
    BrokerError refused = writer.refusesAll();
    if (refused != null) {
      future.complete(Result.refused(refused));
      return;
    }
    List<Settled> results = new ArrayList<>(receipts.size());
    List<Lease> leases = held(receipts, results);
    if (leases.isEmpty()) {
      future.complete(Result.ok(results));
    } else {
      apply(leases, settlement, future, results);
    }
  }

  /** Stores another message and removes the held ones, in one step. */
  void replace(
      List<Receipt> receipts,
      QueueWrites.Prepared replacement,
      CompletableFuture<Result<List<Settled>>> future) {
    List<Settled> results = new ArrayList<>(receipts.size());
    List<Lease> leases = held(receipts, results);
    BrokerError refused = writer.refusesNew();
    if (refused == null && !leases.isEmpty()) {
      refused = writes.refusal(List.of(new Write.ToQueue(replacement.send())));
    }
    if (refused != null) {
      future.complete(Result.refused(refused));
      return;
    }
    if (leases.isEmpty()) {
      future.complete(Result.ok(results));
      return;
    }
    SendReceipt unused = writes.store(replacement);
    leases.forEach(queues::remove);
    writer.onSafe(Durability.SYNC, Outcome.completing(future, results));
  }

  /** The messages that are held by these receipts; notes of each receipt whether it still holds. */
  private List<Lease> held(List<Receipt> receipts, List<Settled> results) {
    List<Lease> leases = new ArrayList<>(receipts.size());
    Set<Lease> seen = receipts.size() > 1 ? new HashSet<>() : Set.of();
    for (Receipt receipt : receipts) {
      Lease lease = lease(receipt);
      boolean held = lease != null && (receipts.size() == 1 || seen.add(lease));
      results.add(held ? Settled.DONE : Settled.STALE);
      if (held) {
        leases.add(lease);
      }
    }
    return leases;
  }

  private void apply(
      List<Lease> leases,
      Settlement settlement,
      CompletableFuture<Result<List<Settled>>> future,
      List<Settled> results) {
    Durability durability = durability(leases);
    // Done is done: a message that went from an async queue to a synced one is on disk there.
    Consumer<Durability> whenWritten =
        reached ->
            writer.onSafe(
                durability == Durability.SYNC ? durability : reached,
                Outcome.completing(future, results));
    Consumer<BrokerError> failed = error -> future.complete(Result.refused(error));
    if (settlement instanceof Settlement.Ack) {
      leases.forEach(queues::remove);
      whenWritten.accept(durability);
    } else if (settlement instanceof Settlement.Nack) {
      queues.returns().nack(leases, whenWritten, failed);
    } else if (settlement instanceof Settlement.Release release) {
      release(leases, release.seen(), whenWritten, failed);
    } else if (settlement instanceof Settlement.Extend extend) {
      leases.forEach(lease -> extend(lease, extend.leaseNanos()));
      future.complete(Result.ok(results));
    } else if (settlement instanceof Settlement.MoveTo move) {
      queues.returns().moveTo(leases, move.queue(), whenWritten, failed);
    }
  }

  private void extend(Lease lease, long nanos) {
    writer.leases().remove(lease);
    writer.leases().add(lease, writer.leaseUntil(nanos));
  }

  // Returned in order, then offered: the oldest goes out first again.
  private void release(
      List<Lease> leases,
      boolean seen,
      Consumer<Durability> whenWritten,
      Consumer<BrokerError> failed) {
    List<Lease> counted = new ArrayList<>();
    Set<QueueState> plain = new HashSet<>();
    for (Lease lease : leases) {
      if (seen && lease.queue.settings.maxReceiveCount() > 0) {
        counted.add(lease);
      } else {
        queues.returnToPlace(lease);
        plain.add(lease.queue);
      }
    }
    if (counted.isEmpty()) {
      whenWritten.accept(Durability.ASYNC);
    } else {
      queues.returns().releaseCounted(counted, whenWritten, failed);
    }
    plain.forEach(queues::dispatch);
  }

  private static Durability durability(List<Lease> leases) {
    for (Lease lease : leases) {
      if (lease.queue.durability() == Durability.SYNC) {
        return Durability.SYNC;
      }
    }
    return Durability.ASYNC;
  }

  private @Nullable Lease lease(Receipt receipt) {
    byte[] token = receipt.token();
    if (token.length != 20) {
      return null;
    }
    QueueState queue = channels.queue((int) Keys.INT.get(token, 0));
    return queue == null
        ? null
        : queue.lease((long) Keys.LONG.get(token, 4), (long) Keys.LONG.get(token, 12));
  }
}
