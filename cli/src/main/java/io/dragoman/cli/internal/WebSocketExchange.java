// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A WebSocket. The next frame is asked for when the one before was taken. */
final class WebSocketExchange<Q, R> implements Exchange<Q, R> {
  private static final Object END = new Object();
  private static final Object LOST = new Object();

  private final Address address;
  private final Function<Q, String> writer;
  private final Function<String, R> reader;
  private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
  private @Nullable WebSocket socket;
  private boolean ended;

  WebSocketExchange(Address address, Function<Q, String> writer, Function<String, R> reader) {
    this.address = address;
    this.writer = writer;
    this.reader = reader;
  }

  void opened(WebSocket webSocket) {
    socket = webSocket;
  }

  WebSocket.Listener listener() {
    return new WebSocket.Listener() {
      private final StringBuilder parts = new StringBuilder();

      @Override
      public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        parts.append(data);
        if (last) {
          arrived.add(parts.toString());
          parts.setLength(0);
        } else {
          from.request(1);
        }
        return null;
      }

      @Override
      public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        arrived.add(END);
        return null;
      }

      @Override
      public void onError(WebSocket from, Throwable error) {
        arrived.add(LOST);
      }
    };
  }

  private WebSocket socket() {
    WebSocket open = socket;
    if (open == null) {
      throw new IllegalStateException("not opened");
    }
    return open;
  }

  @Override
  public void send(Q request) {
    try {
      socket().sendText(writer.apply(request), true).join();
    } catch (CompletionException e) {
      throw CliException.unreachable("the connection to " + address + " was lost");
    }
  }

  @Override
  public void finish() {}

  /** The broker has subscribed us before it completes the handshake. */
  @Override
  public boolean awaitReady(Duration wait) {
    return true;
  }

  @Override
  public @Nullable R next(Duration wait) throws InterruptedException {
    if (ended) {
      return null;
    }
    Object item = arrived.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    if (item == null) {
      return null;
    }
    if (item == END || item == LOST) {
      ended = true;
      if (item == LOST) {
        throw CliException.unreachable("the connection to " + address + " was lost");
      }
      return null;
    }
    socket().request(1);
    return reader.apply((String) item);
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public void close() {
    socket().abort();
  }
}
