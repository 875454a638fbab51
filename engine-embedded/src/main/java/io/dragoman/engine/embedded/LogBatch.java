// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.Durability;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The records of logs that become safe together, of one durability. Filled by the writer; then the
 * thread that made them safe shows them.
 */
final class LogBatch implements Outcome {
  private record Appended(LogState log, List<LogRecord> records) {}

  private final Logs logs;
  private final Durability durability;
  private final List<Appended> appended = new ArrayList<>();

  LogBatch(Logs logs, Durability durability) {
    this.logs = logs;
    this.durability = durability;
  }

  /** A log has records in this batch; more may be added to the list until it is written. */
  void add(LogState log, List<LogRecord> records) {
    appended.add(new Appended(log, records));
  }

  // Positions are moved before followers are asked for: whoever begins to follow now either reads
  // these records or is told of them.
  @Override
  public void safe() {
    long last = 0;
    for (Appended each : appended) {
      LogRecord newest = each.records.get(each.records.size() - 1);
      last = Math.max(last, newest.timestampNanos());
      each.log.safeUpTo(newest);
    }
    logs.safeUpTo(durability, last);
  }

  /** Tells those who follow; after {@link #safe}. */
  void show() {
    List<List<LogRecord>> shown = new ArrayList<>(appended.size());
    for (Appended each : appended) {
      List<LogRecord> records = logs.alive(each.records);
      // Who follows the name of a deleted log follows its successor.
      if (!each.log.deleted && !records.isEmpty()) {
        logs.publish(each.log.name, records);
        shown.add(records);
      }
    }
    if (!shown.isEmpty() && logs.wanted()) {
      logs.publish(durability, shown.size() == 1 ? shown.get(0) : inOrder(shown));
    }
  }

  @Override
  public void failed(BrokerError error) {
    // Never safe, so never shown.
  }

  private static List<LogRecord> inOrder(List<List<LogRecord>> each) {
    List<LogRecord> all = new ArrayList<>();
    each.forEach(all::addAll);
    all.sort(Comparator.comparingLong(LogRecord::timestampNanos));
    return Collections.unmodifiableList(all);
  }
}
