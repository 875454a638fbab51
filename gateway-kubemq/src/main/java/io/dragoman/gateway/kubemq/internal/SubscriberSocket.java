// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.ChannelStats;
import io.dragoman.core.Kind;
import io.dragoman.core.Subscription;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket on which a subscriber is sent messages. What the client says is read and ignored. For
 * one lane.
 *
 * <p>The subscription is made before the socket is opened, so that it can still be refused, and so
 * that a client that has seen the handshake's answer misses nothing. It ends with whichever of the
 * request and the socket ends.
 */
abstract class SubscriberSocket implements WebSocketHandler {
  private final GatewayContext context;
  private final Use use;
  private final Kind kind;
  private final String channel;
  private @Nullable Subscription subscription;
  private @Nullable WebSocket socket;
  private ChannelStats.@Nullable Entry countedIn;
  private boolean gone;

  SubscriberSocket(GatewayContext context, Use use, Kind kind, String channel) {
    this.context = context;
    this.use = use;
    this.kind = kind;
    this.channel = channel;
  }

  /** Opens the socket for a subscription that stands. */
  final void accept(HttpExchange exchange, Subscription made) {
    subscription = made;
    exchange.onDisconnect(this::close);
    if (!gone) {
      WebSockets.accept(context, exchange, this);
    }
  }

  final GatewayContext context() {
    return context;
  }

  /** The socket while messages can be sent, else null. */
  final @Nullable WebSocket socket() {
    return socket != null && socket.open() ? socket : null;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    context.restStats().opened(use);
    countedIn = context.restStats().receiverCame(kind, channel);
  }

  @Override
  public final void onText(WebSocket from, ByteBuf payload) {
    // Nothing is expected here.
  }

  @Override
  public final void onClose(WebSocket closed, int code, String reason) {
    socket = null;
    context.restStats().closed(use);
    if (countedIn != null) {
      context.restStats().receiverLeft(kind, channel, countedIn);
    }
    close();
  }

  private void close() {
    gone = true;
    if (subscription != null) {
      subscription.close();
    }
  }
}
