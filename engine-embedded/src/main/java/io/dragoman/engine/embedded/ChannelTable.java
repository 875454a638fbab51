// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.spi.ChannelSettings;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Which channels there are. Each has a number, never used again, which is its incarnation and its
 * place in all keys. Changed by the writer only; lookups by name from any thread.
 */
final class ChannelTable {

  /** What is known of a channel besides its messages. */
  private record Entry(int number, long createdAtNanos) {}

  static final BrokerError FULL =
      new BrokerError(ErrorCode.TOO_MANY_CHANNELS, "this node has as many channels as it may");

  private final Store store;
  private final Writer writer;
  private final ChannelSettings.Source settings;
  private final int channelsMax;
  private final Map<Kind, ConcurrentHashMap<String, Entry>> entries = new EnumMap<>(Kind.class);
  private final ConcurrentHashMap<String, QueueState> queues = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, LogState> logs = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, LogState> logsByNumber = new ConcurrentHashMap<>();
  private final Map<String, QueueState> awaited = new HashMap<>();
  private final Map<Integer, QueueState> queuesByNumber = new HashMap<>();
  private int nextNumber = 1;
  private final java.util.concurrent.atomic.AtomicInteger count =
      new java.util.concurrent.atomic.AtomicInteger();

  ChannelTable(Store store, Writer writer, ChannelSettings.Source settings, int channelsMax) {
    this.store = store;
    this.writer = writer;
    this.settings = settings;
    this.channelsMax = channelsMax;
    for (Kind kind : Kind.values()) {
      entries.put(kind, new ConcurrentHashMap<>());
    }
  }

  /** Reads all channels and their states; before the writer starts. */
  void load(Queues queueOperations, Logs logOperations) throws RocksDBException {
    byte[] next = store.get(store.meta, Keys.NEXT_CHANNEL);
    if (next != null) {
      nextNumber = new Input(next).nextInt();
    }
    List<byte[]> keys = new ArrayList<>();
    List<Entry> values = new ArrayList<>();
    store.scan(
        store.meta,
        Keys.ALL_CHANNELS,
        Keys.AFTER_CHANNELS,
        (key, value) -> {
          Input in = new Input(value);
          keys.add(key);
          values.add(new Entry(in.nextInt(), in.nextLong()));
          return true;
        });
    for (int i = 0; i < keys.size(); i++) {
      open(
          Keys.kindOf(keys.get(i)),
          Keys.nameOf(keys.get(i)),
          values.get(i),
          queueOperations,
          logOperations);
    }
  }

  /** Where the store is behind what was taken down of it; before the writer starts. */
  List<Loss> compare(Tallies.Account account) {
    List<Loss> losses = new ArrayList<>();
    for (Tallies.Channel taken : account.channels().values()) {
      Loss loss = taken.kind() == Kind.QUEUE ? compareQueue(taken) : compareLog(taken);
      if (loss != null) {
        losses.add(loss);
      }
    }
    for (QueueState queue : queues.values()) {
      compareDeleted(account, queue.number, Kind.QUEUE, queue.name, losses);
    }
    for (LogState log : logs.values()) {
      compareDeleted(account, log.number, Kind.LOG, log.name, losses);
    }
    return losses;
  }

  private static void compareDeleted(
      Tallies.Account account, int number, Kind kind, String name, List<Loss> losses) {
    if (account.deleted().contains(number)) {
      losses.add(new Loss(kind, name, 0, "it was deleted, which the store has lost"));
    }
  }

  // A number that was given out and has no channel is of one that was deleted.
  private @Nullable Loss compareQueue(Tallies.Channel taken) {
    QueueState queue = queuesByNumber.get(taken.number());
    if (queue == null && taken.number() < nextNumber) {
      return null;
    }
    QueueState.Figures there = queue == null ? null : queue.figures();
    return Loss.ofQueueTail(taken.name(), QueueState.Figures.of(taken.state()), there);
  }

  private @Nullable Loss compareLog(Tallies.Channel taken) {
    LogState log = logs.get(taken.name());
    boolean same = log != null && log.number == taken.number();
    if (!same && taken.number() < nextNumber) {
      return null;
    }
    LogState.Figures there = log == null || !same ? null : log.figures();
    return Loss.ofLogTail(taken.name(), LogState.Figures.of(taken.state()), there);
  }

  /** All channels that keep something, as they were loaded; before the writer starts. */
  List<Tallies.Channel> tallies() {
    List<Tallies.Channel> all = new ArrayList<>();
    queues.values().forEach(queue -> all.add(queue.tally()));
    logs.values().forEach(log -> all.add(log.tally()));
    return all;
  }

  private void open(Kind kind, String name, Entry entry, Queues queueOperations, Logs logOperations)
      throws RocksDBException {
    add(kind, name, entry);
    byte[] state = kind.stored() ? store.get(store.meta, Keys.state(entry.number)) : null;
    if (kind == Kind.QUEUE) {
      QueueState queue = addQueue(name, entry, queueOperations);
      if (state != null) {
        queue.readState(state);
      }
    } else if (kind == Kind.LOG) {
      LogState log = addLog(name, entry, logOperations);
      if (state != null) {
        log.readState(state);
      }
    }
  }

  @Nullable QueueState queue(String name) {
    return queues.get(name);
  }

