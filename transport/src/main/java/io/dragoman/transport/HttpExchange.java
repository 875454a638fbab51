// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import io.dragoman.core.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer.
 *
 * <p>The methods that answer ({@code respond}, {@code acceptWebSocket}, {@code stream}) may be
 * called from any thread, and exactly one of them exactly once; a second call is an {@link
 * IllegalStateException}. Method, path and query stay readable afterwards; headers and body may
 * only be read until the exchange is answered. A client that goes away ends the exchange: its body
 * is released (on the lane, after the {@linkplain #onDisconnect disconnect callback}), and an
 * answer that comes later is dropped quietly. Whoever reads the body on another thread must
 * therefore retain it first, on the lane.
 *
 * <p>A waiting exchange is never cut by a timeout of the transport. A client that closes only its
 * sending direction counts as gone too: nothing on the wire tells the two apart.
 */
public interface HttpExchange {

  /**
   * The method as it was sent. A HEAD request comes to the GET route; its answer loses its body.
   */
  String method();

  /** The path, percent-decoded, without the query; begins with a slash (or is {@code *}). */
  String path();

  /** The request target exactly as it was sent. */
  String target();

  /** What follows the question mark, undecoded; empty if nothing does. */
  String rawQuery();

  /**
   * The first value of a query parameter, percent-decoded ({@code +} is a space), or null. Parsed
   * at each call; see {@link Query} for other ways to read a query.
   */
  @Nullable String queryParameter(String name);

  /** The first value of a header, without surrounding blanks, or null. Names ignore case. */
  @Nullable String header(CharSequence name);

  /** Calls the consumer with each header in the order of their arrival, names as they were sent. */
  void forEachHeader(BiConsumer<String, String> consumer);

  /**
   * The whole body; empty if there is none. Owned by the exchange and valid until it is answered. A
   * body of 64 KiB or more is a composite of the pieces that arrived.
   */
  ByteBuf body();

  /**
   * Gives the body up before the answer, and with it its share of the budget for bodies in flight.
   * For handlers that have decoded it and now wait. On the lane only.
   */
  void releaseBody();

  /**
   * What a handler left for the next one, such as who is asking; null if none did. Stays readable
   * like the path. On the lane, until the exchange is answered.
   */
  @Nullable Object attachment();

  /** Leaves something for the handler that this one hands the exchange to. On the lane. */
  void attach(Object something);

  /** Whether this is a GET that asks to become a WebSocket. */
  boolean upgradeRequested();

  /**
   * Whether it comes from a program, from a page of the host and port that it calls, or from an
   * origin listed for the listener, whatever {@link OriginPolicy} the route has. What a browser
   * adds by itself, a cookie for instance, means only then that its user is asking.
   */
  boolean fromOwnOrigin();

  /** The lane of the connection. */
  Lane lane();

  /** Where buffers for the answer should come from. Safe from any thread. */
  ByteBufAllocator allocator();

  /** The client's address; null when the connection is gone. */
  @Nullable InetSocketAddress remote();

  /** Whether the client is still there, as far as is known. */
  boolean connected();

  /**
   * Adds a header to the answer. To be called before answering, by one thread at a time.
   *
   * @throws IllegalArgumentException if the value contains a control character
   */
  void addResponseHeader(AsciiString name, String value);

  /**
   * Answers. Takes ownership of the body, whatever happens.
   *
   * @param status 200 to 599
   * @param contentType empty for no such header
   */
  void respond(int status, AsciiString contentType, ByteBuf body);

  /** As the shorter form, and tells the listener when the answer has been handed to the kernel. */
  void respond(int status, AsciiString contentType, ByteBuf body, ResponseListener listener);

  /**
   * Tells of a fault outside of the handler, with the same consequences as an exception that leaves
   * it: it is logged, and answered with 500 if there is no answer yet. On the lane only.
   */
  void failed(Throwable cause);

  /**
   * Runs the task on the lane if the client goes away before it was answered; at once if it is gone
   * already. A second call adds a second task. On the lane only.
   */
  void onDisconnect(Runnable task);

  /**
   * Completes the WebSocket handshake; the connection is a WebSocket from then on. Headers added
   * with {@link #addResponseHeader} go into the handshake's answer. If the client is gone the
   * handler hears nothing at all.
   *
   * @throws IllegalStateException if no upgrade was requested
   */
  void acceptWebSocket(WebSocketOptions options, WebSocketHandler handler);

  /**
   * Answers with a body without an end, such as an event stream: it is ended by closing the
   * connection. If the client is gone the handler hears nothing at all.
   */
  default void stream(int status, AsciiString contentType, StreamHandler handler) {
    stream(status, contentType, StreamOptions.defaults(), handler);
  }

  /** The same with settings of its own. */
  void stream(int status, AsciiString contentType, StreamOptions options, StreamHandler handler);
}
