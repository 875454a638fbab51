// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A receive that is being served: what it got so far, and how long it waits. */
final class Receiver extends Deadlines.Entry implements Call<Received> {
  private final Queues queues;
  private final Writer writer;
  private final CompletableFuture<Result<Received>> result = new CompletableFuture<>();
  final QueueState queue;
  final ReceiveOptions options;
  final List<Lease> leases = new ArrayList<>();
  private final List<Delivery> deliveries = new ArrayList<>();
  private boolean done;
  private long bytes;

  /** How many bytes there is room for. */
  private long room;

  /** There was less room than was wanted: this is all it may have. */
  private boolean scant;

  private boolean enoughBytes;

  /** Its time is over; it takes what can still be had without waiting and ends. */
  boolean overdue;

  Receiver(Queues queues, Writer writer, QueueState queue, ReceiveOptions options) {
    this.queues = queues;
    this.writer = writer;
    this.queue = queue;
    this.options = options;
    this.overdue = options.waitNanos() <= 0;
  }

  boolean full() {
    return enoughBytes || leases.size() >= options.max();
  }

  /** Whether it may still have this message; if not, it is full. */
  boolean takes(Ready ready) {
    long with = bytes + ready.bytes();
    boolean may = leases.isEmpty() || with <= options.bytesMax();
    if (may && with > room && !scant) {
      takeRoom(with - room);
    }
    enoughBytes = !leases.isEmpty() && (!may || with > room);
    return !enoughBytes;
  }

  /** For this message, and for those that are there besides. */
  private void takeRoom(long needed) {
    long there = options.max() == 1 ? 0 : queue.waitingBytes();
    long wanted = Math.max(needed, Math.min(there, options.bytesMax() - room));
    long taken = options.room().take(wanted);
    room += taken;
    scant = taken < wanted;
  }

  /** Whether so much is there that it need not wait for the number it asked for. */
  boolean contentWith(QueueState queue) {
    return queue.waitingBytes() >= (scant ? room : options.bytesMax()) - bytes;
  }

  int missing() {
    return options.max() - leases.size();
  }

  void take(Lease lease) {
    leases.add(lease);
    bytes += lease.ready.bytes();
    deliveries.add(
        new Delivery(lease.receipt(), java.util.Objects.requireNonNull(lease.ready.message)));
  }

  void complete(int expired) {
    if (finish()) {
      result.complete(Result.ok(new Received(deliveries, expired)));
    }
  }

  void refuse(BrokerError error) {
    if (finish()) {
      result.complete(Result.refused(error));
    }
  }

  boolean done() {
    return done;
  }

  private boolean finish() {
    boolean first = !done;
    done = true;
    writer.waits().remove(this);
    return first;
  }

  @Override
  void onDue() {
    if (!overdue) {
      overdue = true;
      queue.overdue++;
    }
    queues.dispatch(queue);
  }

  @Override
  public CompletionStage<Result<Received>> result() {
    return result;
  }

  @Override
  public void cancel() {
    writer.submit(
        () -> {
          if (!done) {
            queue.overdue -= overdue ? 1 : 0;
            refuse(new BrokerError(ErrorCode.CANCELLED, "the receive was cancelled"));
            queues.giveBack(this);
          }
        });
  }
}
