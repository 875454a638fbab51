// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueueWatcher;
import java.util.ArrayDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who watches one queue. What has entered waits here until it is safe, which is as long as its
 * sender waits. Writer thread only, but for coming and going.
 */
final class QueueWatchers {
  final CopyOnWriteArrayList<QueueWatcher> watchers = new CopyOnWriteArrayList<>();
  private final ArrayDeque<QueueMessage> unsafe = new ArrayDeque<>();

  void entered(QueueMessage content, long sequence, long timestamp) {
    if (!watchers.isEmpty()) {
      unsafe.add(
          new QueueMessage(
              content.message(),
              content.policy(),
              sequence,
              timestamp,
              content.receiveCount() - 1,
              content.reRoutedFrom(),
              content.expiresAtNanos(),
              0));
    }
  }

  void safeUpTo(long sequence) {
    while (!unsafe.isEmpty() && unsafe.getFirst().sequence() <= sequence) {
      QueueMessage message = unsafe.removeFirst();
      watchers.forEach(watcher -> watcher.onEntered(message));
    }
  }

  /** The queue begins anew. */
  void clear() {
    unsafe.clear();
  }
}
