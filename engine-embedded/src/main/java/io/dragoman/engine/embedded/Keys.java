// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Keys of the store. All numbers are big endian, so that RocksDB's byte order is theirs.
 *
 * <pre>
 * queue, log   channel(4) sequence(8)
 * delayed      'd' due(8) channel(4) id(8)      by due time, with the record
 *              'q' channel(4) due(8) id(8)      by queue, empty
 * expiry       due(8) channel(4) sequence(8)    empty
 * position     channel(4) name
 * index        't' channel(4) time(8) sequence(8)   records of a log by the times of their events,
 *              unix milliseconds, from the first record on that has one of its own; empty
 *              'x' due(8) channel(4) sequence(8)    records of logs by when they expire; empty
 * kv           keys and their values, see {@link KeyRecords}
 * meta         'C' kind name                    which channels there are
 *              'S' channel(4)                   a queue's or log's state
 *              'G' channel(4)                   sequences of a log that a repair found lost
 *              'N'                              next channel number
 *              'T'                              from where on no two records have the same time of
 *                                               storing; how far those of deleted logs go
 *              'K'                              figures of all keys
 *              'D'                              ids of held-back messages set aside up to here
 * </pre>
 */
final class Keys {
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  static final byte[] NEXT_CHANNEL = {'N'};
  static final byte[] NEXT_DELAYED = {'D'};
  static final byte[] STAMPS = {'T'};
  static final byte[] ALL_CHANNELS = {'C'};
  static final byte[] AFTER_CHANNELS = {'C' + 1};

  private Keys() {}

  static byte[] message(int channel, long sequence) {
    byte[] key = new byte[12];
    INT.set(key, 0, channel);
    LONG.set(key, 4, sequence);
    return key;
  }

  static int channelOf(byte[] messageKey) {
    return (int) INT.get(messageKey, 0);
  }

  static long sequenceOf(byte[] messageKey) {
    return (long) LONG.get(messageKey, 4);
  }

  static byte[] delayedByDue(long due, int channel, long id) {
    byte[] key = new byte[21];
    key[0] = 'd';
    LONG.set(key, 1, due);
    INT.set(key, 9, channel);
    LONG.set(key, 13, id);
    return key;
  }

  static byte[] delayedByQueue(int channel, long due, long id) {
    byte[] key = new byte[21];
    key[0] = 'q';
    INT.set(key, 1, channel);
    LONG.set(key, 5, due);
    LONG.set(key, 13, id);
    return key;
  }

  static byte[] expiry(long due, int channel, long sequence) {
    byte[] key = new byte[20];
    LONG.set(key, 0, due);
    INT.set(key, 8, channel);
    LONG.set(key, 12, sequence);
    return key;
  }

  static byte[] timed(int channel, long millis, long sequence) {
    byte[] key = new byte[21];
    key[0] = 't';
    INT.set(key, 1, channel);
    LONG.set(key, 5, millis);
    LONG.set(key, 13, sequence);
    return key;
  }

  /** What all index entries of a log by time begin with. */
  static byte[] timedPrefix(int channel) {
    byte[] key = new byte[5];
    key[0] = 't';
    INT.set(key, 1, channel);
    return key;
  }

  static long timedMillis(byte[] timedKey) {
    return (long) LONG.get(timedKey, 5);
  }

  static long timedSequence(byte[] timedKey) {
    return (long) LONG.get(timedKey, 13);
  }

  static byte[] logExpiry(long due, int channel, long sequence) {
    byte[] key = new byte[21];
    key[0] = 'x';
    LONG.set(key, 1, due);
    INT.set(key, 9, channel);
    LONG.set(key, 13, sequence);
    return key;
  }

  static byte[] position(int channel, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] key = new byte[4 + text.length];
    INT.set(key, 0, channel);
    System.arraycopy(text, 0, key, 4, text.length);
    return key;
  }

  static byte[] channel(Kind kind, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] key = new byte[2 + text.length];
    key[0] = 'C';
    key[1] = kindCode(kind);
    System.arraycopy(text, 0, key, 2, text.length);
    return key;
  }

  static Kind kindOf(byte[] channelKey) {
    return kindOf(channelKey[1]);
  }

  static Kind kindOf(byte code) {
    return switch (code) {
      case 'e' -> Kind.EVENTS;
      case 'l' -> Kind.LOG;
      case 'q' -> Kind.QUEUE;
      case 'c' -> Kind.COMMAND;
      case 'r' -> Kind.QUERY;
      default -> throw new CorruptRecordException("unknown channel kind " + code);
    };
  }

  static String nameOf(byte[] channelKey) {
    return new String(channelKey, 2, channelKey.length - 2, StandardCharsets.UTF_8);
  }

  static byte[] state(int channel) {
    byte[] key = new byte[5];
    key[0] = 'S';
    INT.set(key, 1, channel);
    return key;
  }

  static byte[] gaps(int channel) {
    byte[] key = state(channel);
    key[0] = 'G';
    return key;
  }

  /** The first four bytes of everything a channel has in the column families keyed by channel. */
  static byte[] prefix(int channel) {
    byte[] key = new byte[4];
    INT.set(key, 0, channel);
    return key;
  }

  // Letters on disk, not ordinals: the enum may change its order.
  static byte kindCode(Kind kind) {
    return switch (kind) {
      case EVENTS -> 'e';
      case LOG -> 'l';
      case QUEUE -> 'q';
      case COMMAND -> 'c';
      case QUERY -> 'r';
    };
  }
}
