// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.DelayedPage;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueuePage;
import io.dragoman.core.QueueSend;
import io.dragoman.core.QueueWatcher;
import io.dragoman.core.Queues;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Queues that note what they are asked and answer what the test sets. */
final class FakeQueues implements Queues {
  final List<QueueSend> sent = new ArrayList<>();
  final List<String> asked = new CopyOnWriteArrayList<>();
  ReceiveOptions receiveOptions = new ReceiveOptions(1, 0, 1);
  FakeCall<Received> receive = new FakeCall<>();
  FakeCall<Peeked> peek = new FakeCall<>();
  FakeCall<Long> ackAll = new FakeCall<>();
  long waitNanos;
  final List<Settlement> settlements = new CopyOnWriteArrayList<>();

  /** What comes of sends; null: receipts at once. */
  @Nullable CompletableFuture<List<Result<SendReceipt>>> sending;

  CompletableFuture<Result<List<Settled>>> settled = settled(Settled.DONE);
  boolean settleThrows;
  QueueWatcher watcher = message -> {};
  final Map<String, QueueInfo> infos = new TreeMap<>();

  /** Questions for figures that wait for the test, in order. */
  final List<Runnable> infosAsked = new ArrayList<>();

  boolean infosWait;
  @Nullable ErrorCode infoError;

  static CompletableFuture<Result<List<Settled>>> settled(Settled outcome) {
    return CompletableFuture.completedFuture(Result.ok(List.of(outcome)));
  }

  @Override
  public CompletionStage<List<Result<SendReceipt>>> send(List<QueueSend> messages) {
    if (sending != null) {
      return sending;
    }
    List<Result<SendReceipt>> receipts = new ArrayList<>();
    for (QueueSend each : messages) {
      sent.add(each);
      receipts.add(
          each.message().channel().startsWith("full")
              ? Result.refused(ErrorCode.CHANNEL_FULL, "the queue is full")
              : Result.ok(new SendReceipt(each.message().id(), 10, 30, 20)));
    }
    return CompletableFuture.completedFuture(receipts);
  }

  @Override
  public FakeCall<Received> receive(String queue, ReceiveOptions options) {
    asked.add(queue);
    receiveOptions = options;
    return receive;
  }

  @Override
  public FakeCall<Peeked> peek(String queue, int max, long wait) {
    asked.add(queue);
    waitNanos = wait;
    return peek;
  }

  @Override
  public CompletionStage<Result<List<Settled>>> settle(
      List<Receipt> receipts, Settlement settlement) {
    settlements.add(settlement);
    if (settleThrows) {
      throw new IllegalStateException("a fault (on purpose)");
    }
    return settled;
  }

  @Override
  public FakeCall<Long> ackAll(String queue, long wait) {
    asked.add(queue);
    waitNanos = wait;
    return ackAll;
  }

  @Override
  public CompletionStage<Result<QueuePage>> browse(
      String queue, long fromSequence, int max, long bytesMax) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<DelayedPage>> delayed(
      String queue, @Nullable Receipt after, int max, long bytesMax) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<Settled>> cancelDelayed(Receipt handle) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<Settled>> deliverNow(Receipt handle) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<Redriven>> redrive(String deadLetterQueue, RedriveStep step) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Result<Subscription> watch(String queue, QueueWatcher wants) {
    watcher = wants;
    return Result.ok(() -> {});
  }

  @Override
  public CompletionStage<Result<QueueInfo>> info(String name) {
    CompletableFuture<Result<QueueInfo>> stage = new CompletableFuture<>();
    infosAsked.add(() -> stage.complete(told(name)));
    if (!infosWait) {
      answerInfos();
    }
    return stage;
  }

  /** Answers what was asked for so far, on this thread. */
  void answerInfos() {
    List<Runnable> answers = List.copyOf(infosAsked);
    infosAsked.clear();
    answers.forEach(Runnable::run);
  }

  private Result<QueueInfo> told(String name) {
    QueueInfo info = infos.get(name);
    if (infoError != null) {
      return Result.refused(infoError, "refused on purpose");
    }
    return info == null ? Result.refused(ErrorCode.NOT_FOUND, "no such queue") : Result.ok(info);
  }
}
