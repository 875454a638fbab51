// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A handler that decides about each request before anything is done for it, its body included: that
 * of a request which is not let in is not read, if it is large (see {@link HttpHandler#wantsBody}).
 * Decides once for each request.
 *
 * @param <D> what is decided
 */
public final class Gate<D> implements HttpHandler {
  private final Class<D> type;
  private final Function<HttpExchange, D> decide;
  private final Predicate<D> lets;
  private final BiConsumer<HttpExchange, D> then;

  /**
   * @param type of decisions, which nobody else attaches to exchanges
   * @param decide looks at the head of a request
   * @param lets whether a request with this decision is let in
   * @param then serves those that are, and tells the others
   */
  public Gate(
      Class<D> type,
      Function<HttpExchange, D> decide,
      Predicate<D> lets,
      BiConsumer<HttpExchange, D> then) {
    this.type = type;
    this.decide = decide;
    this.lets = lets;
    this.then = then;
  }

  @Override
  public void handle(HttpExchange exchange) {
    then.accept(exchange, decided(exchange));
  }

  @Override
  public boolean wantsBody(HttpExchange exchange) {
    D decision = decided(exchange);
    exchange.attach(decision);
    return lets.test(decision);
  }

  private D decided(HttpExchange exchange) {
    Object known = exchange.attachment();
    return type.isInstance(known) ? type.cast(known) : decide.apply(exchange);
  }
}