  /** Also one that exists only for who waits on it. Writer thread only. */
  @Nullable QueueState queueOrAwaited(String name) {
    QueueState queue = queues.get(name);
    return queue != null ? queue : awaited.get(name);
  }

  /** By number; writer thread only. */
  @Nullable QueueState queue(int number) {
    return queuesByNumber.get(number);
  }

  @Nullable LogState log(String name) {
    return logs.get(name);
  }

  /** By number; from any thread. */
  @Nullable LogState log(int number) {
    return logsByNumber.get(number);
  }

  Iterable<QueueState> queues() {
    return queues.values();
  }

  /** Also those that exist only for who waits on them. Writer thread only. */
  List<QueueState> queuesAndAwaited() {
    List<QueueState> all = new ArrayList<>(queues.values());
    all.addAll(awaited.values());
    return all;
  }

  Iterable<LogState> logs() {
    return logs.values();
  }

  int count() {
    return count.get();
  }

  boolean full() {
    return room() <= 0;
  }

  /** How many more channels there may be. */
  int room() {
    return channelsMax - count.get();
  }

  /** What a queue of this name is or would be treated like. Writer thread only. */
  ChannelSettings queueSettings(String name) {
    QueueState queue = queues.get(name);
    return queue != null ? queue.settings : settings.settings(Kind.QUEUE, name);
  }

  boolean exists(Kind kind, String name) {
    return map(kind).containsKey(name);
  }

  /** The queue of this name, made if need be. Writer thread only. */
  QueueState openQueue(String name, Queues operations) {
    QueueState queue = queues.get(name);
    return queue != null ? queue : addQueue(name, create(Kind.QUEUE, name), operations);
  }

  /**
   * The queue of this name to wait on. When it does not exist it is not made: the state lives only
   * as long as somebody waits, or becomes the queue's when that is made. Writer thread only.
   */
  QueueState queueToWaitOn(String name, Queues operations) {
    QueueState queue = queues.get(name);
    return queue != null
        ? queue
        : awaited.computeIfAbsent(
            name, key -> new QueueState(0, key, settings.settings(Kind.QUEUE, key), operations));
  }

  /** Nobody waits on a queue that does not exist any more. Writer thread only. */
  void forget(QueueState queue) {
    if (queue.number == 0) {
      awaited.remove(queue.name, queue);
    }
  }

  /** The log of this name, made if need be. Writer thread only. */
  LogState openLog(String name, Logs operations) {
    LogState log = logs.get(name);
    return log != null ? log : addLog(name, create(Kind.LOG, name), operations);
  }

  /** Makes a channel that keeps nothing. Writer thread only. */
  void openPlain(Kind kind, String name) {
    if (!exists(kind, name)) {
      create(kind, name);
    }
  }

  /**
   * Forgets a channel and deletes its entry; the caller deletes its messages. Writer thread only.
   */
  int remove(Kind kind, String name) {
    Entry entry = java.util.Objects.requireNonNull(map(kind).remove(name));
    count.decrementAndGet();
    queuesByNumber.remove(entry.number);
    logsByNumber.remove(entry.number);
    if (kind == Kind.QUEUE) {
      queues.remove(name);
    } else if (kind == Kind.LOG) {
      logs.remove(name);
    }
    writer.batch().delete(store.meta, Keys.channel(kind, name));
    writer.batch().delete(store.meta, Keys.state(entry.number));
    if (kind.stored()) {
      writer.batch().delete(store.meta, Keys.gaps(entry.number));
      writer.gone(new Tallies.Channel(entry.number, kind, "", new byte[0]));
    }
    return entry.number;
  }

  List<ChannelInfo> list(Kind kind, String containing) {
    List<ChannelInfo> found = new ArrayList<>();
    map(kind)
        .forEach(
            (name, entry) -> {
              if (name.contains(containing)) {
                found.add(new ChannelInfo(kind, name, entry.number, entry.createdAtNanos));
              }
            });
    found.sort(java.util.Comparator.comparing(ChannelInfo::name));
    return found;
  }

  private Entry create(Kind kind, String name) {
    Entry entry = new Entry(nextNumber++, writer.now());
    Bytes value = new Bytes(12);
    value.putInt(entry.number);
    value.putLong(entry.createdAtNanos);
    writer.batch().put(store.meta, Keys.channel(kind, name), value.toArray());
    Bytes next = new Bytes(4);
    next.putInt(nextNumber);
    writer.batch().put(store.meta, Keys.NEXT_CHANNEL, next.toArray());
    add(kind, name, entry);
    return entry;
  }

  private void add(Kind kind, String name, Entry entry) {
    map(kind).put(name, entry);
    count.incrementAndGet();
  }

  private QueueState addQueue(String name, Entry entry, Queues operations) {
    QueueState queue = queueToWaitOn(name, operations);
    awaited.remove(name);
    queue.number = entry.number;
    queues.put(name, queue);
    queuesByNumber.put(entry.number, queue);
    return queue;
  }

  private LogState addLog(String name, Entry entry, Logs operations) {
    LogState log = new LogState(entry.number, name, settings.settings(Kind.LOG, name), operations);
    logs.put(name, log);
    logsByNumber.put(entry.number, log);
    return log;
  }

  private ConcurrentHashMap<String, Entry> map(Kind kind) {
    return java.util.Objects.requireNonNull(entries.get(kind));
  }
}
