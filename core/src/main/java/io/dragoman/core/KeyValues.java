// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Values by key, for all clients of a broker alike. A change is seen by every call made after it
 * was answered, and is then as safe as the node's durability says (sync: on disk). All methods from
 * any thread; stages complete on engine threads.
 */
public interface KeyValues {

  /** The value of a key; empty when there is none or it has expired. Not a copy. */
  CompletionStage<Result<Optional<byte[]>>> get(String key);

  /**
   * Sets a value, and forgets the one before with its lifetime.
   *
   * @param key any text, the empty one too; bounded in bytes like a channel name
   * @param value taken over: the caller must not change it any more
   * @param ttlSeconds after which the key is gone; 0: never
   */
  CompletionStage<Result<Boolean>> set(String key, byte[] value, long ttlSeconds);

  /** Removes a key; gives whether there was one. */
  CompletionStage<Result<Boolean>> delete(String key);
}
