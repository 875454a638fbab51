// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sets up the connections of one listener, or turns them away. */
@Sharable
final class Acceptor extends ChannelInitializer<Channel> {

  private final Endpoint endpoint;
  private final Map<EventLoop, Loop> loops;
  private final @Nullable Supplier<SslContext> tls;
  private final Executor handshakes;
  private final Kind kind;

  /** Makes what a connection is at first. */
  @FunctionalInterface
  interface Kind {
    Connection make(Channel channel, Endpoint endpoint, Loop loop);

    /** Whether its clients understand an HTTP answer. */
    default boolean http() {
      return false;
    }
  }

  /** Clients that speak HTTP. */
  static final Kind HTTP =
      new Kind() {
        @Override
        public Connection make(Channel channel, Endpoint endpoint, Loop loop) {
          return new HttpConnection(channel, endpoint, loop);
        }

        @Override
        public boolean http() {
          return true;
        }
      };

  /**
   * @param handshakes does what takes long in them; not used without TLS
   */
  Acceptor(
      Endpoint endpoint,
      Map<EventLoop, Loop> loops,
      @Nullable Supplier<SslContext> tls,
      Executor handshakes,
      Kind kind) {
    this.endpoint = endpoint;
    this.loops = loops;
    this.tls = tls;
    this.handshakes = handshakes;
    this.kind = kind;
  }

  @Override
  protected void initChannel(Channel channel) {
    Loop loop = Objects.requireNonNull(loops.get(channel.eventLoop()));
    if (tls != null) {
      channel.pipeline().addLast(new TlsHandler(tls.get(), channel.alloc(), handshakes));
    } else if (!kind.http()) {
      // Whoever has said all may still be waiting for answers.
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
    endpoint.metrics().accepted();
    switch (endpoint.gate().enter()) {
      case ADMITTED -> channel.pipeline().addLast(first(channel, loop));
      case TURNED_AWAY -> {
        if (kind.http()) {
          turnAway(channel, loop);
        } else {
          drop(channel);
        }
      }
      case DROPPED -> drop(channel);
    }
  }

  private Connection first(Channel channel, Loop loop) {
    return tls == null
        ? kind.make(channel, endpoint, loop)
        : new SecuringConnection(channel, endpoint, loop, kind);
  }

  private void drop(Channel channel) {
    endpoint.metrics().refusedByLimit();
    endpoint.gate().leave();
    channel
        .eventLoop()
        .execute(
            () -> {
              var unused = channel.close();
            });
  }

  private void turnAway(Channel channel, Loop loop) {
    endpoint.metrics().refusedByLimit();
    // Nothing can be said before TLS's handshake.
    long stallMillis =
        tls == null
            ? endpoint.transportOptions().closeWaitMillis()
            : endpoint.requestHeaderTimeoutMillis();
    ClosingConnection closing = new ClosingConnection(channel, endpoint, loop, stallMillis);
    channel.pipeline().addLast(closing);
    // Once the channel is active.
    channel
        .eventLoop()
        .execute(
            () -> {
              new ResponseWriter(channel, endpoint).writeError(503, "retry-after: 1\r\n");
              closing.begin(true);
            });
  }
}
