// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from what is left of a write-ahead log whose messages were in what is not: each batch
 * carries the figures of the channels it changes, and a channel's sequences have no gaps.
 */
final class MissingChanges {
  private static final int DELETE = 0x4;
  private static final int PUT = 0x5;
  private static final int DELETE_RANGE = 0xE;

  /** What one channel misses. */
  static final class Missing {
    final List<String> ranges = new ArrayList<>();
    long messages;
    long delayed;
  }

  /** What one batch does to one channel. */
  private static final class Change {
    long firstPut = Long.MAX_VALUE;
    long delayed;
    byte[] state = new byte[0];
    boolean deleted;
  }

  private final int meta;
  private final int queue;
  private final int log;
  private final int delayed;
  private final int keys;
  private final int firstNew;
  private final Map<Integer, Boolean> logs = new HashMap<>();
  private final Set<Integer> deleted = new HashSet<>();
  private final Map<Integer, Long> next = new HashMap<>();
  private final Map<Integer, Long> held = new HashMap<>();
  private final Map<Integer, Missing> missing = new TreeMap<>();
  private long keyChanges;
  private long keyChangesSeen;
  private long keyChangesMissing;

  /**
   * @param base the store as it is without the write-ahead log
   * @param account tells the kinds of channels whose creation cannot be read
   * @param firstNew the number of the first channel that was created in the log
   */
  MissingChanges(Store base, Tallies.Account account, int firstNew) {
    meta = base.meta.id();
    queue = base.queue.id();
    log = base.log.id();
    delayed = base.delayed.id();
    keys = base.keys.id();
    this.firstNew = firstNew;
    account.channels().values().forEach(taken -> isLog(taken.number(), taken.kind() == Kind.LOG));
  }

  private void isLog(int number, boolean is) {
    logs.put(number, is);
  }

  /** A channel as it is before the first batch; without a state when nothing was ever in it. */
  void begin(int number, boolean isLog, byte @Nullable [] state) {
    isLog(number, isLog);
    if (state == null) {
      created(number);
    } else if (isLog) {
      next.put(number, LogState.Figures.of(state).next());
    } else {
      QueueState.Figures figures = QueueState.Figures.of(state);
      next.put(number, figures.next());
      held.put(number, figures.delayed());
    }
  }

  private void created(int number) {
    next.putIfAbsent(number, 1L);
    held.putIfAbsent(number, 0L);
  }

  /** The keys as they are before the first batch. */
  void beginKeys(KeyRecords.Figures figures) {
    keyChanges = figures.changes();
  }

  /** How many changes of keys are missing. */
  long keyChanges() {
    return keyChangesMissing;
  }

  Map<Integer, Missing> missing() {
    return missing;
  }

  /** Channels of whose deletion there is a batch. */
  Set<Integer> deleted() {
    return deleted;
  }

  /** The next batch that can be read. */
  void batch(byte[] batch) {
    Map<Integer, Change> changes = new TreeMap<>();
    Input in = new Input(batch);
    in.nextLong();
    in.nextInt();
    while (!in.atEnd()) {
      int tag = in.next();
      if (tag != PUT && tag != DELETE && tag != DELETE_RANGE) {
        break;
      }
      int family = (int) in.nextVar();
      byte[] key = in.nextBytes();
      byte[] value = tag == DELETE ? new byte[0] : in.nextBytes();
      change(changes, tag, family, key, value);
    }
    changes.forEach(this::apply);
  }

  private void change(Map<Integer, Change> changes, int tag, int family, byte[] key, byte[] value) {
    if (tag == DELETE_RANGE) {
      return;
    }
    if (family == meta && key[0] == KeyRecords.FIGURES[0]) {
      keyFigures(KeyRecords.Figures.of(value));
    } else if (family == keys && key[0] == KeyRecords.ALL_KEYS[0]) {
      keyChangesSeen++;
    } else if (family == meta && key[0] == 'C' && tag == PUT) {
      int number = (int) Keys.INT.get(value, 0);
      isLog(number, Keys.kindOf(key) == Kind.LOG);
      created(number);
    } else if (family == meta && key[0] == 'S') {
      Change change = of(changes, (int) Keys.INT.get(key, 1));
      change.state = value;
      change.deleted = tag == DELETE;
    } else if ((family == queue || family == log) && tag == PUT) {
      int number = (int) Keys.INT.get(key, 0);
      isLog(number, family == log);
      long sequence = Keys.sequenceOf(key);
      // Below what is known it is an older message, stored anew.
      if (sequence >= next.getOrDefault(number, 1L)) {
        Change change = of(changes, number);
        change.firstPut = Math.min(change.firstPut, sequence);
      }
    } else if (family == delayed && key[0] == 'd') {
      of(changes, (int) Keys.INT.get(key, 9)).delayed += tag == PUT ? 1 : -1;
    }
  }

  // A batch ends with the figures, of which each of its changes is a part.
  private void keyFigures(KeyRecords.Figures figures) {
    keyChangesMissing += Math.max(0, figures.changes() - keyChanges - keyChangesSeen);
    keyChanges = figures.changes();
    keyChangesSeen = 0;
  }

  private static Change of(Map<Integer, Change> changes, int number) {
    return changes.computeIfAbsent(number, key -> new Change());
  }

  private void apply(int number, Change change) {
    if (change.deleted) {
      deleted.add(number);
      next.remove(number);
      held.remove(number);
      return;
    }
    Boolean isLog = logs.get(number);
    if (change.state.length == 0 || isLog == null) {
      return;
    }
    if (number >= firstNew) {
      created(number);
    }
    long after =
        isLog
            ? LogState.Figures.of(change.state).next()
            : QueueState.Figures.of(change.state).next();
    Long before = next.put(number, after);
    long first = Math.min(after, change.firstPut);
    if (before != null && first > before) {
      Missing of = missing.computeIfAbsent(number, key -> new Missing());
      of.ranges.add(Loss.range(before, first - 1));
      of.messages += first - before;
    }
    if (!isLog) {
      long heldAfter = QueueState.Figures.of(change.state).delayed();
      Long heldBefore = held.put(number, heldAfter);
      if (heldBefore != null && heldAfter > heldBefore + change.delayed) {
        missing.computeIfAbsent(number, key -> new Missing()).delayed +=
            heldAfter - heldBefore - change.delayed;
      }
    }
  }
}
