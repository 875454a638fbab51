// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

/**
 * One step of returning dead letters to where they came from.
 *
 * @param fromSequence where to begin; 0 at the oldest
 * @param throughSequence the last one to look at; 0 for the newest there is now
 * @param max the most to move; positive
 * @param dryRun move nothing, and tell what would be moved
 */
public record RedriveStep(long fromSequence, long throughSequence, int max, boolean dryRun) {

  /** A step from the beginning that moves at most so many. */
  public static RedriveStep ofAtMost(int max) {
    return new RedriveStep(0, 0, max, false);
  }
}
