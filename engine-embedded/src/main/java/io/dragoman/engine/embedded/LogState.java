// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One log. Written by the writer thread; the volatile fields may be read from any thread, and
 * {@link #safeSequence} is moved by the one thread that makes this log's writes safe.
 */
final class LogState implements Writer.Stateful {

  /**
   * What is written of a log.
   *
   * @param writes how often it was written: the higher, the later
   * @param extra what only logs have from which something was removed, or in which senders gave
   *     times
   */
  record Figures(
      long first,
      long next,
      long storedBytes,
      long lastTimestamp,
      long trimmed,
      long writes,
      Extra extra) {

    byte[] encoded() {
      Bytes out = new Bytes(112);
      out.put((byte) 1);
      out.putVar(first);
      out.putVar(next);
      out.putVar(storedBytes);
      out.putVar(lastTimestamp);
      out.putVar(trimmed);
      out.putVar(writes);
      if (!extra.equals(Extra.NONE)) {
        out.putVar(extra.indexedFrom);
        out.putVar(extra.stubs);
        out.putVar(extra.expired);
        out.putVar(extra.trimmedUpTo);
        out.putVar(extra.goneMillis);
        out.putVar(extra.latestMillis);
      }
      return out.toArray();
    }

    /** Whether they are from before others. Early versions did not count what they wrote. */
    boolean before(Figures other) {
      return writes > 0 || other.writes == 0
          ? writes < other.writes
          : next < other.next || trimmed < other.trimmed;
    }

    static Figures of(byte[] state) {
      Input in = new Input(state);
      if (in.next() != 1) {
        throw new CorruptRecordException("state of a log");
      }
      long first = in.nextVar();
      long next = in.nextVar();
      long storedBytes = in.nextVar();
      long lastTimestamp = in.nextVar();
      long trimmed = in.nextVar();
      long writes = in.atEnd() ? 0 : in.nextVar();
      Extra extra = in.atEnd() ? Extra.unknown(first, lastTimestamp) : Extra.of(in);
      return new Figures(first, next, storedBytes, lastTimestamp, trimmed, writes, extra);
    }
  }

  /**
   * More of what is written of a log.
   *
   * @param indexedFrom the sequence from which on every record is in the index by time; 0 when none
   *     has a time of its sender's
   * @param stubs how many of the sequences kept are of records that have expired
   * @param expired how many records have expired since the log was made
   * @param trimmedUpTo when the last of those removed from the front was stored, unix nanoseconds;
   *     0 when none was
   * @param goneMillis the latest time of an event that was removed or has expired, unix
   *     milliseconds; 0 when none was
   * @param latestMillis no time in the index by time is after this, unix milliseconds
   */
  record Extra(
      long indexedFrom,
      long stubs,
      long expired,
      long trimmedUpTo,
      long goneMillis,
      long latestMillis) {
    static final Extra NONE = new Extra(0, 0, 0, 0, 0, 0);

    private static Extra of(Input in) {
      long indexedFrom = in.nextVar();
      long stubs = in.nextVar();
      long expired = in.nextVar();
      long trimmedUpTo = in.nextVar();
      long goneMillis = in.nextVar();
      // Not written at first: then it may be any.
      long latestMillis = in.atEnd() ? Long.MAX_VALUE : in.nextVar();
      return new Extra(indexedFrom, stubs, expired, trimmedUpTo, goneMillis, latestMillis);
    }

    // Early versions did not write it: then anything up to the last record may have been removed.
    private static Extra unknown(long first, long lastTimestamp) {
      return first == 1
          ? NONE
          : new Extra(0, 0, 0, lastTimestamp, TimeUnit.NANOSECONDS.toMillis(lastTimestamp), 0);
    }
  }

  final int number;
  final String name;
  final ChannelSettings settings;
  private final Logs logs;

  // Written with each change.
  volatile long firstSequence = 1;
  long nextSequence = 1;
  long storedBytes;
  long lastTimestamp;
  long trimmed;
  volatile long indexedFrom;
  long stubs;
  long expired;
  volatile long trimmedUpTo;
  volatile long goneMillis;
  volatile long latestMillis;
  private long writes;

  // Memory only. The time is not before that of the last record that is safe.
  volatile long safeTimestamp;
  volatile long safeSequence;

  /** Read before the sequence: no record behind that was stored earlier than this. */
  volatile long reachedTimestamp;

  /** Set under the lock of this, which is held while followers are told of records. */
  volatile boolean deleted;

  /** It was said that not all of it can be read. */
  volatile boolean unreadable;

  boolean trimming;

  /** After a pass that could not read: nanoseconds to wait before the next, and until when. */
  long trimPause;

  long trimNotBefore;

  /** Until when its front is not read for expiry, since it could not be. For the one who reads. */
  long frontNotBefore;

  /** No record kept is older than this; what is known without reading. */
  long oldestTimestamp;

  private List<LogRecord> appendedInBatch = new ArrayList<>();
  private boolean dirty;

  LogState(int number, String name, ChannelSettings settings, Logs logs) {
    this.number = number;
    this.name = name;
    this.settings = settings;
    this.logs = logs;
  }

  Durability durability() {
    return settings.durability();
  }

  /** Sequences kept, also those whose records have expired. */
  long count() {
    return nextSequence - firstSequence;
  }

  /** Messages kept. */
  long messages() {
    return count() - stubs;
  }

  /** Notes a record of this batch, for those who follow the log. Writer thread only. */
  void appended(LogRecord record, LogBatch batch) {
    if (appendedInBatch.isEmpty()) {
      batch.add(this, appendedInBatch);
    }
    appendedInBatch.add(record);
  }

  /**
   * Records up to this one are safe. The time first: who sees the sequence must not take the log
   * for older than it is. And once more behind it: who tells how far the log reaches must not say
   * more than what it has seen of it.
   */
  void safeUpTo(LogRecord last) {
    safeTimestamp = last.timestampNanos();
    safeSequence = last.sequence();
    reachedTimestamp = last.timestampNanos();
  }

  LogInfo info() {
    long last = safeSequence;
    long first = firstSequence;
    long messages = Math.max(0, last - first + 1 - stubs);
    return new LogInfo(name, messages == 0 ? 0 : first, last, messages, storedBytes, trimmed, 0);
  }

  @Override
  public boolean dirty() {
    return dirty;
  }

  @Override
  public void dirty(boolean value) {
    dirty = value;
  }

  @Override
  public Tallies.@Nullable Channel writeState(Batch batch) {
    appendedInBatch = new ArrayList<>();
    if (deleted) {
      return null;
    }
    writes++;
    byte[] state = figures().encoded();
    batch.put(logs.metaFamily(), Keys.state(number), state);
    return new Tallies.Channel(number, Kind.LOG, name, state);
  }

  Tallies.Channel tally() {
    return new Tallies.Channel(number, Kind.LOG, name, figures().encoded());
  }

  Figures figures() {
    return new Figures(
        firstSequence,
        nextSequence,
        storedBytes,
        lastTimestamp,
        trimmed,
        writes,
        new Extra(indexedFrom, stubs, expired, trimmedUpTo, goneMillis, latestMillis));
  }

  void readState(byte[] state) {
    Figures read = Figures.of(state);
    firstSequence = read.first;
    nextSequence = read.next;
    storedBytes = read.storedBytes;
    lastTimestamp = read.lastTimestamp;
    trimmed = read.trimmed;
    writes = read.writes;
    indexedFrom = read.extra.indexedFrom;
    stubs = read.extra.stubs;
    expired = read.extra.expired;
    trimmedUpTo = read.extra.trimmedUpTo;
    goneMillis = read.extra.goneMillis;
    latestMillis = read.extra.latestMillis;
    safeTimestamp = lastTimestamp;
    safeSequence = nextSequence - 1;
    reachedTimestamp = lastTimestamp;
  }
}
