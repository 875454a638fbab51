// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import java.util.concurrent.CompletionStage;

/** What events of this dialect mean to the core. */
final class EventRules {

  private EventRules() {}

  /** Stored events and others are two name spaces. */
  static Kind kind(Inputs.Event event) {
    return event.store() ? Kind.LOG : Kind.EVENTS;
  }

  /** Sends an event that has passed the checks. */
  static CompletionStage<? extends Result<?>> send(
      Broker broker, Caller caller, Inputs.Event event) {
    Message message = caller.signed(event.message());
    return event.store() ? broker.logs().append(message) : broker.events().publish(message);
  }
}
