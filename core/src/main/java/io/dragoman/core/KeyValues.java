// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Values by key, for all clients of a broker alike. A change is seen by every call made after it
 * was answered, and is then as safe as the node's durability says (sync: on disk); what is not as
 * safe yet is shown to nobody. Changes of one key are made in the order of the calls. A key whose
 * time is over is gone for all calls at once; its space is freed soon after.
 *
 * <p>All methods from any thread; stages complete on engine threads.
 */
public interface KeyValues {

  /** How long a key may be, in UTF-8. */
  int KEY_BYTES_MAX = 1024;

  /** The value of a key; empty when there is none or it has expired. Not a copy. */
  CompletionStage<Result<Optional<byte[]>>> get(String key);

  /**
   * Sets a value, and forgets the one before with its lifetime.
   *
   * @param key any text, the empty one too, of {@value #KEY_BYTES_MAX} bytes at most
   * @param value taken over: the caller must not change it any more; as large as a message's body
   *     may be
   * @param ttlSeconds after which the key is gone; 0: never
   * @return true; refused with {@code TOO_MANY_KEYS} when the key is new and there is no room
   */
  CompletionStage<Result<Boolean>> set(String key, byte[] value, long ttlSeconds);

  /** Removes a key; gives whether there was one. */
  CompletionStage<Result<Boolean>> delete(String key);
}
