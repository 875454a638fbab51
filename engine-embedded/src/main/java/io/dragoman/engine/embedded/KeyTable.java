// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The keys as the writer sees them. What a change does depends on what is there of its key (the
 * count, the entry by time that goes, whether there was anything to delete), and the writer never
 * reads the disk: of keys changed lately it knows that, for others a reader looks it up, many keys
 * at a time, and their changes wait in order. Memory is bounded by the number of keys remembered.
 *
 * <p>Writer thread only, but for the reading.
 */
final class KeyTable implements Writer.Stateful {
  private static final int KNOWN_MAX = 4096;
  private static final int LOOKED_UP_AT_ONCE_MAX = 1024;

  /** What is there of one key. */
  static final class State {
    final String text;
    final byte[] key;
    final List<Change> waiting = new ArrayList<>();
    boolean exists;
    long expiresAt;
    long bytes;
    // Changed by the batch that is not written yet: forgotten, it would be read as it was before.
    private boolean unwritten;

    State(String text) {
      this.text = text;
      this.key = KeyRecords.key(text);
    }

    boolean expired(long now) {
      return expiresAt != 0 && expiresAt <= now;
    }

    // The length of the whole record, of which only the first bytes were needed.
    private void found(byte[] head, int length) {
      exists = length >= 0;
      if (exists) {
        expiresAt = KeyRecords.expiresAt(head, length);
        bytes = (long) key.length - 1 + length - KeyRecords.HEAD;
      }
    }
  }

  /** A change that waits to hear what is there. Told once, on the writer thread. */
  interface Change {
    void make(State state);

    void refused(BrokerError error);
  }

  /** A key that was looked up; with an error when it cannot be read. */
  private record LookedUp(State state, @Nullable BrokerError error) {}

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final EngineMetrics meters;
  private final int keysMax;
  private final Map<String, State> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, State> unknown = new LinkedHashMap<>();
  private final List<State> changedInBatch = new ArrayList<>();
  private @Nullable Set<String> changedSinceWatch;
  private LongConsumer onLifetime = due -> {};
  private boolean lookingUp;
  private boolean dirty;
  private long changes;
  private volatile long keys;
  private volatile long bytes;

