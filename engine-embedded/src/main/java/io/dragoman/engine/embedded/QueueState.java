// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One queue as the writer sees it. What is on disk lies between {@link #head()} and {@link
 * #nextSequence}; of that, {@link #held} is with consumers, {@link #returned} came back and goes
 * out first, {@link #window} was read ahead, and everything from {@link #readSequence} on is only
 * on disk. Memory does not grow with the backlog.
 *
 * <p>The figures are written in the batch that changes them, so after a restart the head and the
 * counts are known without looking through deleted entries. Writer thread only.
 */
final class QueueState implements Writer.Stateful {

  /**
   * What is written of a queue.
   *
   * @param writes how often it was written: the higher, the later
   */
  record Figures(
      long head,
      long next,
      long entered,
      long stored,
      long storedBytes,
      long delayed,
      long expired,
      long expiredUnreported,
      long deadLettered,
      long writes) {

    byte[] encoded() {
      Bytes out = new Bytes(48);
      out.put((byte) 1);
      out.putVar(head);
      out.putVar(next);
      out.putVar(entered);
      out.putVar(stored);
      out.putVar(storedBytes);
      out.putVar(delayed);
      out.putVar(expired);
      out.putVar(expiredUnreported);
      out.putVar(deadLettered);
      out.putVar(writes);
      return out.toArray();
    }

    /** Whether they are from before others. Early versions did not count what they wrote. */
    boolean before(Figures other) {
      return writes > 0 || other.writes == 0
          ? writes < other.writes
          : next < other.next || entered < other.entered;
    }

    static Figures of(byte[] state) {
      Input in = new Input(state);
      if (in.next() != 1) {
        throw new CorruptRecordException("state of a queue");
      }
      return new Figures(
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.nextVar(),
          in.atEnd() ? 0 : in.nextVar());
    }
  }

  /** 0 as long as the queue exists only for those who wait on it. */
  int number;

  final String name;
  final ChannelSettings settings;
  private final Queues queues;

  // Written with each change.
  long nextSequence = 1;
  long entered;
  long stored;
  long storedBytes;
  long delayed;
  long expired;
  long expiredUnreported;
  long deadLettered;
  private long writes;

  // Memory only.
  long safeSequence;
  long readSequence = 1;
  long removals;
  boolean loading;

  /** Something was handed out since the last read-ahead. */
  boolean consumed;

  /** Receivers whose time is over but for whom the disk is still being read. */
  int overdue;

  /** Bytes of {@link #held} on disk. */
  long heldBytes;

  boolean deleted;
  boolean enteredInBatch;
  final ArrayDeque<Ready> window = new ArrayDeque<>(0);
  long windowBytes;
  final TreeMap<Long, Ready> returned = new TreeMap<>();
  final TreeMap<Long, Lease> held = new TreeMap<>();
  final ArrayDeque<Receiver> receivers = new ArrayDeque<>(0);
  final List<PeekWait> peeks = new ArrayList<>(0);
  final List<AckAllWait> ackAlls = new ArrayList<>(0);
  private boolean dirty;

  /** Null unless somebody watches. */
  @Nullable QueueWatchers watchers;

  QueueState(int number, String name, ChannelSettings settings, Queues queues) {
    this.number = number;
    this.name = name;
    this.settings = settings;
    this.queues = queues;
    this.watchers = queues.watchersOf(name);
  }

  Durability durability() {
    return settings.durability();
  }

  /** The lowest sequence that may still be there. */
  long head() {
    long head = window.isEmpty() ? readSequence : window.getFirst().sequence;
    if (!returned.isEmpty()) {
      head = Math.min(head, returned.firstKey());
    }
    if (!held.isEmpty()) {
      head = Math.min(head, held.firstKey());
    }
    return head;
  }

  long waiting() {
    return stored - held.size();
  }

  /** What all that is not held would take in memory, as {@link Ready#bytes()} counts. */
  long waitingBytes() {
    return storedBytes - heldBytes + Ready.OVERHEAD_BYTES * waiting();
  }

  /** How many messages may be handed out now; some of them may turn out to have expired. */
  long available() {
    return waiting() - (nextSequence - 1 - safeSequence);
  }

  /** Nobody waits here, and there was never anything to wait for. */
  boolean forgettable() {
    return number == 0 && receivers.isEmpty() && peeks.isEmpty() && ackAlls.isEmpty();
  }

  /** Messages up to here are safe now: receivers may have them. */
  void safeUpTo(long sequence) {
    if (sequence > safeSequence && !deleted) {
      safeSequence = sequence;
      if (watchers != null) {
        watchers.safeUpTo(sequence);
      }
      queues.dispatch(this);
    }
  }

  void removedStored(int recordBytes) {
    stored--;
    storedBytes -= recordBytes;
  }

  /** Takes back the whole window: what is in it will be read again. */
  long dropWindow() {
    long freed = windowBytes;
    if (!window.isEmpty()) {
      readSequence = window.getFirst().sequence;
      window.clear();
    }
    for (Ready ready : returned.values()) {
      ready.message = null;
    }
    windowBytes = 0;
    return freed;
  }

  @Nullable Lease lease(long sequence, long id) {
    Lease lease = held.get(sequence);
    return lease == null || lease.id != id || lease.settling ? null : lease;
  }

  QueueInfo info() {
    return new QueueInfo(
        name,
        stored == 0 ? 0 : head(),
        nextSequence - 1,
        entered,
        Math.max(0, available()),
        held.size(),
        delayed,
        storedBytes,
        expired,
        deadLettered,
        receivers.size());
  }

  @Override
  public boolean dirty() {
    return dirty;
  }

  @Override
  public void dirty(boolean value) {
    dirty = value;
  }

  @Override
  public Tallies.@Nullable Channel writeState(Batch batch) {
    if (deleted) {
      return null;
    }
    writes++;
    byte[] state = figures().encoded();
    batch.put(queues.metaFamily(), Keys.state(number), state);
    return new Tallies.Channel(number, Kind.QUEUE, name, state);
  }

  Tallies.Channel tally() {
    return new Tallies.Channel(number, Kind.QUEUE, name, figures().encoded());
  }

  Figures figures() {
    return new Figures(
        head(),
        nextSequence,
        entered,
        stored,
        storedBytes,
        delayed,
        expired,
        expiredUnreported,
        deadLettered,
        writes);
  }

  /** Takes over what was written; everything that is there is safe and waiting. */
  void readState(byte[] state) {
    Figures read = Figures.of(state);
    nextSequence = read.next;
    entered = read.entered;
    stored = read.stored;
    storedBytes = read.storedBytes;
    delayed = read.delayed;
    expired = read.expired;
    expiredUnreported = read.expiredUnreported;
    deadLettered = read.deadLettered;
    writes = read.writes;
    readSequence = read.head;
    safeSequence = nextSequence - 1;
  }
}
