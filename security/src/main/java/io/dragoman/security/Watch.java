// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

/** Waits for a token to expire. */
@FunctionalInterface
public interface Watch {
  /** For what can never happen. */
  Watch NONE = () -> {};

  /** Waits no longer. What is on its way to the lane already still arrives. From any thread. */
  void cancel();
}
