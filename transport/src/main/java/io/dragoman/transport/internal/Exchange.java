// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.core.Lane;
import io.dragoman.transport.ErrorResponder;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.OriginPolicy;
import io.dragoman.transport.Query;
import io.dragoman.transport.ResponseListener;
import io.dragoman.transport.StreamHandler;
import io.dragoman.transport.StreamOptions;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to its answer.
 *
 * <p>Whoever moves {@link #state} away from {@link #OPEN} ends the exchange: the thread that
 * answers, or the event loop when the client is gone. The head of the request stays in the
 * connection, which parses no other one until then.
 */
final class Exchange implements HttpExchange {

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Exchange.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int OPEN = 0;
  private static final int ANSWERED = 1;
  private static final int GONE = 2;

  private final HttpConnection connection;
  private final RequestHead head;
  private final String method;
  private final Target target;
  private final boolean upgrade;

  private ByteBuf body;
  private long reservedBytes;
  private String extraHeaders = "";
  private @Nullable Runnable onDisconnect;
  private @Nullable Object attachment;

  @SuppressWarnings("UnusedVariable") // Through STATE.
  private volatile int state;

  /**
   * @param body the whole body, owned from here on
   * @param reservedBytes what is to be given back to the budget with it
   */
  Exchange(
      HttpConnection connection,
      RequestHead head,
      Target target,
      ByteBuf body,
      long reservedBytes) {
    this.connection = connection;
    this.head = head;
    this.method = head.method();
    this.target = target;
    this.upgrade = head.facts().wantsWebSocket() && method.equals("GET");
    this.body = body;
    this.reservedBytes = reservedBytes;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return target.path();
  }

  @Override
  public String target() {
    return target.raw();
  }

  @Override
  public String rawQuery() {
    return target.rawQuery();
  }

  @Override
  public @Nullable String queryParameter(String name) {
    return Query.find(target.rawQuery(), name);
  }

  @Override
  public @Nullable String header(CharSequence name) {
    checkOpen();
    return head.header(name);
  }

  @Override
  public void forEachHeader(BiConsumer<String, String> consumer) {
    checkOpen();
    head.forEachHeader(consumer);
  }

  @Override
  public ByteBuf body() {
    checkOpen();
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

  /** The next request overwrites the head. */
  private void checkOpen() {
    if (state == ANSWERED) {
      throw answeredTwice();
    }
  }

  private IllegalStateException answeredTwice() {
    return new IllegalStateException("already answered: " + method + " " + target.path());
  }

  @Override
  public void releaseBody() {
    ByteBuf released = body;
    body = Unpooled.EMPTY_BUFFER;
    released.release();
    if (reservedBytes > 0) {
      connection.endpoint.budget().release(reservedBytes);
      reservedBytes = 0;
    }
  }

  @Override
  public boolean fromOwnOrigin() {
    String origin = header("origin");
    return origin == null
        || connection
            .endpoint
            .access()
            .allowsOrigin(OriginPolicy.SAME_ORIGIN_OR_LISTED, origin, header("host"));
  }

  @Override
  public boolean upgradeRequested() {
    return upgrade;
  }

  @Override
  public Lane lane() {
    return connection.loop.lane();
  }

  @Override
  public ByteBufAllocator allocator() {
    return connection.channel.alloc();
  }

  @Override
  public @Nullable InetSocketAddress remote() {
    return (InetSocketAddress) connection.channel.remoteAddress();
  }

  @Override
  public boolean connected() {
    return state != GONE && connection.channel.isActive();
  }

  @Override
  public void addResponseHeader(AsciiString name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7F) {
        throw new IllegalArgumentException("control character in the value of header " + name);
      }
    }
    extraHeaders = extraHeaders + name + ": " + value + "\r\n";
  }

  String extraHeaders() {
    return extraHeaders;
  }

  @Override
  public void respond(int status, AsciiString contentType, ByteBuf responseBody) {
    answer(status, contentType, responseBody, null);
  }

  @Override
  public void respond(
      int status, AsciiString contentType, ByteBuf responseBody, ResponseListener listener) {
    answer(status, contentType, responseBody, listener);
  }

  private void answer(
      int status, AsciiString contentType, ByteBuf content, @Nullable ResponseListener listener) {
    checkStatus(status, content);
    if (!endOrRelease(content)) {
      notifyDropped(listener);
    } else if (connection.loop.lane().inLane()) {
      connection.respond(this, status, contentType, content, listener);
    } else {
      respondOnLane(status, contentType, content, listener);
    }
  }

  private static void checkStatus(int status, ByteBuf content) {
    if (!Reasons.isFinal(status)) {
      content.release();
      throw new IllegalArgumentException("not the status of an answer: " + status);
    }
  }

  private void respondOnLane(
      int status, AsciiString contentType, ByteBuf content, @Nullable ResponseListener listener) {
    boolean handedOver =
        connection
            .loop
            .lane()
            .tryExecute(() -> connection.respond(this, status, contentType, content, listener));
    if (!handedOver) {
      content.release();
    }
  }

  /** False if the client is gone. */
  private boolean endOrRelease(ByteBuf content) {
    if (STATE.compareAndSet(this, OPEN, ANSWERED)) {
      return true;
    }
    content.release();
    if (state == ANSWERED) {
      throw answeredTwice();
    }
    return false;
  }

  private void notifyDropped(@Nullable ResponseListener listener) {
    if (listener != null) {
      lane().execute(() -> listener.written(false));
    }
  }

  @Override
  public void onDisconnect(Runnable task) {
    if (state == GONE) {
      task.run();
      return;
    }
    Runnable first = onDisconnect;
    onDisconnect =
        first == null
            ? task
            : () -> {
              first.run();
              task.run();
            };
  }

  @Override
  public void acceptWebSocket(WebSocketOptions options, WebSocketHandler handler) {
    if (!upgrade) {
      throw new IllegalStateException("no upgrade was requested: " + method + " " + target.path());
    }
    if (endOrRelease(Unpooled.EMPTY_BUFFER)) {
      onLane(() -> connection.upgrade(this, options, handler));
    }
  }

  @Override
  public void stream(
      int status, AsciiString contentType, StreamOptions options, StreamHandler handler) {
    checkStatus(status, Unpooled.EMPTY_BUFFER);
    if (endOrRelease(Unpooled.EMPTY_BUFFER)) {
      onLane(() -> connection.stream(this, status, contentType, options, handler));
    }
  }

  private void onLane(Runnable task) {
    if (connection.loop.lane().inLane()) {
      task.run();
    } else {
      connection.loop.lane().execute(task);
    }
  }

  /** Answers in the listener's way of showing errors. */
  void respondError(int status, String reason) {
    ErrorResponder.Body error = connection.endpoint.errors().body(status, reason);
    respond(status, error.contentType(), Unpooled.wrappedBuffer(error.bytes()));
  }

  @Override
  public void failed(Throwable cause) {
    Loggers.HANDLERS.error(
        "A handler failed on {} {} of listener {}",
        method,
        target.path(),
        connection.endpoint.name(),
        cause);
    if (state == OPEN) {
      respondError(500, Reasons.of(500));
    }
  }

  /** The client is gone. On the lane. */
  void disconnected() {
    if (STATE.compareAndSet(this, OPEN, GONE) && onDisconnect != null) {
      try {
        onDisconnect.run();
      } catch (RuntimeException e) {
        Loggers.HANDLERS.error("A disconnect callback failed on {}", target.path(), e);
      }
    }
    releaseBody();
  }
}
