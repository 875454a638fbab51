// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** How packets over TCP are told from each other. */
public interface PacketCodec {
  /** The first packet is not whole yet. */
  int INCOMPLETE = 0;

  /** This is no packet: the client is to be disconnected. */
  int INVALID = -1;

  /**
   * The bytes that the first packet takes, with all that is around it, {@link #INCOMPLETE} or
   * {@link #INVALID}. Does not read.
   */
  int packetLength(ByteBuf in);

  /**
   * The same, where it was {@link #INCOMPLETE} when only the first bytes were there.
   *
   * @param seen how many these were; 0 if nobody has looked yet
   */
  default int packetLength(ByteBuf in, int seen) {
    return packetLength(in);
  }

  /** What is in a packet, as a part of it; null when nobody is to be told of it. */
  @Nullable ByteBuf payload(ByteBuf packet);

  /** Writes a payload as a packet; gives false, and writes nothing, when it cannot be one. */
  boolean encode(ByteBuf out, byte[] payload);

  /** Whether it does the same for all clients that have this object. */
  default boolean shared() {
    return false;
  }
}
