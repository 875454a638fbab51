// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Echoes messages, and remembers what it was told. */
class WsRecorder implements WebSocketHandler {

  private final BlockingQueue<WebSocket> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
  private final BlockingQueue<byte[]> binary = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> writable = new LinkedBlockingQueue<>();

  static HttpHandler accept(WebSocketOptions options, WebSocketHandler handler) {
    return exchange -> exchange.acceptWebSocket(options, handler);
  }

  @Override
  public void onOpen(WebSocket socket) {
    assertThat(socket.lane().inLane()).isTrue();
    opened.add(socket);
  }

  @Override
  public void onText(WebSocket socket, ByteBuf payload) {
    String text = payload.toString(UTF_8);
    if (text.equals("throw")) {
      throw new IllegalStateException("a fault (on purpose)");
    }
    socket.send(payload.retain());
  }

  @Override
  public void onBinary(WebSocket socket, ByteBuf payload) {
    binary.add(ByteBufUtil.getBytes(payload));
  }

  @Override
  public void onWritable(WebSocket socket) {
    writable.add(true);
  }

  @Override
  public void onClose(WebSocket socket, int code, String reason) {
    assertThat(socket.lane().inLane()).isTrue();
    assertThat(socket.open()).isFalse();
    reasons.add(reason);
    closed.add(code);
  }

  WebSocket awaitOpen() {
    return take(opened);
  }

  byte[] awaitBinary() {
    return take(binary);
  }

  void awaitWritable() {
    assertThat(take(writable)).isTrue();
  }

  /** The one code that {@link #onClose} was called with. */
  int awaitClose() {
    int code = take(closed);
    assertThat(closed).isEmpty();
    return code;
  }

  /** The reason that came with the code. */
  String awaitReason() {
    return take(reasons);
  }

  /** The code of any one of many sockets. */
  int awaitCloseOfMany() {
    return take(closed);
  }

  private static <T> T take(BlockingQueue<T> queue) {
    try {
      T taken = queue.poll(10, TimeUnit.SECONDS);
      assertThat(taken).isNotNull();
      return taken;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
