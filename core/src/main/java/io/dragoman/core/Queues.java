// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Channels whose messages are each handed to one consumer and kept until acknowledged. At least
 * once, first in first out per queue; what was nacked goes to the tail, what was released returns
 * to its place. All methods from any thread; stages complete on engine threads.
 */
public interface Queues {

  /**
   * Stores messages, each in the queue it names, in one step, making queues if need be. Completes
   * when they are as safe as the most durable queue among them says. Items that are refused for
   * themselves (limits, names) leave the others stored.
   */
  CompletionStage<List<Result<SendReceipt>>> send(List<QueueSend> messages);

  /**
   * Waits until the asked number of messages is there or the time is over, then hands out what
   * there is, each under a lease. Receivers are served in the order they came; a waiting one delays
   * nobody.
   */
  Call<Received> receive(String queue, ReceiveOptions options);

  /** Looks at the oldest waiting messages without taking them, as long as a receive would wait. */
  Call<Peeked> peek(String queue, int max, long waitNanos);

  /**
   * Settles deliveries, in order; one result each. Completes when it is as safe as the most durable
   * queue says that is left or entered.
   */
  CompletionStage<Result<List<Settled>>> settle(List<Receipt> receipts, Settlement settlement);

  /**
   * Removes all waiting messages, now and again when the time is over, and gives how many. Held and
   * delayed ones are not touched.
   */
  Call<Long> ackAll(String queue, long waitNanos);

  /**
   * Looks at waiting messages without taking them or waiting, oldest first, from a sequence on: at
   * most {@code max} and about {@code bytesMax} bytes (at least one if there is any). Messages that
   * are held or have expired are left out. Refused when the queue does not exist.
   */
  CompletionStage<Result<QueuePage>> browse(
      String queue, long fromSequence, int max, long bytesMax);

  /**
   * Messages of this queue that are held back, by due time: at most {@code max} and about {@code
   * bytesMax} bytes (at least one if there is any). What comes due meanwhile, and what cannot be
   * read, is left out, so that a page may be short or empty and there is a next all the same.
   *
   * @param after those behind this one only; it need not be there any more
   */
  CompletionStage<Result<DelayedPage>> delayed(
      String queue, @Nullable Receipt after, int max, long bytesMax);

  /** Removes a held-back message. */
  CompletionStage<Result<Settled>> cancelDelayed(Receipt handle);

  /** Puts a held-back message into its queue now. */
  CompletionStage<Result<Settled>> deliverNow(Receipt handle);

  /**
   * Returns dead letters from this queue to the queues they came from, oldest first, each in one
   * step. Messages that are no dead letters, and those that are held, stay. Bounded: it looks at
   * some thousand messages, and may have moved none and still have a next. Refused when the queue
   * does not exist.
   */
  CompletionStage<Result<Redriven>> redrive(String deadLetterQueue, RedriveStep step);

  /**
   * Watches what comes into a queue from now on; it need not exist yet. Costs the queue nothing
   * when nobody watches.
   */
  Result<Subscription> watch(String queue, QueueWatcher watcher);

  /** The state of one queue, refused when it does not exist. */
  CompletionStage<Result<QueueInfo>> info(String queue);
}
