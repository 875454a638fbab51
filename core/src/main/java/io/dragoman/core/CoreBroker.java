// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import io.dragoman.core.internal.BrokerServices;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineContext;

/**
 * The broker: the rules of messaging over an engine that keeps and moves messages.
 *
 * <pre>{@code
 * Metrics metrics = new Metrics();
 * Clock clock = DisciplinedClock.system().showIn(metrics);
 * EngineContext context = new EngineContext("node-1", clock, metrics, settings);
 * engine.start(context);
 * CoreBroker broker = new CoreBroker(engine, CoreOptions.DEFAULT, context);
 * }</pre>
 *
 * <p>To stop: {@link #beginDrain}, end the gateways' work, {@code engine.releaseWaiting()}, close
 * the sockets, {@link #close}, then close the engine.
 *
 * <p>All methods are safe from any thread. Only the constructor and {@link #close} may block.
 */
public final class CoreBroker implements Broker, AutoCloseable {
  private final BrokerServices services;

  /**
   * Takes the engine's ports into use. Asks the engine once for its channels, and waits for them.
   *
   * @param nodeName unique among the nodes of one broker
   * @param engine started, with the same clock and metrics; whoever started it also closes it
   */
  public CoreBroker(
      String nodeName, Engine engine, CoreOptions options, Metrics metrics, Clock clock) {
    this.services = new BrokerServices(nodeName, engine, options, metrics, clock);
  }

  /**
   * The same for an engine that was started with this context: its node name, metrics and clock are
   * the broker's.
   */
  public CoreBroker(Engine engine, CoreOptions options, EngineContext context) {
    this(context.nodeName(), engine, options, context.metrics(), context.clock());
  }

  @Override
  public Events events() {
    return services.events();
  }

  @Override
  public Logs logs() {
    return services.logs();
  }

  @Override
  public Queues queues() {
    return services.queues();
  }

  @Override
  public Requests requests() {
    return services.requests();
  }

  @Override
  public Channels channels() {
    return services.channels();
  }

  @Override
  public Dispatch dispatch() {
    return services.dispatch();
  }

  @Override
  public Connections connections() {
    return services.connections();
  }

  @Override
  public KeyValues keyValues() {
    return services.keyValues();
  }

  @Override
  public ChannelStats channelStats() {
    return services.channelStats();
  }

  @Override
  public Metrics metrics() {
    return services.metrics();
  }

  @Override
  public Clock clock() {
    return services.clock();
  }

  @Override
  public Health health() {
    return services.health();
  }

  @Override
  public String nodeName() {
    return services.nodeName();
  }

  /**
   * Readiness fails from now on, so that no new clients are sent here. All calls still work, but
   * groups of log subscribers are handed nothing more, so that each has an end to store.
   */
  public void beginDrain() {
    services.drain();
  }

  /**
   * Ends subscriptions and waiting requests with {@code SHUTTING_DOWN}, lets go of publishers that
   * wait, and waits up to 5 s until durable positions are stored. Calls that come later are
   * refused. Harmless when repeated. Does not close the engine.
   */
  @Override
  public void close() {
    services.close();
  }
}
