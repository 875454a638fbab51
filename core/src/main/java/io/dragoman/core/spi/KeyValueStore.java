// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.spi;

import io.dragoman.core.Result;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps values by key. Meanings as in {@link io.dragoman.core.KeyValues}; keys, sizes and lifetimes
 * were checked before. An engine bounds how many keys it keeps.
 *
 * <p>Rules every engine keeps: a value is shown to nobody before it is as safe as the node's
 * durability says, and a change that was answered is seen by every later call. Lifetimes are
 * measured by the engine's clock and survive a restart; one that is over hides the key from all
 * calls, also from {@code delete}, whether or not its space has been freed.
 */
public interface KeyValueStore {

  /** The value of a key; empty when there is none. */
  CompletionStage<Result<Optional<byte[]>>> get(String key);

  /**
   * Sets a value and its lifetime in place of those before; gives true. Refused with {@code
   * TOO_MANY_KEYS} when the key is new and there is no room for it.
   *
   * @param value not changed by the caller any more
   * @param ttlSeconds 0: without end
   */
  CompletionStage<Result<Boolean>> set(String key, byte[] value, long ttlSeconds);

  /** Removes a key; gives whether there was one. */
  CompletionStage<Result<Boolean>> delete(String key);
}
