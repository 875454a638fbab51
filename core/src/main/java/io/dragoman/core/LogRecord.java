// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.concurrent.TimeUnit;

/**
 * A message in a log.
 *
 * @param sequence its number in the channel: from 1, one more each time, never used twice
 * @param timestampNanos when it was stored, unix nanoseconds; always even, and of all records of a
 *     node no two have the same: whichever was stored later has the greater one
 * @param eventTimeMillis when it happened as its sender says, unix milliseconds; 0: when it was
 *     stored
 * @param expiresAtNanos from when it is not delivered any more, unix nanoseconds; 0: never
 */
public record LogRecord(
    Message message,
    long sequence,
    long timestampNanos,
    long eventTimeMillis,
    long expiresAtNanos) {

  /** A record without a time of its sender and without an end. */
  public LogRecord(Message message, long sequence, long timestampNanos) {
    this(message, sequence, timestampNanos, 0, 0);
  }

  /** The time that lookups by time go by, unix milliseconds. */
  public long timeMillis() {
    return eventTimeMillis != 0 ? eventTimeMillis : TimeUnit.NANOSECONDS.toMillis(timestampNanos);
  }
}
