// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Reads the keys of a store that may be damaged, and counts what is lost of them. How many there
 * should be is known from their figures in the store and from the {@link Tallies}. For one thread.
 */
final class KeySalvage {
  private static final int HOLES_TOLD = 5;
  private static final int WIDTH = 2 + io.dragoman.core.KeyValues.KEY_BYTES_MAX;

  /** Takes a key and its record. */
  interface Sink {
    void key(byte[] key, byte[] record) throws RocksDBException;
  }

  /** A stretch that cannot be read, between two keys that can. */
  private static final class Hole {
    final @Nullable String after;
    @Nullable String before;

    Hole(byte @Nullable [] after) {
      this.after = after == null ? null : KeyRecords.textOf(after);
    }

    @Override
    public String toString() {
      if (after == null && before == null) {
        return "all of them";
      }
      return after == null
          ? "before " + before
          : before == null ? "behind " + after : "between " + after + " and " + before;
    }
  }

  private final Store from;
  private final Salvage salvage;
  private final KeyRecords.@Nullable Figures taken;
  private final List<Hole> holes = new ArrayList<>();
  private KeyRecords.@Nullable Figures there;
  private long found;
  private long bytes;
  private byte @Nullable [] last;

  /**
   * @param taken the figures as accounted for beside the store; null when they are not
   */
  KeySalvage(Store from, Salvage salvage, byte @Nullable [] taken) {
    this.from = from;
    this.salvage = salvage;
    this.taken = taken == null ? null : KeyRecords.Figures.of(taken);
  }

  /** What a store has lost of the latest changes; null when nothing. */
  static @Nullable Loss tail(KeyRecords.Figures taken, KeyRecords.Figures there) {
    long lost = taken.changes() - there.changes();
    return lost <= 0 ? null : new Loss(null, "", lost, tailText(lost));
  }

  private static String tailText(long changes) {
    return "at most: the last " + changes + " changes; these keys are as they were before";
  }

  /** Finds out how many keys there should be; false when that cannot be read. */
  boolean readFigures() {
    try {
      byte[] encoded = from.get(from.meta, KeyRecords.FIGURES);
      there = encoded == null ? null : KeyRecords.Figures.of(encoded);
      return true;
    } catch (RocksDBException | CorruptRecordException e) {
      return false;
    }
  }

  KeyRecords.Figures figures() {
    KeyRecords.Figures read = there;
    return read == null ? KeyRecords.Figures.NONE : read;
  }

  /** Reads all keys that can be read. */
  void read(Sink sink) throws RocksDBException {
    found = 0;
    bytes = 0;
    holes.clear();
    last = null;
    byte[] at = KeyRecords.ALL_KEYS;
    // Of a file of which nothing can be read, the end cannot be read either.
    while (Arrays.compareUnsigned(at, KeyRecords.AFTER_KEYS) < 0
        && !salvage.read(
            from.keys, at, KeyRecords.AFTER_KEYS, (key, record) -> take(key, record, sink))) {
      byte[] behind = last;
      if (holes.isEmpty() || last != null && holes.get(holes.size() - 1).before != null) {
        holes.add(new Hole(behind));
      }
      byte[] unreadable = behind == null || Arrays.compareUnsigned(behind, at) < 0 ? at : behind;
      at = firstReadable(unreadable);
    }
  }

  private void take(byte[] key, byte[] record, Sink sink) throws RocksDBException {
    last = key;
    if (!holes.isEmpty() && holes.get(holes.size() - 1).before == null) {
      holes.get(holes.size() - 1).before = KeyRecords.textOf(key);
    }
    try {
      KeyRecords.expiresAt(record, record.length);
    } catch (CorruptRecordException e) {
      return;
    }
    found++;
    bytes += (long) key.length - 1 + record.length - KeyRecords.HEAD;
    sink.key(key, record);
  }

  // Keys taken as numbers: in steps that double, until reading goes on; then back to where it
  // begins to. What lies between is in blocks that cannot be read, or nowhere.
  private byte[] firstReadable(byte[] unreadable) {
    BigInteger bad = number(unreadable);
    BigInteger end = number(KeyRecords.AFTER_KEYS);
    BigInteger step = BigInteger.ONE;
    BigInteger good = end;
    while (bad.add(step).compareTo(end) < 0) {
      BigInteger place = bad.add(step);
      if (canRead(place)) {
        good = place;
        break;
      }
      bad = place;
      step = step.shiftLeft(1);
    }
    while (good.subtract(bad).compareTo(BigInteger.ONE) > 0) {
      BigInteger middle = bad.add(good).shiftRight(1);
      if (canRead(middle)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return key(good);
  }

  private boolean canRead(BigInteger place) {
    return salvage.scan(from.keys, key(place), KeyRecords.AFTER_KEYS, (key, record) -> false);
  }

  private static BigInteger number(byte[] key) {
    return new BigInteger(1, Arrays.copyOf(key, WIDTH));
  }

  private static byte[] key(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] key = new byte[WIDTH];
    int length = Math.min(bytes.length, WIDTH);
    System.arraycopy(bytes, bytes.length - length, key, WIDTH - length, length);
    return key;
  }

  /**
   * What is lost of the keys; null when nothing.
   *
   * @param missing changes that a damaged stretch of the write-ahead log held
   */
  @Nullable Loss loss(long missing) {
    KeyRecords.Figures read = there;
    long should = read == null ? taken == null ? found : taken.keys() : read.keys();
    long counted = Math.max(0, should - found);
    List<String> what = new ArrayList<>();
    holes.stream().limit(HOLES_TOLD).forEach(hole -> what.add(hole.toString()));
    if (holes.size() > HOLES_TOLD) {
      what.add("and " + (holes.size() - HOLES_TOLD) + " more places");
    }
    if (missing > 0) {
      what.add("at most: " + missing + " changes, whose keys are as they were before");
    }
    long lost = Math.max(counted, missing);
    Loss tail = taken == null || read == null ? null : tail(taken, read);
    if (tail != null) {
      lost += tail.messages();
      what.add(tail.what());
    }
    return lost == 0 && holes.isEmpty() ? null : new Loss(null, "", lost, String.join("; ", what));
  }

  /** The figures of what was read, for a new store; null when there never was a key. */
  KeyRecords.@Nullable Figures mended() {
    long changes = Math.max(figures().changes(), taken == null ? 0 : taken.changes());
    return found == 0 && changes == 0 ? null : new KeyRecords.Figures(found, bytes, changes + 1);
  }
}
