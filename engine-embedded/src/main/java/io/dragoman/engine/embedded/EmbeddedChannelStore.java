// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelStore;
import io.dragoman.core.spi.Durability;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Making, deleting and listing channels, from any thread. */
final class EmbeddedChannelStore implements ChannelStore {
  private final Writer writer;
  private final ChannelTable channels;
  private final Queues queues;
  private final Logs logs;
  private final DelaySchedule delays;

  EmbeddedChannelStore(
      Writer writer, ChannelTable channels, Queues queues, Logs logs, DelaySchedule delays) {
    this.writer = writer;
    this.channels = channels;
    this.queues = queues;
    this.logs = logs;
    this.delays = delays;
  }

  @Override
  public CompletionStage<Result<Boolean>> create(Kind kind, String name) {
    return change(
        future -> {
          if (channels.exists(kind, name)) {
            future.complete(Result.ok(false));
          } else if (channels.full()) {
            future.complete(
                Result.refused(
                    ErrorCode.TOO_MANY_CHANNELS, "this node has as many channels as it may"));
          } else {
            open(kind, name);
            writer.onSafe(Durability.SYNC, Outcome.completing(future, true));
          }
        });
  }

  @Override
  public CompletionStage<Result<Boolean>> delete(Kind kind, String name) {
    return change(
        future -> {
          if (!channels.exists(kind, name)) {
            future.complete(Result.ok(false));
            return;
          }
          QueueState queue = kind == Kind.QUEUE ? channels.queue(name) : null;
          LogState log = kind == Kind.LOG ? channels.log(name) : null;
          channels.remove(kind, name);
          if (queue != null) {
            queues.deleted(queue);
          }
          if (log != null) {
            logs.deleted(log);
          }
          writer.onSafe(Durability.SYNC, Outcome.completing(future, true));
          if (queue != null && queue.delayed > 0) {
            delays.drop(queue.number);
          }
        });
  }

  @Override
  public CompletionStage<Result<List<ChannelInfo>>> list(Kind kind, String containing) {
    BrokerError refused = writer.refusesReads();
    return CompletableFuture.completedFuture(
        refused == null ? Result.ok(channels.list(kind, containing)) : Result.refused(refused));
  }

  private void open(Kind kind, String name) {
    switch (kind) {
      // Also an empty one is accounted for.
      case QUEUE -> writer.touch(channels.openQueue(name, queues));
      case LOG -> writer.touch(channels.openLog(name, logs));
      default -> channels.openPlain(kind, name);
    }
  }

  private interface Change {
    void apply(CompletableFuture<Result<Boolean>> future);
  }

  private CompletionStage<Result<Boolean>> change(Change change) {
    CompletableFuture<Result<Boolean>> future = new CompletableFuture<>();
    writer.submit(
        () -> {
          BrokerError refused = writer.refusesAll();
          if (refused != null) {
            future.complete(Result.refused(refused));
          } else {
            change.apply(future);
          }
        });
    return future;
  }
}
