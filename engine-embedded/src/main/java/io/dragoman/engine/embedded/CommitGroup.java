// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.spi.Durability;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of one written batch becomes safe together: who waits for it, and which queues may hand out
 * more. Filled by the writer, then handed over whole.
 */
final class CommitGroup {

  /** Up to where a queue's messages are safe with this group. */
  record QueueMark(QueueState queue, long sequence) {}

  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<QueueState> queues = new ArrayList<>();
  private final List<QueueMark> marks = new ArrayList<>();
  private @Nullable LogBatch logBatch;

  boolean isEmpty() {
    return outcomes.isEmpty() && queues.isEmpty();
  }

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  /**
   * The records of logs in this group; before the first of those who wait for any of them, who must
   * find them when they are told.
   */
  LogBatch logs(Logs logs, Durability durability) {
    LogBatch there = logBatch;
    if (there == null) {
      there = new LogBatch(logs, durability);
      logBatch = there;
      outcomes.add(there);
    }
    return there;
  }

  /** Messages entered this queue in this batch. */
  void entered(QueueState queue) {
    if (!queue.enteredInBatch) {
      queue.enteredInBatch = true;
      queues.add(queue);
    }
  }

  /** Nothing is added any more: fixes how far each queue got. */
  void seal() {
    for (QueueState queue : queues) {
      queue.enteredInBatch = false;
      marks.add(new QueueMark(queue, queue.nextSequence - 1));
    }
    if (logBatch != null) {
      logBatch.seal();
    }
  }

  List<QueueMark> marks() {
    return marks;
  }

  /**
   * Those who wait are told before subscribers are shown the records: whoever publishes to a topic
   * that it follows itself hears that it was stored, and then sees it.
   */
  void safe() {
    outcomes.forEach(Outcome::safe);
    if (logBatch != null) {
      logBatch.show();
    }
  }

  void failed(BrokerError error) {
    outcomes.forEach(outcome -> outcome.failed(error));
  }
}
