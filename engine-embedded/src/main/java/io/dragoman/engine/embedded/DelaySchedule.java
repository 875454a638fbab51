// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.DelayedMessage;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.Receipt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Messages that are held back until they are due. They lie on disk by due time, and by queue so
 * that one queue's can be listed; memory only knows when the next is due. Writer thread only,
 * except for what is said to read.
 */
final class DelaySchedule implements Writer.Duty {
  private static final long IDS_PER_BLOCK = 100_000;
  private static final long RETRY = 1_000_000_000L;
  private static final int SCAN_MAX = 500;
  private static final long SCAN_BYTES_MAX = 4 << 20;
  private static final int DROP_MAX = 1000;

  /** Channel, due time and id. */
  private static final int HANDLE_BYTES = 20;

  /** A message that has come due. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Due(long due, int channel, long id, byte[] record) {}

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final ChannelTable channels;
  private final Queues queues;
  private final Set<Long> removedWhileScanning = new HashSet<>();
  private byte[] cursor = {'d'};
  private long cursorDue;
  private long nextDue;
  private long nextId;
  private long idsReserved;
  private boolean scanning;
  private long notedWhileScanning = Long.MAX_VALUE;

  DelaySchedule(Store store, Writer writer, Readers readers, ChannelTable channels, Queues queues) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.channels = channels;
    this.queues = queues;
  }

  /** Goes on with ids that were never used; before the writer starts. */
  void load() throws RocksDBException {
    byte[] reserved = store.get(store.meta, Keys.NEXT_DELAYED);
    idsReserved = reserved == null ? 0 : new Input(reserved).nextLong();
    nextId = idsReserved;
  }

  /** Holds a message back. */
  void add(QueueState queue, byte[] record, long due, long expiresAt) {
    long id = newId();
    Records.setTimestamp(record, writer.now());
    Records.setDeliverAt(record, due);
    Records.setExpiresAt(record, expiresAt);
    Records.setReceiveCount(record, 0);
    writer.batch().put(store.delayed, Keys.delayedByDue(due, queue.number, id), record);
    writer.batch().put(store.delayed, Keys.delayedByQueue(queue.number, due, id));
    queue.delayed++;
    writer.touch(queue);
    note(due);
  }

  @Override
  public long nextDue() {
    return scanning ? Long.MAX_VALUE : nextDue;
  }

  @Override
  public void perform(long now) {
    if (writer.refusesAll() != null) {
      nextDue = Long.MAX_VALUE;
      return;
    }
    // What this turn has added must be there to be found.
    writer.commit(0);
    scanning = true;
    notedWhileScanning = Long.MAX_VALUE;
    removedWhileScanning.clear();
    byte[] from = cursor;
    readers.read(
        () -> {
          List<Due> found = new ArrayList<>();
          long upcoming = scan(from, now, found);
          writer.submit(() -> release(found, upcoming));
        },
        failure ->
            writer.submit(
                () -> {
                  scanning = false;
                  nextDue = writer.now() + RETRY;
                }));
  }

  /** Whether a handle is of a message that this queue holds back, or held back once. */
  static boolean isOf(QueueState queue, Receipt handle) {
    byte[] token = handle.token();
    return token.length == HANDLE_BYTES && (int) Keys.INT.get(token, 0) == queue.number;
  }

  /**
   * Reads held-back messages of a queue, soonest first; on a reader thread. Where to go on is told
   * by the keys and not by what was found: a message that comes due between the two reads is left
   * out, and so is a damaged one, but never what lies behind.
   *
   * @param after only those behind this one
   */
  DelayedPage list(QueueState queue, @Nullable Receipt after, int max, long bytesMax)
      throws RocksDBException {
    List<byte[]> keys = keys(queue.number, after, max + 1L);
    List<DelayedMessage> found = new ArrayList<>();
    long bytes = 0;
    Receipt last = null;
    int lookedAt = 0;
    while (lookedAt < keys.size() && lookedAt < max && bytes < bytesMax) {
      byte[] key = keys.get(lookedAt++);
      long due = (long) Keys.LONG.get(key, 5);
      long id = (long) Keys.LONG.get(key, 13);
      last = handle(queue.number, due, id);
      byte[] record = store.get(store.delayed, Keys.delayedByDue(due, queue.number, id));
      bytes += record == null ? 0 : record.length;
      QueueMessage message = queues.reader().message(queue, 0, record);
      if (message != null) {
        found.add(new DelayedMessage(last, notYetReceived(message)));
      }
    }
    return new DelayedPage(found, lookedAt < keys.size() ? last : null);
  }

  /**
   * Removes a held-back message; false when it is not there. Asks the disk on the writer thread: a
   * person's call, rare, and it must not cross with the message coming due.
   */
  boolean cancel(Receipt handle) throws RocksDBException {
    Due due = find(handle);
    if (due == null) {
      return false;
    }
    remove(due);
    return true;
  }

  /**
   * Puts a held-back message into its queue now; false when it is not there.
   *
   * @throws CorruptRecordException when it is damaged; it stays where it is
   */
  boolean deliverNow(Receipt handle) throws RocksDBException {
    Due due = find(handle);
    if (due == null) {
      return false;
    }
    QueueState queue = Objects.requireNonNull(channels.queue(due.channel));
    QueueMessage held = queues.reader().message(queue, 0, due.record);
    if (held == null) {
      throw new CorruptRecordException("a held-back message");
    }
    remove(due);
    enter(queue, held, due.record, writer.now());
    return true;
  }

