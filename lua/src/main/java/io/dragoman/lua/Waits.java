// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.one;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** Makes functions in which a callback waits for the host. */
final class Waits {
  static final String NOT_HERE = "only a callback of a connection can wait for this";

  private final ScriptRuntime runtime;

  Waits(ScriptRuntime runtime) {
    this.runtime = runtime;
  }

  /** Pushes what came of something: a value, or an error's text. */
  interface Results<T> {
    int push(Lua lua, @Nullable T value, @Nullable String error);
  }

  /**
   * A function that begins something. It gives true and the results when that is complete already;
   * else false, and the callback is resumed with the results.
   */
  <T> JFunction awaiting(Function<Lua, CompletionStage<T>> begin, Results<T> results) {
    return lua -> {
      ScriptSession session = runtime.running();
      if (session == null) {
        lua.push(true);
        return 1 + results.push(lua, null, NOT_HERE);
      }
      CompletableFuture<T> future;
      try {
        future = begin.apply(lua).toCompletableFuture();
      } catch (RuntimeException e) {
        future = CompletableFuture.failedFuture(e);
      }
      if (!future.isDone()) {
        long wait = session.beginWait();
        CompletionStage<T> stage = future;
        stage.whenComplete(
            (value, failure) ->
                runtime
                    .lane()
                    .execute(
                        () ->
                            session.resume(wait, to -> results.push(to, value, message(failure)))));
        return one(lua, false);
      }
      lua.push(true);
      return 1 + pushed(lua, future, results);
    };
  }

  private static <T> int pushed(Lua lua, CompletableFuture<T> done, Results<T> results) {
    T value;
    try {
      value = done.join();
    } catch (RuntimeException e) {
      return results.push(lua, null, message(e));
    }
    return results.push(lua, value, null);
  }

  private static @Nullable String message(@Nullable Throwable failure) {
    if (failure == null) {
      return null;
    }
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** The id of the connection whose callback runs. */
  String runningId() {
    ScriptSession session = runtime.running();
    if (session == null) {
      throw new IllegalStateException(NOT_HERE);
    }
    return session.connection().id();
  }
}
