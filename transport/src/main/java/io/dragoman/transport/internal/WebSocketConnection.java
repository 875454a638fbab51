// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketFrames;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WebSocketOptions;
import io.dragoman.transport.WriteCounter;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is a WebSocket.
 *
 * <p>It ends in one of four ways: the client sends a close frame, which is answered with the same
 * code; we send one ({@link #closeAfterWrites}) and wait for the client's; the client breaks a rule
 * or is not heard of any more, and is told so; or the TCP connection is gone. In each the handler
 * is told once ({@link #tellClosed}), and but for the last a {@link ClosingConnection} takes over.
 */
final class WebSocketConnection extends SocketConnection implements WebSocket, FrameDecoder.Events {

  private static final int REASON_BYTES_MAX = 123;
  private static final int MISSES_MAX = 2;
  private static final int DRAIN_CHECK_MILLIS = 10;
  private static final int DRAIN_CHECKS_MAX = 200;
  private static final int FINAL_CLOSE = 0x88;
  private static final int FINAL_PING = 0x89;
  private static final int FINAL_PONG = 0x8A;

  private final WebSocketHandler handler;
  private final FrameDecoder decoder;
  private final long pingNanos;

  private long nextPing;
  private int unanswered;

  /** Something came since the last ping. */
  private boolean heard;

  private boolean paused;

  /** Being closed as soon as what was asked for has been answered; nothing more is read. */
  private boolean draining;

  private int drainChecks;
  private boolean decoding;

  /** What is read is not handed over any more. */
  private boolean losing;

  /** Nobody waits for what was not read. */
  private boolean abandoned;

  private @Nullable ByteBuf stash;

  /** Our close frame has been sent; the client's is awaited. */
  private boolean closing;

  private int closeCode = CloseCodes.ABNORMAL;
  private String closeReason = "";
  private boolean closeTold;

  WebSocketConnection(
      Channel channel,
      Endpoint endpoint,
      Loop loop,
      WebSocketOptions options,
      WebSocketHandler handler) {
    super(channel, endpoint, loop, options.pendingBytesMax());
    this.handler = handler;
    decoder = new FrameDecoder(this, channel.alloc(), endpoint.budget(), options.messageBytesMax());
    long own = options.pingMillis();
    pingNanos =
        TimeUnit.MILLISECONDS.toNanos(
            own > 0 ? own : endpoint.transportOptions().webSocketPingMillis());
    nextPing = loop.now() + pingNanos;
    timeouts(options.readTimeoutMillis(), options.writeTimeoutMillis());
    channel
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(options.pendingBytesLow(), options.pendingBytesHigh()));
  }

  @Override
  LongAdder gauge() {
    return endpoint.metrics().webSockets();
  }

  @Override
  boolean longLived() {
    return true;
  }

  @Override
  void opened() {
    flushSoon();
    tell(h -> h.onOpen(this));
  }

  @Override
  void writable() {
    tell(h -> h.onWritable(this));
  }

  private void tell(Consumer<WebSocketHandler> event) {
    try {
      event.accept(handler);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  @Override
  public void failed(Throwable cause) {
    Loggers.HANDLERS.error("A WebSocket's handler failed on {}", endpoint.name(), cause);
    fail(CloseCodes.INTERNAL_ERROR, "internal error");
  }

  // ---- input

  @Override
  void input(ByteBuf in) {
    heard = true;
    heard();
    if (paused || decoding || stash != null) {
      stash(in);
    } else {
      decode(in);
    }
  }

  private void decode(ByteBuf in) {
    decoding = true;
    try {
      decoder.decode(in);
    } finally {
      decoding = false;
      boolean goesOn = successor() == null && !closeTold && (channel.isActive() || lingers());
      if (in.isReadable() && goesOn) {
        stash(in);
      } else {
        in.release();
      }
    }
  }

  /** The kernel may hand out what it had when reading was stopped; no more than that comes here. */
  private void stash(ByteBuf in) {
    ByteBuf kept = stash;
    if (kept == null) {
      stash = in;
      return;
    }
    ByteBuf joined = channel.alloc().directBuffer(kept.readableBytes() + in.readableBytes());
    joined.writeBytes(kept).writeBytes(in);
    kept.release();
    in.release();
    stash = joined;
  }

  private void dropInput() {
    decoder.stop();
    ByteBuf kept = stash;
    if (kept != null) {
      stash = null;
      kept.release();
    }
  }

  /** Tells of the messages that are here and are not handed over. */
  private void loseInput() {
    ByteBuf kept = stash;
    if (kept != null && !closeTold && !decoding) {
      stash = null;
      losing = true;
      try {
        decoder.decode(kept);
      } finally {
        kept.release();
      }
    }
  }

  @Override
  void readAgain() {
    if (!paused) {
      super.readAgain();
    }
  }

  @Override
  public void pauseReading() {
    paused = true;
    readsNothing(true);
    channel.config().setAutoRead(false);
  }

  @Override
  public void resumeReading() {
    if (paused && !draining) {
      paused = false;
      readsNothing(false);
      loop.lane().execute(this::readOn);
    }
  }

  private void readOn() {
    ByteBuf kept = stash;
    if (paused || successor() != null) {
      return;
    }
    if (kept != null) {
      stash = null;
      decode(kept);
    }
    if (lingers()) {
      expireAfter(UNREAD_MILLIS_MAX);
      if (stash == null) {
        closed();
      }
      return;
    }
    if (!closeTold && !paused && successor() == null) {
      channel.config().setAutoRead(true);
    }
  }

  // ---- what the decoder tells

  @Override
  public boolean reads() {
    return !paused || losing;
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    if (closing || closeTold) {
      return;
    }
    if (losing) {
      tell(h -> h.onUnread(this));
      return;
    }
    try {
      if (text) {
        handler.onText(this, payload);
      } else {
        handler.onBinary(this, payload);
      }
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  @Override
  public void ping(ByteBuf payload) {
    // Whoever pings and does not read gets no more pongs than the buffer holds.
    if (takesWrites() && channel.isWritable()) {
      writeBytes(controlFrame(FINAL_PONG, payload.readableBytes()).writeBytes(payload), null);
      flushSoon();
    }
  }

  @Override
  public void close(int code, String reason) {
    if (takesWrites()) {
      writeClose(code == CloseCodes.NONE ? CloseCodes.NORMAL : code, "");
      endsWith(code, reason);
    } else if (lingers()) {
      endsWith(code, reason);
    }
    shut();
    tellClosed();
    become();
    lingerNoMore();
  }

  @Override
  public void violation(int code, String reason) {
    if (code == CloseCodes.TRY_AGAIN_LATER) {
      endpoint.metrics().bodyOverBudget();
    }
    Loggers.CONNECTIONS.debug("{}: WebSocket closed with {}: {}", endpoint.name(), code, reason);
    fail(code, reason);
  }

  // ---- output

  @Override
  public void send(ByteBuf payload) {
    if (takesWrites()) {
      sendBytes(WebSocketFrames.text(allocator(), payload));
    } else {
      payload.release();
    }
  }

  @Override
  public void writeFrames(ByteBuf framed, @Nullable WriteListener listener) {
    writeBytes(framed, listener);
  }

  @Override
  public void writeFramesCounted(ByteBuf framed, WriteCounter counter) {
    writeCounted(framed, counter);
  }

  private ByteBuf controlFrame(int firstByte, int size) {
    return allocator().directBuffer(2 + size).writeByte(firstByte).writeByte(size);
  }

  private void writeClose(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int size = text.length;
    if (size > REASON_BYTES_MAX) {
      size = REASON_BYTES_MAX;
      while ((text[size] & 0xC0) == 0x80) {
        size--; // Not within a character.
      }
    }
    ByteBuf frame = controlFrame(FINAL_CLOSE, 2 + size).writeShort(code).writeBytes(text, 0, size);
    writeBytes(frame, null);
    flushSoon();
  }

  // ---- pings

  @Override
  void tick(long now) {
    super.tick(now);
    if (now - nextPing >= 0 && takesWrites()) {
      nextPing = now + pingNanos;
      pingOrGiveUp();
    }
  }

  private void pingOrGiveUp() {
    // A client that takes bytes is alive, even if it has not come to our ping behind them. So is
    // one that we do not read, unless that is because it does not read us.
    boolean moves = outputMoves();
    boolean waitsForUs = paused && unsentBytes() == 0;
    // One that talks but takes nothing of what waits for it holds our memory.
    boolean takesNothing = !channel.isWritable() && !moves;
    if (heard && !takesNothing || moves || waitsForUs) {
      unanswered = 0;
    } else if (unanswered == MISSES_MAX) {
      violation(CloseCodes.INTERNAL_ERROR, "no answer to pings");
      return;
    }
    heard = false;
    unanswered++;
    // It would find a ping behind all that only later; that it takes nothing is seen without.
    if (channel.isWritable()) {
      writeBytes(controlFrame(FINAL_PING, 0), null);
      flush();
    }
  }

  @Override
  void heardNothing() {
    violation(CloseCodes.GOING_AWAY, "nothing was received in time");
  }

  // ---- closing

  @Override
  public void closeAfterWrites(int code, String reason) {
    if (!CloseCodes.mayBeSent(code)) {
      throw new IllegalArgumentException("not a code that may be sent: " + code);
    }
    if (loop.lane().inLane()) {
      beginClose(code, reason);
    } else {
      loop.lane().execute(() -> beginClose(code, reason));
    }
  }

  private void beginClose(int code, String reason) {
    if (!takesWrites()) {
      return;
    }
    writeClose(code, reason);
    if (!takesWrites()) {
      return; // The frame was one too many.
    }
    shut();
    closing = true;
    endsWith(code, reason);
    expireAfter(endpoint.transportOptions().closeWaitMillis());
    resumeReading();
  }

  @Override
  void expired() {
    if (lingers()) {
      loseInput();
      closed();
    } else if (outputMoves()) {
      expireAfter(endpoint.transportOptions().closeWaitMillis());
    } else {
      closeNow();
    }
  }

  @Override
  void overrun() {
    // A close frame could not get past what is waiting.
    shut();
    endsWith(CloseCodes.POLICY, "what waits for the client was not taken");
    loseInput();
    dropInput();
    tellClosed();
    closeNow();
  }

  private void fail(int code, String reason) {
    if (takesWrites()) {
      writeClose(code, reason);
      endsWith(code, reason);
    }
    shut();
    tellClosed();
    become();
    lingerNoMore();
  }

  private void become() {
    dropInput();
    if (successor() == null && channel.isActive()) {
      long stallMillis = endpoint.transportOptions().closeWaitMillis();
      succeed(new ClosingConnection(channel, endpoint, loop, stallMillis)).begin(true);
    }
  }

  @Override
  void drain() {
    if (lingers()) {
      return;
    }
    if (drainChecks < DRAIN_CHECKS_MAX && takesWrites() && handler.working()) {
      drainChecks++;
      draining = true;
      pauseReading();
      var unused =
          loop.eventLoop().schedule(this::drain, DRAIN_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      return;
    }
    draining = false;
    beginClose(CloseCodes.GOING_AWAY, "going away");
  }

  @Override
  void gone() {
    shut();
    if (stash == null || closing || closeTold || abandoned) {
      closed();
      return;
    }
    // It may have said much and gone at once: that is handed over before its end is told.
    linger();
    expireAfter(UNREAD_MILLIS_MAX);
    if (draining) {
      draining = false;
      resumeReading();
    }
    if (paused) {
      // Nothing is pending any more, if that is what the handler waits for.
      tell(h -> h.onWritable(this));
    } else {
      readOn();
    }
  }

  private void closed() {
    dropInput();
    tellClosed();
    lingerNoMore();
  }

  @Override
  void abandon() {
    abandoned = true;
    if (lingers()) {
      loseInput();
      closed();
    }
    closeNow();
  }

  private void tellClosed() {
    if (!closeTold) {
      closeTold = true;
      int code = closeCode;
      String reason = closeReason;
      tell(h -> h.onClose(this, code, reason));
    }
  }

  /** What the handler is told of the end. */
  private void endsWith(int code, String reason) {
    closeCode = code;
    closeReason = reason;
  }

  @Override
  public String toString() {
    return "WebSocket " + channel.id().asShortText();
  }
}
