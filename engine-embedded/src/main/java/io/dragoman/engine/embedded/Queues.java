// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueueWatcher;
import io.dragoman.core.ReceiveOptions;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What happens to queues on the writer thread: messages enter, are handed to receivers in the order
 * both came, and leave. Everything that needs the disk first goes through {@link QueueReader} and
 * comes back here as a command.
 */
final class Queues {
  private static final int PURGE_SINGLY_MAX = 256;

  private final Store store;
  private final Writer writer;
  private final EngineMetrics meters;
  private final ReadAhead readAhead;
  private final QueueReader reader;
  private final ExpirySweep expiry;
  private final QueueReturns returns;
  private final QueuePeeks peeks;
  private final ChannelTable channels;
  private final Map<String, QueueWatchers> watched = new HashMap<>();
  // Random start, so that receipts from before a restart are never taken for new ones.
  private long nextLeaseId = ThreadLocalRandom.current().nextLong();
  private long removals;
  private boolean diskChanged;

  Queues(
      Store store,
      Writer writer,
      EngineMetrics meters,
      ReadAhead readAhead,
      Readers readers,
      ChannelTable channels) {
    this.store = store;
    this.writer = writer;
    this.meters = meters;
    this.readAhead = readAhead;
    this.channels = channels;
    this.reader = new QueueReader(store, writer, readers, readAhead, meters, this);
    this.expiry = new ExpirySweep(store, writer, readers, channels, this);
    this.returns = new QueueReturns(writer, meters, reader, channels, this);
    this.peeks = new QueuePeeks(writer, reader, this);
  }

  Family metaFamily() {
    return store.meta;
  }

  ExpirySweep expirySweep() {
    return expiry;
  }

  QueueReturns returns() {
    return returns;
  }

  QueueReader reader() {
    return reader;
  }

  /**
   * Puts a message at the tail.
   *
   * @param record what is written; its times and count are set here
   * @param content the same for readers; its sequence and timestamp are set here
   */
  void enter(QueueState queue, byte[] record, QueueMessage content) {
    long sequence = queue.nextSequence++;
    long now = writer.now();
    Records.setTimestamp(record, now);
    Records.setExpiresAt(record, content.expiresAtNanos());
    Records.setDeliverAt(record, 0);
    Records.setReceiveCount(record, content.receiveCount() - 1);
    writer.batch().put(store.queue, Keys.message(queue.number, sequence), record);
    if (content.expiresAtNanos() != 0) {
      expiry.add(content.expiresAtNanos(), queue.number, sequence);
    }
    queue.stored++;
    queue.storedBytes += record.length;
    writer.touch(queue);
    writer.group(queue.durability()).entered(queue);
    if (queue.watchers != null) {
      queue.watchers.entered(content, sequence, now);
    }
    keep(queue, record.length, placed(content, sequence, now));
  }

  /** A message that enters for the first time, and not one that comes back. */
  void enterNew(QueueState queue, byte[] record, QueueMessage content) {
    queue.entered++;
    enter(queue, record, content);
  }

  /** Who watches a queue of this name; null if nobody does. Writer thread only. */
  @Nullable QueueWatchers watchersOf(String name) {
    return watched.get(name);
  }

  /** Somebody watches from now on. Writer thread only. */
  void watch(String name, QueueWatcher watcher) {
    QueueWatchers watchers = watched.computeIfAbsent(name, key -> new QueueWatchers());
    watchers.watchers.add(watcher);
    setWatchers(name, watchers);
  }

  /** Somebody watches no more. Writer thread only. */
  void unwatch(String name, QueueWatcher watcher) {
    QueueWatchers watchers = watched.get(name);
    if (watchers != null && watchers.watchers.remove(watcher) && watchers.watchers.isEmpty()) {
      watched.remove(name);
      setWatchers(name, null);
    }
  }

  private void setWatchers(String name, @Nullable QueueWatchers watchers) {
    QueueState queue = channels.queueOrAwaited(name);
    if (queue != null) {
      queue.watchers = watchers;
    }
  }

