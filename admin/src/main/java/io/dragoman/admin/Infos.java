// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import io.dragoman.core.ChannelInfo;
import io.dragoman.core.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The figures of several stored channels. */
final class Infos {

  private Infos() {}

  /** Asks for each channel of a page; one that was deleted meanwhile is left out. */
  static <I> CompletionStage<Result<Page<I>>> of(
      Page<ChannelInfo> page, Function<String, CompletionStage<Result<I>>> ask) {
    List<CompletableFuture<Result<I>>> stages = new ArrayList<>(page.items().size());
    for (ChannelInfo channel : page.items()) {
      stages.add(ask.apply(channel.name()).toCompletableFuture());
    }
    return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
        .thenApply(done -> Result.ok(new Page<>(present(stages), page.next())));
  }

  /** One channel alone, which must be there. */
  static <I> CompletionStage<Result<Page<I>>> ofOne(CompletionStage<Result<I>> info) {
    return info.thenApply(result -> result.map(one -> new Page<>(List.of(one), "")));
  }

  /** Goes on with the value, or stays refused. */
  static <A, B> CompletionStage<Result<B>> then(
      CompletionStage<Result<A>> stage, Function<A, CompletionStage<Result<B>>> next) {
    return stage.thenCompose(
        result -> {
          if (result instanceof Result.Ok<A> ok) {
            return next.apply(ok.value());
          }
          return CompletableFuture.completedFuture(
              Result.refused(((Result.Refused<A>) result).error()));
        });
  }

  private static <I> List<I> present(List<CompletableFuture<Result<I>>> stages) {
    List<I> infos = new ArrayList<>(stages.size());
    for (CompletableFuture<Result<I>> stage : stages) {
      if (stage.join() instanceof Result.Ok<I> ok) {
        infos.add(ok.value());
      }
    }
    return infos;
  }
}
