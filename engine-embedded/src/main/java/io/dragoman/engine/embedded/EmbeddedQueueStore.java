// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Call;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.ErrorCode;
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
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.QueueStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** The queues of this engine as the core calls them, from any thread: each call is a command. */
final class EmbeddedQueueStore implements QueueStore {
  private final Writer writer;
  private final ChannelTable channels;
  private final Queues queues;
  private final QueueWrites writes;
  private final QueueSettling settling;
  private final DelaySchedule delays;
  private final Readers readers;
  private final Redrive redrive;
  private final QueueBrowse browse;

  EmbeddedQueueStore(
      Writer writer,
      ChannelTable channels,
      Queues queues,
      QueueWrites writes,
      DelaySchedule delays,
      Readers readers) {
    this.writer = writer;
    this.channels = channels;
    this.queues = queues;
    this.writes = writes;
    this.delays = delays;
    this.readers = readers;
    this.settling = new QueueSettling(writer, channels, queues, writes);
    this.redrive = new Redrive(writer, queues);
    this.browse = new QueueBrowse(writer, queues);
  }

  @Override
  public CompletionStage<List<Result<SendReceipt>>> send(List<QueueSend> messages) {
    CompletableFuture<List<Result<SendReceipt>>> future = new CompletableFuture<>();
    List<QueueWrites.Prepared> prepared = new ArrayList<>(messages.size());
    long bytes = 0;
    for (QueueSend send : messages) {
      QueueWrites.Prepared each = QueueWrites.Prepared.of(send);
      bytes += each.record().length;
      prepared.add(each);
    }
    if (!writer.reserve(bytes)) {
      return CompletableFuture.completedFuture(all(messages.size(), Writer.OVERLOADED));
    }
    long reserved = bytes;
    writer.submit(
        () -> {
          writer.unreserve(reserved);
          store(prepared, future);
        });
    return future;
  }

  @Override
  public Call<Received> receive(String queue, ReceiveOptions options) {
    DeferredCall<Received> call = new DeferredCall<>(writer);
    writer.submit(
        () -> {
          Receiver receiver =
              new Receiver(queues, writer, channels.queueToWaitOn(queue, queues), options);
          if (call.begin(receiver)) {
            queues.receive(receiver);
          }
        });
    return call;
  }

  @Override
  public Call<Peeked> peek(String queue, int max, long waitNanos) {
    DeferredCall<Peeked> call = new DeferredCall<>(writer);
    writer.submit(
        () -> {
          PeekWait peek =
              new PeekWait(queues, writer, channels.queueToWaitOn(queue, queues), max, waitNanos);
          if (call.begin(peek)) {
            queues.peek(peek, waitNanos);
          }
        });
    return call;
  }

  @Override
  public CompletionStage<Result<List<Settled>>> settle(
      List<Receipt> receipts, Settlement settlement) {
    CompletableFuture<Result<List<Settled>>> future = new CompletableFuture<>();
    if (settlement instanceof Settlement.Replace replace) {
      replace(receipts, QueueWrites.Prepared.of(replace.replacement()), future);
    } else {
      writer.submit(() -> settling.settle(receipts, settlement, future));
    }
    return future;
  }

  private void replace(
      List<Receipt> receipts,
      QueueWrites.Prepared replacement,
      CompletableFuture<Result<List<Settled>>> future) {
    long bytes = replacement.record().length;
    if (!writer.reserve(bytes)) {
      future.complete(Result.refused(Writer.OVERLOADED));
      return;
    }
    writer.submit(
        () -> {
          writer.unreserve(bytes);
          settling.replace(receipts, replacement, future);
        });
  }

  @Override
  public Call<Long> ackAll(String queue, long waitNanos) {
    DeferredCall<Long> call = new DeferredCall<>(writer);
    writer.submit(
        () -> {
          AckAllWait wait = new AckAllWait(queues, writer, channels.queueToWaitOn(queue, queues));
          if (call.begin(wait)) {
            wait.start(waitNanos);
          }
        });
    return call;
  }