  void receive(Receiver receiver) {
    QueueState queue = receiver.queue;
    BrokerError refused = queue.deleted ? deletedError(queue) : writer.refusesAll();
    if (refused != null) {
      receiver.refuse(refused);
      forgetIfUnused(queue);
      return;
    }
    readAhead.used(queue);
    queue.receivers.add(receiver);
    if (receiver.overdue) {
      queue.overdue++;
    } else {
      writer.waits().add(receiver, deadline(receiver.options.waitNanos()));
    }
    dispatch(queue);
  }

  void peek(PeekWait peek, long waitNanos) {
    BrokerError refused = peek.queue.deleted ? deletedError(peek.queue) : writer.refusesAll();
    if (refused != null && refused.code() != ErrorCode.STORAGE_FAILED) {
      peek.refuse(refused);
      return;
    }
    peek.queue.peeks.add(peek);
    if (!peek.overdue) {
      writer.waits().add(peek, deadline(waitNanos));
    }
    dispatch(peek.queue);
  }

  /** Hands out what can be handed out, ends what is over, and reads ahead. */
  void dispatch(QueueState queue) {
    if (!queue.receivers.isEmpty()) {
      serve(queue);
    }
    peeks.serve(queue);
    reader.readAhead(queue);
    forgetIfUnused(queue);
  }

  /** Lets go of the state of a queue that does not exist, when nobody waits on it any more. */
  void forgetIfUnused(QueueState queue) {
    if (queue.forgettable()) {
      channels.forget(queue);
    }
  }

  /** What cannot be acknowledged is not handed out either: ends all waiting receives. */
  void refuseReceivers(QueueState queue, BrokerError error) {
    queue.overdue = 0;
    for (Receiver receiver : java.util.List.copyOf(queue.receivers)) {
      receiver.refuse(error);
      receiver.leases.forEach(this::returnToPlace);
    }
    queue.receivers.clear();
  }

  /** Nothing more can be read: who has something gets that, the others the reason. */
  void endReceivers(QueueState queue, BrokerError error) {
    for (Receiver receiver : java.util.List.copyOf(queue.receivers)) {
      if (receiver.leases.isEmpty()) {
        receiver.refuse(error);
      } else {
        finish(receiver);
      }
    }
    queue.receivers.clear();
    queue.overdue = 0;
  }

  // A receiver takes nothing until it can have all it asked for or its time is over: what one waits
  // for in vain, another can have.
  private void serve(QueueState queue) {
    BrokerError failure = writer.storageFailure();
    if (failure != null) {
      refuseReceivers(queue, failure);
      return;
    }
    for (Iterator<Receiver> each = queue.receivers.iterator(); each.hasNext(); ) {
      long available = queue.available();
      Receiver receiver = each.next();
      if (available <= 0 && queue.overdue == 0) {
        return;
      }
      if (available >= receiver.missing() || receiver.overdue || receiver.contentWith(queue)) {
        take(queue, receiver);
        if (queue.loading && !receiver.full()) {
          return;
        }
        if (receiver.full() || receiver.overdue) {
          each.remove();
          finish(receiver);
        }
      }
    }
  }

  private void take(QueueState queue, Receiver receiver) {
    while (!receiver.full()) {
      Ready ready = nextReady(queue);
      if (ready == null) {
        return;
      }
      if (receiver.takes(ready)) {
        hand(ready, receiver);
      } else {
        queue.returned.put(ready.sequence, ready);
        readAhead.added(queue, ready);
      }
    }
  }

  /** Takes back what a cancelled receive had been given. */
  void giveBack(Receiver receiver) {
    QueueState queue = receiver.queue;
    queue.receivers.remove(receiver);
    for (Lease lease : receiver.leases) {
      returnToPlace(lease);
    }
    dispatch(queue);
  }

  /** Lets a message go back to where it was; the caller dispatches. */
  void returnToPlace(Lease lease) {
    QueueState queue = lease.queue;
    noLongerHeld(lease);
    if (lease.ready.expired(writer.now())) {
      expire(queue, lease.ready);
      return;
    }
    queue.returned.put(lease.sequence(), lease.ready);
    readAhead.added(queue, lease.ready);
  }

