// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogRecord;
import io.netty.buffer.ByteBuf;

/**
 * The ids of events: {@code <milliseconds>-<number>}. An id is the event's place: for most, both
 * parts together are when it was stored, to the nanosecond. An event whose publisher gave a time
 * shows that time, and the number is when it was stored.
 *
 * <p>An event that nobody keeps has no place. What its id says is how far the log had been given to
 * the subscriber that it was shown to, since that is what is asked for with it: in front there is
 * when it passed, milliseconds and six digits of nanoseconds, and 19 digits of that place follow,
 * the odd moment behind the record given last. No other id has as many digits.
 */
final class EventIds {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int NANOS_DIGITS = 6;

  /** How long the place is at the end of an id of an event that nobody keeps. */
  static final int PLACE_DIGITS = 19;

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

  /**
   * The id of an event that nobody keeps, with zeros where {@link #setPlace} writes; that is at the
   * end.
   *
   * @param nowNanos unix time
   */
  static String passing(long nowNanos) {
    String nanos = Long.toString(NANOS_PER_MILLI + nowNanos % NANOS_PER_MILLI);
    return nowNanos / NANOS_PER_MILLI + "-" + nanos.substring(1) + "0".repeat(PLACE_DIGITS);
  }

  /**
   * Writes into the id of an event that nobody keeps.
   *
   * @param idEnd where the id ends in the buffer
   * @param placeNanos up to where the subscriber has been given the log
   */
  static void setPlace(ByteBuf out, int idEnd, long placeNanos) {
    long rest = placeNanos | 1;
    for (int i = 1; i <= PLACE_DIGITS; i++) {
      out.setByte(idEnd - i, '0' + (int) (rest % 10));
      rest /= 10;
    }
  }

  /** The place of an event with this id; {@code Unknown} if it cannot be one of ours. */
  static HistoryStart after(String id) {
    int dash = id.indexOf('-');
    long millis = dash < 0 ? -1 : number(id, 0, dash);
    if (millis >= 0 && id.length() - dash - 1 == NANOS_DIGITS + PLACE_DIGITS) {
      int place = id.length() - PLACE_DIGITS;
      boolean passed = number(id, dash + 1, place) >= 0;
      return passed ? moment(number(id, place, id.length())) : new HistoryStart.Unknown();
    }
    long number = dash < 0 ? -1 : number(id, dash + 1, id.length());
    // Odd ones are other servers': times of storing are even.
    if (millis < 0 || number < 0 || number % 2 != 0) {
      return new HistoryStart.Unknown();
    }
    if (number >= NANOS_PER_MILLI) {
      return new HistoryStart.After(number, millis);
    }
    return millis < Long.MAX_VALUE / NANOS_PER_MILLI
        ? new HistoryStart.After(millis * NANOS_PER_MILLI + number, 0)
        : new HistoryStart.Unknown();
  }

  private static HistoryStart moment(long place) {
    return place > 0 && place % 2 != 0
        ? new HistoryStart.After(place, 0)
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
