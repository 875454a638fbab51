// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Call;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueuePage;
import io.dragoman.core.QueuePolicy;
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
import io.dragoman.core.spi.QueueStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Queues: checks, fills in what the sender left open, and leaves the rest to the engine. Stateless;
 * safe from any thread.
 */
final class QueueService implements Queues {
  private final QueueStore store;
  private final CoreOptions options;
  private final Checks checks;
  private final KnownChannels channels;
  private final CoreMetrics metrics;

  QueueService(
      QueueStore store,
      CoreOptions options,
      Checks checks,
      KnownChannels channels,
      CoreMetrics metrics) {
    this.store = store;
    this.options = options;
    this.checks = checks;
    this.channels = channels;
    this.metrics = metrics;
  }

  @Override
  public CompletionStage<List<Result<SendReceipt>>> send(List<QueueSend> messages) {
    List<QueueSend> good = new ArrayList<>(messages.size());
    List<@Nullable BrokerError> errors = new ArrayList<>(messages.size());
    for (QueueSend each : messages) {
      BrokerError error = check(each);
      errors.add(error);
      if (error == null) {
        good.add(completed(each));
      }
    }
    if (good.isEmpty()) {
      return CompletableFuture.completedFuture(merged(errors, List.of()));
    }
    CompletionStage<List<Result<SendReceipt>>> stored = store.send(good);
    return stored.thenApply(
        results -> {
          count(good, results);
          return good.size() == errors.size() ? results : merged(errors, results);
        });
  }

  @Override
  public Call<Received> receive(String queue, ReceiveOptions asked) {
    BrokerError error = checks.name("queue", queue);
    error = error != null ? error : checks.atLeast(1, asked.max(), "the number of messages");
    error = error != null ? error : checks.atLeast(0, asked.waitNanos(), "the waiting time");
    error = error != null ? error : checks.atLeast(1, asked.leaseNanos(), "the lease");
    error = error != null ? error : checks.atLeast(1, asked.bytesMax(), "the number of bytes");
    if (error != null) {
      return Calls.refused(error);
    }
    Call<Received> call = store.receive(queue, asked);
    call.result()
        .thenAccept(
            result -> {
              if (result instanceof Result.Ok<Received> ok) {
                metrics.messagesOut(Kind.QUEUE, ok.value().deliveries().size());
              }
            });
    return call;
  }

  @Override
  public Call<Peeked> peek(String queue, int max, long waitNanos) {
    BrokerError error = checks.name("queue", queue);
    error = error != null ? error : checks.atLeast(1, max, "the number of messages");
    error = error != null ? error : checks.atLeast(0, waitNanos, "the waiting time");
    return error != null ? Calls.refused(error) : store.peek(queue, max, waitNanos);
  }

  @Override
  public CompletionStage<Result<List<Settled>>> settle(
      List<Receipt> receipts, Settlement settlement) {
    BrokerError error = check(settlement);
    if (error != null) {
      return Calls.refusedStage(error);
    }
    if (receipts.isEmpty()) {
      return Calls.okStage(List.of());
    }
    if (settlement instanceof Settlement.Replace replace) {
      return store.settle(receipts, new Settlement.Replace(completed(replace.replacement())));
    }
    return store.settle(receipts, settlement);
  }

  @Override
  public Call<Long> ackAll(String queue, long waitNanos) {
    BrokerError error = checks.name("queue", queue);
    error = error != null ? error : checks.atLeast(0, waitNanos, "the waiting time");
    return error != null ? Calls.refused(error) : store.ackAll(queue, waitNanos);
  }

  @Override
  public CompletionStage<Result<QueuePage>> browse(
      String queue, long fromSequence, int max, long bytesMax) {
    BrokerError error = checks.name("queue", queue);
    error = error != null ? error : checks.atLeast(0, fromSequence, "the sequence");
    error = error != null ? error : checks.atLeast(1, max, "the number of messages");
    error = error != null ? error : checks.atLeast(1, bytesMax, "the number of bytes");
    return error != null
        ? Calls.refusedStage(error)
        : store.browse(queue, fromSequence, max, bytesMax);
  }

