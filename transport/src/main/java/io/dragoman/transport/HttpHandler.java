// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import java.util.function.Predicate;

/** What answers the requests of one or more routes. */
@FunctionalInterface
public interface HttpHandler {

  /**
   * Takes one request, whose body is complete. Called on the connection's lane; must not block. The
   * exchange may be answered at once or later, from any thread; until then the connection takes up
   * no further request. An exception that leaves this method is logged and answered with 500.
   */
  void handle(HttpExchange exchange);

  /**
   * Whether the body of a request is to be read at all: asked before a large one is, or one whose
   * size is not known, so that nobody fills the budget for bodies who would not be served. If not,
   * {@link #handle} is called at once with the same exchange, which has an empty body then, and the
   * connection closed after the answer. The exchange is not to be answered or kept here; what is
   * attached to it is there again when the request is handled.
   */
  default boolean wantsBody(HttpExchange exchange) {
    return true;
  }

  /** A handler that wants no bodies, for what anybody may ask. */
  default HttpHandler withoutBody() {
    return wantingBodyIf(exchange -> false);
  }

  /** A handler that wants the bodies of these requests only. */
  default HttpHandler wantingBodyIf(Predicate<HttpExchange> wanted) {
    HttpHandler handler = this;
    return new HttpHandler() {
      @Override
      public void handle(HttpExchange exchange) {
        handler.handle(exchange);
      }

      @Override
      public boolean wantsBody(HttpExchange exchange) {
        return wanted.test(exchange) && handler.wantsBody(exchange);
      }
    };
  }
}
