// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Clock;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.KeyValueStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The keys of this engine as the core calls them, from any thread.
 *
 * <p>What a reader finds may have been written and not be safe yet. So each change is noted from
 * before it is written until it is safe, and a get that meets one waits for it. A change that could
 * not be made safe stays noted: nobody knows what the disk has of it.
 */
final class EmbeddedKeyValueStore implements KeyValueStore {
  /** About what a call takes that waits, besides its key. */
  private static final long WAITING_BYTES = 256;

  private static final long GETS_BYTES_MAX = 32 << 20;

  private static final BrokerError TOO_MANY_GETS =
      new BrokerError(ErrorCode.OVERLOADED, "too many keys are waiting to be read, try again");

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final KeyTable keys;
  private final Clock clock;
  private final Durability durability;

  /** The latest change of a key that is not safe yet. */
  private final ConcurrentHashMap<String, CompletableFuture<Result<Boolean>>> unsafe =
      new ConcurrentHashMap<>();

  private final AtomicLong getsBytes = new AtomicLong();

  EmbeddedKeyValueStore(
      Store store,
      Writer writer,
      Readers readers,
      KeyTable keys,
      Clock clock,
      Durability durability,
      Metrics metrics) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.keys = keys;
    this.clock = clock;
    this.durability = durability;
    metrics.gauge(
        "dragoman_key_reads_waiting_bytes",
        "Bytes of calls that wait for the value of a key.",
        getsBytes::get);
  }

  @Override
  public CompletionStage<Result<Optional<byte[]>>> get(String key) {
    CompletableFuture<Result<Optional<byte[]>>> future = new CompletableFuture<>();
    BrokerError refused = writer.refusesReads();
    if (refused != null) {
      future.complete(Result.refused(refused));
      return future;
    }
    long waiting = WAITING_BYTES + key.length();
    if (getsBytes.addAndGet(waiting) > GETS_BYTES_MAX) {
      getsBytes.addAndGet(-waiting);
      future.complete(Result.refused(TOO_MANY_GETS));
      return future;
    }
    var unusedWait = future.whenComplete((result, failure) -> getsBytes.addAndGet(-waiting));
    readers.read(
        () -> {
          Optional<byte[]> value = read(key);
          // Looked for after reading: what was read and is not noted any more is safe.
          CompletableFuture<Result<Boolean>> change = unsafe.get(key);
          if (change == null) {
            future.complete(Result.ok(value));
          } else {
            var unused = change.thenAccept(outcome -> future.complete(outcome.map(made -> value)));
          }
        },
        failure -> future.complete(Result.refused(Readers.error(failure, "the key"))));
    return future;
  }

  private Optional<byte[]> read(String key) throws RocksDBException {
    byte[] record = store.get(store.keys, KeyRecords.key(key));
    if (record == null) {
      return Optional.empty();
    }
    long expiresAt = KeyRecords.expiresAt(record, record.length);
    return expiresAt != 0 && expiresAt <= clock.unixNanos()
        ? Optional.empty()
        : Optional.of(KeyRecords.value(record));
  }

  @Override
  public CompletionStage<Result<Boolean>> set(String key, byte[] value, long ttlSeconds) {
    byte[] record = KeyRecords.record(value);
    long reserved = record.length + (long) key.length();
    if (!writer.reserve(reserved)) {
      return CompletableFuture.completedFuture(Result.refused(Writer.OVERLOADED));
    }
    CompletableFuture<Result<Boolean>> future = new CompletableFuture<>();
    KeyTable.Change set =
        new KeyTable.Change() {
          @Override
          public void make(KeyTable.State state) {
            writer.unreserve(reserved);
            BrokerError refused = writer.refusesNew();
            if (refused == null && !state.exists) {
              refused = keys.full();
            }
            if (refused != null) {
              future.complete(Result.refused(refused));
              return;
            }
            keys.set(state, record, ttlSeconds);
            whenSafe(key, future, true);
          }

          @Override
          public void refused(BrokerError error) {
            writer.unreserve(reserved);
            future.complete(Result.refused(error));
          }
        };
    writer.submit(() -> change(key, set, writer.refusesNew()));
    return future;
  }

  @Override
  public CompletionStage<Result<Boolean>> delete(String key) {
    long reserved = WAITING_BYTES + (long) key.length();
    if (!writer.reserve(reserved)) {
      return CompletableFuture.completedFuture(Result.refused(Writer.OVERLOADED));
    }
    CompletableFuture<Result<Boolean>> future = new CompletableFuture<>();
    KeyTable.Change delete =
        new KeyTable.Change() {
          @Override
          public void make(KeyTable.State state) {
            writer.unreserve(reserved);
            BrokerError refused = writer.refusesAll();
            if (refused != null) {
              future.complete(Result.refused(refused));
              return;
            }
            boolean there = state.exists && !state.expired(writer.now());
            if (state.exists) {
              keys.remove(state);
            }
            whenSafe(key, future, there);
          }

          @Override
          public void refused(BrokerError error) {
            writer.unreserve(reserved);
            future.complete(Result.refused(error));
          }
        };
    writer.submit(() -> change(key, delete, writer.refusesAll()));
    return future;
  }

  private void change(String key, KeyTable.Change change, @Nullable BrokerError refused) {
    if (refused != null) {
      change.refused(refused);
    } else {
      keys.change(key, change);
    }
  }

  // Also what changed nothing waits: that there is no such key may be the doing of a change that is
  // not safe yet.
  private void whenSafe(String key, CompletableFuture<Result<Boolean>> future, boolean value) {
    unsafe.put(key, future);
    writer.onSafe(
        durability,
        new Outcome() {
          @Override
          public void safe() {
            unsafe.remove(key, future);
            future.complete(Result.ok(value));
          }

          @Override
          public void failed(BrokerError error) {
            future.complete(Result.refused(error));
          }
        });
  }
}
