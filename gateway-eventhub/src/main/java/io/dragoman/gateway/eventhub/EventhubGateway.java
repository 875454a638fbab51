// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub;

import io.dragoman.core.Broker;
import io.dragoman.gateway.eventhub.internal.EventhubInterface;
import io.dragoman.gateway.eventhub.internal.GatewayContext;
import io.dragoman.transport.Routes;

/**
 * Speaks the Eventhub dialect for a broker: JSON-RPC over WebSockets on any path, event streams,
 * and publishing over HTTP. Holds no messages and no threads of its own. Safe from any thread.
 *
 * <p>A publish is answered when the event is stored as its topic's durability says. Subscribers get
 * every event of a topic's log in order and without gap while they are connected, and are told on
 * reconnecting whether anything is missing.
 */
public final class EventhubGateway {
  private final EventhubInterface served;

  /** A gateway that takes clients at once. */
  public EventhubGateway(Broker broker, EventhubOptions options, EventhubSecurity security) {
    served = new EventhubInterface(new GatewayContext(broker, options, security));
  }

  /** Adds this dialect's routes to a listener that has others too. */
  public void addRoutes(Routes.Builder routes) {
    served.addTo(routes);
  }

  /** Adds what a listener has that serves this dialect alone. */
  public void addOwnRoutes(Routes.Builder routes) {
    served.addTo(routes);
    served.addOwn(routes);
  }
}
