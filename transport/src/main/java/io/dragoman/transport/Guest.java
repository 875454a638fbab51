// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;

/**
 * The place of a listener whose protocol another server speaks (gRPC): it shares the event loops,
 * the bound of open connections, the budget for bodies and the instruments of all listeners. Safe
 * from any thread.
 */
public interface Guest {

  /**
   * Makes server sockets for {@link Transport#eventLoops}. Their connections are counted; one too
   * many is closed at once, as what to say to its client is up to the protocol.
   */
  ChannelFactory<ServerChannel> sockets();

  /** The settings of the transport, for what the other server has to do by itself. */
  TransportOptions options();

  /**
   * Takes bytes of the budget for bodies in flight, as they arrive.
   *
   * @param whole how large the message is that they belong to, as far as is known
   * @return false if they do not fit; then nothing was taken
   */
  boolean reserve(long bytes, long whole);

  /** Gives bytes back that were reserved. */
  void release(long bytes);

  /** Counts a message that was refused because the budget was used up. */
  void refusedByBudget();

  /** Counts a message that was refused because it was too large. */
  void refusedBySize();
}
