// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

/** Makes the handler of each client of one listener. Safe from any thread. */
@FunctionalInterface
public interface ClientHandlers extends AutoCloseable {

  /** The handler of a client that asks to be let in. Called on the client's lane. */
  ClientHandler handler(Client client);

  /** No more clients come. */
  @Override
  default void close() {}
}
