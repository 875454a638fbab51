// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.atomic.LongAdder;

/**
 * A connection whose TLS handshake is under way. It becomes what the listener is for when that is
 * done, so that nobody hears of clients that never get so far.
 */
final class SecuringConnection extends Connection {

  private final Acceptor.Kind kind;

  SecuringConnection(Channel channel, Endpoint endpoint, Loop loop, Acceptor.Kind kind) {
    super(channel, endpoint, loop);
    this.kind = kind;
    expireAfter(endpoint.requestHeaderTimeoutMillis());
  }

  @Override
  LongAdder gauge() {
    EndpointMetrics metrics = endpoint.metrics();
    return kind.http() ? metrics.httpConnections() : metrics.tcpConnections();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent completion)) {
      super.userEventTriggered(ctx, event);
    } else if (completion.isSuccess()) {
      secured();
    } else {
      failed(completion.cause());
    }
  }

  private void secured() {
    Connection next = kind.make(channel, endpoint, loop);
    if (kind.http()) {
      next.expireWith(this);
    } else {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
    succeed(next);
    if (next instanceof SocketConnection socket) {
      socket.opened();
    }
    if (endpoint.draining()) {
      next.drain();
    }
  }

  /** Who just goes is not turned away. */
  private void failed(Throwable cause) {
    if (channel.isActive()) {
      endpoint.metrics().refusedByTls();
    }
    Loggers.CONNECTIONS.debug("{}: no TLS: {}", endpoint.name(), cause.toString());
  }

  /** Nothing comes before the handshake is done. */
  @Override
  void input(ByteBuf in) {
    in.release();
  }

  @Override
  void expired() {
    endpoint.metrics().refusedByTls();
    Loggers.CONNECTIONS.debug("{}: no TLS: the handshake took too long", endpoint.name());
    closeBeneathTls();
  }

  @Override
  void drain() {
    closeBeneathTls();
  }

  @Override
  void abandon() {
    closeBeneathTls();
  }
}
