// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import java.util.ArrayList;
import java.util.List;

/** A log listener that remembers. Used by one lane; read by the test afterwards. */
class LogReader implements LogListener {
  final List<List<LogRecord>> batches = new ArrayList<>();
  final List<BrokerError> ends = new ArrayList<>();

  /** What it answers: whether more may follow. */
  boolean more = true;

  /** Whether it takes anything. */
  boolean taking = true;

  /** How often it was told that it has everything. */
  int caughtUp;

  /** Throws instead of taking anything. */
  boolean faulty;

  @Override
  public synchronized boolean onRecords(List<LogRecord> records) {
    if (faulty) {
      throw new IllegalStateException("as the test wants it");
    }
    batches.add(records);
    return more;
  }

  @Override
  public synchronized boolean takes() {
    return taking;
  }

  @Override
  public synchronized void onCaughtUp() {
    caughtUp++;
  }

  @Override
  public synchronized void onEnd(BrokerError reason) {
    ends.add(reason);
  }

  synchronized List<Long> sequences() {
    return batches.stream().flatMap(List::stream).map(LogRecord::sequence).toList();
  }

  synchronized long last() {
    List<Long> all = sequences();
    return all.isEmpty() ? 0 : all.get(all.size() - 1);
  }
}
