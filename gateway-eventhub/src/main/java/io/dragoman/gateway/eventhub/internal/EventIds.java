// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogRecord;

/**
 * The ids of events: {@code <milliseconds>-<number>}. An id is the event's place: for most, both
 * parts together are when it was stored, to the nanosecond. An event whose publisher gave a time
 * shows that time, and the number is when it was stored.
 */
final class EventIds {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private EventIds() {}

  static String of(LogRecord record) {
    return of(record.timestampNanos(), record.eventTimeMillis());
  }

  /**
   * @param eventTimeMillis as the publisher gave it; 0 if it did not
   */
  static String of(long timestampNanos, long eventTimeMillis) {
    return eventTimeMillis != 0
        ? eventTimeMillis + "-" + timestampNanos
        : timestampNanos / NANOS_PER_MILLI + "-" + timestampNanos % NANOS_PER_MILLI;
  }

  /** The place of an event with this id; {@code Unknown} if it cannot be one of ours. */
  static HistoryStart after(String id) {
    int dash = id.indexOf('-');
    long millis = dash < 0 ? -1 : number(id, 0, dash);
    long number = dash < 0 ? -1 : number(id, dash + 1, id.length());
    if (millis < 0 || number < 0) {
      return new HistoryStart.Unknown();
    }
    if (number >= NANOS_PER_MILLI) {
      return new HistoryStart.After(number, millis);
    }
    return millis < Long.MAX_VALUE / NANOS_PER_MILLI
        ? new HistoryStart.After(millis * NANOS_PER_MILLI + number, 0)
        : new HistoryStart.Unknown();
  }

  /** Decimal digits, at most 18 or 19; -1 for anything else. */
  private static long number(String text, int start, int end) {
    if (start == end) {
      return -1;
    }
    for (int i = start; i < end; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    try {
      return Long.parseLong(text, start, end, 10);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
