// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Metrics;

/** The instruments of this engine; listed with their meaning in {@code docs/metrics.md}. */
final class EngineMetrics {
  static final double[] SECONDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5
  };
  private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096};

  final Metrics.Histogram writeSeconds;
  final Metrics.Histogram writeCommands;
  final Metrics.Counter writtenBytes;
  final Metrics.Counter expired;
  final Metrics.Counter deadLettered;
  final Metrics.Counter discarded;
  final Metrics.Counter redelivered;
  final Metrics.Counter trimmed;
  final Metrics.Counter logExpired;
  final Metrics.Counter logReadTurns;
  final Metrics.Counter expiredKeys;
  final Metrics.Counter corrupt;
  final Metrics.Counter unreadable;

  EngineMetrics(Metrics metrics) {
    writeSeconds =
        metrics.histogram(
            "dragoman_storage_write_seconds",
            "Time to write one batch to the write-ahead log, without sync.",
            SECONDS);
    writeCommands =
        metrics.histogram(
            "dragoman_storage_write_commands", "Commands taken together into one batch.", SIZES);
    writtenBytes =
        metrics.counter("dragoman_storage_written_bytes_total", "Bytes of all written batches.");
    expired =
        metrics.counter(
            "dragoman_queue_expired_total", "Queue messages that expired before being consumed.");
    deadLettered =
        metrics.counter(
            "dragoman_queue_dead_lettered_total", "Messages moved to a dead-letter queue.");
    discarded =
        metrics.counter(
            "dragoman_queue_discarded_total",
            "Messages dropped after their last delivery, having no dead-letter queue.");
    redelivered =
        metrics.counter(
            "dragoman_queue_returned_total",
            "Deliveries that came back: nacked, released, or their lease ran out.");
    trimmed =
        metrics.counter("dragoman_log_trimmed_total", "Log messages removed by retention or trim.");
    logExpired =
        metrics.counter(
            "dragoman_log_expired_total",
            "Log messages whose own lifetime ended, counted when their space is reclaimed.");
    logReadTurns =
        metrics.counter(
            "dragoman_log_read_turns_total",
            "Times that a read of a log let other reads go first, having passed over many expired"
                + " messages.");
    expiredKeys =
        metrics.counter("dragoman_keys_expired_total", "Keys removed because their time was over.");
    corrupt =
        metrics.counter(
            "dragoman_storage_corrupt_records_total", "Records that failed their check.");
    unreadable =
        metrics.counter(
            "dragoman_storage_unreadable_total",
            "Reads that met a part of the store that cannot be read; see dragoman doctor.");
  }
}
