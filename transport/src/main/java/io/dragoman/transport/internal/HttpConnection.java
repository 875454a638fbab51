// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.ResponseListener;
import io.dragoman.transport.StreamHandler;
import io.dragoman.transport.StreamOptions;
import io.dragoman.transport.WebSocketHandler;
import io.dragoman.transport.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.AsciiString;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks HTTP/1.
 *
 * <p>It takes one request at a time. What the client sends while that is being answered (pipelined
 * requests) is kept unparsed, so answers come in order by construction, and up to a bound: beyond
 * it the connection stops reading. Until then it goes on reading, which is how the end of the
 * connection is noticed while a long poll waits.
 *
 * <p>Input runs in a loop ({@link #process}); a handler that answers at once does so inside it, and
 * the loop goes on with the next request. One that answers later starts the loop again. So there is
 * no recursion from request to request.
 */
final class HttpConnection extends Connection {

  private static final int STASH_BYTES_MAX = 64 << 10;
  private static final int LARGE_BUFFER_BYTES = 8 << 10;

  /** Smaller bodies are here before it is worth asking whether they should be. */
  private static final int ASKED_BODY_BYTES_MIN = 64 << 10;

  private static final String RETRY_SOON = "retry-after: 1\r\n";
  private static final byte[] CONTINUE = Ascii.bytes("HTTP/1.1 100 Continue\r\n\r\n");

  private enum State {
    HEAD,
    FIXED_BODY,
    CHUNKED_BODY,
    ANSWERING,
    OVER
  }

  private final RequestHead head;
  private final BodyBuffer body;
  private final ResponseWriter responses;
  private final ChunkedDecoder chunks = new ChunkedDecoder();

  private State state = State.HEAD;
  private Target target = Target.ROOT;
  private @Nullable Exchange exchange;
  private @Nullable ByteBuf stash;
  private long bodyBytesLeft;

  /** Whether a body comes that will not be read. */
  private boolean bodyUnwanted;

  /** What was attached to the request when it was asked whether its body is wanted. */
  private @Nullable Object attached;

  /** Whether the deadline of the head that is arriving runs already. */
  private boolean headTimed = true;

  private boolean processing;
  private boolean reading;
  private boolean flushNeeded;

  HttpConnection(Channel channel, Endpoint endpoint, Loop loop) {
    super(channel, endpoint, loop);
    var options = endpoint.transportOptions();
    head = new RequestHead(options.requestLineBytesMax(), options.headerBytesMax());
    body = new BodyBuffer(channel.alloc(), endpoint.budget());
    responses = new ResponseWriter(channel, endpoint);
    expireAfter(endpoint.requestHeaderTimeoutMillis());
  }

  @Override
  LongAdder gauge() {
    return endpoint.metrics().httpConnections();
  }

  // ---- input

  @Override
  void input(ByteBuf in) {
    reading = true;
    if (state == State.ANSWERING) {
      stash(in);
    } else {
      process(in);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    flushOutsideReading();
  }

  private void process(ByteBuf in) {
    processing = true;
    try {
      while (in.isReadable() && step(in)) {
        // Each step takes a part of the input.
      }
    } finally {
      processing = false;
      keepRest(in);
    }
    setDeadline();
  }

  private boolean step(ByteBuf in) {
    return switch (state) {
      case HEAD -> readHead(in);
      case FIXED_BODY -> readFixedBody(in);
      case CHUNKED_BODY -> readChunkedBody(in);
      default -> false;
    };
  }

  private void keepRest(ByteBuf in) {
    Connection next = successor();
    if (next != null) {
      next.input(in);
    } else if (state == State.ANSWERING && in.isReadable()) {
      stash(in);
    } else {
      in.release();
    }
  }

  private void stash(ByteBuf in) {
    ByteBuf kept = stash == null ? in : joined(stash, in);
    stash = kept;
    if (kept.readableBytes() > STASH_BYTES_MAX) {
      channel.config().setAutoRead(false);
    }
  }

  private void resume() {
    ByteBuf kept = stash;
    if (kept != null) {
      stash = null;
      process(kept);
    } else {
      setDeadline();
    }
    if (stash == null && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
  }

  private void setDeadline() {
    var options = endpoint.transportOptions();
    switch (state) {
      case HEAD -> {
        if (!head.started()) {
          expireAfter(options.keepAliveIdleMillis());
        } else if (!headTimed) {
          headTimed = true;
          expireAfter(endpoint.requestHeaderTimeoutMillis());
        }
      }
      case FIXED_BODY, CHUNKED_BODY -> expireAfter(options.bodyIdleTimeoutMillis());
      default -> expireNever();
    }
  }

  @Override
  void expired() {
    if (state == State.HEAD && !head.started()) {
      if (outputMoves()) {
        expireAfter(endpoint.transportOptions().keepAliveIdleMillis());
      } else {
        closeNow();
      }
    } else if (state != State.ANSWERING && state != State.OVER) {
      refuse(408);
    }
  }

  // ---- reading a request

  private boolean readHead(ByteBuf in) {
    int result = head.read(in);
    if (result == RequestHead.MORE) {
      return true;
    }
    if (result != RequestHead.DONE) {
      return refuse(result);
    }
    Target asked = head.target(target);
    if (asked == null) {
      return refuse(400);
    }
    target = asked;
    int problem = problem(asked);
    return problem == 0 ? headComplete(asked) : refuse(problem);
  }

  /** What speaks against the request before its body is read: a status, or 0. */
  private int problem(Target asked) {
    RequestFacts facts = head.facts();
    int contradiction = facts.contradiction();
    if (contradiction != 0) {
      return contradiction;
    }
    if (!allowsHost(asked, facts)) {
      endpoint.metrics().refusedByHost();
      return 403;
    }
    if (facts.contentLength() > endpoint.bodyBytesMax()) {
      return 413;
    }
    return facts.contentLength() > 0 && !endpoint.budget().fits(facts.contentLength()) ? 503 : 0;
  }

  private boolean allowsHost(Target asked, RequestFacts facts) {
    if (asked.authority() != null) {
      byte[] host = Ascii.bytes(asked.authority());
      return endpoint.access().allowsHost(host, 0, host.length);
    }
    return facts.hostStart() < 0
        || endpoint.access().allowsHost(head.bytes(), facts.hostStart(), facts.hostEnd());
  }

  private boolean headComplete(Target asked) {
    RequestFacts facts = head.facts();
    bodyBytesLeft = facts.contentLength();
    bodyUnwanted = false;
    attached = null;
    if (facts.chunked() || bodyBytesLeft > ASKED_BODY_BYTES_MIN) {
      Exchange early = new Exchange(this, head, asked, Unpooled.EMPTY_BUFFER, 0);
      if (!Dispatcher.wantsBody(endpoint, early)) {
        bodyUnwanted = true;
        dispatch(early);
        return true;
      }
      attached = early.attachment();
    }
    if (facts.chunked()) {
      state = State.CHUNKED_BODY;
    } else if (bodyBytesLeft > 0) {
      state = State.FIXED_BODY;
    } else {
      dispatch(asked, Unpooled.EMPTY_BUFFER, 0);
      return true;
    }
    if (facts.expectsContinue()) {
      write(Unpooled.wrappedBuffer(CONTINUE));
      flushNeeded = true;
    }
    return true;
  }

  private boolean readFixedBody(ByteBuf in) {
    int length = (int) Math.min(bodyBytesLeft, in.readableBytes());
    if (length == bodyBytesLeft && body.size() == 0) {
      // All here in one piece, which is how small bodies come.
      if (!endpoint.budget().reserve(length, length)) {
        return refuse(503);
      }
      return bodyComplete(pieceOf(in, length), length);
    }
    if (!body.add(in, length, head.facts().contentLength())) {
      return refuse(503);
    }
    bodyBytesLeft -= length;
    return bodyBytesLeft > 0 || collectedBodyComplete();
  }

  /**
   * A piece of the buffer, but not one for which a much larger buffer would be held while it waits.
   */
  private ByteBuf pieceOf(ByteBuf in, int length) {
    if (in.capacity() > LARGE_BUFFER_BYTES && length < in.capacity() / 4) {
      return channel.alloc().directBuffer(length).writeBytes(in, length);
    }
    return in.readRetainedSlice(length);
  }

  private boolean readChunkedBody(ByteBuf in) {
    int result = chunks.read(in);
    return switch (result) {
      case ChunkedDecoder.MORE -> true;
      case ChunkedDecoder.DONE -> collectedBodyComplete();
      case ChunkedDecoder.DATA -> readChunk(in);
      default -> refuse(result);
    };
  }

  private boolean readChunk(ByteBuf in) {
    if (body.size() + chunks.chunkBytesLeft() > endpoint.bodyBytesMax()) {
      return refuse(413);
    }
    int length = chunks.dataBytes(in);
    if (!body.add(in, length, 0)) {
      return refuse(503);
    }
    chunks.dataTaken(length);
    return true;
  }

  private boolean collectedBodyComplete() {
    return bodyComplete(body.take(), 0);
  }

  private boolean bodyComplete(ByteBuf whole, long reservedBytes) {
    dispatch(target, whole, reservedBytes);
    return true;
  }

  // ---- answering

  private void dispatch(Target asked, ByteBuf whole, long reservedBytes) {
    Exchange current = new Exchange(this, head, asked, whole, reservedBytes);
    if (attached != null) {
      current.attach(attached);
      attached = null;
    }
    dispatch(current);
  }

  private void dispatch(Exchange current) {
    state = State.ANSWERING;
    expireNever();
    exchange = current;
    try {
      Dispatcher.dispatch(endpoint, current, head.facts());
    } catch (RuntimeException | Error e) {
      current.failed(e);
    }
  }

  /** Whether the client sent an {@code Origin}, so that CORS headers mean something to it. */
  private boolean crossOrigin() {
    return endpoint.cors() && head.facts().originStart() >= 0;
  }

  void respond(
      Exchange answered,
      int status,
      AsciiString contentType,
      ByteBuf content,
      @Nullable ResponseListener listener) {
    if (answered != exchange) {
      content.release();
      if (listener != null) {
        listener.written(false);
      }
      return;
    }
    try {
      write(answered, status, contentType, content, listener);
    } catch (RuntimeException | Error e) {
      // No memory, most likely. Without an answer the client would wait for ever.
      Loggers.HANDLERS.error("An answer could not be written on {}", endpoint.name(), e);
      closeNow();
    }
  }

  private void write(
      Exchange answered,
      int status,
      AsciiString contentType,
      ByteBuf content,
      @Nullable ResponseListener listener) {
    boolean asked = head.facts().keepsAlive();
    boolean keep = asked && !bodyUnwanted && !endpoint.draining();
    ResponseHead.Connection mode = connectionHeader(keep);
    int length = content.readableBytes();
    ByteBuf start =
        ResponseHead.of(channel.alloc(), status, contentType, length, mode, extra(answered));
    boolean headOnly = answered.method().equals("HEAD") || !ResponseHead.hasLength(status);
    responses.write(status, start, content, headOnly, listener);
    flushNeeded = true;
    finish(answered, keep, !asked && !bodyUnwanted);
  }

  private void finish(Exchange answered, boolean keep, boolean clientCloses) {
    exchange = null;
    answered.releaseBody();
    if (!keep) {
      end(!clientCloses || stash != null);
      return;
    }
    nextRequest();
    if (!processing) {
      resume();
      flushOutsideReading();
    }
  }

  private void nextRequest() {
    state = State.HEAD;
    headTimed = false;
    head.reset();
    chunks.reset();
  }

  private void flushOutsideReading() {
    if (flushNeeded && !reading) {
      flushNeeded = false;
      channel.flush();
    }
  }

  private ResponseHead.Connection connectionHeader(boolean keep) {
    if (!keep) {
      return ResponseHead.Connection.CLOSE;
    }
    return head.facts().http10()
        ? ResponseHead.Connection.KEEP_ALIVE
        : ResponseHead.Connection.SILENT;
  }

  /** Answers with an error of the transport's own and closes. Returns false: no more input. */
  private boolean refuse(int status) {
    countRefusal(status);
    String extra = (status == 503 ? RETRY_SOON : "") + (crossOrigin() ? Cors.HEADERS : "");
    responses.writeError(status, extra);
    end(true);
    return false;
  }

  private void countRefusal(int status) {
    if (status == 413) {
      endpoint.metrics().bodyTooLarge();
    } else if (status == 503) {
      endpoint.metrics().bodyOverBudget();
    }
  }

  /** Closes after what was written; see {@link ClosingConnection}. */
  private void end(boolean awaitsClient) {
    state = State.OVER;
    long stallMillis = endpoint.transportOptions().bodyIdleTimeoutMillis();
    dropInput();
    succeed(new ClosingConnection(channel, endpoint, loop, stallMillis)).begin(awaitsClient);
  }

  private void dropInput() {
    body.discard();
    ByteBuf kept = stash;
    if (kept != null) {
      stash = null;
      kept.release();
    }
  }

  // ---- becoming something else

  void upgrade(Exchange answered, WebSocketOptions options, WebSocketHandler handler) {
    if (answered != exchange) {
      return;
    }
    String key = head.header("sec-websocket-key");
    String lines = extra(answered);
    if (options.echoSubprotocol()) {
      lines += Handshake.selection(head.header("sec-websocket-protocol"), options.subprotocols());
    }
    ByteBuf out = Handshake.accept(channel.alloc(), key == null ? "" : key, lines);
    WebSocketConnection socket = new WebSocketConnection(channel, endpoint, loop, options, handler);
    become(answered, 101, out, socket);
  }

  void stream(
      Exchange answered,
      int status,
      AsciiString contentType,
      StreamOptions options,
      StreamHandler handler) {
    if (answered != exchange) {
      return;
    }
    ByteBuf out = ResponseHead.endless(channel.alloc(), status, contentType, extra(answered));
    become(answered, status, out, new StreamConnection(channel, endpoint, loop, options, handler));
  }

  private String extra(Exchange answered) {
    String own = answered.extraHeaders();
    return crossOrigin() && !Cors.isIn(own) ? Cors.HEADERS + own : own;
  }

  private void become(Exchange answered, int status, ByteBuf out, SocketConnection next) {
    exchange = null;
    state = State.OVER;
    answered.releaseBody();
    ByteBuf kept = stash;
    stash = null;
    succeed(next);
    responses.writeHead(status, out);
    next.opened();
    if (kept != null) {
      next.input(kept);
    }
    if (!channel.config().isAutoRead()) {
      next.readAgain();
    }
    if (endpoint.draining()) {
      next.drain();
    }
  }

  // ---- the end

  @Override
  void drain() {
    if (state == State.HEAD && !head.started()) {
      end(unsentBytes() > 0);
    }
  }

  @Override
  void gone() {
    state = State.OVER;
    Exchange open = exchange;
    exchange = null;
    if (open != null) {
      open.disconnected();
    }
    dropInput();
  }
}
