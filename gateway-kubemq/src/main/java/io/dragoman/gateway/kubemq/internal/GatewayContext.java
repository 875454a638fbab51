// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Clock;
import io.dragoman.core.Metrics;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.gateway.kubemq.KubemqSecurity;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What all interfaces of one KubeMQ gateway share. Safe from any thread. */
public final class GatewayContext {
  private final Broker broker;
  private final KubemqOptions options;
  private final Timers timers;
  private final LargeBodies largeBodies = new LargeBodies();
  private final Checks checks;
  private final Entrance entrance;
  private final QueueRules queueRules;
  private final RequestSender requestSender;
  private final Routing routing;
  private final InterfaceStats restStats;
  private final InterfaceStats grpcStats;
  private final Metrics.Counter dropped;
  private final Metrics.Counter paused;
  private final Metrics.Counter sendersPaused;
  private final Metrics.Counter monitorDropped;
  private final long startedAtSeconds;
  private volatile boolean accepting = true;

  /** A context that accepts requests. */
  public GatewayContext(Broker broker, KubemqOptions options) {
    this(broker, options, Timers.SYSTEM);
  }

  /**
   * The same with routes that senders can name.
   *
   * @param routes asked for each message that names one
   * @param security who may ask for anything
   */
  public GatewayContext(
      Broker broker, KubemqOptions options, Supplier<RouteTable> routes, KubemqSecurity security) {
    this(broker, options, routes, security, Timers.SYSTEM);
  }

  GatewayContext(Broker broker, KubemqOptions options, Timers timers) {
    this(broker, options, () -> RouteTable.EMPTY, KubemqSecurity.open(), timers);
  }

  private GatewayContext(
      Broker broker,
      KubemqOptions options,
      Supplier<RouteTable> routes,
      KubemqSecurity security,
      Timers timers) {
    this.broker = broker;
    this.options = options;
    this.timers = timers;
    this.checks = new Checks(options.queueLimits());
    this.entrance = new Entrance(checks, security);
    this.queueRules = new QueueRules(options.queueLimits());
    this.requestSender = new RequestSender(this);
    this.routing = new Routing(this, routes);
    this.restStats = new InterfaceStats(broker.metrics(), broker.channelStats(), "rest");
    this.grpcStats = new InterfaceStats(broker.metrics(), broker.channelStats(), "grpc");
    this.dropped = SlowReceiver.counter(broker.metrics());
    this.paused = SlowReceiver.pauses(broker.metrics());
    this.sendersPaused = OrderedSends.pauses(broker.metrics());
    this.monitorDropped = MonitorEndpoint.dropped(broker.metrics());
    this.startedAtSeconds = nowSeconds(broker.clock());
  }

  /** Whether requests are taken; if not, each is answered with 503. */
  public void accepting(boolean accept) {
    accepting = accept;
  }

  boolean accepting() {
    return accepting;
  }

  /** Whether requests are taken and can be carried out. */
  boolean isReady() {
    return accepting && broker.health().ready();
  }

  /** The largest body of one message. */
  public long messageBytesMax() {
    return options.messageBytesMax();
  }

  Broker broker() {
    return broker;
  }

  KubemqOptions options() {
    return options;
  }

  Timers timers() {
    return timers;
  }

  LargeBodies largeBodies() {
    return largeBodies;
  }

  /** Where everybody comes in. */
  Entrance entrance() {
    return entrance;
  }

  QueueRules queueRules() {
    return queueRules;
  }

  /** Where commands and queries go. */
  RequestSender requestSender() {
    return requestSender;
  }

  /** For messages whose channel is a list. */
  Routing routing() {
    return routing;
  }

  InterfaceStats restStats() {
    return restStats;
  }

  InterfaceStats grpcStats() {
    return grpcStats;
  }

  /** A new subscriber's bound. */
  SlowReceiver slowReceiver() {
    return new SlowReceiver(options.subscriberBufferBytes(), broker.clock(), dropped);
  }

  /** Counts log subscriptions that were paused. */
  Metrics.Counter paused() {
    return paused;
  }

  /** Counts streams of senders that were not read for a while. */
  Metrics.Counter sendersPaused() {
    return sendersPaused;
  }

  /** Counts what monitors missed. */
  Metrics.Counter monitorDropped() {
    return monitorDropped;
  }

  long startedAtSeconds() {
    return startedAtSeconds;
  }

  long upSeconds() {
    return nowSeconds(broker.clock()) - startedAtSeconds;
  }

  private static long nowSeconds(Clock clock) {
    return TimeUnit.NANOSECONDS.toSeconds(clock.unixNanos());
  }
}
