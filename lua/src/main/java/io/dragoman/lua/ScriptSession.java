// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import io.dragoman.lua.LuaState.Outcome;
import io.dragoman.lua.LuaState.Values;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A connection in its script. What happens to the connection is told here, on the runtime's lane,
 * and becomes a callback: at once, or, while a callback of this connection waits, later and in
 * order.
 *
 * <p>A callback that fails is logged and the connection told ({@link ScriptConnection#fail});
 * nothing but its closing is taken from it then.
 */
public final class ScriptSession {
  private static final byte[] NOTHING = {};

  /** Something that happened. The name is the prelude's. */
  private record Event(String name, int bytes, Values values) {}

  private final ScriptRuntime runtime;
  private final ScriptConnection connection;
  private final Queue<Event> events = new ArrayDeque<>();
  private int eventBytes;

  /** Where the callback that waits is; none waits when this is null. */
  private @Nullable LuaState waitsIn;

  private long waits;
  private long awaited;
  private @Nullable String awaitedKey;
  private String running = "";

  /** What a socket's script has not taken yet. */
  private byte[] input = NOTHING;

  private boolean clearInput;
  private boolean stopped;
  private boolean closed;
  private boolean ended;

  ScriptSession(ScriptRuntime runtime, ScriptConnection connection) {
    this.runtime = runtime;
    this.connection = connection;
  }

  /** A WebSocket was opened. */
  public void onHandshake(Handshake handshake) {
    Map<String, String> server =
        Map.of(
            "Method", handshake.method(),
            "RequestUri", handshake.requestUri(),
            "ServerProtocol", handshake.protocol(),
            "Host", handshake.host(),
            "RemoteAddr", handshake.remoteAddress());
    take(
        new Event(
            "handshake",
            0,
            lua -> {
              LuaResults.pushTexts(lua, handshake.headers());
              LuaResults.pushTexts(lua, server);
              return 2;
            }));
  }

  /** A socket was opened. */
  public void onConnect() {
    take(new Event("connect", 0, Values.NONE));
  }

  /** A WebSocket sent a message. */
  public void onMessage(byte[] data, boolean binary) {
    take(
        new Event(
            "message",
            data.length,
            lua -> {
              lua.push(binary ? "binary" : "text");
              LuaValues.push(lua, data);
              return 2;
            }));
  }

  /** A socket sent bytes. */
  public void onBytes(byte[] data) {
    take(
        new Event(
            "bytes",
            data.length,
            lua -> {
              input = joined(input, data);
              LuaValues.push(lua, input);
              return 1;
            }));
  }

  /** A value of the context was set, by whom ever. A callback that waits for it goes on. */
  public void onContext(String key) {
    if (runtime.isInside()) {
      runtime.afterwards(() -> onContext(key));
    } else if (waitsIn != null && key.equals(awaitedKey)) {
      resume(awaited, Values.NONE);
    }
  }

  /**
   * The connection is closed. A callback that waits for a value of the context is given up, and so
   * is what came after it; others are finished first.
   *
   * @param error what was wrong; empty when nothing was
   */
  public void onClose(String error) {
    if (closed || runtime.isClosed()) {
      return;
    }
    if (runtime.isInside()) {
      runtime.afterwards(() -> onClose(error));
      return;
    }
    closed = true;
    if (awaitedKey != null) {
      giveUpWaiting();
      dropEvents();
    }
    events.add(
        new Event(
            "close",
            0,
            lua -> {
              if (error.isEmpty()) {
                lua.pushNil();
              } else {
                LuaValues.push(lua, error);
              }
              return 1;
            }));
    drain();
  }

  /**
   * What goes out on a socket when somebody sends this to it: what the script's protocol_encode
   * makes of it. None when that makes nothing of it. Complete at once, except inside a callback.
   */
  public CompletionStage<Optional<byte[]>> encode(byte[] data) {
    CompletableFuture<Optional<byte[]>> encoded = new CompletableFuture<>();
    runtime.whenOutside(
        () -> {
          Outcome outcome =
              runtime.enter(
                  runtime.state(),
                  null,
                  "encode",
                  lua -> {
                    lua.push(connection.id());
                    LuaValues.push(lua, data);
                    return 2;
                  });
          if (outcome.code() != Outcome.Code.DONE) {
            runtime.log().error("protocol_encode: " + outcome.text());
            encoded.complete(Optional.empty());
          } else {
            encoded.complete(outcome.first());
          }
        });
    return encoded;
  }

  /** Messages that wait for a callback of this connection. */
  public int waiting() {
    return events.size();
  }

  /** Bytes of these. */
  public int waitingBytes() {
    return eventBytes;
  }

  /** Whether a callback of this connection waits for something that will come by itself. */
  public boolean isWorking() {
    return waitsIn != null && awaitedKey == null;
  }

  /** Whether a callback of this connection waits: the gateway may stop reading from the client. */
  public boolean isWaiting() {
    return waitsIn != null;
  }

  ScriptConnection connection() {
    return connection;
  }

  boolean isClosed() {
    return closed;
  }

  /** Nothing more is to be cut from what has arrived. */
  boolean isStopped() {
    return closed || stopped;
  }

  void stopTaking() {
    stopped = true;
    events.removeIf(event -> !event.name.equals("close"));
    eventBytes = 0;
  }

  void clearInput() {
    if (waitsIn != null || !runtime.isRunning(this)) {
      input = NOTHING;
    } else {
      clearInput = true;
    }
  }

  /** The running callback will wait; gives what it has to be resumed with. */
  long beginWait() {
    awaited = ++waits;
    awaitedKey = null;
    return awaited;
  }

  void awaitKey(String key) {
    beginWait();
    awaitedKey = key;
  }

  /** What a callback waited for is there. Told from inside a callback, it waits for its end. */
  void resume(long wait, Values values) {
    if (runtime.isInside()) {
      runtime.afterwards(() -> resume(wait, values));
      return;
    }
    LuaState state = waitsIn;
    if (state == null || awaited != wait || runtime.isClosed()) {
      return;
    }
    waitsIn = null;
    awaitedKey = null;
    awaited = 0;
    runtime.stoppedWaiting(this, state);
    settle(
        state,
        runtime.enter(
            state,
            this,
            "resume",
            lua -> {
              lua.push(connection.id());
              return 1 + values.push(lua);
            }));
    drain();
    if (waitsIn == null && !closed) {
      connection.onResumed();
    }
  }

  /** The state in which its callback waits is given up. */
  void lost() {
    waitsIn = null;
    awaitedKey = null;
    awaited = 0;
    fail("the script's state had to be made anew");
  }

  private void giveUpWaiting() {
    LuaState state = waitsIn;
    waitsIn = null;
    awaitedKey = null;
    awaited = 0;
    if (state != null) {
      state.forget(connection.id());
      runtime.stoppedWaiting(this, state);
    }
  }

  private void take(Event event) {
    if (closed || stopped || runtime.isClosed()) {
      return;
    }
    events.add(event);
    eventBytes += event.bytes;
    if (!runtime.isInside() && waitsIn == null) {
      drain();
      return;
    }
    ScriptLimits limits = runtime.script().limits();
    if (events.size() > limits.waitingMax() || eventBytes > limits.waitingBytesMax()) {
      fail("too many messages wait for a callback");
    } else if (waitsIn == null) {
      runtime.afterwards(this::drain);
    }
  }

  private void drain() {
    runtime.whenOutside(
        () -> {
          while (waitsIn == null && !events.isEmpty() && !runtime.isClosed()) {
            Event event = events.remove();
            eventBytes -= event.bytes;
            run(event);
          }
        });
  }

  private void run(Event event) {
    running = event.name;
    LuaState state = runtime.state();
    settle(
        state,
        runtime.enter(
            state,
            this,
            "event",
            lua -> {
              lua.push(connection.id());
              lua.push(event.name);
              return 2 + event.values.push(lua);
            }));
  }

  private void settle(LuaState state, Outcome outcome) {
    switch (outcome.code()) {
      case WAITING -> {
        waitsIn = state;
        runtime.startedWaiting(this, state);
      }
      case DONE -> {
        awaited = 0;
        awaitedKey = null;
        done(outcome);
      }
      case FAILED -> {
        awaited = 0;
        awaitedKey = null;
        runtime.log().error(running + " of " + connection.id() + ": " + outcome.text());
        fail("its script failed");
      }
    }
    if (waitsIn == null && running.equals("close")) {
      ended = true;
      runtime.ended(connection.id());
    }
  }

  private void done(Outcome outcome) {
    if (!running.equals("bytes")) {
      return;
    }
    input = clearInput ? NOTHING : outcome.first().orElse(NOTHING);
    clearInput = false;
    if (outcome.first().isEmpty()) {
      fail(
          outcome
              .second()
              .map(why -> new String(why, StandardCharsets.UTF_8))
              .orElse("its script failed"));
    } else if (input.length > runtime.script().limits().packetBytesMax()) {
      fail("a packet is too long");
    }
  }

  private void fail(String reason) {
    if (!ended && !stopped) {
      stopTaking();
      input = NOTHING;
      connection.fail(reason);
    }
  }

  private void dropEvents() {
    events.clear();
    eventBytes = 0;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    if (first.length == 0) {
      return second;
    }
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
