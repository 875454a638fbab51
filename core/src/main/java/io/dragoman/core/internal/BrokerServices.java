// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Channels;
import io.dragoman.core.Clock;
import io.dragoman.core.Connections;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.Dispatch;
import io.dragoman.core.Events;
import io.dragoman.core.Health;
import io.dragoman.core.KeyValues;
import io.dragoman.core.Logs;
import io.dragoman.core.Metrics;
import io.dragoman.core.Queues;
import io.dragoman.core.Requests;
import io.dragoman.core.spi.Engine;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * All parts of one broker, wired. {@link io.dragoman.core.CoreBroker} is its public face. Safe from
 * any thread.
 */
public final class BrokerServices implements Broker {
  /** How long a stop waits for durable positions; the engine's own close waits for the disk. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Channels of each kind that are counted by name; as many as metrics can be asked for. */
  private static final int COUNTED_CHANNELS_MAX = 10_000;

  private final ChannelStats channelStats = new ChannelStats(COUNTED_CHANNELS_MAX);
  private final String nodeName;
  private final Metrics metrics;
  private final Clock clock;
  private final Timers timers;
  private final EventService events;
  private final RequestService requests;
  private final LogService logs;
  private final QueueService queues;
  private final ChannelService channels;
  private final DispatchService dispatch;
  private final KeyValueService keyValues;
  private final ConnectionService connections;
  private final HealthService health;

  public BrokerServices(
      String nodeName, Engine engine, CoreOptions options, Metrics metrics, Clock clock) {
    this(nodeName, engine, options, metrics, clock, new SystemTimers());
  }

  BrokerServices(
      String nodeName,
      Engine engine,
      CoreOptions options,
      Metrics metrics,
      Clock clock,
      Timers timers) {
    this.nodeName = nodeName;
    this.metrics = metrics;
    this.clock = clock;
    this.timers = timers;
    CoreMetrics counted = new CoreMetrics(metrics);
    Checks checks = new Checks(options, counted);
    SubscriptionLimit limit = new SubscriptionLimit(options.subscriptionsMax(), counted);
    KnownChannels known = new KnownChannels(options);
    known.load(engine.channels());
    Positions positions =
        new Positions(engine.logs(), timers, counted, options.positionFlushMillis());
    LogContext logContext =
        new LogContext(
            engine.logs(), positions, timers, counted, options.logBatchMax(), new AtomicBoolean());
    events = new EventService(engine.events(), options, checks, limit, counted);
    requests =
        new RequestService(engine.requests(), options, checks, limit, counted, clock, timers);
    connections =
        new ConnectionService(options, checks, limit, counted, clock, events::pushed, events::want);
    events.attach(connections);
    PassOn passOn =
        options.logToEvents()
            ? new PassOn(() -> true, events::passOn)
            : new PassOn(connections::hasMembers, connections::pass);
    logs = new LogService(logContext, checks, known, limit, passOn);
    queues = new QueueService(engine.queues(), options, checks, known, counted);
    channels = new ChannelService(engine.channels(), checks, known, channelStats, requests);
    dispatch = new DispatchService(engine, events, queues, logs, passOn, checks, counted, clock);
    keyValues = new KeyValueService(engine.keyValues(), checks, counted);
    health = new HealthService(engine);
    engine.events().attach(events);
    engine.requests().attach(requests);
  }

  @Override
  public Events events() {
    return events;
  }

  @Override
  public Logs logs() {
    return logs;
  }

  @Override
  public Queues queues() {
    return queues;
  }

  @Override
  public Requests requests() {
    return requests;
  }

  @Override
  public Channels channels() {
    return channels;
  }

  @Override
  public Dispatch dispatch() {
    return dispatch;
  }

  @Override
  public KeyValues keyValues() {
    return keyValues;
  }

  @Override
  public Connections connections() {
    return connections;
  }

  @Override
  public ChannelStats channelStats() {
    return channelStats;
  }

  @Override
  public Metrics metrics() {
    return metrics;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Health health() {
    return health;
  }

  @Override
  public String nodeName() {
    return nodeName;
  }

  /**
   * From now on the broker is not ready. It still does all its work, but that groups of log
   * subscribers are handed nothing more.
   */
  public void drain() {
    health.drain();
    logs.drain();
  }

  /** Ends everything that is waiting, and waits until durable positions are with the engine. */
  public void close() {
    health.drain();
    requests.close();
    events.close();
    connections.close();
    try {
      logs.close().toCompletableFuture().get(CLOSE_NANOS, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      Loggers.BROKER.warn("stopping without having stored all durable positions", e);
    }
    timers.close();
  }
}
