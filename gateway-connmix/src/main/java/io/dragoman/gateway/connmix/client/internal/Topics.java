// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The topics that the clients of one listener have brought into being: their names may be made of
 * what clients say, and anybody can say much. Safe from any thread.
 */
final class Topics {
  private final int max;
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  Topics(int max) {
    this.max = max;
  }

  /** Whether this topic may be written to. */
  boolean allows(String name) {
    return names.contains(name) || add(name);
  }

  private synchronized boolean add(String name) {
    return names.size() < max && names.add(name) || names.contains(name);
  }
}
