// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.Result;
import io.dragoman.transport.HttpExchange;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread that makes large answers, which would take an event loop or the engine's threads too
 * long. It exists only while there is something to do. Bounded: what is too much is answered with
 * 503. Safe from any thread.
 */
final class Background implements AutoCloseable {
  private static final AsciiString RETRY_AFTER = AsciiString.cached("retry-after");
  private static final Duration THREAD_IDLE = Duration.ofSeconds(30);

  private final ThreadPoolExecutor thread;

  /**
   * @param waitingMax answers that may wait for the thread
   */
  Background(String name, int waitingMax) {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            THREAD_IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(waitingMax),
            task -> newThread(name, task));
    thread.allowCoreThreadTimeOut(true);
  }

  private static Thread newThread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * The same for calls that take long before they give a stage, as they do where everything is in
   * memory: the thread makes them as well.
   */
  <T> void answer(
      HttpExchange exchange, Supplier<CompletionStage<Result<T>>> call, Consumer<T> answer) {
    run(exchange, () -> answer(exchange, call.get(), answer));
  }

  /** Answers with what the call gives, or with its refusal, once it is there. */
  <T> void answer(HttpExchange exchange, CompletionStage<Result<T>> call, Consumer<T> answer) {
    call.whenComplete(
        (result, fault) -> run(exchange, () -> answer(exchange, result, fault, answer)));
  }

  /**
   * The same for a page of messages: asked for and waited for on this thread, so that one page at a
   * time is in memory. What waits for its turn are requests, which hold nothing. The engine ends
   * such a call itself, also when it stops.
   */
  <T> void answerInTurn(
      HttpExchange exchange, Supplier<CompletionStage<Result<T>>> call, Consumer<T> answer) {
    run(exchange, () -> answer(exchange, call.get().toCompletableFuture().join(), null, answer));
  }

  private static <T> void answer(
      HttpExchange exchange,
      @Nullable Result<T> result,
      @Nullable Throwable fault,
      Consumer<T> answer) {
    if (result instanceof Result.Ok<T> ok) {
      answer.accept(ok.value());
    } else if (result instanceof Result.Refused<T> refused) {
      Answers.refusal(exchange, refused.error());
    } else {
      fault(exchange, fault);
    }
  }

  /** Runs a task that answers; a fault of it is answered too. */
  void run(HttpExchange exchange, Runnable task) {
    try {
      thread.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              fault(exchange, e);
            }
          });
    } catch (RejectedExecutionException e) {
      exchange.addResponseHeader(RETRY_AFTER, "1");
      Answers.problem(exchange, 503, "too many of these requests at once");
    }
  }

  /** Answers for what should not have happened. */
  static void fault(HttpExchange exchange, @Nullable Throwable fault) {
    Loggers.API.error("A request to the management API failed.", fault);
    Answers.problem(exchange, 500, "the request failed; the log says why");
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