  KeyTable(
      Store store,
      Writer writer,
      Readers readers,
      EngineMetrics meters,
      Metrics metrics,
      int keysMax) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.meters = meters;
    this.keysMax = keysMax;
    metrics.gauge("dragoman_keys", "Keys that are stored.", () -> keys);
    metrics.gauge("dragoman_key_bytes", "Bytes of stored keys and their values.", () -> bytes);
  }

  /** Whom to tell when a key gets a lifetime. */
  void onLifetime(LongConsumer listener) {
    onLifetime = listener;
  }

  /** Reads the figures; before the writer starts. */
  void load() throws RocksDBException {
    byte[] encoded = store.get(store.meta, KeyRecords.FIGURES);
    KeyRecords.Figures figures =
        encoded == null ? KeyRecords.Figures.NONE : KeyRecords.Figures.of(encoded);
    keys = figures.keys();
    bytes = figures.bytes();
    changes = figures.changes();
  }

  /** What the store has lost of the keys' changes, by what is accounted for; null when nothing. */
  @Nullable Loss compare(Tallies.Account account) {
    byte[] taken = account.keys();
    return taken == null ? null : KeySalvage.tail(KeyRecords.Figures.of(taken), figures());
  }

  /** What to take down of the keys; nothing as long as there never was one. */
  List<Tallies.Channel> tallies() {
    return changes == 0 ? List.of() : List.of(tally(figures().encoded()));
  }

  /** Makes a change as soon as it is known what is there. */
  void change(String key, Change change) {
    State state = known.get(key);
    if (state != null) {
      change.make(state);
      return;
    }
    unknown.computeIfAbsent(key, State::new).waiting.add(change);
    lookUp();
  }

  /** Why a key that is not there cannot be set; null when it can. */
  @Nullable BrokerError full() {
    return keys < keysMax
        ? null
        : new BrokerError(
            ErrorCode.TOO_MANY_KEYS, "this node has as many keys as it may: " + keysMax);
  }

  /**
   * Puts a record in place of what is there.
   *
   * @param record without its time
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer; volatile for who looks
  void set(State state, byte[] record, long ttlSeconds) {
    leave(state);
    long expiresAt = ttlSeconds == 0 ? 0 : expiry(ttlSeconds);
    KeyRecords.setExpiresAt(record, expiresAt);
    writer.batch().put(store.keys, state.key, record);
    if (expiresAt != 0) {
      writer.batch().put(store.keys, KeyRecords.due(expiresAt, state.key));
      onLifetime.accept(expiresAt);
    }
    state.exists = true;
    state.expiresAt = expiresAt;
    state.bytes = (long) state.key.length - 1 + record.length - KeyRecords.HEAD;
    keys++;
    bytes += state.bytes;
    changed(state);
  }

  private long expiry(long ttlSeconds) {
    long most = TimeUnit.NANOSECONDS.toSeconds(Long.MAX_VALUE - writer.now());
    return writer.now() + TimeUnit.SECONDS.toNanos(Math.min(ttlSeconds, most));
  }

  /** Removes what is there. */
  void remove(State state) {
    leave(state);
    writer.batch().delete(store.keys, state.key);
    changed(state);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void leave(State state) {
    if (!state.exists) {
      return;
    }
    if (state.expiresAt != 0) {
      writer.batch().delete(store.keys, KeyRecords.due(state.expiresAt, state.key));
    }
    keys--;
    bytes -= state.bytes;
    state.exists = false;
    state.expiresAt = 0;
    state.bytes = 0;
  }

  private void changed(State state) {
    changes++;
    writer.touch(this);
    if (changedSinceWatch != null) {
      changedSinceWatch.add(state.text);
    }
    if (!state.unwritten) {
      state.unwritten = true;
      changedInBatch.add(state);
    }
  }

  /** What is there of a key, if that is known without asking. */
  @Nullable State known(String key) {
    return known.get(key);
  }

  /** Whether changes of a key wait to hear what is there. */
  boolean awaited(String key) {
    return unknown.containsKey(key);
  }

  /** Removes what a sweep has found over. */
  void expire(State state) {
    known.putIfAbsent(state.text, state);
    meters.expiredKeys.increment();
    remove(state);
  }

  /** Begins to note which keys change, for a sweep. */
  void watch() {
    changedSinceWatch = new HashSet<>();
  }

  /** Which have changed since then; ends the noting. */
  Set<String> watched() {
    Set<String> changed = changedSinceWatch;
    changedSinceWatch = null;
    return changed == null ? Set.of() : changed;
  }

  /** What a reader finds of a key. */
  State read(String key) throws RocksDBException {
    State state = new State(key);
    read(state);
    return state;
  }

  private void read(State state) throws RocksDBException {
    byte[] head = new byte[KeyRecords.HEAD];
    state.found(head, store.head(store.keys, state.key, head));
  }

  private void lookUp() {
    if (lookingUp || unknown.isEmpty()) {
      return;
    }
    List<State> asked = unknown.values().stream().limit(LOOKED_UP_AT_ONCE_MAX).toList();
    lookingUp = true;
    readers.read(
        () -> lookUp(asked),
        failure -> {
          // Of single keys that cannot be read the writer has heard.
          if (!(failure instanceof RocksDBException)) {
            BrokerError error = Readers.error(failure, "the key");
            writer.submit(
                () -> lookedUp(asked.stream().map(one -> new LookedUp(one, error)).toList()));
          }
        });
  }

  private void lookUp(List<State> asked) throws RocksDBException {
    List<LookedUp> found = new ArrayList<>(asked.size());
    RocksDBException unreadable = null;
    for (State state : asked) {
      try {
        read(state);
        found.add(new LookedUp(state, null));
      } catch (RocksDBException e) {
        unreadable = e;
        found.add(new LookedUp(state, Readers.error(e, "the key")));
      } catch (CorruptRecordException e) {
        meters.corrupt.increment();
        Loggers.STORAGE.error("a key's value is damaged: {}", e.getMessage());
        found.add(new LookedUp(state, Readers.error(e, "the key")));
      }
    }
    writer.submit(() -> lookedUp(found));
    if (unreadable != null) {
      throw unreadable;
    }
  }

  private void lookedUp(List<LookedUp> found) {
    lookingUp = false;
    for (LookedUp each : found) {
      State state = each.state;
      if (!unknown.remove(state.text, state)) {
        continue;
      }
      BrokerError error = each.error;
      if (error == null) {
        known.put(state.text, state);
        state.waiting.forEach(change -> change.make(state));
      } else {
        state.waiting.forEach(change -> change.refused(error));
      }
      state.waiting.clear();
    }
    forget();
    lookUp();
  }

  // Those used longest ago; but nothing that the batch has yet to write.
  private void forget() {
    Iterator<State> oldest = known.values().iterator();
    while (known.size() > KNOWN_MAX && oldest.hasNext()) {
      if (!oldest.next().unwritten) {
        oldest.remove();
      }
    }
  }

  private KeyRecords.Figures figures() {
    return new KeyRecords.Figures(keys, bytes, changes);
  }

  private static Tallies.Channel tally(byte[] figures) {
    // The kind says nothing here.
    return new Tallies.Channel(Tallies.KEYS, Kind.LOG, "", figures);
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
    changedInBatch.forEach(state -> state.unwritten = false);
    changedInBatch.clear();
    forget();
    byte[] figures = figures().encoded();
    batch.put(store.meta, KeyRecords.FIGURES, figures);
    return tally(figures);
  }
}