  void leaseRanOut(Lease lease) {
    if (!lease.settling && writer.refusesAll() == null) {
      returns.ranOut(lease);
    }
  }

  /** Removes a held message for good. */
  void remove(Lease lease) {
    noLongerHeld(lease);
    removeStored(lease.queue, lease.ready);
  }

  private void noLongerHeld(Lease lease) {
    if (lease.queue.held.remove(lease.sequence()) != null) {
      lease.queue.heldBytes -= lease.ready.recordBytes;
    }
    writer.leases().remove(lease);
  }

  /** Removes a message that has expired, and counts it. */
  void expire(QueueState queue, Ready ready) {
    queue.expired++;
    queue.expiredUnreported++;
    meters.expired.increment();
    removeStored(queue, ready);
  }

  void removeStored(QueueState queue, Ready ready) {
    writer.batch().delete(store.queue, Keys.message(queue.number, ready.sequence));
    if (ready.expiresAt != 0) {
      writer
          .batch()
          .delete(store.expiry, Keys.expiry(ready.expiresAt, queue.number, ready.sequence));
    }
    queue.removedStored(ready.recordBytes);
    writer.touch(queue);
  }

  /** Stores a held message anew under its sequence, such as with another count. */
  void rewrite(Lease lease, byte[] record) {
    diskChanged = true;
    writer.batch().put(store.queue, Keys.message(lease.queue.number, lease.sequence()), record);
    writer.touch(lease.queue);
  }

  /** A message has left the read-ahead. */
  void forget(QueueState queue, Ready ready) {
    readAhead.removed(queue, ready);
  }

  /** The expired messages nobody has been told of, which the caller tells. */
  int takeExpired(QueueState queue) {
    if (queue.expiredUnreported == 0) {
      return 0;
    }
    int expired = (int) Math.min(Integer.MAX_VALUE, queue.expiredUnreported);
    queue.expiredUnreported -= expired;
    writer.touch(queue);
    return expired;
  }

  /** Removes everything that waits; gives how many. */
  long purge(QueueState queue) {
    long waiting = queue.waiting();
    if (waiting == 0) {
      return 0;
    }
    if (queue.readSequence == queue.nextSequence && waiting <= PURGE_SINGLY_MAX) {
      queue.returned.values().forEach(ready -> removeStored(queue, ready));
      queue.window.forEach(ready -> removeStored(queue, ready));
    } else {
      deleteUnheld(queue);
    }
    readAhead.drop(queue);
    queue.returned.clear();
    queue.readSequence = queue.nextSequence;
    removedFromDisk(queue);
    writer.touch(queue);
    return waiting;
  }

  /** Notes that messages vanished from what is only on disk: reads under way are void. */
  void removedFromDisk(QueueState queue) {
    queue.removals = ++removals;
    diskChanged = true;
  }

  /**
   * Before a read begins: what this turn has removed or rewritten behind the read-ahead must be so
   * on disk, or it would be read as it was.
   */
  void settleDisk() {
    if (diskChanged) {
      diskChanged = false;
      writer.commit(0);
    }
  }

  /** A point in time for comparing {@link QueueState#removals} with. */
  long removals() {
    return removals;
  }

  /** Ends everything that waits on a queue that was deleted; its messages go with it. */
  void deleted(QueueState queue) {
    queue.deleted = true;
    if (queue.watchers != null) {
      queue.watchers.clear();
    }
    BrokerError error = deletedError(queue);
    queue.receivers.forEach(receiver -> receiver.refuse(error));
    queue.receivers.clear();
    java.util.List.copyOf(queue.peeks).forEach(peek -> peek.refuse(error));
    java.util.List.copyOf(queue.ackAlls).forEach(AckAllWait::endNow);
    queue.held.values().forEach(lease -> writer.leases().remove(lease));
    queue.held.clear();
    queue.heldBytes = 0;
    queue.returned.clear();
    readAhead.drop(queue);
    byte[] prefix = Keys.prefix(queue.number);
    writer.batch().deleteRange(store.queue, prefix, Store.after(prefix));
  }

