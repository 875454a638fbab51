// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dragoman.core.Lane;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Query;
import io.dragoman.transport.ResponseListener;
import io.dragoman.transport.StreamHandler;
import io.dragoman.transport.StreamOptions;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A request made by a test, which keeps its answer. */
final class FakeExchange implements HttpExchange {
  final TestLane lane = new TestLane();
  final Map<String, String> responseHeaders = new HashMap<>();
  private final String target;
  private final Map<String, String> headers = new HashMap<>();
  private final ByteBuf body;
  private final boolean upgrade;
  private Runnable onDisconnect = () -> {};
  private boolean gone;
  private @Nullable Object attachment;
  int status;
  String contentType = "";
  String answer = "";
  ResponseListener listener = ok -> {};
  @Nullable FakeSocket socket;

  private FakeExchange(String target, String body, boolean upgrade) {
    this.target = target;
    this.body = Unpooled.wrappedBuffer(body.getBytes(UTF_8));
    this.upgrade = upgrade;
  }

  static FakeExchange post(String json) {
    return get("/").with("content-type", "application/json").body(json);
  }

  static FakeExchange get(String target) {
    return new FakeExchange(target, "", false);
  }

  static FakeExchange upgrade(String target) {
    return new FakeExchange(target, "", true);
  }

  FakeExchange body(String text) {
    FakeExchange other = new FakeExchange(target, text, upgrade);
    other.headers.putAll(headers);
    return other;
  }

  FakeExchange with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  void disconnect() {
    gone = true;
    onDisconnect.run();
    lane.runTasks();
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return target;
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public String rawQuery() {
    return target.contains("?") ? target.substring(target.indexOf('?') + 1) : "";
  }

  @Override
  public @Nullable String queryParameter(String name) {
    return Query.find(rawQuery(), name);
  }

  @Override
  public @Nullable String header(CharSequence name) {
    return headers.get(name.toString());
  }

  @Override
  public void forEachHeader(BiConsumer<String, String> consumer) {
    headers.forEach(consumer);
  }

  @Override
  public ByteBuf body() {
    return body;
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public void attach(Object something) {
    attachment = something;
  }

  @Override
  public void releaseBody() {}

  @Override
  public boolean fromOwnOrigin() {
    return true;
  }

  @Override
  public boolean upgradeRequested() {
    return upgrade;
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
  public @Nullable InetSocketAddress remote() {
    return null;
  }

  @Override
  public boolean connected() {
    return !gone;
  }

  @Override
  public void addResponseHeader(AsciiString name, String value) {
    responseHeaders.put(name.toString(), value);
  }

  @Override
  public void respond(int code, AsciiString type, ByteBuf content) {
    respond(code, type, content, ok -> {});
  }

  @Override
  public void respond(int code, AsciiString type, ByteBuf content, ResponseListener told) {
    String text = content.toString(UTF_8);
    content.release();
    if (gone) {
      told.written(false);
      return;
    }
    if (status != 0) {
      throw new IllegalStateException("answered twice");
    }
    status = code;
    contentType = type.toString();
    answer = text;
    listener = told;
  }

  @Override
  public void failed(Throwable cause) {
    if (status == 0) {
      status = 500;
    }
  }

  @Override
  public void onDisconnect(Runnable task) {
    if (gone) {
      task.run();
    } else {
      onDisconnect = task;
    }
  }

  @Override
  public void acceptWebSocket(WebSocketOptions options, WebSocketHandler handler) {
    if (!gone) {
      socket = new FakeSocket(lane, handler);
      handler.onOpen(socket);
    }
  }

  @Override
  public void stream(int code, AsciiString type, StreamOptions options, StreamHandler handler) {
    throw new UnsupportedOperationException();
  }
}
