// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/** From where history is asked for (rulings 28 to 30). */
public sealed interface HistoryStart {

  /** Everything whose event time is this or later, unix milliseconds. Oldest event time first. */
  record AtTime(long unixMillis) implements HistoryStart {}

  /**
   * Everything stored after the record with this time of storing, whatever its event time. In the
   * order of storing.
   *
   * @param timestampNanos of a record ({@link LogRecord#timestampNanos}, even), or the moment
   *     behind one (odd): up to where somebody has been given the records. A moment before the
   *     first record that this node can have stored, or after the last, is not ours and so unknown
   * @param eventTimeMillis the record's, to tell a record from another; 0 when it has none
   */
  record After(long timestampNanos, long eventTimeMillis) implements HistoryStart {}

  /** Everything there is, since what the asker knows is not ours. In the order of storing. */
  record Unknown() implements HistoryStart {}
}
