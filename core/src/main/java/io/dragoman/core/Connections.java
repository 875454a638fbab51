// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/**
 * The connections of clients that are pushed to, by their ids and by channels. At most once: what
 * is taken is in the socket's buffer of a connection that is open; nothing is kept for those that
 * are not. All methods from any thread.
 *
 * <p>What one thread sends and publishes reaches each connection in that order, also when both are
 * mixed. A connection is a member as soon as subscribing has returned.
 */
public interface Connections {

  /**
   * Adds a client's connection.
   *
   * @param lane where the listener is called
   */
  Result<Connection> open(Lane lane, ConnectionListener listener);

  /**
   * Pushes to one connection. Gives whether its socket buffer took it; refused with {@code
   * NOT_FOUND} when there is no such connection. When its lane has no room it completes only once
   * there is, which is how a sender is slowed down.
   */
  CompletionStage<Result<Boolean>> send(long id, Push push);

  /**
   * Pushes to every member of the channel that the message names, and counts. The same is published
   * as an event of that channel, for receivers of other dialects. A member is pushed to once,
   * whoever it is; a member at the moment of the call is either told or counted as failed.
   */
  CompletionStage<Result<PublishCount>> publish(Push push);

  /**
   * Does something to a connection. Gives its context afterwards, and when it was set, once the
   * connection's listener has heard of it; refused with {@code NOT_FOUND} when there is no such
   * connection.
   */
  CompletionStage<Result<Map<String, String>>> call(long id, ConnectionCall call);

  /** The number of the node that made this id; none when no node of this broker can have. */
  OptionalInt nodeOf(long id);

  /** This node's number, which the ids of its connections hold: 0 to 1,023. */
  int nodeNumber();

  /** Connections that are open now on this node. */
  int count();
}
