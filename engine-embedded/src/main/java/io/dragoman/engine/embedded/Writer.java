// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Clock;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Metrics;
import io.dragoman.core.Turn;
import io.dragoman.core.spi.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The one thread that decides. It owns every piece of state that must be ordered; others hand it
 * commands. It takes whatever has queued up, applies it to memory and to one batch, writes the
 * batch to the write-ahead log without waiting for the disk, and passes on to the {@link Syncer}
 * whoever waits for the disk. It never reads from disk on the way of messages: readers do and come
 * back with a command.
 *
 * <p>Thread rule: {@link #submit}, {@link #reserve} and {@link #beat} from any thread, all else on
 * the writer thread only.
 */
final class Writer implements Runnable {
  private static final int TURN_COMMANDS_MAX = 4096;
  private static final int TURN_BYTES_MAX = 4 << 20;

  /** What a caller is told for whose bytes there is no room. */
  static final BrokerError OVERLOADED =
      new BrokerError(ErrorCode.OVERLOADED, "too much is waiting to be written, try again");

  /** State that is written along with the batch in which it changed. */
  interface Stateful {
    /** Whether it is already noted for this batch; the writer sets and clears it. */
    boolean dirty();

    void dirty(boolean dirty);

    /** Adds itself to a batch; gives what to take down of it when that is safe. */
    Tallies.@Nullable Channel writeState(Batch batch);
  }

  /** Regular work of the writer that is due by the clock. */
  interface Duty {
    /** Unix nanoseconds when there is next something to do; {@code Long.MAX_VALUE} for never. */
    long nextDue();

    void perform(long now);
  }

  private final Disk disk;
  private final Clock clock;
  private final Condition condition;
  private final EngineMetrics meters;
  private final long pollNanos;
  private final long bytesMax;
  private final MpscUnboundedArrayQueue<Runnable> commands = new MpscUnboundedArrayQueue<>(1024);
  private final AtomicLong waitingBytes = new AtomicLong();
  private final List<Stateful> touched = new ArrayList<>();
  private final List<Tallies.Channel> gone = new ArrayList<>();
  private final List<Duty> duties = new ArrayList<>();
  private final Deadlines waits = new Deadlines();
  private final Deadlines leases = new Deadlines();
  private final Batch batch = new Batch();
  private final Thread thread = new Thread(this, "dragoman-writer");
  private final Runnable wakeTask = this::wake;
  private CommitGroup syncGroup = new CommitGroup();
  private CommitGroup asyncGroup = new CommitGroup();
  private @Nullable Syncer syncer;
  private volatile boolean parked;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile long lastTurn = System.nanoTime();
  private Runnable afterLeases = () -> {};
  private long now;
  private long writtenBytes;
  // Guarded by this.
  private boolean runningLeftOver;

  Writer(
      Disk disk,
      Clock clock,
      Condition condition,
      EngineMetrics meters,
      Metrics metrics,
      EmbeddedOptions options) {
    this.disk = disk;
    this.clock = clock;
    this.condition = condition;
    this.meters = meters;
    this.pollNanos = TimeUnit.MILLISECONDS.toNanos(options.clockPollMillis());
    this.bytesMax = options.commandBytesMax();
    this.now = clock.unixNanos();
    metrics.gauge(
        "dragoman_storage_waiting_bytes",
        "Message bytes waiting for the writer.",
        waitingBytes::get);
    thread.setDaemon(true);
  }

  void start(Syncer syncer) {
    this.syncer = syncer;
    thread.start();
  }

  /**
   * Hands over a command. After {@link #stop} commands are run on the caller's thread, one at a
   * time, so that nobody waits for ever; they find that everything is refused.
   */
  void submit(Runnable command) {
    commands.offer(command);
    if (parked) {
      // One wake-up, and one batch, for all that an event loop has read in its turn.
      Turn turn = Turn.current();
      if (turn == null) {
        wake();
      } else {
        turn.atEnd(wakeTask);
      }
    } else if (ended) {
      runLeftOver();
    }
  }

  private void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    } else if (ended) {
      runLeftOver();
    }
  }

  /**
   * Takes room for message bytes that will wait; false when there is none. What one request brought
   * has room when nothing else waits, whatever its size, which others bound. What it is multiplied
   * to must be held against {@link #bytesMax} first.
   */
  boolean reserve(long bytes) {
    if (waitingBytes.addAndGet(bytes) <= bytesMax || waitingBytes.get() == bytes) {
      return true;
    }
    waitingBytes.addAndGet(-bytes);
    return false;
  }

  /** How many message bytes may wait. */
  long bytesMax() {
    return bytesMax;
  }

  void unreserve(long bytes) {
    waitingBytes.addAndGet(-bytes);
  }

  /** Nanoseconds since the thread last came round. */
  long beat() {
    return System.nanoTime() - lastTurn;
  }

  boolean alive() {
    return thread.isAlive();
  }

  /** Waits until what was submitted before has been taken, at most this long. */
  void quiesce(java.time.Duration most) throws InterruptedException {
    java.util.concurrent.CountDownLatch reached = new java.util.concurrent.CountDownLatch(1);
    submit(reached::countDown);
    if (!reached.await(Math.max(1000, most.toMillis()), TimeUnit.MILLISECONDS)) {
      Loggers.STORAGE.warn("the writer is still busy after {}", most);
    }
  }

  /** Runs what was submitted before, writes it, and ends. Not from the writer thread. */
  void stop() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  /** The time of this command, unix nanoseconds. */
  long now() {
    return now;
  }

  /** How much has been written since the start, in bytes. */
  long writtenBytes() {
    return writtenBytes;
  }

  /** When a lease given now ends. */
  long leaseUntil(long leaseNanos) {
    return now + Math.min(leaseNanos, Long.MAX_VALUE / 4);
  }

  Batch batch() {
    return batch;
  }

  /** Where this state's change belongs to be written. */
  void touch(Stateful state) {
    if (!state.dirty()) {
      state.dirty(true);
      touched.add(state);
    }
  }

  /** A channel is deleted with this batch: nothing is accounted for it any more. */
  void gone(Tallies.Channel channel) {
    gone.add(channel);
  }

  /** Who waits for this turn's changes, on a channel of this durability. */
  void onSafe(Durability durability, Outcome outcome) {
    group(durability).add(outcome);
  }

  CommitGroup group(Durability durability) {
    return durability == Durability.SYNC ? syncGroup : asyncGroup;
  }

  /** Waits by nano time: long polls. */
  Deadlines waits() {
    return waits;
  }

  /** Leases, by the clock. */
  Deadlines leases() {
    return leases;
  }

  /** What to do when all leases that ran out in a turn are known. Before the thread starts. */
  void afterLeases(Runnable action) {
    afterLeases = action;
  }

  void addDuty(Duty duty) {
    duties.add(duty);
  }

  /** Why nothing is written any more, or null. */
  @Nullable BrokerError storageFailure() {
    return condition.storageFailure();
  }

  /** Why nothing may be written, or null. */
  @Nullable BrokerError refusesAll() {
    return condition.refusesAll();
  }

  /** Why even reading is refused, or null. From any thread. */
  @Nullable BrokerError refusesReads() {
    return condition.refusesReads();
  }

  /** Why no new messages are taken, or null. */
  @Nullable BrokerError refusesNew() {
    return condition.refusesNew();
  }

  @Override
  public void run() {
    runUntilStopped();
    ended = true;
    runLeftOver();
  }

  // A command that submits another finds the loop below it, which takes that too.
  private synchronized void runLeftOver() {
    if (runningLeftOver) {
      return;
    }
    runningLeftOver = true;
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      now = clock.unixNanos();
      perform(command);
    }
    runningLeftOver = false;
  }

  private void runUntilStopped() {
    while (true) {
      boolean last = stopping;
      now = clock.unixNanos();
      int taken = takeCommands();
      performDue();
      if (!batch.isEmpty() || !touched.isEmpty() || !asyncGroup.isEmpty() || !syncGroup.isEmpty()) {
        commitOrFail(taken);
      } else if (taken == 0) {
        if (last) {
          return;
        }
        park();
      }
      lastTurn = System.nanoTime();
    }
  }

  // After a fault of ours memory and disk may differ: nothing more may be written.
  private void commitOrFail(int taken) {
    try {
      commit(taken);
    } catch (RuntimeException | Error e) {
      Loggers.STORAGE.error("a fault in the writer; no more writes are taken", e);
      condition.failed("internal fault", e);
      batch.clear();
    }
  }

  /** Writes what this turn has gathered so far, so that reads see it. */
  void commit(int commandsTaken) {
    List<Tallies.Channel> tallies = new ArrayList<>(touched.size() + gone.size());
    tallies.addAll(gone);
    gone.clear();
    for (Stateful state : touched) {
      state.dirty(false);
      Tallies.Channel tally = state.writeState(batch);
      if (tally != null) {
        tallies.add(tally);
      }
    }
    touched.clear();
    CommitGroup sync = syncGroup;
    CommitGroup async = asyncGroup;
    sync.seal();
    async.seal();
    syncGroup = new CommitGroup();
    asyncGroup = new CommitGroup();
    BrokerError error = write(commandsTaken);
    if (error != null) {
      sync.failed(error);
      async.failed(error);
      return;
    }
    async.safe();
    java.util.Objects.requireNonNull(syncer).tally(tallies);
    handOver(sync);
    for (CommitGroup.QueueMark mark : async.marks()) {
      mark.queue().safeUpTo(mark.sequence());
    }
  }

  private @Nullable BrokerError write(int commandsTaken) {
    BrokerError failure = condition.storageFailure();
    if (failure != null) {
      batch.clear();
      return failure;
    }
    if (batch.isEmpty()) {
      return null;
    }
    long start = System.nanoTime();
    try {
      disk.write(batch);
    } catch (RocksDBException e) {
      return condition.failed("write", e);
    } finally {
      writtenBytes += batch.sizeBytes();
      meters.writtenBytes.add(batch.sizeBytes());
      batch.clear();
    }
    meters.writeSeconds.record((System.nanoTime() - start) / 1e9);
    meters.writeCommands.record(commandsTaken);
    return null;
  }

  private void handOver(CommitGroup sync) {
    Syncer to = java.util.Objects.requireNonNull(syncer);
    if (sync.isEmpty()) {
      to.written();
    } else {
      to.add(sync);
    }
  }

  private int takeCommands() {
    int taken = 0;
    while (taken < TURN_COMMANDS_MAX && batch.sizeBytes() < TURN_BYTES_MAX) {
      Runnable command = commands.relaxedPoll();
      if (command == null) {
        break;
      }
      taken++;
      // Read anew each time: whoever asks must not be answered by a clock from before the question.
      now = clock.unixNanos();
      perform(command);
    }
    return taken;
  }

  private void performDue() {
    long nanoTime = System.nanoTime();
    Deadlines.Entry wait = waits.poll(nanoTime);
    while (wait != null) {
      perform(wait::onDue);
      wait = waits.poll(nanoTime);
    }
    Deadlines.Entry lease = leases.poll(now);
    boolean anyLease = lease != null;
    while (lease != null) {
      perform(lease::onDue);
      lease = leases.poll(now);
    }
    if (anyLease) {
      perform(afterLeases);
    }
    for (Duty duty : duties) {
      if (duty.nextDue() <= now) {
        perform(() -> duty.perform(now));
      }
    }
  }

  // A command that throws has left state half changed: nothing more may be written from it.
  @SuppressWarnings("CatchingUnchecked")
  private void perform(Runnable command) {
    try {
      command.run();
    } catch (RuntimeException | Error e) {
      Loggers.STORAGE.error("a fault in the writer; no more writes are taken", e);
      condition.failed("internal fault", e);
    }
  }

  private void park() {
    parked = true;
    try {
      if (commands.isEmpty() && !stopping) {
        LockSupport.parkNanos(this, parkNanos());
      }
    } finally {
      parked = false;
    }
  }

  private long parkNanos() {
    long due = leases.next();
    for (Duty duty : duties) {
      due = Math.min(due, duty.nextDue());
    }
    long byClock = due == Long.MAX_VALUE ? pollNanos : due - clock.unixNanos();
    long byWait = waits.size() == 0 ? pollNanos : waits.next() - System.nanoTime();
    return Math.max(1, Math.min(pollNanos, Math.min(byClock, byWait)));
  }
}
