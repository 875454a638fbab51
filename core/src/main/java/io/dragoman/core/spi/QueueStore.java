// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.spi;

import io.dragoman.core.Call;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueuePage;
import io.dragoman.core.QueueSend;
import io.dragoman.core.QueueWatcher;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.core.Subscription;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stores queues. Meanings as in {@link io.dragoman.core.Queues}; names and limits were checked
 * before, ids are filled in.
 *
 * <p>Rules every engine keeps: a message that comes due, is nacked, dead-lettered, moved or
 * redriven gets a new sequence and timestamp in its queue; expiry counts from when the message
 * becomes deliverable; an expired message is never handed out, never dead-lettered, and counted
 * once; a nacked message that has been delivered as often as its policy (or the channel's settings)
 * allow goes to the dead-letter queue with an empty policy, receive count 0, its expiry kept and
 * its origin named, or is discarded if there is none. Nothing is handed out before it is safe.
 */
public interface QueueStore {

  /**
   * Those of one call that are not refused for themselves (a full queue, too many channels) are
   * stored together or not at all.
   */
  CompletionStage<List<Result<SendReceipt>>> send(List<QueueSend> messages);

  Call<Received> receive(String queue, ReceiveOptions options);

  Call<Peeked> peek(String queue, int max, long waitNanos);

  CompletionStage<Result<List<Settled>>> settle(List<Receipt> receipts, Settlement settlement);

  Call<Long> ackAll(String queue, long waitNanos);

  CompletionStage<Result<QueuePage>> browse(
      String queue, long fromSequence, int max, long bytesMax);

  CompletionStage<Result<DelayedPage>> delayed(
      String queue, @Nullable Receipt after, int max, long bytesMax);

  CompletionStage<Result<Settled>> cancelDelayed(Receipt handle);

  CompletionStage<Result<Settled>> deliverNow(Receipt handle);

  CompletionStage<Result<Redriven>> redrive(String deadLetterQueue, RedriveStep step);

  /** In effect for every send that is made after it returns. */
  Subscription watch(String queue, QueueWatcher watcher);

  CompletionStage<Result<QueueInfo>> info(String queue);
}
