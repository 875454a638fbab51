// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long things took: counts in buckets of which each is 1/64 wide of its lower end, so a
 * percentile is at most 1.6 % too high. Adding is safe from any thread and takes no lock.
 */
public final class Latencies {
  private static final int SUB_BITS = 6;
  private static final int SUB = 1 << SUB_BITS;

  private final AtomicLongArray counts = new AtomicLongArray((64 - SUB_BITS + 1) << SUB_BITS);
  private final AtomicLong max = new AtomicLong();

  /** Adds one. */
  public void add(long nanos) {
    long value = Math.max(0, nanos);
    counts.incrementAndGet(bucket(value));
    max.accumulateAndGet(value, Math::max);
  }

  private static int bucket(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int shift = 63 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return ((shift + 1) << SUB_BITS) + (int) ((value >>> shift) & (SUB - 1));
  }

  /** The largest value of a bucket. */
  private static long upperEnd(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int shift = (bucket >>> SUB_BITS) - 1;
    return (((long) (bucket & (SUB - 1)) + SUB + 1) << shift) - 1;
  }

  /**
   * The time within which so many percent were.
   *
   * @param percent 0 to 100
   * @return nanoseconds; 0 when nothing was added
   */
  public long percentile(double percent) {
    long total = 0;
    for (int i = 0; i < counts.length(); i++) {
      total += counts.get(i);
    }
    long wanted = (long) Math.ceil(total * percent / 100);
    long seen = 0;
    for (int i = 0; i < counts.length(); i++) {
      seen += counts.get(i);
      if (seen >= wanted && seen > 0) {
        return Math.min(upperEnd(i), max.get());
      }
    }
    return 0;
  }

  public long max() {
    return max.get();
  }
}
