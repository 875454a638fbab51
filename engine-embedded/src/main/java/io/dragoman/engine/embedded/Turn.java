// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

/**
 * What a reader passes over at most before it lets others have their turn: a log may hold any
 * number of records that have expired, and of stubs. On one reader thread.
 */
final class Turn {
  static final int RECORDS_MAX = 10_000;
  private static final long BYTES_MAX = 8 << 20;

  private int records;
  private long bytes;

  /** A record is passed over. */
  void pass(byte[] record) {
    records++;
    bytes += record.length;
  }

  boolean isOver() {
    return records >= RECORDS_MAX || bytes >= BYTES_MAX;
  }
}
