// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.spi;

import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Keeps and moves messages for the core. Cut at the level of the broker's own primitives: steps
 * that belong together (dead-lettering, moving, replacing, purging with a count, sending a batch)
 * are one call, which an engine makes atomic where it can and at least once where it cannot ({@link
 * #guarantees()}).
 *
 * <p>Every call is asynchronous and never blocks its caller, except {@link #start} and {@link
 * #close}. Stages complete on the engine's threads; whoever does more than hand the result over
 * must leave them first. Expected refusals are {@link Result.Refused}; {@code OUTCOME_UNKNOWN} says
 * that the engine cannot tell whether a change was made.
 */
public interface Engine {

  /** The word in configuration: {@code embedded}, {@code nats}. */
  String name();

  Guarantees guarantees();

  /** Opens and recovers; blocks until calls can be made. */
  Recovery start(EngineContext context) throws EngineException;

  /** The state now; cheap, from any thread. */
  EngineState state();

  EventTransport events();

  RequestTransport requests();

  LogStore logs();

  QueueStore queues();

  ChannelStore channels();

  KeyValueStore keyValues();

  /**
   * Stores to several queues and logs in one step, or in order where {@code commitAtomic} is false.
   * One receipt per write, in order. All are stored or the whole is refused, {@code TOO_LARGE} when
   * several together take more than the engine can hold, though each alone would not.
   */
  CompletionStage<Result<List<SendReceipt>>> commit(List<Write> writes);

  /** For stopping: every waiting receive and peek ends at once with what it has. */
  void releaseWaiting();

  /**
   * Makes everything durable, stops, and frees all; waits at most this long for calls under way.
   */
  void close(Duration grace);
}
