// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Objects;

/**
 * One message for a log, and what its sender asks for beside it.
 *
 * @param eventTimeMillis when it happened as its sender says, unix milliseconds; 0: when it is
 *     stored. It says where time lookups find it, and moves neither the log's order nor its clock
 * @param ttlSeconds for how long it is delivered at all, from when it is stored; 0: without end.
 *     What has expired is never delivered, and its space is reclaimed
 */
public record LogAppend(Message message, long eventTimeMillis, long ttlSeconds) {

  public LogAppend {
    Objects.requireNonNull(message);
    if (eventTimeMillis < 0 || ttlSeconds < 0) {
      throw new IllegalArgumentException("a time or lifetime below 0");
    }
  }

  public static LogAppend of(Message message) {
    return new LogAppend(message, 0, 0);
  }
}
