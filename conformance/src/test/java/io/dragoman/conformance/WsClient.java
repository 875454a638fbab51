// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A WebSocket of the JDK with its text frames in a queue. */
public final class WsClient implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Inbox inbox;
  private final WebSocket socket;

  private WsClient(Inbox inbox, WebSocket socket) {
    this.inbox = inbox;
    this.socket = socket;
  }

  public static WsClient connect(HttpClient http, URI uri) {
    return await(connectAsync(http, uri));
  }

  public static CompletableFuture<WsClient> connectAsync(HttpClient http, URI uri) {
    Inbox inbox = new Inbox();
    return http.newWebSocketBuilder()
        .connectTimeout(DEADLINE)
        .buildAsync(uri, inbox)
        .thenApply(socket -> new WsClient(inbox, socket));
  }

  /** Connects with a header {@code Authorization}. */
  public static CompletableFuture<WsClient> connectAsync(
      HttpClient http, URI uri, String authorization) {
    Inbox inbox = new Inbox();
    return http.newWebSocketBuilder()
        .connectTimeout(DEADLINE)
        .header("Authorization", authorization)
        .buildAsync(uri, inbox)
        .thenApply(socket -> new WsClient(inbox, socket));
  }

  public WsClient send(JsonNode json) {
    return send(json.toString());
  }

  public WsClient send(String text) {
    await(socket.sendText(text, true));
    return this;
  }

  /** The next text frame; fails the test when none comes. */
  public JsonNode next() {
    return next(DEADLINE);
  }

  public JsonNode next(Duration limit) {
    return Json.parse(
        poll(limit)
            .orElseThrow(() -> new AssertionError("no frame within " + limit + inbox.ending())));
  }

  /** The next so many frames. */
  public List<JsonNode> next(int count) {
    List<JsonNode> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(next());
    }
    return frames;
  }

  public Optional<String> poll(Duration limit) {
    try {
      return Optional.ofNullable(inbox.texts.poll(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** How many frames wait to be taken. */
  public int waiting() {
    return inbox.texts.size();
  }

  /** The code with which the server closed; fails the test when it does not, or does without. */
  public int closeCode() {
    return await(inbox.closed);
  }

  public boolean isClosed() {
    return inbox.closed.isDone();
  }

  /** Ends the connection without a close frame. */
  public void abort() {
    socket.abort();
  }

  /** Closes normally and waits for the server's close frame, when the socket is still open. */
  @Override
  public void close() {
    if (!inbox.closed.isDone() && !socket.isOutputClosed()) {
      // The server may be closing at the same moment; then the output is closed already.
      var unused = socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
      try {
        inbox.closed.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        throw new AssertionError("the close was not answered", e);
      }
    }
    socket.abort();
  }

  private static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Inbox implements WebSocket.Listener {

    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();

    private String ending() {
      return closed.isDone() ? "; the connection had ended: " + closed : "";
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        texts.add(partial.toString());
        partial.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
      closed.complete(statusCode);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      closed.completeExceptionally(error);
    }
  }
}
