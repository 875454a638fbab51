// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Clock;
import io.dragoman.core.Connection;
import io.dragoman.core.ConnectionCall;
import io.dragoman.core.ConnectionListener;
import io.dragoman.core.Connections;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.PublishCount;
import io.dragoman.core.Push;
import io.dragoman.core.PushBatch;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connections of clients on this node. Members of channels are found as receivers of events are,
 * and told lane by lane; what is for one connection goes through its lane's same queue, so that
 * both keep their order. Safe from any thread.
 */
final class ConnectionService
    implements Connections, LaneQueue.Deliverer<Pushed, ConnectionListener> {
  private static final CompletionStage<Result<Boolean>> ROOM = Calls.okStage(true);

  private final CoreOptions options;
  private final Checks checks;
  private final SubscriptionLimit limit;
  private final CoreMetrics metrics;
  private final Function<Message, CompletionStage<Result<Boolean>>> toEvents;
  private final ConnectionIds ids;
  private final int node;
  private final LaneQueues<Pushed, ConnectionListener> queues;
  private final SubscriptionIndex<Pushed, ConnectionListener> members;
  private final Map<Long, ClientConnection> connections = new ConcurrentHashMap<>();
  private final Throttle listenerFaults = new Throttle();
  private volatile boolean closed;

  /**
   * @param toEvents publishes to receivers of events, of every dialect but this
   * @param interests tells the engine that this node has members of a channel
   */
  ConnectionService(
      CoreOptions options,
      Checks checks,
      SubscriptionLimit limit,
      CoreMetrics metrics,
      Clock clock,
      Function<Message, CompletionStage<Result<Boolean>>> toEvents,
      Function<ChannelFilter, Subscription> interests) {
    this.node = options.nodeNumber();
    this.options = options;
    this.checks = checks;
    this.limit = limit;
    this.metrics = metrics;
    this.toEvents = toEvents;
    this.ids = new ConnectionIds(clock, node);
    this.queues = new LaneQueues<>(options.laneQueueBytesMax(), this);
    this.members = new SubscriptionIndex<>(queues, (filter, group) -> interests.apply(filter));
  }

  @Override
  public Result<Connection> open(Lane lane, ConnectionListener listener) {
    if (closed) {
      return Result.refused(checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping"));
    }
    ClientConnection connection =
        new ClientConnection(
            this, ids.next(), lane, listener, new Receiver<>(queues.acquire(lane), listener));
    connections.put(connection.id(), connection);
    return Result.ok(connection);
  }

  @Override
  public CompletionStage<Result<Boolean>> send(long id, Push push) {
    BrokerError error = checks.size(push.message());
    if (error != null) {
      return Calls.refusedStage(error);
    }
    ClientConnection connection = connections.get(id);
    if (connection == null) {
      return Calls.refusedStage(unknown(id));
    }
    PushTally tally = new PushTally(1);
    offer(new Pushed(push, tally), connection.alone());
    return tally.outcome().thenApply(count -> Result.ok(count.taken() == 1));
  }

  @Override
  public CompletionStage<Result<PublishCount>> publish(Push push) {
    BrokerError error = checks.message(push.message());
    if (error != null) {
      return Calls.refusedStage(error);
    }
    if (closed) {
      return Calls.refusedStage(checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping"));
    }
    Message message = Checks.withId(push.message());
    CompletionStage<Result<PublishCount>> counted = counted(new Push(message, push.binary()));
    CompletionStage<Result<Boolean>> others =
        toEvents.apply(message.toBuilder().alsoPushed(true).build());
    return counted.thenCombine(others, (count, told) -> count);
  }

  private CompletionStage<Result<PublishCount>> counted(Push push) {
    Route<Pushed, ConnectionListener> route = members.route(push.message().channel());
    if (route.isEmpty()) {
      return Calls.okStage(new PublishCount(0, 0));
    }
    PushTally tally = new PushTally(route.lanes().size());
    Pushed pushed = new Pushed(push, tally);
    for (Target<Pushed, ConnectionListener> target : route.lanes()) {
      offer(pushed, target);
    }
    return tally.outcome().thenApply(Result::ok);
  }

  /** The same without anything before. */
  CompletionStage<Result<Boolean>> pass(Message message) {
    return pass(message, ROOM);
  }

  /**
   * Pushes what was published in another dialect to the members of its channel, uncounted. Gives
   * when their lanes have room, after what is given.
   */
  CompletionStage<Result<Boolean>> pass(Message message, CompletionStage<Result<Boolean>> before) {
    Route<Pushed, ConnectionListener> route = members.route(message.channel());
    if (message.alsoPushed() || route.isEmpty()) {
      return before;
    }
    Pushed pushed = new Pushed(message);
    CompletionStage<Result<Boolean>> room = before;
    for (Target<Pushed, ConnectionListener> target : route.lanes()) {
      if (!offer(pushed, target)) {
        room = room.thenCombine(target.queue().whenRoom(), (one, other) -> one);
      }
    }
    return room;
  }

  private static boolean offer(Pushed pushed, Target<Pushed, ConnectionListener> target) {
    return target.queue().offer(pushed, pushed.message().weight(), target);
  }

  @Override
  public CompletionStage<Result<Map<String, String>>> call(long id, ConnectionCall call) {
    ClientConnection connection = connections.get(id);
    if (connection == null) {
      return Calls.refusedStage(unknown(id));
    }
    Result<Boolean> outcome = Result.ok(true);
    if (call instanceof ConnectionCall.SetContext set) {
      outcome = connection.setContext(set.values());
      if (outcome instanceof Result.Ok<Boolean>) {
        return afterTelling(connection);
      }
    } else if (call instanceof ConnectionCall.Subscribe subscribe) {
      outcome = connection.subscribe(subscribe.channels());
    } else if (call instanceof ConnectionCall.Unsubscribe unsubscribe) {
      connection.unsubscribe(unsubscribe.channels());
    } else if (call instanceof ConnectionCall.Close close) {
      connection
          .lane()
          .execute(() -> connection.listener().onCloseAsked(close.code(), close.reason()));
    }
    return outcome instanceof Result.Refused<Boolean> refused
        ? Calls.refusedStage(refused.error())
        : Calls.okStage(connection.context());
  }

  /**
   * The context, once the listener has heard of what was set: the caller may rely on what follows
   * from it, such as the channels that the connection becomes a member of by it.
   */
  private static CompletionStage<Result<Map<String, String>>> afterTelling(
      ClientConnection connection) {
    CompletableFuture<Result<Map<String, String>>> told = new CompletableFuture<>();
    connection.lane().execute(() -> told.complete(Result.ok(connection.context())));
    return told;
  }

  @Override
  public OptionalInt nodeOf(long id) {
    return id > 0 ? OptionalInt.of(ConnectionIds.node(id)) : OptionalInt.empty();
  }

  @Override
  public int nodeNumber() {
    return node;
  }

  @Override
  public int count() {
    return connections.size();
  }

  /** Whether any channel has members; a moment's answer. */
  boolean hasMembers() {
    return !members.isEmpty();
  }

  /** Connmix' channels have no blanks. */
  @Nullable BrokerError checkChannel(String channel) {
    BrokerError error = checks.name("channel", channel);
    if (error == null && channel.indexOf(' ') >= 0) {
      return checks.refuse(ErrorCode.INVALID_NAME, "the channel name has a blank");
    }
    return error;
  }

  @Nullable BrokerError checkContext(int length) {
    if (length <= options.connectionContextMax()) {
      return null;
    }
    return checks.refuse(
        ErrorCode.TOO_LARGE,
        "the context would have "
            + length
            + " characters, over the limit of "
            + options.connectionContextMax());
  }

  /** Makes a connection a member of a channel, when it is one of so many. */
  Result<Subscription> join(String channel, ClientConnection connection, int memberships) {
    if (memberships >= options.connectionChannelsMax()) {
      return Result.refused(
          checks.refuse(
              ErrorCode.TOO_MANY_SUBSCRIPTIONS,
              "the connection is a member of "
                  + options.connectionChannelsMax()
                  + " channels, as many as it may"));
    }
    if (!limit.take(Kind.EVENTS)) {
      return Result.refused(checks.refuse(ErrorCode.TOO_MANY_SUBSCRIPTIONS, limit.refusal()));
    }
    metrics.joins().increment();
    return Result.ok(
        members.subscribe(
            ChannelFilter.exact(channel),
            null,
            connection.lane(),
            connection.listener(),
            () -> limit.giveBack(Kind.EVENTS)));
  }

  void closed(ClientConnection connection) {
    connections.remove(connection.id());
    queues.release(connection.lane());
  }

  /** Refuses what comes from now on, and lets go of senders that wait. */
  void close() {
    closed = true;
    queues.close();
  }

  private BrokerError unknown(long id) {
    return checks.refuse(ErrorCode.NOT_FOUND, "no connection has the id " + id);
  }

  @Override
  public void deliver(List<Pushed> run, List<Receiver<Pushed, ConnectionListener>> receivers) {
    List<Push> pushes = new ArrayList<>(run.size());
    run.forEach(each -> pushes.add(each.push()));
    PushBatch batch = new PushBatch(Collections.unmodifiableList(pushes));
    // How many receivers took the first n and no more.
    int[] tookFirst = new int[run.size() + 1];
    int[] skipped = new int[run.size()];
    for (Receiver<Pushed, ConnectionListener> receiver : receivers) {
      ConnectionListener listener = receiver.listener();
      int took = listener == null ? 0 : tell(batch, listener);
      tookFirst[took]++;
      BitSet places = batch.takeSkipped();
      if (places != null) {
        for (int i = places.nextSetBit(0); i >= 0 && i < took; i = places.nextSetBit(i + 1)) {
          skipped[i]++;
        }
      }
    }
    int taken = 0;
    long all = 0;
    for (int i = run.size(); i > 0; i--) {
      taken += tookFirst[i];
      int took = taken - skipped[i - 1];
      all += took;
      run.get(i - 1).done(took, receivers.size() - took);
    }
    metrics.pushes(all, (long) run.size() * receivers.size() - all);
    try {
      batch.release();
    } catch (RuntimeException e) {
      fault(e);
    }
  }

  private int tell(PushBatch batch, ConnectionListener listener) {
    try {
      return listener.onPushes(batch);
    } catch (Throwable e) {
      // Whatever is wrong with this connection, the others and what is queued behind must not
      // suffer.
      fault(e);
      return 0;
    }
  }

  @Override
  public void dropped(Pushed pushed, List<Receiver<Pushed, ConnectionListener>> receivers) {
    pushed.done(0, receivers.size());
  }

  private void fault(Throwable e) {
    metrics.listenerFailures().increment();
    if (listenerFaults.pass()) {
      Loggers.DELIVERY.error("a connection could not be pushed to", e);
    }
  }
}
