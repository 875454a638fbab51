// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Lane;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogPosition;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Logs;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Logs that note what they are asked and answer what the test sets. */
final class FakeLogs implements Logs {
  final List<Message> appended = new ArrayList<>();

  /** Appends that wait for the test, in order. */
  final List<CompletableFuture<Result<LogPosition>>> appends = new ArrayList<>();

  boolean appendsWait;
  boolean appendThrows;
  LogSubscribe asked;
  LogListener listener;
  CompletableFuture<Result<LogSubscription>> subscription = new CompletableFuture<>();
  final Map<String, LogInfo> infos = new TreeMap<>();

  @Override
  public CompletionStage<Result<LogPosition>> append(Message message) {
    appended.add(message);
    if (appendThrows) {
      throw new IllegalStateException("a fault (on purpose)");
    }
    CompletableFuture<Result<LogPosition>> stage = new CompletableFuture<>();
    if (appendsWait) {
      appends.add(stage);
    } else {
      stage.complete(Result.ok(new LogPosition(appended.size(), FakeBroker.NOW)));
    }
    return stage;
  }

  @Override
  public CompletionStage<Result<LogSubscription>> subscribe(
      LogSubscribe request, Lane lane, LogListener told) {
    asked = request;
    listener = told;
    return subscription;
  }

  @Override
  public CompletionStage<Result<List<LogRecord>>> read(
      String channel, LogStart start, int max, int maxBytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<Long>> trim(String channel, long beforeSequence) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<LogInfo>> info(String name) {
    LogInfo info = infos.get(name);
    return CompletableFuture.completedFuture(
        info == null ? Result.refused(ErrorCode.NOT_FOUND, "no such log") : Result.ok(info));
  }

  @Override
  public CompletionStage<Result<LogPosition>> append(LogAppend append) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<LogHistory>> history(
      ChannelFilter filter, HistoryStart start, int limit, long maxBytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Result<LogFollowing>> follow(
      LogFollow request, Lane lane, LogListener told) {
    throw new UnsupportedOperationException();
  }
}
