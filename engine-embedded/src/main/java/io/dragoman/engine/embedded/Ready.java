// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.QueueMessage;
import org.jspecify.annotations.Nullable;

/**
 * A waiting message that the writer knows of. Its content may be absent when it came back from a
 * consumer; then it is read again before it is handed out.
 */
final class Ready {
  /** What a message takes besides its record. */
  static final long OVERHEAD_BYTES = 200;

  final long sequence;
  final int recordBytes;
  final long expiresAt;
  @Nullable QueueMessage message;

  Ready(long sequence, int recordBytes, long expiresAt, @Nullable QueueMessage message) {
    this.sequence = sequence;
    this.recordBytes = recordBytes;
    this.expiresAt = expiresAt;
    this.message = message;
  }

  /** What the message takes in memory, about, whether it is there now or not. */
  long bytes() {
    return recordBytes + OVERHEAD_BYTES;
  }

  boolean expired(long now) {
    return expiresAt != 0 && expiresAt <= now;
  }

  /** Bytes it takes in memory, about. */
  long weight() {
    return message == null ? 64 : 64L + message.message().weight();
  }
}
