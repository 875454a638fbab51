// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Channels that keep what is published, in order, numbered from 1. At least once for subscribers
 * with a durable name. All methods from any thread; stages complete on engine threads.
 */
public interface Logs {

  /**
   * Appends to the channel the message names, making the channel if need be. Completes when the
   * message is as safe as the channel's durability says (sync: on disk); where {@link
   * CoreOptions#logToEvents} says so, also when it has been handed to live subscribers of events of
   * that name.
   */
  CompletionStage<Result<LogPosition>> append(Message message);

  /**
   * Reads forward, oldest first: at most {@code max} messages and about {@code maxBytes} bytes (at
   * least one message if there is any). Empty when nothing is there yet.
   */
  CompletionStage<Result<List<LogRecord>>> read(
      String channel, LogStart start, int max, int maxBytes);

  /** Subscribes. The stage completes once the start is fixed; listener calls may come before. */
  CompletionStage<Result<LogSubscription>> subscribe(
      LogSubscribe request, Lane lane, LogListener listener);

  /** Removes everything before this sequence; gives how many messages were removed. */
  CompletionStage<Result<Long>> trim(String channel, long beforeSequence);

  /** The state of one log, refused when it does not exist. */
  CompletionStage<Result<LogInfo>> info(String channel);

  /** The same, with a time and a lifetime of the sender's own. */
  CompletionStage<Result<LogPosition>> append(LogAppend append);

  /**
   * The newest records from a start on, of one log or merged of many; oldest first.
   *
   * @param limit records at most
   * @param maxBytes bytes at most, but at least one record if there is any
   */
  CompletionStage<Result<LogHistory>> history(
      ChannelFilter filter, HistoryStart start, int limit, long maxBytes);

  /**
   * Subscribes to one log or, with a pattern, to all that match, now and later; with history first
   * when it is asked for. The subscription begins paused: nothing reaches the listener before
   * {@link LogSubscription#resume()}. Records of several logs come in the order of storing. At most
   * once: no position is kept.
   */
  CompletionStage<Result<LogFollowing>> follow(LogFollow request, Lane lane, LogListener listener);
}
