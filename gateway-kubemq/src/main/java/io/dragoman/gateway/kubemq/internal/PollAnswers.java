// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Metrics;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what the answers to polls take in memory while their clients have not taken them. One
 * answer may be large as long as there is room for all; when there is little, each is small, so
 * that clients that do not read slow others down and never stop them. Safe from any thread.
 */
final class PollAnswers {
  /** The most of one answer. Clients take 100 MiB; what their encoding adds must fit in as well. */
  static final long ANSWER_BYTES_MAX = 64L << 20;

  /** What an answer may always be. */
  static final long ANSWER_BYTES_MIN = 1L << 20;

  private static final long ALL_BYTES_MAX = 256L << 20;

  private final AtomicLong bytes = new AtomicLong();
  private final Metrics.Counter postponed;

  PollAnswers(Metrics metrics) {
    metrics.gauge(
        "dragoman_poll_answer_bytes",
        "Answers to polls that their clients have not taken yet",
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

  /** How large an answer may be now. */
  long room() {
    long left = ALL_BYTES_MAX - bytes.get();
    return Math.max(ANSWER_BYTES_MIN, Math.min(left / 2, ANSWER_BYTES_MAX));
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
