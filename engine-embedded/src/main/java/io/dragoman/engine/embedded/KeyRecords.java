// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keys and their values as they lie on disk.
 *
 * <pre>
 * kv      'k' key         version(1) expiresAt(8) value
 *         'x' due(8) key  by time, empty; for keys with a lifetime
 * meta    'K'             the figures of all keys
 * </pre>
 *
 * Times are unix nanoseconds, 0 is never; keys are UTF-8.
 */
final class KeyRecords {
  /** What precedes the value. */
  static final int HEAD = 9;

  /** Where the figures are. */
  static final byte[] FIGURES = {'K'};

  static final byte[] ALL_KEYS = {'k'};
  static final byte[] AFTER_KEYS = {'k' + 1};
  static final byte[] AFTER_DUE = {'x' + 1};

  private static final byte VERSION = 1;
  private static final int DUE_HEAD = 9;

  /**
   * What is known of all keys.
   *
   * @param keys how many there are, those included whose time is over and that are not removed yet
   * @param bytes of keys and values
   * @param changes how often a key was set or removed: the higher, the later
   */
  record Figures(long keys, long bytes, long changes) {
    static final Figures NONE = new Figures(0, 0, 0);

    byte[] encoded() {
      Bytes out = new Bytes(32);
      out.put(VERSION);
      out.putVar(keys);
      out.putVar(bytes);
      out.putVar(changes);
      return out.toArray();
    }

    static Figures of(byte[] encoded) {
      Input in = new Input(encoded);
      if (in.next() != VERSION) {
        throw new CorruptRecordException("figures of the keys");
      }
      return new Figures(in.nextVar(), in.nextVar(), in.nextVar());
    }
  }

  private KeyRecords() {}

  static byte[] key(String key) {
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[1 + text.length];
    bytes[0] = 'k';
    System.arraycopy(text, 0, bytes, 1, text.length);
    return bytes;
  }

  static String textOf(byte[] key) {
    return new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
  }

  /** The entry by time of a key as {@link #key} gives it. */
  static byte[] due(long due, byte[] key) {
    byte[] bytes = new byte[DUE_HEAD + key.length - 1];
    bytes[0] = 'x';
    Keys.LONG.set(bytes, 1, due);
    System.arraycopy(key, 1, bytes, DUE_HEAD, key.length - 1);
    return bytes;
  }

  static long dueOf(byte[] due) {
    return (long) Keys.LONG.get(due, 1);
  }

  static String textOfDue(byte[] due) {
    return new String(due, DUE_HEAD, due.length - DUE_HEAD, StandardCharsets.UTF_8);
  }

  /** A record without its time, which {@link #setExpiresAt} sets. */
  static byte[] record(byte[] value) {
    byte[] record = new byte[HEAD + value.length];
    record[0] = VERSION;
    System.arraycopy(value, 0, record, HEAD, value.length);
    return record;
  }

  static void setExpiresAt(byte[] record, long nanos) {
    Keys.LONG.set(record, 1, nanos);
  }

  /** When a record's key is gone, from its first bytes. */
  static long expiresAt(byte[] record, int length) {
    if (length < HEAD || record[0] != VERSION) {
      throw new CorruptRecordException("the value of a key, of " + length + " bytes");
    }
    return (long) Keys.LONG.get(record, 1);
  }

  static byte[] value(byte[] record) {
    return Arrays.copyOfRange(record, HEAD, record.length);
  }
}
