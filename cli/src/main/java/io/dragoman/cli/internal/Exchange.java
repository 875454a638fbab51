// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream to and from a broker. What arrives waits until it is taken, and no more is asked for
 * meanwhile: a slow reader slows the broker down and fills no memory. Sending and taking may be
 * done by different threads, each by one.
 *
 * @param <Q> what is sent
 * @param <R> what arrives
 */
public interface Exchange<Q, R> extends AutoCloseable {

  /** Sends one; it may still be on its way when this returns. */
  void send(Q request);

  /** Says that nothing more will be sent. */
  void finish();

  /**
   * Waits until the broker has accepted the stream.
   *
   * @return false when it has not said so in time; some brokers only do with their first message
   * @throws CliException when it refused
   */
  boolean awaitReady(Duration wait) throws InterruptedException;

  /**
   * Takes what arrives next.
   *
   * @return null when nothing did in time, or nothing will any more ({@link #ended})
   * @throws CliException when the stream failed
   */
  @Nullable R next(Duration wait) throws InterruptedException;

  /** Whether the broker has ended the stream in good order and all has been taken. */
  boolean ended();

  /** Ends the stream at once. */
  @Override
  void close();
}
