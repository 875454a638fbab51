// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Result;
import io.dragoman.core.spi.KeyValueStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Keys in memory, of which there may be two. */
final class FakeKeyValueStore implements KeyValueStore {
  final List<Long> lifetimes = new ArrayList<>();
  private final Map<String, byte[]> values = new ConcurrentHashMap<>();

  @Override
  public CompletionStage<Result<Optional<byte[]>>> get(String key) {
    return Calls.okStage(Optional.ofNullable(values.get(key)));
  }

  @Override
  public CompletionStage<Result<Boolean>> set(String key, byte[] value, long ttlSeconds) {
    if (!values.containsKey(key) && values.size() == 2) {
      return Result.refusedStage(ErrorCode.TOO_MANY_KEYS, "there are 2 keys");
    }
    lifetimes.add(ttlSeconds);
    values.put(key, value);
    return Calls.okStage(true);
  }

  @Override
  public CompletionStage<Result<Boolean>> delete(String key) {
    return Calls.okStage(values.remove(key) != null);
  }
}
