// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.atomic.LongAdder;

/**
 * A connection after its last byte was written.
 *
 * <p>Closing a socket while bytes of the client are unread makes the kernel send a reset, and a
 * reset makes the client's kernel throw away what it had received: the client would never see the
 * error it is about to be told. So the connection is closed in our direction only, what comes is
 * read and dropped, and it is closed for good when the client closes, or after a while.
 */
final class ClosingConnection extends Connection {

  /** A client that keeps sending regardless has had its chance. */
  private static final long DROPPED_BYTES_MAX = 16L << 20;

  private final long stallMillis;
  private long dropped;

  /**
   * @param stallMillis how long the client may take none of the bytes that are still to be sent
   */
  ClosingConnection(Channel channel, Endpoint endpoint, Loop loop, long stallMillis) {
    super(channel, endpoint, loop);
    this.stallMillis = stallMillis;
  }

  /**
   * To be called once, after the last write.
   *
   * @param awaitsClient whether the client may still be sending; if not, there is nothing to wait
   *     for
   */
  void begin(boolean awaitsClient) {
    expireAfter(stallMillis);
    if (!channel.config().isAutoRead() && !inputEnded()) {
      channel.config().setAutoRead(true);
    }
    var unused =
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(f -> closeOutput(awaitsClient));
    // What is left now is what the first look compares with: else it would see bytes that moved.
    var unusedMoves = outputMoves();
  }

  private void closeOutput(boolean awaitsClient) {
    boolean awaits = awaitsClient && channel.isActive() && !inputEnded();
    if (awaits && channel instanceof DuplexChannel duplex) {
      SslHandler tls = tls();
      if (tls == null) {
        shutdownOutput(duplex);
      } else {
        var unused = tls.closeOutbound().addListener(f -> shutdownOutput(duplex));
      }
    } else {
      closeNow();
    }
  }

  private void shutdownOutput(DuplexChannel duplex) {
    if (inputEnded()) {
      closeNow();
      return;
    }
    var unused = duplex.shutdownOutput();
    expireAfter(endpoint.transportOptions().closeWaitMillis());
  }

  /** Only seen where a client may close its direction alone, and with TLS. */
  private boolean inputEnded() {
    SslHandler tls = tls();
    return tls != null && tls.engine().isInboundDone()
        || channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    boolean ended =
        event instanceof ChannelInputShutdownEvent
            || event instanceof SslCloseCompletionEvent completion && completion.isSuccess();
    if (ended && channel instanceof DuplexChannel duplex && duplex.isOutputShutdown()) {
      closeNow();
    }
  }

  @Override
  void input(ByteBuf in) {
    dropped += in.readableBytes();
    in.release();
    if (dropped > DROPPED_BYTES_MAX) {
      closeNow();
    }
  }

  @Override
  void expired() {
    if (outputMoves()) {
      expireAfter(stallMillis);
    } else {
      closeNow();
    }
  }

  @Override
  void drain() {}

  @Override
  LongAdder gauge() {
    return endpoint.metrics().httpConnections();
  }
}