  @Override
  public CompletionStage<Result<DelayedPage>> delayed(
      String queue, @Nullable Receipt after, int max, long bytesMax) {
    BrokerError error = checks.name("queue", queue);
    error = error != null ? error : checks.atLeast(1, max, "the number of messages");
    error = error != null ? error : checks.atLeast(1, bytesMax, "the number of bytes");
    return error != null ? Calls.refusedStage(error) : store.delayed(queue, after, max, bytesMax);
  }

  @Override
  public CompletionStage<Result<Settled>> cancelDelayed(Receipt handle) {
    return store.cancelDelayed(handle);
  }

  @Override
  public CompletionStage<Result<Settled>> deliverNow(Receipt handle) {
    return store.deliverNow(handle);
  }

  @Override
  public CompletionStage<Result<Redriven>> redrive(String deadLetterQueue, RedriveStep step) {
    BrokerError error = checks.name("queue", deadLetterQueue);
    error = error != null ? error : checks.atLeast(1, step.max(), "the number of messages");
    error = error != null ? error : checks.atLeast(0, step.fromSequence(), "the first sequence");
    error = error != null ? error : checks.atLeast(0, step.throughSequence(), "the last sequence");
    return error != null ? Calls.refusedStage(error) : store.redrive(deadLetterQueue, step);
  }

  @Override
  public Result<Subscription> watch(String queue, QueueWatcher watcher) {
    BrokerError error = checks.name("queue", queue);
    return error != null ? Result.refused(error) : Result.ok(store.watch(queue, watcher));
  }

  @Override
  public CompletionStage<Result<QueueInfo>> info(String queue) {
    BrokerError error = checks.name("queue", queue);
    return error != null ? Calls.refusedStage(error) : store.info(queue);
  }

  /** What is wrong with a message to be sent, if anything. */
  @Nullable BrokerError check(QueueSend send) {
    BrokerError error = checks.message(send.message());
    error = error != null ? error : check(send.policy());
    if (error == null && !channels.admit(Kind.QUEUE, send.message().channel())) {
      return checks.refuse(ErrorCode.TOO_MANY_CHANNELS, channels.refusal());
    }
    return error;
  }

  /** The message with an id, and its policy with this node's default for deliveries. */
  QueueSend completed(QueueSend send) {
    QueuePolicy policy = send.policy();
    if (policy.maxReceiveCount() == 0 && options.queueDefaultMaxReceiveCount() > 0) {
      policy =
          new QueuePolicy(
              policy.expirationSeconds(),
              policy.delaySeconds(),
              options.queueDefaultMaxReceiveCount(),
              policy.deadLetterQueue());
    }
    return new QueueSend(Checks.withId(send.message()), policy, send.waitingMax());
  }

  private @Nullable BrokerError check(QueuePolicy policy) {
    BrokerError error = checks.atLeast(0, policy.expirationSeconds(), "the expiration in seconds");
    error =
        error != null ? error : checks.atLeast(0, policy.delaySeconds(), "the delay in seconds");
    error =
        error != null
            ? error
            : checks.atLeast(0, policy.maxReceiveCount(), "the number of deliveries");
    return error != null ? error : checks.optionalName("queue", policy.deadLetterQueue());
  }

  private @Nullable BrokerError check(Settlement settlement) {
    if (settlement instanceof Settlement.Replace replace) {
      return check(replace.replacement());
    }
    if (settlement instanceof Settlement.Extend extend) {
      return checks.atLeast(1, extend.leaseNanos(), "the lease");
    }
    if (settlement instanceof Settlement.MoveTo move) {
      BrokerError error = checks.name("queue", move.queue());
      if (error == null && !channels.admit(Kind.QUEUE, move.queue())) {
        return checks.refuse(ErrorCode.TOO_MANY_CHANNELS, channels.refusal());
      }
      return error;
    }
    return null;
  }

  private void count(List<QueueSend> sent, List<Result<SendReceipt>> results) {
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).isOk()) {
        metrics.messageIn(Kind.QUEUE, sent.get(i).message().body().length);
      }
    }
  }

  private static List<Result<SendReceipt>> merged(
      List<@Nullable BrokerError> errors, List<Result<SendReceipt>> results) {
    List<Result<SendReceipt>> all = new ArrayList<>(errors.size());
    int next = 0;
    for (BrokerError error : errors) {
      all.add(error != null ? Result.refused(error) : results.get(next++));
    }
    return all;
  }
}
