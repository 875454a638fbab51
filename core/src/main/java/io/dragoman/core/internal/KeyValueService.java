// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreMetrics.KeyOperation;
import io.dragoman.core.KeyValues;
import io.dragoman.core.Result;
import io.dragoman.core.spi.KeyValueStore;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Keys: checks, counts, and passes on. Safe from any thread. */
final class KeyValueService implements KeyValues {
  private final KeyValueStore store;
  private final Checks checks;
  private final CoreMetrics metrics;

  KeyValueService(KeyValueStore store, Checks checks, CoreMetrics metrics) {
    this.store = store;
    this.checks = checks;
    this.metrics = metrics;
  }

  @Override
  public CompletionStage<Result<Optional<byte[]>>> get(String key) {
    BrokerError error = checks.key(key);
    return error != null ? Calls.refusedStage(error) : counted(store.get(key), KeyOperation.GET);
  }

  @Override
  public CompletionStage<Result<Boolean>> set(String key, byte[] value, long ttlSeconds) {
    @Nullable BrokerError error = checks.key(key);
    error = error != null ? error : checks.value(value);
    error = error != null ? error : checks.atLeast(0, ttlSeconds, "the lifetime");
    return error != null
        ? Calls.refusedStage(error)
        : counted(store.set(key, value, ttlSeconds), KeyOperation.SET);
  }

  @Override
  public CompletionStage<Result<Boolean>> delete(String key) {
    BrokerError error = checks.key(key);
    return error != null
        ? Calls.refusedStage(error)
        : counted(store.delete(key), KeyOperation.DELETE);
  }

  private <T> CompletionStage<Result<T>> counted(
      CompletionStage<Result<T>> stage, KeyOperation operation) {
    return stage.whenComplete(
        (result, fault) -> {
          if (result != null && result.isOk()) {
            metrics.keyCall(operation);
          }
        });
  }
}
