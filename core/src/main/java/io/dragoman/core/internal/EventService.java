// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.EventBatch;
import io.dragoman.core.EventListener;
import io.dragoman.core.Events;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.EventTransport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Events: finds the receivers of what arrives on this node and hands it to their lanes. Who gets an
 * event, the member of each group included, is decided once, on the publisher's thread; the lanes
 * only deliver.
 *
 * <p>Safe from any thread. A publish that need not wait gives a stage that is complete already, the
 * same one every time; one that waits completes on the lane that made room.
 */
final class EventService implements Events, EventTransport.Sink {
  private static final CompletableFuture<Result<Boolean>> ACCEPTED =
      CompletableFuture.completedFuture(Result.ok(true));

  private final EventTransport transport;
  private final Checks checks;
  private final SubscriptionLimit limit;
  private final CoreMetrics metrics;
  private final LaneQueues<Message, EventListener> queues;
  private final SubscriptionIndex<Message, EventListener> index;
  private final Throttle listenerFaults = new Throttle();
  private @Nullable ConnectionService connections;
  private volatile boolean closed;

  EventService(
      EventTransport transport,
      CoreOptions options,
      Checks checks,
      SubscriptionLimit limit,
      CoreMetrics metrics) {
    this.transport = transport;
    this.checks = checks;
    this.limit = limit;
    this.metrics = metrics;
    this.queues = new LaneQueues<>(options.laneQueueBytesMax(), this::deliver);
    this.index =
        new SubscriptionIndex<>(
            queues,
            (filter, group) -> transport.register(new EventTransport.Interest(filter, group)));
    metrics.showLaneQueueBytes(queues::bytes);
  }

  /** Whoever holds connections, which hear of events too. To be told before anything else. */
  void attach(ConnectionService connections) {
    this.connections = connections;
  }

  @Override
  public CompletionStage<Result<Boolean>> publish(Message message) {
    BrokerError error = checks.message(message);
    if (error != null) {
      return Calls.refusedStage(error);
    }
    if (closed) {
      return Calls.refusedStage(checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping"));
    }
    metrics.messageIn(Kind.EVENTS, message.body().length);
    return transport.publish(Checks.withId(message));
  }

  /** Gives subscribers what is pushed to connections; checked there, and not counted there. */
  CompletionStage<Result<Boolean>> pushed(Message message) {
    metrics.messageIn(Kind.EVENTS, message.body().length);
    return transport.publish(message);
  }

  /** This node wants events of this channel, for its connections. */
  Subscription want(ChannelFilter channel) {
    return transport.register(new EventTransport.Interest(channel, null));
  }

  /**
   * Gives subscribers what was appended to the log of this name. It was checked there, and nobody
   * published it here, so it is not counted as coming in.
   */
  CompletionStage<Result<Boolean>> passOn(Message appended) {
    return closed ? ACCEPTED : transport.publish(appended.toBuilder().alsoInLog(true).build());
  }

  @Override
  public Result<Subscription> subscribe(
      ChannelFilter filter, @Nullable String group, Lane lane, EventListener listener) {
    BrokerError error = checks.filter(filter, group);
    if (error != null) {
      return Result.refused(error);
    }
    if (closed) {
      return Result.refused(checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping"));
    }
    if (!limit.take(Kind.EVENTS)) {
      return Result.refused(checks.refuse(ErrorCode.TOO_MANY_SUBSCRIPTIONS, limit.refusal()));
    }
    return Result.ok(
        index.subscribe(filter, group, lane, listener, () -> limit.giveBack(Kind.EVENTS)));
  }

  @Override
  public CompletionStage<Result<Boolean>> onEvent(
      Message message, EventTransport.@Nullable Interest interest) {
    CompletionStage<Result<Boolean>> sent =
        send(
            message,
            interest == null
                ? index.route(message.channel())
                : index.route(interest.filter(), interest.group()));
    ConnectionService held = connections;
    return interest == null && held != null ? held.pass(message, sent) : sent;
  }

  /** Refuses what comes from now on, and lets go of publishers that wait. */
  void close() {
    closed = true;
    queues.close();
  }

  private CompletionStage<Result<Boolean>> send(
      Message message, Route<Message, EventListener> route) {
    if (route.isEmpty()) {
      return ACCEPTED;
    }
    int weight = message.weight();
    List<LaneQueue<Message, EventListener>> full = null;
    for (Target<Message, EventListener> target : route.lanes()) {
      full = offer(message, weight, target, full);
    }
    for (List<Receiver<Message, EventListener>> group : route.groups()) {
      full = offer(message, weight, chosen(group).alone(), full);
    }
    return full == null ? ACCEPTED : whenRoom(full);
  }

  private static @Nullable List<LaneQueue<Message, EventListener>> offer(
      Message message,
      int weight,
      Target<Message, EventListener> target,
      @Nullable List<LaneQueue<Message, EventListener>> full) {
    if (target.queue().offer(message, weight, target)) {
      return full;
    }
    List<LaneQueue<Message, EventListener>> all = full == null ? new ArrayList<>(2) : full;
    all.add(target.queue());
    return all;
  }

  private static <E, L> Receiver<E, L> chosen(List<Receiver<E, L>> group) {
    int size = group.size();
    return group.get(size == 1 ? 0 : ThreadLocalRandom.current().nextInt(size));
  }

  private CompletionStage<Result<Boolean>> whenRoom(List<LaneQueue<Message, EventListener>> full) {
    metrics.publishWaits().increment();
    CompletionStage<Result<Boolean>> all = full.get(0).whenRoom();
    for (int i = 1; i < full.size(); i++) {
      all = all.thenCombine(full.get(i).whenRoom(), (one, other) -> one);
    }
    return all;
  }

  private void deliver(List<Message> run, List<Receiver<Message, EventListener>> receivers) {
    EventBatch batch = new EventBatch(Collections.unmodifiableList(run));
    for (Receiver<Message, EventListener> receiver : receivers) {
      EventListener listener = receiver.listener();
      if (listener != null) {
        deliver(batch, listener);
      }
    }
    metrics.messagesOut(Kind.EVENTS, (long) run.size() * receivers.size());
    try {
      batch.release();
    } catch (RuntimeException e) {
      fault(e);
    }
  }

  private void deliver(EventBatch batch, EventListener listener) {
    try {
      listener.onEvents(batch);
    } catch (Throwable e) {
      // Whatever is wrong with this receiver, the others and what is queued behind must not suffer.
      fault(e);
    }
  }

  private void fault(Throwable e) {
    metrics.listenerFailures().increment();
    if (listenerFaults.pass()) {
      Loggers.DELIVERY.error("a receiver of events failed", e);
    }
  }
}
