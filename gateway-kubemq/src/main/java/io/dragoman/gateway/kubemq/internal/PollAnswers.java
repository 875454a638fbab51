// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.MessageRoom;
import io.dragoman.core.Metrics;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what the answers to polls take in memory, from when their messages are handed out until
 * their clients have taken them. One answer may be large as long as there is room for all; when
 * there is little, each is small, so that clients that do not read slow others down and never stop
 * them. Safe from any thread.
 */
final class PollAnswers {
  /** What an answer may always be. */
  private static final long ANSWER_BYTES_MIN = 1L << 20;

  private static final long ALL_BYTES_MAX = 256L << 20;

  private final AtomicLong bytes = new AtomicLong();
  private final Metrics.Counter postponed;

  PollAnswers(Metrics metrics) {
    metrics.gauge(
        "dragoman_poll_answer_bytes",
        "Answers to polls, and what is being fetched for them, that clients have not taken yet",
        bytes::get,
        "dialect",
        "kubemq");
    postponed =
        metrics.counter(
            "dragoman_polls_postponed_total",
            "Polls that waited for their client to take earlier answers",
            "dialect",
            "kubemq");
  }

  /**
   * What the messages of one poll take until they are an answer. Room is taken when the engine has
   * some for it, as much as there may be, and is what they really take as soon as that is known.
   * Not for use by several threads at once.
   */
  final class Fetch implements MessageRoom {
    private long held;

    @Override
    public long take(long wanted) {
      long used;
      long granted;
      do {
        used = bytes.get();
        long room = Math.min((ALL_BYTES_MAX - used) / 2, QueueRules.ANSWER_BYTES_MAX);
        granted = Math.min(wanted, Math.max(room, ANSWER_BYTES_MIN));
      } while (!bytes.compareAndSet(used, used + granted));
      held += granted;
      return granted;
    }

    /** They are there, or will not come. */
    void fetched(long actual) {
      bytes.addAndGet(actual - held);
      held = actual;
    }

    /** They have become an answer, or gone back. */
    void end() {
      fetched(0);
    }
  }

  void postponed() {
    postponed.increment();
  }

  void taken(long answerBytes) {
    bytes.addAndGet(answerBytes);
  }

  void released(long answerBytes) {
    bytes.addAndGet(-answerBytes);
  }
}