  @Override
  public CompletionStage<Result<QueuePage>> browse(
      String queue, long fromSequence, int max, long bytesMax) {
    CompletableFuture<Result<QueuePage>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          QueueState state = channels.queue(queue);
          BrokerError refused = writer.refusesReads();
          if (refused != null) {
            future.complete(Result.refused(refused));
          } else if (state == null) {
            future.complete(notFound(queue));
          } else {
            browse.start(state, fromSequence, max, bytesMax, future);
          }
        });
    return future;
  }

  @Override
  public CompletionStage<Result<DelayedPage>> delayed(
      String queue, @Nullable Receipt after, int max, long bytesMax) {
    CompletableFuture<Result<DelayedPage>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          QueueState state = channels.queue(queue);
          BrokerError refused = writer.refusesReads();
          if (refused != null) {
            future.complete(Result.refused(refused));
            return;
          }
          if (state == null) {
            future.complete(Result.ok(new DelayedPage(List.of(), null)));
            return;
          }
          if (after != null && !DelaySchedule.isOf(state, after)) {
            future.complete(
                Result.refused(ErrorCode.INVALID_ARGUMENT, "this is no handle of queue " + queue));
            return;
          }
          // Written first, so that the reader sees what this caller has just sent.
          writer.commit(0);
          readers.read(
              () -> future.complete(Result.ok(delays.list(state, after, max, bytesMax))),
              failure -> future.complete(Result.refused(Readers.error(failure, "queue " + queue))));
        });
    return future;
  }

  @Override
  public CompletionStage<Result<Settled>> cancelDelayed(Receipt handle) {
    return changeDelayed(handle, delays::cancel);
  }

  @Override
  public CompletionStage<Result<Settled>> deliverNow(Receipt handle) {
    return changeDelayed(handle, delays::deliverNow);
  }

  @Override
  public CompletionStage<Result<Redriven>> redrive(String deadLetterQueue, RedriveStep step) {
    CompletableFuture<Result<Redriven>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          QueueState queue = channels.queue(deadLetterQueue);
          BrokerError refused = step.dryRun() ? writer.refusesReads() : writer.refusesNew();
          if (refused != null) {
            future.complete(Result.refused(refused));
          } else if (queue == null) {
            future.complete(notFound(deadLetterQueue));
          } else {
            redrive.start(queue, step, future);
          }
        });
    return future;
  }

  @Override
  public Subscription watch(String queue, QueueWatcher watcher) {
    writer.submit(() -> queues.watch(queue, watcher));
    return () -> writer.submit(() -> queues.unwatch(queue, watcher));
  }

  @Override
  public CompletionStage<Result<QueueInfo>> info(String queue) {
    CompletableFuture<Result<QueueInfo>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          QueueState state = channels.queue(queue);
          BrokerError refused = writer.refusesReads();
          if (refused != null) {
            future.complete(Result.refused(refused));
          } else {
            future.complete(state == null ? notFound(queue) : Result.ok(state.info()));
          }
        });
    return future;
  }

  private interface DelayedChange {
    boolean apply(Receipt handle) throws RocksDBException;
  }

  private CompletionStage<Result<Settled>> changeDelayed(Receipt handle, DelayedChange change) {
    CompletableFuture<Result<Settled>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          BrokerError refused = writer.refusesAll();
          if (refused != null) {
            future.complete(Result.refused(refused));
            return;
          }
          try {
            boolean done = change.apply(handle);
            Settled settled = done ? Settled.DONE : Settled.STALE;
            writer.onSafe(Durability.SYNC, Outcome.completing(future, settled));
          } catch (CorruptRecordException e) {
            future.complete(Result.refused(ErrorCode.CORRUPT, "this held-back message is damaged"));
          } catch (RocksDBException e) {
            future.complete(Result.refused(ErrorCode.CORRUPT, "held-back messages cannot be read"));
          }
        });
    return future;
  }

  private void store(
      List<QueueWrites.Prepared> prepared, CompletableFuture<List<Result<SendReceipt>>> future) {
    BrokerError refused = writer.refusesNew();
    if (refused != null) {
      future.complete(all(prepared.size(), refused));
      return;
    }
    List<Result<SendReceipt>> results = new ArrayList<>(prepared.size());
    Durability durability = Durability.ASYNC;
    for (QueueWrites.Prepared each : prepared) {
      @Nullable Result<SendReceipt> refusal = writes.refusal(each.send());
      results.add(refusal == null ? Result.ok(writes.store(each)) : refusal);
      if (writes.durability(each.send().message().channel()) == Durability.SYNC) {
        durability = Durability.SYNC;
      }
    }
    writer.onSafe(durability, new SendOutcome(future, results));
  }

  private static List<Result<SendReceipt>> all(int count, BrokerError error) {
    List<Result<SendReceipt>> results = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      results.add(Result.refused(error));
    }
    return results;
  }

  private static <T> Result<T> notFound(String queue) {
    return Result.refused(ErrorCode.NOT_FOUND, "there is no queue " + queue);
  }

  private record SendOutcome(
      CompletableFuture<List<Result<SendReceipt>>> future, List<Result<SendReceipt>> results)
      implements Outcome {
    @Override
    public void safe() {
      future.complete(results);
    }

    @Override
    public void failed(BrokerError error) {
      future.complete(all(results.size(), error));
    }
  }
}
