// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Messages of one client that have to wait, in their order. For one lane. */
final class HeldMessages {
  private static final int COUNT_MAX = 256;
  private static final long BYTES_MAX = 256 << 10;

  private final ArrayDeque<Held> messages = new ArrayDeque<>();
  private long bytes;

  /** One of them. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Held(byte[] payload, boolean binary, boolean ping) {}

  /** Whether the client should not be read for now. */
  boolean full() {
    return messages.size() >= COUNT_MAX || bytes >= BYTES_MAX;
  }

  int size() {
    return messages.size();
  }

  void add(Held message) {
    messages.add(message);
    bytes += message.payload().length;
  }

  /** The next one; null when there is none. */
  @Nullable Held next() {
    Held next = messages.poll();
    if (next != null) {
      bytes -= next.payload().length;
    }
    return next;
  }
}
