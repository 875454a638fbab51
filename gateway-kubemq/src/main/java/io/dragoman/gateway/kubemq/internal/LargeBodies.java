// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where large texts are parsed, and large answers made, so that the other connections of their lane
 * do not wait for it. From {@link #BYTES_MIN} on parsing takes longer than going to another thread
 * and back.
 *
 * <p>A few threads, which end when there is nothing to do. What waits for them has arrived, so it
 * is bounded by the transport's budget for bodies in flight, which counts a text until the last
 * reference to it is released. Safe from any thread.
 */
final class LargeBodies {
  static final int BYTES_MIN = 1 << 20;

  private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  private static final long IDLE_SECONDS = 10;

  private final Executor threads;

  LargeBodies() {
    this(newThreads());
  }

  LargeBodies(Executor threads) {
    this.threads = threads;
  }

  private static Executor newThreads() {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "dragoman-large-bodies-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** The threads, for answers that are large; whoever has them made bounds how many wait. */
  Executor threads() {
    return threads;
  }

  /** Hears, on its lane, what a text came to. */
  interface Reading<T> {
    void done(T input);

    /** The text cannot be read, for this reason. */
    void failed(String error);

    /**
     * It could not be read for a fault of ours, or what was to be done with it ended in one. To be
     * logged, and whoever sent it must be told.
     */
    void fault(Throwable cause);
  }

  /** A text on its way through a thread. */
  interface Job {
    /** Nobody wants it any more. On the lane; the reading hears nothing afterwards. */
    void cancel();
  }

  /**
   * Parses a text on one of the threads.
   *
   * @param text released when it has been parsed or is not wanted any more, also when this throws
   */
  <T> Job read(ByteBuf text, JsonInput.Shape<T> shape, Lane lane, Reading<T> reading) {
    Parsing<T> job = new Parsing<>(text, shape, lane, reading);
    try {
      threads.execute(job);
    } catch (RuntimeException | Error e) {
      job.cancel();
      throw e;
    }
    return job;
  }

  private static final class Parsing<T> implements Runnable, Job {
    private final AtomicReference<@Nullable ByteBuf> text;
    private final JsonInput.Shape<T> shape;
    private final Lane lane;
    private final Reading<T> reading;

    /** The lane's. */
    private boolean cancelled;

    Parsing(ByteBuf text, JsonInput.Shape<T> shape, Lane lane, Reading<T> reading) {
      this.text = new AtomicReference<>(text);
      this.shape = shape;
      this.lane = lane;
      this.reading = reading;
    }

    @Override
    public void run() {
      ByteBuf taken = text.getAndSet(null);
      if (taken == null) {
        return;
      }
      Runnable outcome = parse(taken);
      lane.execute(() -> conclude(outcome));
    }

    private void conclude(Runnable outcome) {
      if (cancelled) {
        return;
      }
      try {
        outcome.run();
      } catch (RuntimeException | Error e) {
        reading.fault(e);
      }
    }

    private Runnable parse(ByteBuf taken) {
      try {
        T input = JsonInput.readBody(taken, shape);
        return () -> reading.done(input);
      } catch (BadInputException e) {
        return () -> reading.failed(e.text());
      } catch (RuntimeException | Error e) {
        // No memory, most likely.
        return () -> reading.fault(e);
      } finally {
        taken.release();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      ByteBuf waiting = text.getAndSet(null);
      if (waiting != null) {
        waiting.release();
      }
    }
  }
}
