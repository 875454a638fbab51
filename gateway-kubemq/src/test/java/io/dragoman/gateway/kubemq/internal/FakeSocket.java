// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dragoman.core.Lane;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WriteCounter;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A WebSocket that keeps what it is sent, as texts. */
final class FakeSocket implements WebSocket {
  final List<String> texts = new ArrayList<>();
  final List<WriteListener> listeners = new ArrayList<>();
  final TestLane lane;
  final WebSocketHandler handler;
  long pendingBytes;
  boolean countPending;
  boolean reading = true;
  boolean open = true;
  int writes;
  int closeCode;

  FakeSocket(TestLane lane, WebSocketHandler handler) {
    this.lane = lane;
    this.handler = handler;
  }

  void text(String json) {
    deliver(json);
    lane.runTasks();
  }

  /** Without what comes of it on the lane. Returns the payload, released as by the transport. */
  ByteBuf deliver(String json) {
    ByteBuf payload = Unpooled.wrappedBuffer(json.getBytes(UTF_8));
    handler.onText(this, payload);
    payload.release();
    return payload;
  }

  void close(int code) {
    open = false;
    handler.onClose(this, code, "");
    lane.runTasks();
  }

  String last() {
    return texts.get(texts.size() - 1);
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public ByteBufAllocator allocator() {
    return UnpooledByteBufAllocator.DEFAULT;
  }

  @Override
  public void send(ByteBuf payload) {
    writes++;
    texts.add(payload.toString(UTF_8));
    payload.release();
  }

  @Override
  public void writeFrames(ByteBuf framed, @Nullable WriteListener listener) {
    writes++;
    if (countPending) {
      pendingBytes += framed.readableBytes();
    }
    while (framed.isReadable()) {
      framed.skipBytes(1);
      int length = framed.readUnsignedByte();
      if (length == 126) {
        length = framed.readUnsignedShort();
      } else if (length == 127) {
        length = (int) framed.readLong();
      }
      texts.add(framed.readCharSequence(length, UTF_8).toString());
    }
    framed.release();
    if (listener != null) {
      listeners.add(listener);
    }
  }

  @Override
  public void writeFramesCounted(ByteBuf framed, WriteCounter counter) {
    int size = framed.readableBytes();
    writeFrames(framed, ok -> counter.written(ok ? size : 0));
  }

  @Override
  public void flush() {}

  @Override
  public void flushSoon() {}

  @Override
  public long pendingBytes() {
    return pendingBytes;
  }

  @Override
  public void closeAfterWrites(int code, String reason) {
    open = false;
    closeCode = code;
  }

  @Override
  public void failed(Throwable cause) {
    closeAfterWrites(1011, "");
  }

  @Override
  public boolean open() {
    return open;
  }

  @Override
  public @Nullable InetSocketAddress remote() {
    return null;
  }

  @Override
  public void pauseReading() {
    reading = false;
  }

  @Override
  public void resumeReading() {
    reading = true;
  }
}
