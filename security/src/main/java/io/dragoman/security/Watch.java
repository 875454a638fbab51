// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

/** Waits until what lets somebody in does not hold any more. */
@FunctionalInterface
public interface Watch {
  /** For what can never happen. */
  Watch NONE = () -> {};

  /** Waits no longer. What is on its way to the lane already still arrives. From any thread. */
  void cancel();
}
