// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Clock;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.Dispatch;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Events;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One message to several channels. What is stored goes into one commit; events follow when that is
 * done, so that nobody hears of something that was not kept. Safe from any thread.
 */
final class DispatchService implements Dispatch {
  private final Engine engine;
  private final Events events;
  private final QueueService queues;
  private final LogService logs;
  private final PassOn passOn;
  private final Checks checks;
  private final CoreMetrics metrics;
  private final Clock clock;

  DispatchService(
      Engine engine,
      Events events,
      QueueService queues,
      LogService logs,
      PassOn passOn,
      Checks checks,
      CoreMetrics metrics,
      Clock clock) {
    this.engine = engine;
    this.events = events;
    this.queues = queues;
    this.logs = logs;
    this.passOn = passOn;
    this.checks = checks;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Result<List<SendReceipt>>> dispatch(
      Message message, QueuePolicy policy, List<Destination> destinations) {
    if (destinations.isEmpty()) {
      return Calls.refusedStage(checks.refuse(ErrorCode.INVALID_ARGUMENT, "no destination"));
    }
    Message identified = Checks.withId(message);
    List<Message> copies = new ArrayList<>(destinations.size());
    List<Write> writes = new ArrayList<>(destinations.size());
    for (Destination each : destinations) {
      boolean alsoInLog =
          each.kind() == Kind.EVENTS
              && destinations.contains(new Destination(Kind.LOG, each.channel()));
      Message copy = identified.toBuilder().channel(each.channel()).alsoInLog(alsoInLog).build();
      BrokerError error = check(each.kind(), copy, policy);
      if (error != null) {
        return Calls.refusedStage(error);
      }
      copies.add(copy);
      if (each.kind().stored()) {
        writes.add(write(each.kind(), copy, policy));
      }
    }
    CompletionStage<Result<List<SendReceipt>>> stored =
        writes.isEmpty() ? Calls.okStage(List.of()) : engine.commit(writes);
    return Calls.then(stored, receipts -> publish(destinations, copies, receipts));
  }

  private @Nullable BrokerError check(Kind kind, Message message, QueuePolicy policy) {
    return switch (kind) {
      case EVENTS -> checks.message(message);
      case LOG -> logs.check(message);
      case QUEUE -> queues.check(new QueueSend(message, policy));
      case COMMAND, QUERY ->
          checks.refuse(
              ErrorCode.INVALID_ARGUMENT, "messages cannot be dispatched to a " + kind.label());
    };
  }

  private Write write(Kind kind, Message message, QueuePolicy policy) {
    return kind == Kind.LOG
        ? new Write.ToLog(message)
        : new Write.ToQueue(queues.completed(new QueueSend(message, policy)));
  }

  /** The destination that would make passing this on say the same twice. */
  private static Destination asEvent(Message appended) {
    return new Destination(Kind.EVENTS, appended.channel());
  }

  /** Publishes the events among the destinations and puts the receipts in order. */
  private CompletionStage<Result<List<SendReceipt>>> publish(
      List<Destination> destinations, List<Message> copies, List<SendReceipt> stored) {
    List<SendReceipt> all = new ArrayList<>(destinations.size());
    CompletionStage<Result<Boolean>> published = Calls.okStage(true);
    int next = 0;
    for (int i = 0; i < destinations.size(); i++) {
      Message copy = copies.get(i);
      Kind kind = destinations.get(i).kind();
      if (kind == Kind.EVENTS) {
        published = published.thenCombine(events.publish(copy), (before, now) -> now);
        all.add(new SendReceipt(copy.id(), clock.unixNanos(), 0, 0));
      } else {
        metrics.messageIn(kind, copy.body().length);
        SendReceipt receipt = stored.get(next++);
        all.add(receipt);
        if (kind == Kind.LOG && passOn.wanted() && !destinations.contains(asEvent(copy))) {
          published = published.thenCombine(passOn.appended(copy, true), (before, now) -> now);
        }
      }
    }
    // What is stored stays stored whatever becomes of the events, which may be lost by their
    // nature.
    return published.thenApply(last -> Result.ok(List.copyOf(all)));
  }
}
