// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.spi;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Stores logs. Sequences per channel are contiguous from 1; reads never show what is not safe, nor
 * what has expired: a sequence whose record has expired is not there for whoever reads or listens.
 */
public interface LogStore {

  /** Appends to the log that the message names. */
  CompletionStage<Result<LogPosition>> append(Message message);

  /** Appends with a time or a lifetime of the sender's own. */
  CompletionStage<Result<LogPosition>> append(LogAppend append);

  /**
   * Records of a log that were read.
   *
   * @param nextSequence where to read on: what lies before it, from where this was asked for, is
   *     among the records or is not there
   */
  record Piece(List<LogRecord> records, long nextSequence) {

    /** Whether there is nothing yet where this was asked for. */
    public boolean isEnd(long fromSequence) {
      return records.isEmpty() && nextSequence <= fromSequence;
    }
  }

  /**
   * Reads forward from a sequence: at most {@code max} records and about {@code maxBytes} bytes. A
   * sequence that is no longer kept reads from the first that is. Only records that are as safe as
   * the channel's durability says.
   *
   * <p>One call passes over a bounded number of records that have expired. So there may be none
   * though there are some further on; then {@code nextSequence} is behind {@code fromSequence}.
   * When both are the same there is nothing yet.
   */
  CompletionStage<Result<Piece>> read(String channel, long fromSequence, int max, int maxBytes);

  /** The sequence of the first record that a reader starting here is to get, now or later. */
  CompletionStage<Result<Long>> resolve(String channel, LogStart start);

  /**
   * What history gives; see {@link io.dragoman.core.LogHistory}.
   *
   * @param placeNanos a place: up to where the logs of this node have been seen, by time of storing
   *     in unix nanoseconds. Everything the filter matches up to here is among the records, or is
   *     one of those that were left out. For an exact name nothing behind {@code nextSequence} was
   *     stored before it; it may be a little before the last record
   * @param nextSequence for an exact name: of the first record behind the place; else 0
   */
  record History(
      List<LogRecord> records,
      boolean complete,
      OptionalLong missed,
      long placeNanos,
      long nextSequence) {}

  /**
   * The newest records from a start on, of all logs that a filter matches, oldest first. At most
   * {@code limit} records, of which there may be none, and {@code maxBytes} bytes, but one record
   * if there is any and the limit allows it.
   */
  CompletionStage<Result<History>> history(
      ChannelFilter filter, HistoryStart start, int limit, long maxBytes);

  /** Records behind a place, and the place behind them and behind what was passed over. */
  record Stretch(List<LogRecord> records, long placeNanos) {}

  /**
   * Reads forward over all logs that a filter matches, in the order of storing, and of what is safe
   * up to where all records are: at most {@code max} records and about {@code maxBytes} bytes. One
   * call passes over a bounded number of records that have expired, so there may be none and yet
   * another place, from which to read on. Of a log of many that cannot be read, what can is given.
   */
  CompletionStage<Result<Stretch>> readAfter(
      ChannelFilter filter, long afterNanos, int max, int maxBytes);

  /** The core's end of hearing of the records of all logs. */
  interface AppendSink {

    /**
     * Records of any logs that are safe now, as all are that were stored before them, in the order
     * of storing. Called on engine threads, one call at a time, in the order of storing too; must
     * hand over and return.
     */
    void onAppended(List<LogRecord> records);

    /**
     * Records up to this time of storing are safe and were not told of; they can be read. In order
     * with the calls of {@link #onAppended}.
     */
    void onMissed(long timestampNanos);
  }

  /** Must be called once, before {@link #register}. */
  void attach(AppendSink sink);

  /**
   * Records of logs that match are wanted until the registration is closed. The sink hears of every
   * such record that is not seen by a history begun after this returns, and perhaps of others.
   */
  Subscription register(ChannelFilter filter);

  /** Hears of new records. */
  interface TailListener {

    /**
     * Records that have just become safe, in order. Called on an engine thread; must hand over and
     * return. Gaps may occur, which a listener closes by reading; records never repeat.
     */
    void onAppended(List<LogRecord> records);

    /** The channel was deleted. */
    void onDeleted();
  }

  /**
   * Listens to a channel, which need not exist yet. Active when it returns; of what was answered
   * right before, it may hear too.
   */
  Subscription tail(String channel, TailListener listener);

  /**
   * The last sequence done under this name; empty when there is no position, or when it was stored
   * for an earlier incarnation of the channel.
   */
  CompletionStage<Result<OptionalLong>> loadPosition(String channel, String name);

  /**
   * Stores a position. Completes when it is written; it survives the process then, and the machine
   * after the next sync. A position stored later never gives way to one stored earlier.
   *
   * <p>Position 0, which is before the first record, makes the log if it does not exist. One beyond
   * the end of the log, or of a log that does not exist, is of an earlier incarnation, and refused
   * with NOT_FOUND.
   */
  CompletionStage<Result<Boolean>> storePosition(String channel, String name, long sequence);

  /** Removes everything before a sequence; gives how many records. */
  CompletionStage<Result<Long>> trim(String channel, long beforeSequence);

  /** The state of a log, with {@code subscribers} 0; refused with NOT_FOUND when there is none. */
  CompletionStage<Result<LogInfo>> info(String channel);
}