  /** Ends every waiting receive and peek with what it has. */
  void releaseWaiting(QueueState queue) {
    queue.receivers.forEach(receiver -> receiver.overdue = true);
    queue.overdue = queue.receivers.size();
    queue.peeks.forEach(peek -> peek.overdue = true);
    java.util.List.copyOf(queue.ackAlls).forEach(AckAllWait::endNow);
    dispatch(queue);
  }

  static BrokerError deletedError(QueueState queue) {
    return new BrokerError(ErrorCode.CHANNEL_DELETED, "queue " + queue.name + " was deleted");
  }

  private static long deadline(long waitNanos) {
    long now = System.nanoTime();
    return now + Math.min(waitNanos, Long.MAX_VALUE / 4);
  }

  private static QueueMessage placed(QueueMessage content, long sequence, long now) {
    return new QueueMessage(
        content.message(),
        content.policy(),
        sequence,
        now,
        content.receiveCount(),
        content.reRoutedFrom(),
        content.expiresAtNanos(),
        0);
  }

  // Kept only when it continues the window without a gap; else it is read when its turn comes.
  private void keep(QueueState queue, int recordBytes, QueueMessage message) {
    if (queue.readSequence != message.sequence() || queue.loading) {
      return;
    }
    Ready ready = new Ready(message.sequence(), recordBytes, message.expiresAtNanos(), message);
    if (readAhead.mayKeep(queue, ready.weight())) {
      queue.window.add(ready);
      queue.readSequence = message.sequence() + 1;
      readAhead.added(queue, ready);
    }
  }

  private @Nullable Ready nextReady(QueueState queue) {
    while (true) {
      if (!queue.returned.isEmpty()) {
        Ready ready = queue.returned.firstEntry().getValue();
        if (ready.message == null) {
          reader.readReturned(queue);
          return null;
        }
        queue.returned.pollFirstEntry();
        if (usable(queue, ready)) {
          return ready;
        }
      } else if (!queue.window.isEmpty()) {
        if (queue.window.getFirst().sequence > queue.safeSequence) {
          return null;
        }
        Ready ready = queue.window.removeFirst();
        if (usable(queue, ready)) {
          return ready;
        }
      } else {
        reader.readAhead(queue);
        return null;
      }
    }
  }

  private boolean usable(QueueState queue, Ready ready) {
    readAhead.removed(queue, ready);
    if (ready.expired(writer.now())) {
      expire(queue, ready);
      return false;
    }
    return true;
  }

  private void hand(Ready ready, Receiver receiver) {
    Lease lease = new Lease(this, receiver.queue, ready, nextLeaseId++);
    receiver.queue.held.put(ready.sequence, lease);
    receiver.queue.heldBytes += ready.recordBytes;
    receiver.queue.consumed = true;
    receiver.take(lease);
  }

  private void finish(Receiver receiver) {
    long leaseNanos = receiver.options.leaseNanos();
    for (Lease lease : receiver.leases) {
      lease.ready.message = null;
      if (leaseNanos != ReceiveOptions.UNTIL_SETTLED) {
        writer.leases().add(lease, writer.leaseUntil(leaseNanos));
      }
    }
    if (receiver.overdue) {
      receiver.queue.overdue--;
    }
    receiver.complete(takeExpired(receiver.queue));
  }

  private void deleteUnheld(QueueState queue) {
    long from = queue.head();
    TreeMap<Long, Lease> held = queue.held;
    for (Lease lease : held.values()) {
      deleteRange(queue, from, lease.sequence());
      from = lease.sequence() + 1;
    }
    deleteRange(queue, from, queue.nextSequence);
    queue.stored = held.size();
    queue.storedBytes = queue.heldBytes;
  }

  private void deleteRange(QueueState queue, long from, long to) {
    if (from < to) {
      writer
          .batch()
          .deleteRange(
              store.queue, Keys.message(queue.number, from), Keys.message(queue.number, to));
    }
  }
}
