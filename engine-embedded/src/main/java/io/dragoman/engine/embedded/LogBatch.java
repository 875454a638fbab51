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
  private final LogOrder.Written written;
  private final List<Appended> appended = new ArrayList<>();

  LogBatch(Logs logs, Durability durability) {
    this.logs = logs;
    this.durability = durability;
    this.written = logs.order().add(this);
  }

  /** Nothing is added any more. */
  void seal() {
    logs.order().seal();
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
    logs.order().safe(written, this, last);
  }

  /** Tells those who follow; after {@link #safe}. */
  void show() {
    for (Appended each : appended) {
      List<LogRecord> records = logs.alive(each.records);
      if (!records.isEmpty()) {
        logs.publish(each.log, records);
      }
    }
    logs.order().show(written);
  }

  // Nothing of a log that is known to be gone.
  private List<LogRecord> shown(Appended each) {
    return each.log.deleted ? List.of() : logs.alive(each.records);
  }

  @Override
  public void failed(BrokerError error) {
    logs.order().failed(written, this);
  }

  /** What its messages take. */
  long weight() {
    long bytes = 0;
    for (Appended each : appended) {
      for (LogRecord one : each.records) {
        bytes += one.message().weight();
      }
    }
    return bytes;
  }

  /** What is to be shown of all logs now, in the order of storing. */
  List<LogRecord> inOrder() {
    if (appended.size() == 1) {
      return shown(appended.get(0));
    }
    List<LogRecord> all = new ArrayList<>();
    appended.forEach(each -> all.addAll(shown(each)));
    all.sort(Comparator.comparingLong(LogRecord::timestampNanos));
    return Collections.unmodifiableList(all);
  }
}
