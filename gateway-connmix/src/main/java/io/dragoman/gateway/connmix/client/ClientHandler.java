// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import io.netty.buffer.ByteBuf;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What happens with what one client does. Everything is told on the client's lane, which must not
 * be blocked; an exception that leaves a method is logged and closes the client. Pushes do not pass
 * here.
 */
public interface ClientHandler {

  /**
   * Whether the client is let in; asked first, before a WebSocket's handshake is answered. The
   * stage may complete later, on any thread.
   */
  default CompletionStage<Admission> admit() {
    return CompletableFuture.completedFuture(Admission.GRANTED);
  }

  /** The client was let in; it can be sent to from now on. */
  void onOpen();

  /**
   * A whole message arrived.
   *
   * @param payload a text's is valid UTF-8; released after the return
   */
  void onMessage(ByteBuf payload, boolean binary);

  /** Keys of the connection's context were set. Also before the client was let in. */
  default void onContext(Set<String> keys) {}

  /** The client reads again after it had been {@link Client#behind}. */
  default void onWritable() {}

  /** Whether something the client asked for is still to be answered. */
  default boolean working() {
    return false;
  }

  /**
   * The client is gone, or was not let in. Called exactly once; nothing is told after it.
   *
   * @param code as {@link io.dragoman.transport.WebSocketHandler#onClose} has it. TCP has no codes:
   *     it is our own if we closed, 1006 if the connection broke off, else 1000
   * @param reason what came with it; empty when nothing did
   */
  void onClose(int code, String reason);

  /**
   * How packets of this client are told from each other, over TCP; null when the configured framing
   * does it.
   */
  default @Nullable PacketCodec codec() {
    return null;
  }
}
