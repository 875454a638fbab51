// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.security.Watch;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBuf;

/** A WebSocket that is closed when the token expires that it was opened with. For one lane. */
final class ExpiringSocket implements WebSocketHandler {
  private final Entrance entrance;
  private final Caller caller;
  private final WebSocketHandler handler;
  private Watch watch = Watch.NONE;

  ExpiringSocket(Entrance entrance, Caller caller, WebSocketHandler handler) {
    this.entrance = entrance;
    this.caller = caller;
    this.handler = handler;
  }

  @Override
  public void onOpen(WebSocket socket) {
    watch =
        entrance.watch(
            caller,
            socket.lane(),
            () -> socket.closeAfterWrites(WebSockets.POLICY_VIOLATION, Entrance.expired()));
    handler.onOpen(socket);
  }

  @Override
  public void onText(WebSocket socket, ByteBuf payload) {
    handler.onText(socket, payload);
  }

  @Override
  public void onBinary(WebSocket socket, ByteBuf payload) {
    handler.onBinary(socket, payload);
  }

  @Override
  public boolean working() {
    return handler.working();
  }

  @Override
  public void onWritable(WebSocket socket) {
    handler.onWritable(socket);
  }

  @Override
  public void onClose(WebSocket socket, int code, String reason) {
    watch.cancel();
    handler.onClose(socket, code, reason);
  }
}
