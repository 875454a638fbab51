// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Broker;
import io.dragoman.gateway.connmix.client.ClientHandlers;
import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientOptions.Protocol;
import io.dragoman.gateway.connmix.client.ClientOptions.SlowConsumer;
import io.dragoman.transport.TcpOptions;
import io.dragoman.transport.WebSocketOptions;

/** What all clients of one listener share. Safe from any thread. */
public final class EndpointContext {
  private final Broker broker;
  private final ClientOptions options;
  private final ClientHandlers handlers;
  private final ClientTraffic traffic;
  private final FrameEncoder encoder;

  /** A context that takes clients at once. */
  public EndpointContext(Broker broker, ClientOptions options, ClientHandlers handlers) {
    this.broker = broker;
    this.options = options;
    this.handlers = handlers;
    boolean webSocket = options.protocol() == Protocol.WEBSOCKET;
    this.traffic = new ClientTraffic(broker.metrics(), options.protocol());
    this.encoder =
        webSocket ? FrameEncoder.WEB_SOCKET : FrameEncoder.of(options.framing().orElseThrow());
  }

  Broker broker() {
    return broker;
  }

  ClientOptions options() {
    return options;
  }

  ClientHandlers handlers() {
    return handlers;
  }

  ClientTraffic traffic() {
    return traffic;
  }

  /** What all clients have that have none of their own. */
  FrameEncoder encoder() {
    return encoder;
  }

  WebSocketOptions webSocket() {
    return WebSocketOptions.defaults()
        .withMessageBytesMax(options.messageBytesMax())
        .withSubprotocols(options.subprotocols())
        .withPingMillis(options.pingMillis())
        .withTimeouts(options.readTimeoutMillis(), writeTimeoutMillis())
        .withPendingBytes(high(), low(), most());
  }

  /** The settings of TCP connections. */
  public TcpOptions tcp() {
    return new TcpOptions(options.readTimeoutMillis(), writeTimeoutMillis(), high(), low(), most());
  }

  private long writeTimeoutMillis() {
    return options.slowConsumer() == SlowConsumer.CLOSE ? options.writeTimeoutMillis() : 0;
  }

  private int high() {
    return options.sendBufferBytes();
  }

  private int low() {
    return Math.max(1, high() / 2);
  }

  private long most() {
    return Math.max(WebSocketOptions.defaults().pendingBytesMax(), 4L * high());
  }
}
