// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Broker;
import io.dragoman.gateway.connmix.ConnmixOptions;

/** What all interfaces of one connmix gateway share. Safe from any thread. */
public final class GatewayContext {
  private final Broker broker;
  private final ConnmixOptions options;
  private final Methods methods;

  /** A context that takes clients at once. */
  public GatewayContext(Broker broker, ConnmixOptions options) {
    this.broker = broker;
    this.options = options;
    this.methods = new Methods(broker.connections());
  }

  Broker broker() {
    return broker;
  }

  ConnmixOptions options() {
    return options;
  }

  Methods methods() {
    return methods;
  }
}