  /**
   * Removes what a queue held back that was deleted, a slice at a time: nobody will wait until it
   * is due. What is left after a crash goes when it is due.
   */
  void drop(int channel) {
    if (writer.refusesAll() != null) {
      return;
    }
    // What this turn has added must be there to be found.
    writer.commit(0);
    readers.read(
        () -> {
          List<byte[]> keys = keys(channel, null, DROP_MAX);
          writer.submit(() -> drop(channel, keys));
        },
        failure ->
            Loggers.STORAGE.warn("The delayed messages of a deleted queue are kept until due."));
  }

  private void drop(int channel, List<byte[]> keys) {
    for (byte[] key : keys) {
      long due = (long) Keys.LONG.get(key, 5);
      long id = (long) Keys.LONG.get(key, 13);
      writer.batch().delete(store.delayed, Keys.delayedByDue(due, channel, id));
      writer.batch().delete(store.delayed, key);
    }
    if (keys.size() == DROP_MAX) {
      drop(channel);
    }
  }

  /** The keys by queue; on a reader thread. */
  private List<byte[]> keys(int channel, @Nullable Receipt after, long max)
      throws RocksDBException {
    byte[] from = Keys.delayedByQueue(channel, 0, 0);
    if (after != null) {
      long due = (long) Keys.LONG.get(after.token(), 4);
      long id = (long) Keys.LONG.get(after.token(), 12);
      from = Keys.delayedByQueue(channel, due, id + 1);
    }
    List<byte[]> keys = new ArrayList<>();
    store.scan(
        store.delayed,
        from,
        Keys.delayedByQueue(channel, Long.MAX_VALUE, Long.MAX_VALUE),
        (key, value) -> {
          keys.add(key);
          return keys.size() < max;
        });
    return keys;
  }

  private @Nullable Due find(Receipt handle) throws RocksDBException {
    byte[] token = handle.token();
    if (token.length != HANDLE_BYTES) {
      return null;
    }
    int channel = (int) Keys.INT.get(token, 0);
    long due = (long) Keys.LONG.get(token, 4);
    long id = (long) Keys.LONG.get(token, 12);
    writer.commit(0);
    byte[] record = store.get(store.delayed, Keys.delayedByDue(due, channel, id));
    return record == null || channels.queue(channel) == null
        ? null
        : new Due(due, channel, id, record);
  }

  private static QueueMessage notYetReceived(QueueMessage held) {
    return new QueueMessage(
        held.message(),
        held.policy(),
        0,
        held.timestampNanos(),
        0,
        held.reRoutedFrom(),
        held.expiresAtNanos(),
        held.deliverAtNanos());
  }

  private static Receipt handle(int channel, long due, long id) {
    byte[] token = new byte[HANDLE_BYTES];
    Keys.INT.set(token, 0, channel);
    Keys.LONG.set(token, 4, due);
    Keys.LONG.set(token, 12, id);
    return Receipt.of(token);
  }

  private long scan(byte[] from, long now, List<Due> found) throws RocksDBException {
    long[] upcoming = {Long.MAX_VALUE};
    long[] bytes = {0};
    store.scan(
        store.delayed,
        from,
        new byte[] {'d' + 1},
        (key, value) -> {
          long due = (long) Keys.LONG.get(key, 1);
          if (due > now || found.size() == SCAN_MAX || bytes[0] > SCAN_BYTES_MAX) {
            upcoming[0] = due;
            return false;
          }
          bytes[0] += value.length;
          found.add(new Due(due, (int) Keys.INT.get(key, 9), (long) Keys.LONG.get(key, 13), value));
          return true;
        });
    return upcoming[0];
  }

  private void release(List<Due> found, long upcoming) {
    scanning = false;
    for (Due due : found) {
      if (removedWhileScanning.contains(due.id)) {
        continue;
      }
      remove(due);
      QueueState queue = channels.queue(due.channel);
      QueueMessage held = queue == null ? null : queues.reader().message(queue, 0, due.record);
      if (queue != null && held != null) {
        enter(queue, held, due.record, due.due);
      }
    }
    if (!found.isEmpty()) {
      Due last = found.get(found.size() - 1);
      if (notedWhileScanning > last.due) {
        cursor = Keys.delayedByDue(last.due, last.channel, last.id + 1);
        cursorDue = last.due;
      }
    }
    nextDue = Math.min(upcoming, notedWhileScanning);
  }

  private void remove(Due due) {
    writer.batch().delete(store.delayed, Keys.delayedByDue(due.due, due.channel, due.id));
    writer.batch().delete(store.delayed, Keys.delayedByQueue(due.channel, due.due, due.id));
    if (scanning) {
      removedWhileScanning.add(due.id);
    }
    QueueState queue = channels.queue(due.channel);
    if (queue != null) {
      queue.delayed--;
      writer.touch(queue);
    }
  }

  private void enter(QueueState queue, QueueMessage held, byte[] record, long deliverableAt) {
    Records.setDelaySeconds(record, 0);
    int expiration = held.policy().expirationSeconds();
    long expiresAt = expiration == 0 ? 0 : deliverableAt + expiration * 1_000_000_000L;
    queues.enterNew(queue, record, QueueWrites.content(held, expiresAt));
  }

  // Ids order messages that are due at the same time and tell them apart, also over restarts. They
  // are set aside in blocks, so that not every message writes the counter.
  private long newId() {
    if (nextId == idsReserved) {
      idsReserved += IDS_PER_BLOCK;
      Bytes value = new Bytes(8);
      value.putLong(idsReserved);
      writer.batch().put(store.meta, Keys.NEXT_DELAYED, value.toArray());
    }
    return nextId++;
  }

  private void note(long due) {
    if (due <= cursorDue) {
      cursor = Keys.delayedByDue(due, 0, 0);
      cursorDue = due;
    }
    if (scanning) {
      notedWhileScanning = Math.min(notedWhileScanning, due);
    } else {
      nextDue = Math.min(nextDue, due);
    }
  }
}
