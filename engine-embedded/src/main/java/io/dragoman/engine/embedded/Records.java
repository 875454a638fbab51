// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.LogAppend;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages as they lie on disk. A record is encoded by the thread that brings it; what the writer
 * adds (times, counts) has fixed places at the front and is set without touching the rest.
 *
 * <pre>
 * version(1) timestamp(8)                                             logs (1, 3) and queues (2)
 *   expiresAt(8) deliverAt(8) receiveCount(4) maxReceiveCount(4)
 *   expirationSeconds(4) delaySeconds(4) deadLetterQueue reRoutedFrom   queues
 *   eventTime(8) expiresAt(8)                                           logs, version 3
 * id clientId metadata tags(count, key, value, …) body                 logs and queues
 * </pre>
 *
 * A log's record without a time and lifetime of its sender's is of version 1. What is left of one
 * that has expired among others is version 4 and the timestamp: the sequence is used, and there is
 * nothing there. The time of an event is in unix milliseconds.
 *
 * <p>All other times are unix nanoseconds; texts and the body have their length in front. The
 * channel is the key's.
 */
final class Records {
  private static final byte LOG = 1;
  private static final byte QUEUE = 2;
  private static final byte TIMED_LOG = 3;
  private static final byte EXPIRED_LOG = 4;
  private static final int TIMESTAMP = 1;
  private static final int EXPIRES_AT = 9;
  private static final int DELIVER_AT = 17;
  private static final int RECEIVE_COUNT = 25;
  private static final int MAX_RECEIVE_COUNT = 29;
  private static final int EXPIRATION_SECONDS = 33;
  private static final int DELAY_SECONDS = 37;
  private static final int QUEUE_HEAD = 41;

  /** Bytes with which each record of a log begins that say when it was stored. */
  static final int LOG_HEAD = 9;

  private static final int EVENT_TIME = 9;
  private static final int LOG_EXPIRES_AT = 17;
  private static final int TIMED_LOG_HEAD = 25;

  /** How long what is left of an expired record of a log is. */
  static final int EXPIRED_BYTES = LOG_HEAD;

  private Records() {}

  static byte[] ofLog(Message message) {
    Bytes out = new Bytes(estimate(message));
    out.put(LOG);
    out.skip(8);
    putMessage(out, message);
    return out.toArray();
  }

  /** A record whose sender gave it a time or a lifetime; when it expires is set by the writer. */
  static byte[] ofLog(LogAppend append) {
    Message message = append.message();
    Bytes out = new Bytes(estimate(message));
    out.put(TIMED_LOG);
    out.skip(TIMED_LOG_HEAD - 1);
    Keys.LONG.set(out.array(), EVENT_TIME, append.eventTimeMillis());
    putMessage(out, message);
    return out.toArray();
  }

  /** What is left of a record of a log that has expired. */
  static byte[] expired(long timestamp) {
    byte[] record = new byte[EXPIRED_BYTES];
    record[0] = EXPIRED_LOG;
    setTimestamp(record, timestamp);
    return record;
  }

  static byte[] ofQueue(Message message, QueuePolicy policy) {
    return ofQueue(message, policy, "");
  }

  private static byte[] ofQueue(Message message, QueuePolicy policy, String reRoutedFrom) {
    Bytes out = new Bytes(estimate(message) + policy.deadLetterQueue().length());
    out.put(QUEUE);
    out.skip(QUEUE_HEAD - 1);
    Keys.INT.set(out.array(), MAX_RECEIVE_COUNT, policy.maxReceiveCount());
    Keys.INT.set(out.array(), EXPIRATION_SECONDS, policy.expirationSeconds());
    Keys.INT.set(out.array(), DELAY_SECONDS, policy.delaySeconds());
    out.putText(policy.deadLetterQueue());
    out.putText(reRoutedFrom);
    putMessage(out, message);
    return out.toArray();
  }

  /** Sets the times of a log or queue record in place. */
  static void setTimestamp(byte[] record, long nanos) {
    Keys.LONG.set(record, TIMESTAMP, nanos);
  }

  static void setExpiresAt(byte[] record, long nanos) {
    Keys.LONG.set(record, EXPIRES_AT, nanos);
  }

  static void setLogExpiresAt(byte[] record, long nanos) {
    Keys.LONG.set(record, LOG_EXPIRES_AT, nanos);
  }

  static void setDeliverAt(byte[] record, long nanos) {
    Keys.LONG.set(record, DELIVER_AT, nanos);
  }

  static void setReceiveCount(byte[] record, int count) {
    Keys.INT.set(record, RECEIVE_COUNT, count);
  }

  static void setDelaySeconds(byte[] record, int seconds) {
    Keys.INT.set(record, DELAY_SECONDS, seconds);
  }

  static long expiresAt(byte[] record) {
    return (long) Keys.LONG.get(checkQueue(record), EXPIRES_AT);
  }

  static int receiveCount(byte[] record) {
    return (int) Keys.INT.get(checkQueue(record), RECEIVE_COUNT);
  }

  static int expirationSeconds(byte[] record) {
    return (int) Keys.INT.get(checkQueue(record), EXPIRATION_SECONDS);
  }

  static long timestamp(byte[] record) {
    if (record.length < QUEUE_HEAD && (record.length < LOG_HEAD || !isLog(record))) {
      throw new CorruptRecordException("record of " + record.length + " bytes");
    }
    return (long) Keys.LONG.get(record, TIMESTAMP);
  }

  private static boolean isLog(byte[] record) {
    return record[0] == LOG || record[0] == TIMED_LOG || record[0] == EXPIRED_LOG;
  }

