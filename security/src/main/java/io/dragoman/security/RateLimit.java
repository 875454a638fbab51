// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

/**
 * How much one subject may publish.
 *
 * @param topic a topic, or a filter whose topics share the limit
 * @param intervalSeconds how long a window is; 0: without limit
 * @param max how often something may be published within a window; 0: without limit
 */
public record RateLimit(String topic, long intervalSeconds, long max) {

  /** Whether it limits anything. */
  public boolean isLimit() {
    return intervalSeconds > 0 && max > 0;
  }
}
