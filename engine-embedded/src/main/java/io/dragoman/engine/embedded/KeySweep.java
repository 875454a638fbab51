// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.rocksdb.RocksDBException;

/**
 * Removes keys whose time is over, so that they take no room. Until then every call passes over
 * them. The entries by time say which; a reader looks up how large they are. Writer thread only,
 * but for the reading.
 */
final class KeySweep implements Writer.Duty {
  private static final long RETRY = 1_000_000_000L;

  /** How long to wait for a reader that looks something up. */
  private static final long AWAITED_PAUSE = 100_000_000L;

  private static final int SCAN_MAX = 1000;

  /** An entry by time that is due, and its key as a reader found it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Due(byte[] entry, KeyTable.State read) {
    long due() {
      return KeyRecords.dueOf(entry);
    }
  }

  /**
   * What was found.
   *
   * @param last the time of the last entry looked at
   * @param next when to look again
   */
  private record Scan(List<Due> found, long last, long next) {}

  private final Store store;
  private final Writer writer;
  private final Readers readers;
  private final KeyTable keys;
  // Before it there are no entries, only what is left of removed ones.
  private long cursor;
  private long nextDue;
  private boolean scanning;
  private long notedWhileScanning = Long.MAX_VALUE;

  KeySweep(Store store, Writer writer, Readers readers, KeyTable keys) {
    this.store = store;
    this.writer = writer;
    this.readers = readers;
    this.keys = keys;
    keys.onLifetime(this::note);
  }

  private void note(long due) {
    cursor = Math.min(cursor, due);
    if (scanning) {
      notedWhileScanning = Math.min(notedWhileScanning, due);
    } else {
      nextDue = Math.min(nextDue, due);
    }
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
    keys.watch();
    long from = cursor;
    readers.read(
        () -> {
          Scan scan = scan(from, now);
          writer.submit(() -> remove(scan));
        },
        failure ->
            writer.submit(
                () -> {
                  scanning = false;
                  keys.watched();
                  nextDue = writer.now() + RETRY;
                }));
  }

  private Scan scan(long from, long now) throws RocksDBException {
    long[] upcoming = {Long.MAX_VALUE};
    List<byte[]> entries = new ArrayList<>();
    store.scan(
        store.keys,
        KeyRecords.due(from, KeyRecords.ALL_KEYS),
        KeyRecords.AFTER_DUE,
        (entry, nothing) -> {
          long due = KeyRecords.dueOf(entry);
          if (due > now || entries.size() == SCAN_MAX) {
            upcoming[0] = due;
            return false;
          }
          entries.add(entry);
          return true;
        });
    List<Due> found = new ArrayList<>();
    for (byte[] entry : entries) {
      read(entry, found);
    }
    long last = entries.isEmpty() ? from : KeyRecords.dueOf(entries.get(entries.size() - 1));
    boolean readable = entries.isEmpty() || !found.isEmpty();
    return new Scan(found, last, readable ? upcoming[0] : now + RETRY);
  }

  // A key that cannot be read is left to whoever asks for it.
  private void read(byte[] entry, List<Due> found) {
    String key = KeyRecords.textOfDue(entry);
    try {
      found.add(new Due(entry, keys.read(key)));
    } catch (RocksDBException | CorruptRecordException e) {
      Loggers.STORAGE.error("a key that has expired cannot be read: {}", e.getMessage());
    }
  }

  private void remove(Scan scan) {
    Set<String> changed = keys.watched();
    boolean again = false;
    for (Due each : scan.found) {
      String key = each.read.text;
      KeyTable.State known = keys.known(key);
      if (known != null) {
        remove(each, known);
      } else if (keys.awaited(key)) {
        // Who waits has been told, or will be, what was there before.
        again = true;
      } else if (!changed.contains(key)) {
        remove(each, each.read);
      }
    }
    scanning = false;
    if (!again) {
      cursor = Math.min(scan.last, notedWhileScanning);
    }
    nextDue = again ? writer.now() + AWAITED_PAUSE : Math.min(scan.next, notedWhileScanning);
  }

  private void remove(Due due, KeyTable.State state) {
    if (state.exists && state.expiresAt == due.due()) {
      keys.expire(state);
    } else {
      writer.batch().delete(store.keys, due.entry);
    }
  }
}
