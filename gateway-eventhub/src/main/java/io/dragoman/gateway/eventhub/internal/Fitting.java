// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

/** How much of a batch a client can take. */
final class Fitting {

  private Fitting() {}

  /**
   * How many events may be added to what waits already, if each may be added while less than the
   * allowance is waiting.
   *
   * @param ends where each event ends in the joined bytes
   */
  static int count(int[] ends, int count, long pendingBytes, long allowance) {
    int fitting = 0;
    long waiting = pendingBytes;
    while (fitting < count && waiting < allowance) {
      waiting = pendingBytes + ends[fitting];
      fitting++;
    }
    return fitting;
  }
}
