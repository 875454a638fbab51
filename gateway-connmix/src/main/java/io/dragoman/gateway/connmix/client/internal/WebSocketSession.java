// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.Admission;
import io.dragoman.gateway.connmix.client.Introduction;
import io.dragoman.gateway.connmix.client.internal.ClientTraffic.Lost;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client over WebSocket. Whether it is let in is asked before its handshake is answered. */
final class WebSocketSession extends ClientSession implements WebSocketHandler {
  private static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");
  private static final AsciiString CHALLENGE = AsciiString.cached("www-authenticate");

  /** Until the socket is open: it holds the whole head of the request. */
  private @Nullable HttpExchange exchange;

  private @Nullable WebSocket socket;

  WebSocketSession(EndpointContext context, HttpExchange exchange) {
    super(context, exchange.lane(), Introduction.of(exchange), exchange.allocator());
    this.exchange = exchange;
  }

  /** Answers the request of a client that asks to be let in. */
  static void handle(EndpointContext context, HttpExchange exchange) {
    if (!exchange.upgradeRequested()) {
      answer(exchange, 400, "This is a WebSocket: ask for an upgrade.");
      return;
    }
    WebSocketSession session = new WebSocketSession(context, exchange);
    exchange.onDisconnect(() -> session.ended(ABNORMAL, ""));
    session.begin(session::admitted);
  }

  private void admitted(Admission admission) {
    HttpExchange asked = exchange;
    if (asked == null) {
      return;
    }
    if (admission instanceof Admission.Refused refused) {
      if (refused.status() == 401) {
        asked.addResponseHeader(CHALLENGE, "Basic realm=\"connmix\", Bearer");
      }
      ended(ABNORMAL, refused.reason());
      answer(asked, refused.status(), refused.reason());
      return;
    }
    asked.acceptWebSocket(context.webSocket(), this);
  }

  private static void answer(HttpExchange exchange, int status, String text) {
    exchange.respond(status, TEXT, Unpooled.copiedBuffer(text + "\n", StandardCharsets.UTF_8));
  }

  @Override
  public void onOpen(WebSocket made) {
    socket = made;
    exchange = null;
    opened();
  }

  @Override
  public void onText(WebSocket from, ByteBuf payload) {
    message(payload, false);
  }

  @Override
  public void onBinary(WebSocket from, ByteBuf payload) {
    message(payload, true);
  }

  @Override
  public void onUnread(WebSocket from) {
    context.traffic().lost(Lost.UNREAD, 1);
  }

  @Override
  public void onWritable(WebSocket writable) {
    handler().onWritable();
  }

  @Override
  public boolean working() {
    return handler().working();
  }

  @Override
  public void onClose(WebSocket gone, int code, String reason) {
    ended(code, reason);
  }

  @Override
  public boolean webSocket() {
    return true;
  }

  private WebSocket socket() {
    WebSocket made = socket;
    if (made == null) {
      throw new IllegalStateException("not open yet");
    }
    return made;
  }

  @Override
  long pendingBytes() {
    return socket().pendingBytes();
  }

  @Override
  void write(ByteBuf frames, @Nullable WriteListener listener) {
    socket().writeFrames(frames, listener);
    socket().flushSoon();
  }

  @Override
  boolean socketOpen() {
    return socket().open();
  }

  @Override
  public void close(int code, String reason) {
    if (lane().inLane()) {
      closeNow(code, reason);
    } else {
      lane().execute(() -> closeNow(code, reason));
    }
  }

  private void closeNow(int code, String reason) {
    WebSocket made = socket;
    if (made != null) {
      made.closeAfterWrites(code, reason);
    } else if (!isClosed()) {
      // It is not let in any more.
      admitted(new Admission.Refused(403, reason.isEmpty() ? "not let in" : reason));
    }
  }

  @Override
  public void pauseReading() {
    socket().pauseReading();
  }

  @Override
  public void resumeReading() {
    socket().resumeReading();
  }

  @Override
  public void failed(Throwable cause) {
    WebSocket made = socket;
    HttpExchange asked = exchange;
    if (made != null) {
      made.failed(cause);
    } else if (asked != null) {
      ended(ABNORMAL, "");
      asked.failed(cause);
    }
  }
}
