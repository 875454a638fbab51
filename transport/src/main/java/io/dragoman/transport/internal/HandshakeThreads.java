// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Does the expensive part of TLS handshakes, signing above all, which takes milliseconds with an
 * RSA key: on an event loop all its connections would wait for each new one. Safe from any thread.
 */
final class HandshakeThreads implements Executor, AutoCloseable {

  /**
   * All clients of a broker come back at once when it was away. With RSA of 4096 bits two threads
   * need most of a handshake's 15 s for so many: more would wait in vain.
   */
  static final int WAITING_MAX = 4096;

  private static final int THREADS = 2;

  private final ThreadPoolExecutor threads;

  /** Starts no thread before there is something to do. */
  HandshakeThreads(int waitingMax) {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waitingMax),
            new DefaultThreadFactory("dragoman-tls-handshake", true),
            (step, pool) -> {
              throw new TooManyException();
            });
  }

  /** No more may wait. */
  static final class TooManyException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    private TooManyException() {
      super("too many handshakes wait");
    }
  }

  /**
   * Does a step of a handshake.
   *
   * @throws TooManyException if too many wait
   */
  @Override
  public void execute(Runnable step) {
    threads.execute(step);
  }

  /** Does nothing more; what waits is dropped. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
