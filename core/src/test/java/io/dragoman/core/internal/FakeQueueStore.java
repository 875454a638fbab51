// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Call;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueueMessage;
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
import io.dragoman.core.spi.QueueStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Remembers what it was asked, and hands out what was sent. */
final class FakeQueueStore implements QueueStore {
  final List<QueueSend> sent = new ArrayList<>();
  final List<Settlement> settlements = new ArrayList<>();
  ErrorCode sendRefusal;

  @Override
  public CompletionStage<List<Result<SendReceipt>>> send(List<QueueSend> messages) {
    List<Result<SendReceipt>> results = new ArrayList<>();
    for (QueueSend each : messages) {
      if (sendRefusal == null) {
        sent.add(each);
        results.add(Result.ok(new SendReceipt(each.message().id(), sent.size(), 0, 0)));
      } else {
        results.add(Result.refused(sendRefusal, "as the test wants it"));
      }
    }
    return CompletableFuture.completedFuture(results);
  }

  @Override
  public Call<Received> receive(String queue, ReceiveOptions options) {
    List<Delivery> deliveries = new ArrayList<>();
    for (QueueSend each : sent) {
      deliveries.add(
          new Delivery(
              Receipt.of(new byte[] {1}),
              new QueueMessage(each.message(), each.policy(), 1, 1, 1, "", 0, 0)));
    }
    return Calls.settled(Result.ok(new Received(deliveries, 0)));
  }

  @Override
  public Call<Peeked> peek(String queue, int max, long waitNanos) {
    return Calls.settled(Result.ok(new Peeked(List.of(), 0)));
  }

  @Override
  public CompletionStage<Result<List<Settled>>> settle(
      List<Receipt> receipts, Settlement settlement) {
    settlements.add(settlement);
    return Calls.okStage(receipts.stream().map(receipt -> Settled.DONE).toList());
  }

  @Override
  public Call<Long> ackAll(String queue, long waitNanos) {
    return Calls.settled(Result.ok(7L));
  }

  @Override
  public CompletionStage<Result<QueuePage>> browse(
      String queue, long fromSequence, int max, long bytesMax) {
    return Calls.okStage(new QueuePage(List.of(), fromSequence));
  }

  @Override
  public CompletionStage<Result<DelayedPage>> delayed(
      String queue, @Nullable Receipt after, int max, long bytesMax) {
    return Calls.okStage(new DelayedPage(List.of(), null));
  }

  @Override
  public CompletionStage<Result<Settled>> cancelDelayed(Receipt handle) {
    return Calls.okStage(Settled.DONE);
  }

  @Override
  public CompletionStage<Result<Settled>> deliverNow(Receipt handle) {
    return Calls.okStage(Settled.DONE);
  }

  @Override
  public CompletionStage<Result<Redriven>> redrive(String deadLetterQueue, RedriveStep step) {
    return Calls.okStage(new Redriven(step.max(), Map.of(), 0, 0));
  }

  @Override
  public Subscription watch(String queue, QueueWatcher watcher) {
    return () -> {};
  }

  @Override
  public CompletionStage<Result<QueueInfo>> info(String queue) {
    return Result.refusedStage(ErrorCode.NOT_FOUND, "no queue " + queue);
  }
}