  /** Whether of a record of a log only this is left: that it has expired. */
  static boolean isExpired(byte[] logRecord) {
    return logRecord.length == LOG_HEAD && logRecord[0] == EXPIRED_LOG;
  }

  /** The time that the sender of a log's record gave it, unix milliseconds; 0 when it gave none. */
  static long eventTime(byte[] logRecord) {
    return isTimed(logRecord) ? (long) Keys.LONG.get(logRecord, EVENT_TIME) : 0;
  }

  /** When a log's record expires; 0: never. */
  static long logExpiresAt(byte[] logRecord) {
    return isTimed(logRecord) ? (long) Keys.LONG.get(logRecord, LOG_EXPIRES_AT) : 0;
  }

  private static boolean isTimed(byte[] logRecord) {
    return logRecord.length >= TIMED_LOG_HEAD && logRecord[0] == TIMED_LOG;
  }

  /** Whether a record of a log is not delivered any more at this time. */
  static boolean isOver(byte[] logRecord, long now) {
    long expiresAt = logExpiresAt(logRecord);
    return expiresAt != 0 && expiresAt <= now || isExpired(logRecord);
  }

  /**
   * The record of a dead letter: empty policy to whoever looks, but the limits it had are kept so
   * that it can be sent back.
   */
  static byte[] deadLetter(QueueMessage from, QueuePolicy kept, String source) {
    byte[] record =
        ofQueue(
            from.message(),
            new QueuePolicy(
                kept.expirationSeconds(), 0, kept.maxReceiveCount(), kept.deadLetterQueue()),
            source);
    setExpiresAt(record, from.expiresAtNanos());
    return record;
  }

  /** The policy as stored, which for dead letters is not the one shown. */
  static QueuePolicy storedPolicy(byte[] record) {
    checkQueue(record);
    Input in = new Input(record);
    for (int i = 0; i < QUEUE_HEAD; i++) {
      in.next();
    }
    return policy(record, in.nextText());
  }

  static QueueMessage toQueueMessage(byte[] record, String queue, long sequence) {
    checkQueue(record);
    Input in = new Input(record);
    in.next();
    long timestamp = in.nextLong();
    long expiresAt = in.nextLong();
    long deliverAt = in.nextLong();
    int receiveCount = in.nextInt();
    in.nextLong();
    in.nextInt();
    QueuePolicy policy = policy(record, in.nextText());
    String reRoutedFrom = in.nextText();
    return new QueueMessage(
        message(in, queue),
        reRoutedFrom.isEmpty() ? policy : QueuePolicy.NONE,
        sequence,
        timestamp,
        receiveCount + 1,
        reRoutedFrom,
        expiresAt,
        deliverAt);
  }

  /** Decodes a log's record, which must be more than what is left of an expired one. */
  static LogRecord toLogRecord(byte[] record, String channel, long sequence) {
    Input in = new Input(record);
    byte version = in.next();
    if (version != LOG && version != TIMED_LOG) {
      throw new CorruptRecordException("not a log record");
    }
    long timestamp = in.nextLong();
    long eventTime = version == TIMED_LOG ? in.nextLong() : 0;
    long expiresAt = version == TIMED_LOG ? in.nextLong() : 0;
    if (eventTime < 0 || expiresAt < 0) {
      throw new CorruptRecordException("a time below 0");
    }
    return new LogRecord(message(in, channel), sequence, timestamp, eventTime, expiresAt);
  }

  /** Throws unless this is a whole record of a log, or what is left of one. */
  static void checkLog(byte[] record) {
    if (!isExpired(record)) {
      toLogRecord(record, "", 0);
    }
  }

  private static QueuePolicy policy(byte[] record, String deadLetterQueue) {
    return new QueuePolicy(
        (int) Keys.INT.get(record, EXPIRATION_SECONDS),
        (int) Keys.INT.get(record, DELAY_SECONDS),
        (int) Keys.INT.get(record, MAX_RECEIVE_COUNT),
        deadLetterQueue);
  }

  private static byte[] checkQueue(byte[] record) {
    if (record.length < QUEUE_HEAD || record[0] != QUEUE) {
      throw new CorruptRecordException("not a queue record");
    }
    return record;
  }

  private static void putMessage(Bytes out, Message message) {
    out.putText(message.id());
    out.putText(message.clientId());
    out.putText(message.metadata());
    out.putVar(message.tags().size());
    for (Map.Entry<String, String> tag : message.tags().entrySet()) {
      out.putText(tag.getKey());
      out.putText(tag.getValue());
    }
    out.putVar(message.body().length);
    out.put(message.body());
  }

  private static Message message(Input in, String channel) {
    Message.Builder builder =
        Message.builder()
            .channel(channel)
            .id(in.nextText())
            .clientId(in.nextText())
            .metadata(in.nextText())
            .tags(tags(in));
    Message message = builder.body(in.nextBytes()).build();
    if (!in.atEnd()) {
      throw new CorruptRecordException("bytes behind the body");
    }
    return message;
  }

  private static Map<String, String> tags(Input in) {
    long count = in.nextVar();
    if (count == 0) {
      return Map.of();
    }
    Map<String, String> tags = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      String key = in.nextText();
      tags.put(key, in.nextText());
    }
    return tags;
  }

  /** About how many bytes the record of a message will have, of whichever kind. */
  static int estimate(Message message) {
    int tags = 0;
    for (Map.Entry<String, String> tag : message.tags().entrySet()) {
      tags += tag.getKey().length() + tag.getValue().length() + 4;
    }
    return QUEUE_HEAD
        + 24
        + message.id().length()
        + message.clientId().length()
        + message.metadata().length()
        + tags
        + message.body().length;
  }
}
