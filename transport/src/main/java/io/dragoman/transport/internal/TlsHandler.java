// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;

/** TLS of one connection, whose handshake is done by other threads than the event loop's. */
final class TlsHandler extends SslHandler {

  /** What comes while a step of the handshake is done is kept, and no client has so much to say. */
  private static final long HANDSHAKE_BYTES_MAX = 1 << 20;

  private long handshakeBytes;

  TlsHandler(SslContext context, ByteBufAllocator allocator, Executor steps) {
    super(context.newEngine(allocator), steps);
    setHandshakeTimeoutMillis(0); // Like all deadlines it is kept by the loop.
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (!handshakeFuture().isDone()) {
      ByteBuf in = (ByteBuf) message;
      handshakeBytes += in.readableBytes();
      if (handshakeBytes > HANDSHAKE_BYTES_MAX) {
        in.release();
        SSLException cause = new SSLException("too much before the end of the handshake");
        ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(cause));
        var unused = ctx.close();
        return;
      }
    }
    super.channelRead(ctx, message);
  }
}
